"""From observations to one measure per hub and indicator, with the errors that they share.

An indicator is missing where an assessor is still awaited or too few residents answered; missing is never zero
and never the mean.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum

import numpy as np
from numpy.typing import NDArray

from config.text import Text
from evaluation.framework import Framework, Indicator, Kind
from evaluation.normalising import is_beyond, share_of
from evaluation.observations import Inputs, Observation, uncorrected
from evaluation.raters import RaterError, Rating, covariance, rater_error
from evaluation.surveys import estimate, group
from evaluation.uncertainty import ErrorGroup

MISSING = {
    Kind.AUTO: Text("没有数据", "no data"),
    Kind.RUBRIC: Text("等第二位评估员打分", "waiting for a second assessor"),
    Kind.SURVEY: Text("样本不足", "too few answers"),
    Kind.DOCUMENT: Text("没有文件", "no document"),
}


@dataclass(frozen=True)
class Measure:
    """Hold an indicator's value at a hub: its share of 0 to 1, and the raw mean as people wrote it."""

    share: float | None
    raw: float | None = None
    n: int = 0
    why_missing: Text | None = None
    is_beyond: bool = False
    """Whether the value lies beyond a goalpost, so that it was clipped."""


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


def measure(framework: Framework, inputs: Inputs) -> dict[str, Measures]:
    """Return the measures of every hub, in the order of their codes."""
    by_cell: dict[tuple[str, str], list[Observation]] = defaultdict(list)
    for row in uncorrected(inputs.observations):
        by_cell[row.hub, row.indicator].append(row)
    error = rater_error(_ratings(framework, by_cell))
    frames: dict[str, dict[str, int]] = defaultdict(dict)
    for (hub, stratum), size in sorted(inputs.frame.items()):
        frames[hub][stratum] = size
    found = {}
    for known in sorted(inputs.hubs, key=lambda one: one.code):
        cells = {
            indicator.id: by_cell.get((known.code, indicator.id), []) for indicator in framework.indicators
        }
        found[known.code] = _of_hub(framework, cells, frames[known.code], error, known.facts)
    return found


def _ratings(framework: Framework, by_cell: Mapping[tuple[str, str], list[Observation]]) -> Iterable[Rating]:
    for indicator in framework.of_kind(Kind.RUBRIC):
        for (hub, name), rows in by_cell.items():
            if name == indicator.id:
                for row in rows:
                    yield Rating((hub, name), row.rater, share_of(indicator, row.value))


def _of_hub(
    framework: Framework,
    cells: Mapping[str, list[Observation]],
    frame: Mapping[str, int],
    error: RaterError,
    facts: Mapping[str, float],
) -> Measures:
    measures = {
        indicator.id: _plain(indicator, cells[indicator.id], _least(framework, indicator))
        for indicator in framework.indicators
    }
    present = [one for one in framework.indicators if measures[one.id].share is not None]
    rated = [one for one in present if one.kind == Kind.RUBRIC]
    errors = [_rater_group(rated, cells, error)] if rated else []
    asked = [one for one in present if one.kind == Kind.SURVEY]
    if asked:
        survey, means = _survey(asked, cells, frame)
        errors.append(survey)
        measures.update(
            {name: _weighted(framework.indicator[name], measures[name], mean) for name, mean in means.items()}
        )
    return Measures(measures, tuple(errors), facts)


def _least(framework: Framework, indicator: Indicator) -> int:
    if indicator.kind == Kind.RUBRIC:
        return indicator.raters
    return framework.survey.min_n if indicator.kind == Kind.SURVEY else 1


def _plain(indicator: Indicator, rows: Sequence[Observation], least: int) -> Measure:
    n = len({row.rater for row in rows}) if indicator.kind == Kind.RUBRIC else len(rows)
    if n < max(least, 1):
        return Measure(None, n=n, why_missing=MISSING[indicator.kind])
    raw = fsum(row.value for row in rows) / len(rows)
    share = fsum(share_of(indicator, row.value) for row in rows) / len(rows)
    return Measure(share, raw, n, is_beyond=is_beyond(indicator, raw))


def _rater_group(
    rated: Sequence[Indicator], cells: Mapping[str, list[Observation]], error: RaterError
) -> ErrorGroup:
    raters = [[row.rater for row in cells[indicator.id]] for indicator in rated]
    return ErrorGroup(tuple(indicator.id for indicator in rated), covariance(raters, error))


def _survey(
    asked: Sequence[Indicator], cells: Mapping[str, list[Observation]], frame: Mapping[str, int]
) -> tuple[ErrorGroup, dict[str, float]]:
    """Return the error group of a hub's survey items and their means weighted to the frame."""
    names = [indicator.id for indicator in asked]
    rows = [(indicator, row) for indicator in asked for row in cells[indicator.id]]
    is_joined = all(row.rater for _, row in rows)
    groups = [names] if is_joined else [[name] for name in names]
    means: dict[str, float] = {}
    covariances = []
    for together in groups:
        answers: dict[str, dict[str, tuple[str, float]]] = defaultdict(dict)
        for indicator, row in rows:
            if indicator.id in together:
                stratum = row.stratum if row.stratum in frame or not frame else min(frame)
                answers[row.rater or row.id][indicator.id] = (stratum, share_of(indicator, row.value))
        found = estimate(group(answers, together, frame))
        means.update(zip(together, map(float, found.means), strict=True))
        covariances.append(found.covariance)
    return ErrorGroup(tuple(names), _together(covariances)), means


def _together(covariances: Sequence[NDArray[np.float64] | None]) -> NDArray[np.float64] | None:
    """Return one covariance; items whose respondents are not known are taken to err together fully."""
    known = [one for one in covariances if one is not None]
    if len(known) < len(covariances):
        return None
    if len(known) == 1:
        return known[0]
    errors = np.sqrt([float(one[0, 0]) for one in known])
    return np.asarray(np.outer(errors, errors))


def _weighted(indicator: Indicator, plain: Measure, share: float) -> Measure:
    low, high = indicator.answers
    return Measure(share, low + share * (high - low), plain.n)
