"""`youthhub framework`: what is wrong with a file, what changed between two, and keeping one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlmodel import Session, select
from typer.testing import CliRunner

from cli.evaluate_file import evaluate_files
from cli.framework import framework_app
from config.settings import settings
from models import FrameworkVersion
from models.session import read_session
from services.errors import HubError
from services.frameworks import register_framework
from tests.conftest import NOW

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "data/frameworks/youth-hub-2026.yaml"
NEXT = SHIPPED.read_text(encoding="utf-8").replace(
    'version: "2026.1"', 'version: "2027.1", supersedes: "2026.1"'
)
BRIDGE = (
    'bridge: {id: core, from: "2026.1", zh: 可比指标, en: Comparable indicators, indicators: [hw.area]}\n'
)


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOUTHHUB_LANGUAGE", "en")


def run(*words: str | Path) -> tuple[int, str, str]:
    done = CliRunner().invoke(framework_app, [str(word) for word in words])
    return done.exit_code, done.stdout, done.stderr


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["youth-hub-2026.yaml", "single-visit.yaml"])
def test_shipped_frameworks_are_sound(name: str) -> None:
    code, out, err = run("check", SHIPPED.with_name(name))
    assert (code, err) == (0, "")
    assert "is sound: " in out


def test_everything_wrong_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    bad = NEXT.replace("points: 40}", "points: 38}").replace("metric: venue_area_m2", "metric: venue_area")
    file, out = written(tmp_path / "bad.yaml", bad), tmp_path / "out.json"
    code, _, err = run("check", file, "--json", out)
    assert code == 1
    assert "bad.yaml: F01 line 6: " in err
    assert 'Did you mean "venue_area_m2"?' in err
    told = json.loads(out.read_text(encoding="utf-8"))
    assert told["id"] is None
    assert sorted({one["code"] for one in told["problems"]}) == ["F01", "F03"]


def test_two_versions_are_compared_in_words(tmp_path: Path) -> None:
    new = written(tmp_path / "new.yaml", NEXT.replace("goalposts: [40, 120]", "goalposts: [50, 150]"))
    code, out, _ = run("compare", SHIPPED, new)
    assert code == 0
    assert out.splitlines() == [
        'The goalposts of the indicator "Floor area" (hw.area) changed from 40 and 120 to 50 and 150.',
        (
            "14 indicators measure the same in both versions and can carry a trend. Those that cannot: hw.area. "
            "The newer version names no bridge, so no trend is drawn."
        ),
    ]


def test_a_bridge_over_what_changed_is_refused(tmp_path: Path) -> None:
    changed = NEXT.replace("goalposts: [40, 120]", "goalposts: [50, 150]") + BRIDGE
    code, _, err = run("compare", SHIPPED, written(tmp_path / "new.yaml", changed))
    assert code == 1
    assert err.startswith('F06 bridge.indicators: "hw.area" does not measure the same in both versions')


def test_a_version_with_such_a_bridge_is_not_kept(session: Session) -> None:
    register_framework(session, SHIPPED.read_text(encoding="utf-8"), now=NOW)
    with pytest.raises(HubError, match="F06"):
        register_framework(
            session, NEXT.replace("goalposts: [40, 120]", "goalposts: [50, 150]") + BRIDGE, now=NOW
        )
    kept = register_framework(session, NEXT + BRIDGE, now=NOW)
    assert register_framework(session, NEXT + BRIDGE, now=NOW).id == kept.id
    assert len(session.exec(select(FrameworkVersion)).all()) == 2


def test_a_workbook_is_written_edited_and_read_again(tmp_path: Path) -> None:
    book, back = tmp_path / "f.xlsx", tmp_path / "back.yaml"
    assert run("xlsx", SHIPPED, book)[0] == 0
    assert run("check", book)[::2] == (0, "")
    assert run("compare", SHIPPED, book)[1].startswith("15 indicators measure the same")
    pages = load_workbook(book)
    pages["indicators"]["J2"], pages["framework"]["B3"] = 50, "2027.1"
    assert pages["indicators"]["J1"].value == "goalposts.1 下端点"
    pages.save(book)
    assert run("yaml", book, back)[0] == 0
    code, out, _ = run("compare", SHIPPED, back)
    assert (code, out.splitlines()[0]) == (
        0,
        'The goalposts of the indicator "Floor area" (hw.area) changed from 40 and 120 to 50 and 120.',
    )


def test_files_are_scored_with_a_workbook_as_with_its_yaml(tmp_path: Path) -> None:
    source, book = SHIPPED.with_name("single-visit.yaml"), tmp_path / "f.xlsx"
    run("xlsx", source, book)
    rows = ["hub,indicator,value,rater"]
    rows += [
        f"H{n},{item},{(n + m) % 4},r{m}"
        for n in range(3)
        for m in range(2)
        for item in ("welcome", "safety", "life")
    ]
    answers = written(tmp_path / "o.csv", "\n".join(rows))
    for framework, out in ((source, "yaml.json"), (book, "xlsx.json")):
        assert evaluate_files(framework, answers, str(tmp_path / out)) == 0
    assert (tmp_path / "xlsx.json").read_bytes() == (tmp_path / "yaml.json").read_bytes()


def test_a_bad_cell_is_told_by_its_sheet_and_row(tmp_path: Path) -> None:
    book = tmp_path / "f.xlsx"
    run("xlsx", SHIPPED, book)
    pages = load_workbook(book)
    pages["parts"]["D2"] = "40%"
    pages["bands"]["D4"] = "=1/0"
    pages.save(book)
    code, _, err = run("check", book)
    assert code == 1
    assert (
        'f.xlsx: F08 sheet "parts", row 2: "parts.results.points" takes a number, and "40%" was read.' in err
    )
    assert 'f.xlsx: F08 sheet "bands", row 4: ' in err
    assert run("yaml", book, tmp_path / "never.yaml")[0] == 1
    assert not (tmp_path / "never.yaml").exists()


def test_what_is_no_workbook_is_refused(tmp_path: Path) -> None:
    done = CliRunner().invoke(framework_app, ["check", str(written(tmp_path / "f.xlsx", "nothing"))])
    assert isinstance(done.exception, HubError)


def test_an_edited_workbook_is_kept_as_a_version(
    tmp_path: Path, sqlite_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = tmp_path / "f.xlsx"
    run("xlsx", SHIPPED, book)
    monkeypatch.setenv("YOUTHHUB_DATABASE_URL", sqlite_database)
    settings.cache_clear()
    try:
        for _ in range(2):
            assert run("keep", book)[:2] == (0, "Kept: youth-hub, version 2026.1.\n")
        with read_session() as session:
            (kept,) = session.exec(select(FrameworkVersion)).all()
    finally:
        settings.cache_clear()
    assert kept.text.startswith("framework:\n")
