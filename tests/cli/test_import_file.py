"""`youthhub import` as a person meets it: what is printed, what is written, how it ends."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from sqlmodel import Session, col, func, select

from cli import import_file
from cli.demo.district import write_district
from cli.import_file import import_sheets, read_file, run_import
from config.settings import settings
from config.text import Language
from models import Hub, Person
from models.session import engine_for, read_session
from services.errors import HubError
from services.importing.forms import FORMS

UNITS = [["编号", "名称", "上级"], ["XC", "西城区", None], ["DS", "德胜街道", "XC"]]
HUBS = [["编号", "名称", "街道"], ["H1", "悦读时光书城", "DS"]]
PEOPLE = [["编号", "姓名", "电话", "所属青年汇"], ["P1", "沈之槐", 19900000001.0, "H1"]]
BAD = [["编号", "姓名", "电话", "所属青年汇"], ["P1", "沈之槐", "没有", "H2"], ["P2", "乔安禾", None, "H1"]]


@pytest.fixture(autouse=True)
def installation(sqlite_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process lives by an empty, migrated database for the length of a test."""
    monkeypatch.setenv("YOUTHHUB_DATABASE_URL", sqlite_database)
    monkeypatch.setenv("YOUTHHUB_HOME", str(tmp_path))
    settings.cache_clear()
    yield
    engine_for(sqlite_database).dispose()
    settings.cache_clear()
    engine_for.cache_clear()


def workbook(path: Path, **sheets: list[list[Any]]) -> Path:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    book.save(path)
    return path


def folder(path: Path, encoding: str, **sheets: list[list[Any]]) -> Path:
    path.mkdir()
    for name, rows in sheets.items():
        text = io.StringIO(newline="")
        csv.writer(text).writerows(rows)
        (path / f"{name}.csv").write_bytes(text.getvalue().encode(encoding))
    return path


def run(path: Path, **options: Any) -> int:
    defaults: dict[str, Any] = {
        "dry_run": False,
        "template": False,
        "language": Language.EN,
        "json_out": None,
    }
    return run_import(path, **{**defaults, **options})


def people() -> list[tuple[str, str]]:
    with read_session() as session:
        return [(one.code, one.phone) for one in session.exec(select(Person).order_by(col(Person.code)))]


def test_workbook_goes_in_and_says_what_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = workbook(tmp_path / "网络.xlsx", 单位=UNITS, 青年汇=HUBS, 人员=PEOPLE)
    assert run(path) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Units: 2 added, 0 changed, 0 unchanged",
        "Hubs: 1 added, 0 changed, 0 unchanged",
        "People: 1 added, 0 changed, 0 unchanged",
        "Imported: 4 rows added, 0 changed, 0 unchanged.",
    ]
    assert people() == [("P1", "19900000001")]
    assert run(path, language=Language.ZH) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "导入好了：新增0行，更新0行，4行不变。"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_folder_of_tables_goes_in(tmp_path: Path, encoding: str) -> None:
    assert run(folder(tmp_path / "表", encoding, 单位=UNITS, 青年汇=HUBS, 人员=PEOPLE)) == 0
    assert people() == [("P1", "19900000001")]


def test_dry_run_says_what_would_change_and_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(workbook(tmp_path / "a.xlsx", 单位=UNITS, 青年汇=HUBS, 人员=PEOPLE), dry_run=True) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "Dry run: 4 rows would be added, 0 changed, 0 stay as they are. Nothing was changed."
    assert people() == []


def test_bad_file_comes_back_marked_and_nothing_goes_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = workbook(tmp_path / "网络.xlsx", 单位=UNITS, 青年汇=HUBS, 人员=BAD)
    assert run(path) == 1
    copy = tmp_path / "网络-checked.xlsx"
    assert capsys.readouterr().err.splitlines() == [
        "Sheet “人员”, row 2, “电话” is “没有”: a phone number has 5 to 15 digits",
        "Sheet “人员”, row 2, “所属青年汇” is “H2”: there is no H2 among the hubs of the file or the database. Is it “H1”?",
        "2 things are wrong; nothing was imported.",
        f"The bad cells are marked in this copy: {copy}",
    ]
    page = load_workbook(copy)["人员"]
    marked = [cell.coordinate for row in page.iter_rows() for cell in row if cell.comment]
    assert marked == ["C2", "D2"]
    assert people() == []


def test_marked_copy_once_mended_goes_in(tmp_path: Path) -> None:
    assert run(workbook(tmp_path / "a.xlsx", 单位=UNITS, 青年汇=HUBS, 人员=BAD)) == 1
    copy = tmp_path / "a-checked.xlsx"
    book = load_workbook(copy)
    book["人员"]["C2"].value, book["人员"]["D2"].value = 19900000003, "H1"
    book.save(copy)
    assert run(copy) == 0
    assert people() == [("P1", "19900000003"), ("P2", "")]


