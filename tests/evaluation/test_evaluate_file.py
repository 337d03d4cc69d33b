"""`youthhub evaluate` on files: scores out, or everything that is wrong with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.evaluate_file import evaluate_files
from documents.sheets import Sheet
from documents.workbooks import workbook_of
from tests.evaluation.builders import FRAMEWORKS

VISIT = FRAMEWORKS / "single-visit.yaml"
ROWS = [
    {"id": f"{hub}.{item}.{rater}", "hub": hub, "indicator": item, "value": value, "rater": rater}
    for hub, values in {"H1": (2, 3), "H2": (1, 2)}.items()
    for item in ("welcome", "safety", "life")
    for rater, value in zip("ab", values, strict=True)
]


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOUTHHUB_LANGUAGE", "en")


def written(path: Path, **over: Any) -> Path:
    document = {"hubs": [{"code": "H1"}, {"code": "H2"}], "observations": ROWS, **over}
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_scores_are_printed_and_written_unrounded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "scores.json"
    assert evaluate_files(VISIT, written(tmp_path / "o.json"), str(out)) == 0
    hubs = json.loads(out.read_text(encoding="utf-8"))["hubs"]
    assert [(hub["code"], hub["status"], hub["band"]) for hub in hubs] == [
        ("H1", "complete", "fine"),
        ("H2", "complete", "visit-again"),
    ]
    assert hubs[0]["total"] == pytest.approx(250 / 3)
    assert hubs[0]["nodes"]["welcome"] == pytest.approx(250 / 3)
    assert capsys.readouterr().out.splitlines()[0].startswith("H1  83 (")


def test_a_csv_of_observations_gives_the_same_scores(tmp_path: Path) -> None:
    table = tmp_path / "o.csv"
    lines = [",".join(ROWS[0]), *(",".join(str(value) for value in row.values()) for row in ROWS)]
    table.write_text("\ufeff" + "\n".join(lines) + "\n", encoding="utf-8")
    first, second = tmp_path / "1.json", tmp_path / "2.json"
    assert evaluate_files(VISIT, table, str(first)) == 0
    assert evaluate_files(VISIT, written(tmp_path / "o.json"), str(second)) == 0
    assert first.read_bytes() == second.read_bytes()


def test_every_fault_of_the_framework_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    framework = tmp_path / "f.yaml"
    text = VISIT.read_text(encoding="utf-8").replace("points: 34", "points: 35").replace("bands:", "band:")
    framework.write_text(text, encoding="utf-8")
    assert evaluate_files(framework, written(tmp_path / "o.json"), None) == 1
    assert [line.split(" ")[1] for line in capsys.readouterr().err.splitlines()] == ["F01", "F13"]


def test_every_bad_row_is_told_and_the_others_are_scored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{**ROWS[0], "value": 9}, {**ROWS[6], "hub": "H9"}, *ROWS[1:6], *ROWS[7:]]
    assert evaluate_files(VISIT, written(tmp_path / "o.json", observations=rows), "-") == 1
    read = capsys.readouterr()
    told = json.loads(read.out)
    assert [line.split(" ")[1] for line in read.err.splitlines()] == ["D03", "D04", "S02", "S02"]
    assert [(one["code"], one["path"], one["read"], one["nearest"]) for one in told["problems"][:2]] == [
        ("D03", "observations[0]", "9", "3"),
        ("D04", "observations[1]", "H9", "H2"),
    ]
    assert all(one["zh"] and one["en"] for one in told["problems"])
    assert [(hub["code"], hub["status"]) for hub in told["hubs"]] == [
        ("H1", "provisional"),
        ("H2", "provisional"),
    ]


def test_faults_of_a_framework_are_written_in_both_languages(tmp_path: Path) -> None:
    framework, out = tmp_path / "f.yaml", tmp_path / "out.json"
    framework.write_text(
        VISIT.read_text(encoding="utf-8").replace("points: 34", 'points: "34%"'), encoding="utf-8"
    )
    assert evaluate_files(framework, written(tmp_path / "o.json"), str(out)) == 1
    (told,) = json.loads(out.read_text(encoding="utf-8"))["problems"]
    assert (told["code"], told["read"], told["file"]) == ("F08", "34%", "f.yaml")
    assert told["line"]
    assert "要写数字" in told["zh"]
    assert "takes a number" in told["en"]


def test_a_bad_row_of_a_table_is_told_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "o.csv"
    table.write_text("id,hub,indicator,value,rater\n1,H1,welcome,2,a\n2,H1,welcome,2.5,b\n", encoding="utf-8")
    assert evaluate_files(VISIT, table, None) == 1
    assert capsys.readouterr().err.splitlines()[0] == (
        'o.csv: D03 line 3: 2: welcome takes whole numbers from 0 to 3, and 2.5 was read. Did you mean "3"?'
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{", "is not JSON at line 1, column 2"),
        (b"\x81\xff\x00", "There is no text to read in o.json"),
        (None, "Cannot read"),
    ],
)
def test_unreadable_files_are_answered_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, told: str
) -> None:
    path = tmp_path / "o.json"
    if content is not None:
        path.write_bytes(content)
    assert evaluate_files(VISIT, path, None) == 1
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(("name", "text"), [("o.csv", "hub,indicator,value\n"), ("o.json", "{}")])
def test_a_file_without_a_hub_is_not_scored_in_silence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: str
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    evaluate_files(FRAMEWORKS / "single-visit.yaml", path, None)
    assert f"There is no hub in {name}, so nothing was scored." in capsys.readouterr().err


TABLE = [["hub", "indicator", "value", "rater"], ["H1", "welcome", 2, "a"], ["H1", "welcome", 2.5, "b"]]


@pytest.mark.parametrize("name", ["o.xlsx", "o.csv", "o.txt"])
def test_a_table_is_read_as_a_workbook_or_as_csv_of_any_office(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    path = tmp_path / name
    if name == "o.xlsx":
        path.write_bytes(workbook_of([Sheet("notes", ()), Sheet("rows", TABLE)]))
    else:
        path.write_bytes("\n".join(",".join(map(str, row)) for row in TABLE).encode("gb18030"))
    assert evaluate_files(VISIT, path, None) == 1
    told = capsys.readouterr().err
    assert f"{name}: D03 line 3: 1: welcome takes whole numbers from 0 to 3, and 2.5 was read." in told


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_table_without_its_headers_is_told_how_to_be_saved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("YOUTHHUB_LANGUAGE", language)
    path = tmp_path / "o.csv"
    path.write_text("青年汇,indicator\nH1,welcome\n", encoding="utf-8")
    assert evaluate_files(VISIT, path, None) == 1
    lacking = "表头里缺hub、value" if language == "zh" else "The header of o.csv lacks hub, value."
    told = capsys.readouterr().err
    assert (lacking in told, "CSV UTF-8" in told) == (True, True)
