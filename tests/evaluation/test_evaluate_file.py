"""`youthhub evaluate` on files: scores out, or everything that is wrong with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.evaluate_file import evaluate_files
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


def test_every_bad_row_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{**ROWS[0], "value": 9}, {**ROWS[1], "hub": "H9"}, *ROWS[2:]]
    assert evaluate_files(VISIT, written(tmp_path / "o.json", observations=rows), "-") == 1
    read = capsys.readouterr()
    assert [line.split(" ")[1] for line in read.err.splitlines()] == ["D03", "D04"]
    assert read.out == ""


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"{", "is not JSON at 1:2"), (b"\xff\xfe", "is not encoded as UTF-8"), (None, "Cannot read")],
)
def test_unreadable_files_are_answered_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, told: str
) -> None:
    path = tmp_path / "o.json"
    if content is not None:
        path.write_bytes(content)
    assert evaluate_files(VISIT, path, None) == 1
    assert told in capsys.readouterr().err
