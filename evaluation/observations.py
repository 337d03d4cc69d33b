"""Observations as plain values, and what can be wrong with one or between several (codes D01 to D08)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from evaluation.framework import Framework, Indicator, Kind
from evaluation.problems import Problem, Problems

UNIT_RANGES: dict[str, tuple[float, float]] = {
    "%": (0.0, 100.0),
    "m2": (0.0, float("inf")),
    "h": (0.0, float("inf")),
    "人": (0.0, float("inf")),
    "people": (0.0, float("inf")),
}
"""Hard ranges by unit; a value outside is a mistake, one beyond the goalposts is only clipped."""


@dataclass(frozen=True)
class Observation:
    """Hold one rating, answer or number; `rater` names an assessor, or an answer's random id."""

    id: str
    hub: str
    indicator: str
    value: float
    rater: str = ""
    stratum: str = ""
    corrects: str = ""
    reason: str = ""


@dataclass(frozen=True)
class HubFacts:
    """Hold a hub's code and what offices reported of it, for gates and labels."""

    code: str
    facts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Inputs:
    """Hold everything that a score is made of; `frame` counts the people served by hub and stratum."""

    hubs: tuple[HubFacts, ...]
    observations: tuple[Observation, ...] = ()
    frame: Mapping[tuple[str, str], int] = field(default_factory=dict)


def check(
    observations: Iterable[Observation], framework: Framework, frame: Mapping[tuple[str, str], int]
) -> list[Problem]:
    """Return what is wrong between rows: twice rated, corrected in vain, more answers than people."""
    problems = Problems()
    rows = list(observations)
    by_id = {row.id: row for row in rows}
    for row in rows:
        if row.corrects and row.corrects not in by_id:
            problems.add(
                "D05",
                f"{row.id}更正的{row.corrects}不存在。",
                f"{row.id} corrects {row.corrects}, which is not there.",
                path=row.id,
                read=row.corrects,
                among=by_id,
            )
        if row.corrects and not row.reason:
            problems.add(
                "D05",
                f"{row.id}是更正，要写理由。",
                f"{row.id} is a correction and needs a reason.",
                path=row.id,
            )
    standing = uncorrected(rows)
    _check_twice(standing, framework, problems)
    _check_frame(standing, framework, frame, problems)
    return problems.found


def uncorrected(observations: Iterable[Observation]) -> list[Observation]:
    """Return the rows that no later row corrects, in the order of their ids."""
    rows = sorted(observations, key=lambda row: (row.hub, row.indicator, row.rater, row.id))
    replaced = {row.corrects for row in rows if row.corrects}
    return [row for row in rows if row.id not in replaced]


def value_problem(value: Any, indicator: Indicator, name: str, problems: Problems) -> bool:
    """Note a value that cannot be right (D01, D03) and say whether it can."""
    if not isinstance(value, int | float) or not isfinite(value):
        problems.add(
            "D01",
            f"{name}的值“{value}”不是数字。",
            f'The value "{value}" of {name} is not a number.',
            path=name,
            read=value,
        )
        return False
    if indicator.kind == Kind.AUTO:
        low, high = UNIT_RANGES.get(indicator.unit, (-float("inf"), float("inf")))
        if low <= value <= high:
            return True
        problems.add(
            "D01",
            f"{name}：{indicator.id}不可能是{value:g}{indicator.unit}。",
            f"{name}: {indicator.id} cannot be {value:g} {indicator.unit}.",
            path=name,
            read=value,
        )
        return False
    low, high = _levels(indicator)
    if value == int(value) and low <= value <= high:
        return True
    problems.add(
        "D03",
        f"{name}：{indicator.id}只能是{low}到{high}的整数，读到{value:g}。",
        f"{name}: {indicator.id} takes whole numbers from {low} to {high}, and {value:g} was read.",
        path=name,
        read=value,
    )
    return False


def _levels(indicator: Indicator) -> tuple[int, int]:
    if indicator.kind == Kind.SURVEY:
        return indicator.answers
    return (0, indicator.top_level if indicator.kind == Kind.RUBRIC else 1)


def _check_twice(rows: list[Observation], framework: Framework, problems: Problems) -> None:
    seen: set[tuple[str, str, str]] = set()
    for row in rows:
        kind, key = framework.indicator[row.indicator].kind, (row.hub, row.indicator, row.rater)
        once = kind in {Kind.AUTO, Kind.DOCUMENT} or bool(row.rater)
        if once and key in seen:
            problems.add(
                "D05",
                f"{row.id}：{row.hub}的{row.indicator}已有一个值，第二个要说明更正了哪一个。",
                f"{row.id}: {row.indicator} of {row.hub} has a value already; a second one must say which it corrects.",
                path=row.id,
            )
        seen.add(key)


def _check_frame(
    rows: list[Observation], framework: Framework, frame: Mapping[tuple[str, str], int], problems: Problems
) -> None:
    counts: dict[tuple[str, str, str], int] = {}
    for row in rows:
        if framework.indicator[row.indicator].kind == Kind.SURVEY:
            key = (row.hub, row.stratum, row.indicator)
            counts[key] = counts.get(key, 0) + 1
    for (hub, stratum, indicator), answers in sorted(counts.items()):
        size = frame.get((hub, stratum))
        if size is not None and answers > size:
            problems.add(
                "D08",
                f"{hub}（{stratum}）的{indicator}有{answers}份回答，服务对象只有{size}人。",
                f"{indicator} of {hub} ({stratum}) has {answers} answers, and only {size} people were served.",
                path=f"{hub}.{stratum}",
                read=answers,
            )