def test_folder_of_bad_tables_comes_back_as_a_marked_workbook(tmp_path: Path) -> None:
    assert run(folder(tmp_path / "表", "gb18030", 单位=UNITS, 青年汇=HUBS, 人员=BAD)) == 1
    assert load_workbook(tmp_path / "表-checked.xlsx")["人员"]["D2"].comment is not None


def test_only_fifty_problems_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = [PEOPLE[0], *([f"P{n}", "沈之槐", "没有", None] for n in range(60))]
    assert run(workbook(tmp_path / "a.xlsx", 人员=bad)) == 1
    lines = capsys.readouterr().err.splitlines()
    assert (len(lines), lines[50], lines[51]) == (
        53,
        "… and 10 more.",
        "60 things are wrong; nothing was imported.",
    )


def test_json_holds_counts_and_problems_and_stands_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(workbook(tmp_path / "a.xlsx", 单位=UNITS, 青年汇=HUBS, 人员=BAD), json_out="-") == 1
    result = json.loads(capsys.readouterr().out)
    assert [(p["sheet"], p["row"], p["column"], p["read"], p["nearest"]) for p in result["problems"]] == [
        ("人员", 2, "电话", "没有", None),
        ("人员", 2, "所属青年汇", "H2", "H1"),
    ]
    assert (result["added"], result["marked_copy"]) == (0, str(tmp_path / "a-checked.xlsx"))


def test_marked_copy_that_cannot_be_written_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = workbook(tmp_path / "a.xlsx", 单位=UNITS, 青年汇=HUBS, 人员=BAD)

    def read_only(_path: Path, _content: bytes) -> int:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "write_bytes", read_only)
    assert run(path) == 1
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"The marked copy could not be written to {tmp_path}. Move the file to a folder that can be written."
    )


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.pdf", b"%PDF", "unknown_kind_of_file"),
        ("a.xlsx", b"", "empty_file"),
        ("a.xlsx", b"PK\x03\x04 cut off", "not_a_workbook"),
        ("a.xls", b"<html><table></table></html>", "not_a_workbook"),
        ("a.csv", b"\x81\x30\x81", "unknown_encoding"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(HubError) as refused:
        run(tmp_path / name)
    assert [refusal.code for refusal in refused.value.refusals] == [code]


def test_folder_without_tables_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(HubError) as refused:
        run(tmp_path / "empty")
    assert refused.value.refusals[0].code == "no_csv"


def test_file_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    for name in ("a.xlsx", "a.pdf"):
        with pytest.raises(FileNotFoundError):
            run(tmp_path / name)


def test_template_has_every_table_and_overwrites_nothing(tmp_path: Path) -> None:
    path = tmp_path / "模板.xlsx"
    assert run(path, template=True) == 0
    assert load_workbook(path).sheetnames == ["说明", *(form.zh for form in FORMS)]
    assert run(path) == 0
    for refused_path in (path, tmp_path / "模板.csv"):
        with pytest.raises(HubError):
            run(refused_path, template=True)


def test_district_goes_in_as_any_network_and_again_changes_nothing(tmp_path: Path) -> None:
    target = tmp_path / "district"
    write_district(target, seed=7, hubs=20, volunteers=300, start=date(2026, 11, 23))
    _, sheets = read_file(target)
    first, second = import_sheets(sheets), import_sheets(sheets)
    assert (first.problems, first.changed, first.unchanged) == ((), 0, 0)
    assert (second.added, second.changed, second.unchanged) == (0, 0, first.added)
    with read_session() as session:
        names = session.exec(select(Hub.name_zh).order_by(col(Hub.code))).all()
        assert (names[0], len(set(names)), _people(session)) == ("悦读时光书城", 20, _rows(first, "people"))


@pytest.mark.slow
def test_twenty_thousand_people_go_in_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "district.xlsx"
    write_district(target, seed=2026, start=date(2026, 11, 23))
    _, sheets = read_file(target)
    report = import_sheets(sheets)
    assert (report.problems, report.added > 40_000) == ((), True)


def _people(session: Session) -> int:
    return session.exec(select(func.count()).select_from(Person)).one()


def _rows(report: import_file.ImportReport, table: str) -> int:
    return next(one.added for one in report.tables if one.table == table)


def test_template_for_a_folder_that_is_not_there_is_refused_by_its_own_name(tmp_path: Path) -> None:
    path = tmp_path / "none" / "模板.xlsx"
    with pytest.raises(FileNotFoundError) as refused:
        run(path, template=True)
    assert refused.value.filename == str(path)
