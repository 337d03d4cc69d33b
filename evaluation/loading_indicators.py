"""The indicators of a framework file: where each hangs, its goalposts, levels and answers."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from math import isfinite
from typing import Any

from ruamel.yaml.comments import CommentedMap

from config.text import Text
from evaluation.framework import ROOT, Combine, Dimension, EvidenceRule, Indicator, Kind, Node
from evaluation.loading_tree import Reading, unique
from evaluation.source import Section

HOME_KEYS = ("part", "parent", "node")
"""The keys under which a file may say where an indicator hangs."""


def read_indicators(
    reading: Reading, nodes: tuple[Node, ...], dimensions: tuple[Dimension, ...]
) -> tuple[Indicator, ...]:
    """Return the indicators, each hung under a part or a node."""
    by_id = {node.id: node for node in nodes}
    views = {dimension.id for dimension in dimensions}
    found = []
    for section in reading.top.sections("indicators"):
        found.append((_indicator(reading, section, by_id, views), section))
        section.close()
    named = [(indicator.id, section) for indicator, section in found]
    unique(named, Text("指标", "indicator"))
    for name, section in named:
        if name in by_id:
            section.problems.add(
                "F03",
                f"“{name}”既是指标又是节点。",
                f'"{name}" is both an indicator and a node.',
                read=name,
                **section.where("id"),
            )
    return tuple(indicator for indicator, _ in found)


def _indicator(reading: Reading, section: Section, nodes: dict[str, Node], views: set[str]) -> Indicator:
    name = reading.name(section)
    node = _known(section, next((key for key in HOME_KEYS if section.has(key)), "part"), nodes)
    kind = Kind(section.choice("kind", set(Kind), "auto"))
    parent = nodes.get(node)
    adds = parent is not None and parent.combine == Combine.POINTS
    dimension = _known(section, "dimension", views) if section.has("dimension") else None
    return Indicator(
        id=name,
        node=node,
        weight=_weight(section, adds=adds),
        kind=kind,
        text=reading.text(section, name),
        dimension=dimension,
        **_of_kind(reading, section, kind),
    )


def _weight(section: Section, *, adds: bool) -> float:
    """Return an indicator's points, or its weight; where points are added one of the two must be there."""
    if section.has("points") or (adds and not section.has("weight")):
        return section.number("points")
    return section.number("weight", 1.0)


def _known(section: Section, key: str, among: Collection[str]) -> str:
    """Return a name that must be one of `among`; without the key, the root's."""
    name = section.string(key, ROOT if ROOT in among else next(iter(among), ""))
    if name not in among:
        section.problems.add(
            "F03",
            f"“{section.path}.{key}”里的“{name}”不存在。",
            f'"{name}" in "{section.path}.{key}" does not exist.',
            read=name,
            among=among,
            **section.where(key),
        )
    return name


def _of_kind(reading: Reading, section: Section, kind: Kind) -> dict[str, Any]:
    if kind == Kind.AUTO:
        return _auto(reading, section)
    if kind == Kind.RUBRIC:
        return _rubric(reading, section)
    if kind == Kind.SURVEY:
        return {"item": section.string("item"), "answers": _answers(section)}
    return {"evidence": _evidence(section)}


def _auto(reading: Reading, section: Section) -> dict[str, Any]:
    # Where no catalogue of metrics is known, numbers come from a file, and an indicator stands for itself.
    metric = section.string("metric", None if reading.metrics is not None else "")
    if reading.metrics is not None and metric and metric not in reading.metrics:
        section.problems.add(
            "F03",
            f"没有指标数据“{metric}”。",
            f'There is no metric "{metric}".',
            read=metric,
            among=reading.metrics,
            **section.where("metric"),
        )
    transform = section.choice("transform", {"identity", "log"}, "identity")
    direction = section.whole("direction", 1)
    low, high = _pair(section, "goalposts", (0.0, 100.0))
    _check_goalposts(section, (low, high), direction, is_log=transform == "log")
    return {
        "metric": metric,
        "unit": section.string("unit", ""),
        "goalposts": (low, high),
        "logarithmic": transform == "log",
        "direction": direction,
        "step": section.number("step") if section.has("step") else None,
    }


