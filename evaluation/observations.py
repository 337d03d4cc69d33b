"""Observations as plain values, and what a single value can have wrong with it (codes D01 and D03)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import floor
from typing import Any

from config.text import Text
from evaluation.framework import Indicator, Kind
from evaluation.problems import Problems, spelling
from evaluation.source import is_number

ENDLESS = float("inf")
HALF = 0.5
UNIT_RANGES: dict[str, tuple[float, float]] = {
    "%": (0.0, 100.0),
    **dict.fromkeys(
        ("m2", "m²", "平方米", "h", "hours", "小时", "days", "天", "years", "年"), (0.0, ENDLESS)
    ),
    **dict.fromkeys(("人", "人次", "次", "people", "times", "count", "元", "CNY"), (0.0, ENDLESS)),
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
    at: str = ""
    """When it was observed, as ISO text; empty where nobody said."""
    evidence: str = ""
    """The hash or name of the file that shows it; empty where there is none."""


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


def uncorrected(observations: Iterable[Observation]) -> list[Observation]:
    """Return the rows that no later row corrects, in the order of their ids."""
    rows = sorted(observations, key=lambda row: (row.hub, row.indicator, row.rater, row.id))
    replaced = {row.corrects for row in rows if row.corrects}
    return [row for row in rows if row.id not in replaced]


def value_problem(value: Any, indicator: Indicator, name: str, problems: Problems, **where: Any) -> bool:
    """Note a value that cannot be right (D01, D03) and say whether it can; `where` is its path and line."""
    if not is_number(value):
        problems.add(
            "D01",
            f"{name}的值“{spelling(value)}”不是数字。",
            f'The value "{spelling(value)}" of {name} is not a number.',
            read=value,
            **where,
        )
        return False
    if indicator.kind == Kind.AUTO:
        low, high = UNIT_RANGES.get(indicator.unit, (-ENDLESS, ENDLESS))
        if low <= value <= high:
            return True
        span = Text("不小于0", "it is at least 0")
        if high < ENDLESS:
            span = Text(f"应在{low:g}到{high:g}之间", f"it lies from {low:g} to {high:g}")
        problems.add(
            "D01",
            f"{name}：{indicator.id}不可能是{value:g}{indicator.unit}，{span.zh}。",
            f"{name}: {indicator.id} cannot be {value:g} {indicator.unit}; {span.en}.",
            read=value,
            nearest=f"{min(max(value, low), high):g}",
            **where,
        )
        return False
    low, high = levels_of(indicator)
    if value == int(value) and low <= value <= high:
        return True
    problems.add(
        "D03",
        f"{name}：{indicator.id}只能是{low}到{high}的整数，读到{value:g}。",
        f"{name}: {indicator.id} takes whole numbers from {low} to {high}, and {value:g} was read.",
        read=value,
        nearest=f"{floor(min(max(value, low), high) + HALF):g}",
        **where,
    )
    return False


def levels_of(indicator: Indicator) -> tuple[int, int]:
    """Return the lowest and highest level of a rubric, answer of a survey, or state of a document."""
    if indicator.kind == Kind.SURVEY:
        return indicator.answers
    return (0, indicator.top_level if indicator.kind == Kind.RUBRIC else 1)
