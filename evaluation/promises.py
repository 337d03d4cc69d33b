"""How far a promise was kept: from baseline, target and result to a share, and to the mean of a hub.

Formula: (value - baseline) / (target - baseline), clipped to 0 to 1, for growth in either direction; the mean of a
hub is weighted by the points that each criterion is worth.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, exp, fsum, log

from config.text import Refusal, Text
from evaluation.framework import Indicator, Kind
from evaluation.normalising import share_of

DECIMALS = 2


@dataclass(frozen=True)
class Kept:
    """Hold one promise that is over: how far it was kept, and what it weighs."""

    fulfilment: float
    points: float


@dataclass(frozen=True)
class Promise:
    """Hold what a hub undertook: to bring an indicator from its baseline to a target, both raw values."""

    hub: str
    indicator: str
    baseline: float
    target: float


def fulfilment(baseline: float, target: float, value: float) -> float:
    """Return the share of the way from baseline to target that was gone, 0 to 1."""
    return min(max((value - baseline) / (target - baseline), 0.0), 1.0)


def mean_fulfilment(kept: Iterable[Kept]) -> float | None:
    """Return the mean of a hub's promises weighted by points, or None where there is none."""
    known = list(kept)
    points = fsum(one.points for one in known)
    return fsum(one.fulfilment * one.points for one in known) / points if points > 0 else None


def no_better(indicator: Indicator, baseline: float, target: float) -> Refusal | None:
    """Return D12 where a target does not raise the score above the baseline, else None."""
    if share_of(indicator, target) > share_of(indicator, baseline):
        return None
    return Refusal(
        "D12",
        Text(
            f"目标{target:g}没有比现在的{baseline:g}更好，改成能加分的目标。",
            f"The target {target:g} is no better than today's {baseline:g}; choose one that raises the score.",
        ),
        "target",
    )


def suggested_target(indicator: Indicator, baseline: float, share: float) -> float:
    """Return a value that reaches `share` of the criterion, as one would write it down.

    Whole levels for rubrics and documents, hundredths for the mean of a survey.
    """
    exact = _value_at(indicator, share)
    if indicator.kind in {Kind.RUBRIC, Kind.DOCUMENT}:
        return float(ceil(max(exact, baseline + 0.01)))
    return round(exact, DECIMALS) if indicator.kind == Kind.SURVEY else float(f"{exact:.3g}")


def _value_at(indicator: Indicator, share: float) -> float:
    if indicator.kind == Kind.SURVEY:
        low, high = (float(end) for end in indicator.answers)
    elif indicator.kind == Kind.AUTO:
        low, high = indicator.goalposts
    else:
        low, high = 0.0, float(indicator.top_level if indicator.kind == Kind.RUBRIC else 1)
    way = 1.0 - share if indicator.kind == Kind.AUTO and indicator.direction < 0 else share
    if indicator.kind == Kind.AUTO and indicator.logarithmic:
        return exp(log(low) + way * (log(high) - log(low)))
    return low + way * (high - low)
