"""A framework as tables that people edit in an office program, and back: nothing that the YAML says is lost.

Sheets stand for the lists of the file, columns for its keys: `raters.min` is `min` within `raters`, `goalposts.1` the
first of two numbers. The first word of a header counts, the rest explains it. Comments of the YAML stay behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML

from evaluation.framework import Combine, Effect, Kind

SINGLE = "framework"
"""The sheet of what a file says but once: `key` and `value`."""
GROUPS = ("framework", "scale", "survey", "missing", "bridge")
LISTS = ("parts", "nodes", "dimensions", "indicators", "bands", "gates", "labels")
LEVELS = "levels"
SHEETS = (SINGLE, *LISTS[:4], LEVELS, *LISTS[4:])
PAIRS = frozenset({"goalposts", "scale", "effective"})
"""Lists of two, which take a column each; others stand in one cell, with commas between."""
FIRST = {
    "parts": ("id", "zh", "en", "points"),
    "nodes": ("id", "zh", "en", "parent", "combine", "weight", "floor"),
    "dimensions": ("id", "zh", "en"),
    "indicators": (
        *("id", "part", "dimension", "points", "kind", "zh", "en", "metric", "unit"),
        *("goalposts.1", "goalposts.2", "transform", "direction", "step", "raters.min", "item"),
        *("scale.1", "scale.2"),
    ),
    LEVELS: ("indicator", "level", "zh", "en"),
    "bands": ("id", "zh", "en", "from"),
    "gates": ("id", "zh", "en", "when", "effect", "effect.cap", "effect.no_label"),
    "labels": ("id", "zh", "en", "when", "valid_years"),
}
"""Columns that a sheet always has, in this order; others follow as the file has them."""
EXPLAINED = {
    "id": "编号", "zh": "中文", "en": "English", "points": "分值", "weight": "权重", "part": "所属部分",
    "dimension": "维度", "kind": "来源", "metric": "数据项", "unit": "单位", "goalposts.1": "下端点",
    "goalposts.2": "上端点", "transform": "换算", "direction": "方向", "step": "一步", "raters.min": "评估员人数",
    "item": "问题", "scale.1": "回答从", "scale.2": "到", "indicator": "指标编号", "level": "等级", "from": "起点",
    "when": "条件", "effect": "作用", "effect.cap": "最高到", "effect.no_label": "不授予", "valid_years": "有效年数",
    "parent": "上级", "combine": "合并办法", "floor": "下限", "key": "项目", "value": "内容",
    "raters.roles": "评估员角色", "raters.not_employer": "回避雇主", "evidence.types": "材料类型",
}  # fmt: skip


CHOICES: dict[tuple[str, str], tuple[str, ...]] = {
    ("indicators", "part"): ("=parts!$A$2:$A$200",),
    ("indicators", "dimension"): ("=dimensions!$A$2:$A$200",),
    ("indicators", "kind"): tuple(Kind),
    ("indicators", "transform"): ("identity", "log"),
    ("indicators", "direction"): ("1", "-1"),
    (LEVELS, "indicator"): ("=indicators!$A$2:$A$1000",),
    ("nodes", "combine"): tuple(Combine),
    ("gates", "effect"): (Effect.NOT_ASSESSED,),
    ("gates", "effect.cap"): ("=bands!$A$2:$A$50",),
    ("gates", "effect.no_label"): ("=labels!$A$2:$A$50",),
}
"""What the cells of a column may hold: words, or a range of another sheet."""


@dataclass(frozen=True)
class Table:
    """Hold a sheet's name and its rows; the first row holds the headers."""

    name: str
    rows: tuple[tuple[Any, ...], ...]


def tables_of(text: str) -> list[Table]:
    """Return the tables of a sound framework."""
    data: dict[str, Any] = YAML(typ="safe").load(text)
    single = [(f"{group}.{key}", value) for group in GROUPS for key, value in _flat(data.get(group) or {})]
    found = [Table(SINGLE, (_headers(("key", "value")), *single))]
    for name in LISTS:
        rows = _rows_of(data.get(name) or [])
        found.append(
            _table(name, [{key: value for key, value in row.items() if key != "levels"} for row in rows])
        )
        if name == "indicators":
            found.append(_table(LEVELS, list(_levels_of(rows))))
    return found


def _rows_of(things: Any) -> list[dict[str, Any]]:
    """Return the things of a list; labels stand under their ids."""
    if isinstance(things, dict):
        return [{"id": name, **thing} for name, thing in things.items()]
    return list(things)


def _levels_of(rows: Iterable[Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
    for row in rows:
        for level, words in (row.get("levels") or {}).items():
            yield {"indicator": row["id"], "level": level, **words}


def _table(name: str, things: Sequence[Mapping[str, Any]]) -> Table:
    rows = [dict(_flat(thing)) for thing in things]
    columns = list(dict.fromkeys([*FIRST[name], *(key for row in rows for key in row)]))
    return Table(name, (_headers(columns), *(tuple(row.get(key) for key in columns) for row in rows)))


def _headers(columns: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{key} {EXPLAINED[key]}" if key in EXPLAINED else key for key in columns)


def _flat(thing: Mapping[str, Any], above: str = "") -> Iterable[tuple[str, Any]]:
    """Return a group's keys with dots between, and what is no longer a group under each."""
    for key, value in thing.items():
        path = f"{above}{key}"
        if isinstance(value, dict):
            yield from _flat(value, f"{path}.")
        elif isinstance(value, list) and path in PAIRS:
            yield from ((f"{path}.{place}", one) for place, one in enumerate(value, 1))
        elif isinstance(value, list):
            yield path, ", ".join(map(str, value))
        else:
            yield path, value
