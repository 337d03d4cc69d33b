"""The pattern of the demonstration hubs: what they do that another hub does not, in that hub's own terms.

The pattern of an indicator is the median over the demonstration hubs with a value. A median of fewer than three
would name a hub, so then there is none; a hub is never compared with itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor
from statistics import median

from config.text import Text
from evaluation.explanation import quantity
from evaluation.framework import Framework, Indicator, Kind
from evaluation.rounding import settle, shown
from evaluation.scoring import Score
from evaluation.uncertainty import Z95

LEAST_EXAMPLES = 3
MOST_GAPS = 5


@dataclass(frozen=True)
class Gap:
    """Hold one thing in which a hub falls short of the pattern, and the points that lie in it."""

    indicator: str
    sentence: Text
    points: float
    is_noise: bool
    """Whether the hub's own error alone may make the difference; counted numbers have none."""


@dataclass(frozen=True)
class PatternLine:
    """Hold an indicator's share at the demonstration hubs and at the others, each a median."""

    indicator: str
    name: Text
    examples: float
    others: float
    points: float
    """What lies between the two, in points of the total."""


def gaps(framework: Framework, own: Score, examples: Iterable[Score]) -> tuple[Gap, ...]:
    """Return where a hub falls short of the demonstration hubs, the most points first."""
    others = [one for one in examples if one.hub != own.hub and one.total is not None]
    found = [_gap(framework, own, indicator, others) for indicator in framework.indicators]
    short = [one for one in found if one is not None and settle(one.points) > 0]
    return tuple(sorted(short, key=lambda one: (-settle(one.points), one.indicator))[:MOST_GAPS])


def pattern(
    framework: Framework, examples: Sequence[Score], others: Sequence[Score]
) -> tuple[PatternLine, ...]:
    """Return in what the demonstration hubs differ from the others, the largest difference in points first."""
    found = []
    for indicator in framework.indicators:
        theirs, rest = _middle(indicator, examples), _middle(indicator, others)
        if theirs is not None and rest is not None:
            points = (theirs - rest) * _worth(framework, indicator)
            found.append(PatternLine(indicator.id, indicator.text, theirs, rest, points))
    return tuple(sorted(found, key=lambda one: (-settle(one.points), one.indicator)))


def _middle(indicator: Indicator, hubs: Iterable[Score]) -> float | None:
    """Return the median share of an indicator, or None where so few have one that it would name a hub."""
    known = [share for one in hubs if (share := one.measures[indicator.id].share) is not None]
    return median(known) if len(known) >= LEAST_EXAMPLES else None


def _worth(framework: Framework, indicator: Indicator) -> float:
    return framework.shares[indicator.id] * framework.scale.width


def _gap(framework: Framework, own: Score, indicator: Indicator, others: Sequence[Score]) -> Gap | None:
    measure, theirs = own.measures[indicator.id], _middle(indicator, others)
    if theirs is None or measure.share is None or measure.raw is None or theirs <= measure.share:
        return None
    points = (theirs - measure.share) * _worth(framework, indicator)
    usual = median(raw for one in others if (raw := one.measures[indicator.id].raw) is not None)
    return Gap(
        indicator=indicator.id,
        sentence=_sentence(indicator, usual, measure.raw),
        points=points,
        is_noise=theirs - measure.share < Z95 * own.share_errors.get(indicator.id, 0.0),
    )


def _sentence(indicator: Indicator, usual: float, own: float) -> Text:
    theirs, ours = _said(indicator, usual), _said(indicator, own)
    if theirs == ours:
        theirs, ours = _mean(indicator, usual), _mean(indicator, own)
    return Text(
        f"示范青年汇有一半达到{theirs.zh}或更好，我们是{ours.zh}。",
        f"Half of the demonstration hubs reach {theirs.en} or better; we reach {ours.en}.",
    )


def _said(indicator: Indicator, value: float) -> Text:
    """Return a value as people say it: a rubric in the words of the level that is reached."""
    if indicator.kind == Kind.RUBRIC:
        words = indicator.levels[min(floor(settle(value)), indicator.top_level)]
        return _mean(indicator, value) if words is None else Text(f"“{words.zh}”", f'"{words.en}"')
    if indicator.kind == Kind.AUTO:
        return quantity(value, indicator.unit)
    return _mean(indicator, value)


def _mean(indicator: Indicator, value: float) -> Text:
    top = indicator.answers[1] if indicator.kind == Kind.SURVEY else indicator.top_level
    if indicator.kind == Kind.DOCUMENT:
        return Text("交齐文件", "every document") if value > 0 else Text("没有交文件", "none")
    return Text(f"平均{shown(value)}分（满分{top}分）", f"{shown(value)} of {top} on average")
