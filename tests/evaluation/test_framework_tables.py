"""A framework as tables and back: nothing is lost, and every fault is told by its sheet and row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from evaluation.framework import Framework
from evaluation.loading import load
from evaluation.tables import SHEETS, Table, tables_of
from evaluation.tables_reading import FromTables, load_tables
from tests.evaluation.builders import FRAMEWORKS, HERE

SHIPPED = ("youth-hub-2026.yaml", "single-visit.yaml")
OTHERS = ("worked.yaml", "published/human_development_index.yaml")
TEXT = (FRAMEWORKS / "youth-hub-2026.yaml").read_text(encoding="utf-8")


def same(framework: Framework | None) -> Framework:
    assert framework is not None
    return replace(framework, sha256="")


@pytest.mark.parametrize(
    "path",
    [*(FRAMEWORKS / name for name in SHIPPED), *(HERE / name for name in OTHERS)],
    ids=lambda path: path.name,
)
def test_a_framework_comes_back_from_its_tables_as_it_was(path: Any) -> None:
    text = path.read_text(encoding="utf-8")
    found = load_tables(tables_of(text))
    assert [problem.told.en for problem in found.loaded.problems if not problem.is_warning] == []
    assert same(found.loaded.framework) == same(load(text).framework)
    assert tables_of(found.text) == tables_of(text)


def test_a_bridge_and_everything_optional_come_back_too() -> None:
    text = TEXT.replace('version: "2026.1"', 'version: "2027.1", supersedes: "2026.1"').replace(
        "min_n: 6", "target_n: {error: 0.08, confidence: 0.95}, min_n: 6"
    )
    text = text.replace(
        "    kind: rubric\n",
        "    kind: rubric\n    evidence: {required: true, types: [pdf, jpg], at_level: 3}\n",
        1,
    )
    text += 'bridge: {id: core, from: "2026.1", zh: 可比, en: Comparable, indicators: [hw.area, sv.need]}\n'
    found = load_tables(tables_of(text))
    assert found.loaded.problems == ()
    assert same(found.loaded.framework) == same(load(text).framework)


def test_tables_bear_the_names_that_are_read_again() -> None:
    assert [table.name for table in tables_of(TEXT)] == list(SHEETS)
    parts = tables_of(TEXT)[1]
    assert parts.rows[:2] == (
        ("id 编号", "zh 中文", "en English", "points 分值"),
        ("results", "工作成效", "Work results", 40),
    )


def edited(sheet: str, change: Callable[[list[list[Any]]], None]) -> FromTables:
    tables = []
    for table in tables_of(TEXT):
        rows = [list(row) for row in table.rows]
        if table.name == sheet:
            change(rows)
        tables.append(Table(table.name, tuple(map(tuple, rows))))
    return load_tables(tables)


def put(row: int, column: str, value: Any) -> Callable[[list[list[Any]]], None]:
    """Write a cell as people name it: the row as the office program counts, the column by its key."""

    def change(rows: list[list[Any]]) -> None:
        keys = [str(head).split()[0] for head in rows[0]]
        rows[row - 1][keys.index(column)] = value

    return change


FAULTS = {
    "F01": ("parts", put(2, "points", 38), "parts", 2, "权重合计98，应为100"),
    "F02": ("bands", put(3, "from", 0), "bands", 3, "都从0起"),
    "F03 part": ("indicators", put(4, "part", "result"), "indicators", 4, "“result”不存在"),
    "F03 twice": ("bands", put(4, "id", "pass"), "bands", 4, "写了两次，第一次在“bands”表第3行"),
    "F03 level": ("levels", put(3, "indicator", "pj.qualty"), "levels", 3, "没有指标“pj.qualty”"),
    "F03 key": ("framework", put(3, "key", "framework.id"), "framework", 3, "写了两次，第一次在第2行"),
    "F04": ("indicators", put(2, "goalposts.1", 120), "indicators", 2, "两个端点相等"),
    "F05": ("gates", put(3, "when", "open_safety_incident >"), "gates", 3, "读不懂"),
    "F07": ("dimensions", put(2, "en", None), "dimensions", 2, "缺英文名称"),
    "F07 level": ("levels", put(2, "zh", " "), "levels", 2, "缺中文名称"),
    "F08 per cent": ("parts", put(2, "points", "40%"), "parts", 2, "读到的是“40%”"),
    "F08 full width": ("indicators", put(2, "goalposts.2", "１２０"), "indicators", 2, "读到的是“１２０”"),
    "F12 both": ("gates", put(3, "effect", "not_assessed"), "gates", 3, "只能填一个"),
    "F12 date": ("bands", put(2, "zh", datetime(2026, 1, 1, tzinfo=UTC)), "bands", 2, "读到的是日期"),
    "F12 gap": ("levels", put(2, "level", 7), "indicators", 4, "要从0起逐级写"),
    "F12 nothing": ("framework", put(3, "value", None), "framework", 3, "读到的是空值"),
    "F13 column": ("bands", put(1, "from", "form"), "bands", 2, "不认识的键"),
    "F13 key": ("framework", put(6, "key", "framework.lang"), "framework", 6, "不认识的键“framework.lang”"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_by_its_sheet_and_row(name: str) -> None:
    sheet, change, where, row, zh = FAULTS[name]
    found = edited(sheet, change).loaded
    assert found.framework is None
    (problem, *_) = [one for one in found.problems if zh in one.sentence.zh]
    assert (problem.code, problem.sheet, problem.row, problem.line) == (
        name.split(maxsplit=1)[0],
        where,
        row,
        None,
    )
    assert problem.told.zh.startswith(f"{problem.code} “{where}”表第{row}行：")
    assert problem.told.en.startswith(f'{problem.code} sheet "{where}", row {row}: ')


def test_what_offices_make_of_cells_is_understood() -> None:
    """A version that became a number, whole numbers with a decimal point, full-width commas, spaces around words."""

    def change(rows: list[list[Any]]) -> None:
        for row in rows:
            row[1] = {"framework.version": 2026.1, "framework.languages": " zh，en ", "scale.max": 100.0}.get(
                row[0], row[1]
            )

    assert same(edited("framework", change).loaded.framework) == same(load(TEXT).framework)


def test_a_sheet_and_a_cell_that_nobody_knows_are_named() -> None:
    tables = [*tables_of(TEXT), Table("band", (("id",), ("x",)))]
    (problem,) = load_tables(tables).loaded.problems
    assert (problem.code, problem.sheet, problem.nearest) == ("F13", "band", "bands")
    (stray,) = edited("bands", lambda rows: rows[2].append("?")).loaded.problems
    assert stray.told.en == 'F13 sheet "bands", row 3: "?" has no header above it.'


def test_empty_tables_are_no_framework() -> None:
    assert load_tables([]).loaded.framework is None
