"""From observations to one measure per hub and indicator, with the errors that they share.

An indicator is missing where an assessor is still awaited or too few residents answered; missing is never zero
and never the mean.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum, sqrt

import numpy as np
from numpy.typing import NDArray

from config.text import Text
from evaluation.framework import Framework, Indicator, Kind
from evaluation.normalising import is_beyond, share_of
from evaluation.observations import Inputs, Observation, uncorrected
from evaluation.raters import RaterError, Rating, covariance, rater_error
from evaluation.rounding import settle
from evaluation.severity import adjusted, severities
from evaluation.shares import wilson
from evaluation.surveys import estimate, group
from evaluation.uncertainty import Z95, ErrorGroup

MISSING = {
    Kind.AUTO: Text("没有数据", "no data"),
    Kind.RUBRIC: Text("等第二位评估员打分", "waiting for a second assessor"),
    Kind.SURVEY: Text("样本不足", "too few answers"),
    Kind.DOCUMENT: Text("没有文件", "no document"),
}
UNANIMOUS = Text(
    "回答全部相同，平均数没有自己的区间，误差按Wilson区间估计",
    "all answers agree, so the mean has no interval of its own; its error is taken from Wilson's interval",
)
MERGED = Text(
    "有一层回答不足两份，已与相邻的层合并",
    "a stratum had fewer than two answers and joined its neighbour",
)


@dataclass(frozen=True)
class Measure:
    """Hold an indicator's value at a hub: its share of 0 to 1, and the raw mean as people wrote it."""

    share: float | None
    raw: float | None = None
    n: int = 0
    why_missing: Text | None = None
    is_beyond: bool = False
    """Whether the value lies beyond a goalpost, so that it was clipped."""
    remark: Text | None = None
    """What a reader has to know of how its error was estimated (S03)."""


@dataclass(frozen=True)
class Measures:
    """Hold a hub's measures by indicator and the groups of them that err together."""

    by_indicator: Mapping[str, Measure]
    errors: tuple[ErrorGroup, ...] = ()
    facts: Mapping[str, float] = field(default_factory=dict)

    @property
    def shares(self) -> dict[str, float | None]:
        """Return the shares alone, as the tree combines them."""
        return {name: measure.share for name, measure in self.by_indicator.items()}

    @property
    def share_errors(self) -> dict[str, float]:
        """Return the standard error of each share that is rated or asked, where it is known."""
        return {
            name: sqrt(float(group.covariance[place, place]))
            for group in self.errors
            if group.covariance is not None
            for place, name in enumerate(group.indicators)
        }


def measure(framework: Framework, inputs: Inputs, *, apply_severity: bool = False) -> dict[str, Measures]:
    """Return the measures of every hub, in the order of their codes.

    With `apply_severity` each rating loses what its assessor's severity adds; a cycle must have said so
    before anybody rated.
    """
    by_cell: dict[tuple[str, str], list[Observation]] = defaultdict(list)
    for row in uncorrected(inputs.observations):
        by_cell[row.hub, row.indicator].append(row)
    given = list(ratings_of(framework, (row for rows in by_cell.values() for row in rows)))
    pooled = _Pooled(rater_error(given), _effects(given) if apply_severity else {})
    frames: dict[str, dict[str, int]] = defaultdict(dict)
    for (hub, stratum), size in sorted(inputs.frame.items()):
        frames[hub][stratum] = size
    found = {}
    for known in sorted(inputs.hubs, key=lambda one: one.code):
        cells = {
            indicator.id: by_cell.get((known.code, indicator.id), []) for indicator in framework.indicators
        }
        found[known.code] = _of_hub(framework, cells, frames[known.code], pooled, known.facts)
    return found


@dataclass(frozen=True)
class _Pooled:
    """Hold what all hubs together say of assessors: their error, and the severity that is taken off."""

    error: RaterError
    effects: Mapping[str, float]


def _effects(given: Iterable[Rating]) -> dict[str, float]:
    return {one.rater: one.shrunken for one in severities(given)}


def ratings_of(framework: Framework, rows: Iterable[Observation]) -> Iterable[Rating]:
    """Return the ratings of rubrics among rows that stand, as shares."""
    for row in rows:
        indicator = framework.indicator[row.indicator]
        if indicator.kind == Kind.RUBRIC:
            yield Rating((row.hub, row.indicator), row.rater, share_of(indicator, row.value))


