"""From a raw value to a share of 0 to 1, by goalposts that belong to the framework and never to this year's hubs."""

from __future__ import annotations

from math import log

from evaluation.framework import Indicator, Kind


def share_of(indicator: Indicator, value: float) -> float:
    """Return where a raw value lies between the goalposts; beyond them it is clipped."""
    low, high = _ends(indicator)
    if indicator.kind == Kind.AUTO and indicator.logarithmic:
        value, low, high = log(max(value, low)), log(low), log(high)
    share = min(max((value - low) / (high - low), 0.0), 1.0)
    return 1.0 - share if indicator.kind == Kind.AUTO and indicator.direction < 0 else share


def is_beyond(indicator: Indicator, value: float) -> bool:
    """Say whether a value lies beyond a goalpost, so that more of it changes nothing."""
    low, high = _ends(indicator)
    return not low <= value <= high


def width_of(indicator: Indicator) -> float:
    """Return how much of the raw scale makes a share of 1; not for logarithmic indicators."""
    low, high = _ends(indicator)
    return high - low


def _ends(indicator: Indicator) -> tuple[float, float]:
    if indicator.kind == Kind.AUTO:
        return indicator.goalposts
    if indicator.kind == Kind.SURVEY:
        return float(indicator.answers[0]), float(indicator.answers[1])
    return 0.0, float(indicator.top_level if indicator.kind == Kind.RUBRIC else 1)