def _check_goalposts(section: Section, posts: tuple[float, float], direction: int, *, is_log: bool) -> None:
    low, high = posts
    faults = [
        (direction not in {1, -1}, Text("direction只能是1或-1", "direction is 1 or -1")),
        (low == high, Text("两个端点相等", "the goalposts are equal")),
        (
            low > high,
            Text(
                "端点倒置；越低越好请写direction: -1",
                "the goalposts are reversed; for less-is-better write direction: -1",
            ),
        ),
        (is_log and low <= 0, Text("取对数时低端点要大于0", "a logarithm needs a lower goalpost above 0")),
    ]
    for is_wrong, why in faults:
        if is_wrong:
            section.problems.add(
                "F04",
                f"“{section.path}”的端点是{low:g}和{high:g}：{why.zh}。",
                f'The goalposts of "{section.path}" are {low:g} and {high:g}: {why.en}.',
                read=f"[{low:g}, {high:g}]",
                **section.where("goalposts"),
            )


def _rubric(reading: Reading, section: Section) -> dict[str, Any]:
    raters = section.section("raters")
    least = 2
    if raters is not None:
        least = raters.whole("min", 2)
        raters.items("roles")
        raters.raw("not_employer")
        raters.close()
    found: dict[str, Any] = {"raters": least, "evidence": _evidence(section)}
    levels = section.section("levels")
    if levels is not None:
        found["levels"] = tuple(_levels(reading, levels))
    return found


def _levels(reading: Reading, levels: Section) -> Iterable[Text]:
    wanted = list(range(len(levels.data)))
    levels.asked.update(levels.data)
    if list(levels.data) != wanted or len(wanted) < 2:  # noqa: PLR2004 -- one level measures nothing
        levels.problems.add(
            "F12",
            f"“{levels.path}”要从0起逐级写，读到的是{list(levels.data)}。",
            f'"{levels.path}" takes levels from 0 up without a gap, and {list(levels.data)} was read.',
            path=levels.path,
            line=levels.line,
            read=list(levels.data),
        )
        yield from (Text("", ""), Text("", ""))
        return
    for number, words in levels.data.items():
        if not isinstance(words, CommentedMap):
            levels.number_in(f"{number}", words)
            continue
        line = levels.data.lc.key(number)[0] + 1
        level = Section(words, f"{levels.path}.{number}", line, levels.problems)
        yield reading.text(level, level.path)
        level.close()


def _evidence(section: Section) -> EvidenceRule | None:
    evidence = section.section("evidence")
    if evidence is None:
        return None
    is_required = evidence.raw("required") is not False
    types = tuple(str(kind) for kind in evidence.items("types"))
    rule = EvidenceRule(evidence.whole("at_level", 0), types)
    evidence.close()
    return rule if is_required else None


def _answers(section: Section) -> tuple[int, int]:
    low, high = _pair(section, "scale", (1.0, 5.0))
    if not low < high:
        section.problems.add(
            "F04",
            f"“{section.path}.scale”的两端是{low:g}和{high:g}，第二个要更大。",
            f'The ends of "{section.path}.scale" are {low:g} and {high:g}; the second must be larger.',
            read=f"[{low:g}, {high:g}]",
            **section.where("scale"),
        )
        return (1, 5)
    return (int(low), int(high))


def _pair(section: Section, key: str, default: tuple[float, float]) -> tuple[float, float]:
    if not section.has(key):
        section.raw(key)
        return default
    values = [section.number_in(key, value) for value in section.items(key)]
    if len(values) == len(default) and all(isfinite(value) for value in values):
        return (values[0], values[1])
    if len(values) != len(default):
        section.problems.add(
            "F04",
            f"“{section.path}.{key}”要写两个数，读到{len(values)}个。",
            f'"{section.path}.{key}" takes two numbers, and {len(values)} were read.',
            read=len(values),
            **section.where(key),
        )
    return default