def _of_hub(
    framework: Framework,
    cells: Mapping[str, list[Observation]],
    frame: Mapping[str, int],
    pooled: _Pooled,
    facts: Mapping[str, float],
) -> Measures:
    measures = {
        indicator.id: _plain(indicator, cells[indicator.id], _least(framework, indicator), pooled.effects)
        for indicator in framework.indicators
    }
    present = [one for one in framework.indicators if measures[one.id].share is not None]
    rated = [one for one in present if one.kind == Kind.RUBRIC]
    errors = [_rater_group(rated, cells, pooled.error)] if rated else []
    asked = [one for one in present if one.kind == Kind.SURVEY]
    if asked:
        survey, means = _survey(asked, cells, frame)
        errors.append(survey)
        measures.update({one.id: _weighted(one, measures[one.id], *means[one.id]) for one in asked})
    return Measures(measures, tuple(errors), facts)


def _least(framework: Framework, indicator: Indicator) -> int:
    if indicator.kind == Kind.RUBRIC:
        return indicator.raters
    return framework.survey.min_n if indicator.kind == Kind.SURVEY else 1


def _plain(
    indicator: Indicator, rows: Sequence[Observation], least: int, effects: Mapping[str, float]
) -> Measure:
    n = len({row.rater for row in rows}) if indicator.kind == Kind.RUBRIC else len(rows)
    if n < max(least, 1):
        return Measure(None, n=n, why_missing=MISSING[indicator.kind])
    raw = fsum(row.value for row in rows) / len(rows)
    shares = [share_of(indicator, row.value) for row in rows]
    share = fsum(shares) / len(shares)
    if effects and indicator.kind == Kind.RUBRIC:
        share = adjusted(shares, [row.rater for row in rows], effects)
    return Measure(share, raw, n, is_beyond=is_beyond(indicator, raw))


def _rater_group(
    rated: Sequence[Indicator], cells: Mapping[str, list[Observation]], error: RaterError
) -> ErrorGroup:
    raters = [[row.rater for row in cells[indicator.id]] for indicator in rated]
    return ErrorGroup(tuple(indicator.id for indicator in rated), covariance(raters, error))


def _survey(
    asked: Sequence[Indicator], cells: Mapping[str, list[Observation]], frame: Mapping[str, int]
) -> tuple[ErrorGroup, dict[str, tuple[float, Text | None]]]:
    """Return the error group of a hub's survey items, their means weighted to the frame, and remarks."""
    names = [indicator.id for indicator in asked]
    rows = [(indicator, row) for indicator in asked for row in cells[indicator.id]]
    is_joined = all(row.rater for _, row in rows)
    groups = [names] if is_joined else [[name] for name in names]
    # Answers that name no stratum are a sample of everybody who was served.
    sizes = frame if any(row.stratum for _, row in rows) or not frame else {"": sum(frame.values())}
    means: dict[str, tuple[float, Text | None]] = {}
    covariances = []
    for together in groups:
        answers: dict[str, dict[str, tuple[str, float]]] = defaultdict(dict)
        for indicator, row in rows:
            if indicator.id in together:
                answers[row.rater or row.id][indicator.id] = (row.stratum, share_of(indicator, row.value))
        found = estimate(group(answers, together, sizes))
        items = [indicator for indicator in asked if indicator.id in together]
        covariance, flat = _with_unanimous(found.covariance, items, answers, sum(sizes.values()))
        for item, mean in zip(items, found.means, strict=True):
            means[item.id] = (
                float(mean),
                UNANIMOUS if item.id in flat else MERGED if found.is_merged else None,
            )
        covariances.append(covariance)
    return ErrorGroup(tuple(names), _together(covariances)), means


def _with_unanimous(
    covariance: NDArray[np.float64] | None,
    items: Sequence[Indicator],
    answers: Mapping[str, Mapping[str, tuple[str, float]]],
    size: int,
) -> tuple[NDArray[np.float64] | None, set[str]]:
    """Give items on which all who were asked agree the error that Wilson's interval leaves (S03).

    Answers without spread do not make a mean certain. As many as Wilson's interval allows may think otherwise,
    by one level; that is taken for two standard errors.
    """
    flat: set[str] = set()
    if covariance is None:
        return None, flat
    filled = covariance.copy()
    for place, item in enumerate(items):
        n = sum(item.id in given for given in answers.values())
        if n < size and settle(float(covariance[place, place])) <= 0:
            others = 1 - wilson(n, n, size=size)[0]
            low, high = item.answers
            filled[place, place] = (others / (high - low) / Z95) ** 2
            flat.add(item.id)
    return filled, flat


def _together(covariances: Sequence[NDArray[np.float64] | None]) -> NDArray[np.float64] | None:
    """Return one covariance; items whose respondents are not known are taken to err together fully."""
    known = [one for one in covariances if one is not None]
    if len(known) < len(covariances):
        return None
    if len(known) == 1:
        return known[0]
    errors = np.sqrt([float(one[0, 0]) for one in known])
    return np.asarray(np.outer(errors, errors))


def _weighted(indicator: Indicator, plain: Measure, share: float, remark: Text | None) -> Measure:
    low, high = indicator.answers
    return Measure(share, low + share * (high - low), plain.n, remark=remark)
