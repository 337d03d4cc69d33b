"""How far assessors agree: Krippendorff's alpha, intraclass correlations, Gwet's AC, and how many would be enough.

Ratings are a table of units by raters, NaN where a rater did not rate. What cannot be told is None and never 1, 0
or NaN: all ratings equal (S01), or no unit with two raters (S02).

- alpha: K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), section C, any metric, with gaps.
- ICC: P. E. Shrout and J. L. Fleiss, Psychological Bulletin 86 (1979) 420-428; units without gaps only.
- AC1, AC2: K. L. Gwet, Handbook of Inter-Rater Reliability (4th ed., 2014), chapters 4 to 6, with gaps.
- D-study: dependability of a mean of n raters, R. L. Brennan, Generalizability Theory (2001), chapter 2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, isfinite
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from evaluation.rounding import settle

Table: TypeAlias = NDArray[np.float64]
PAIR = 2


def _nominal(values: Table, _counts: Table) -> Table:
    return np.asarray(values[:, None] != values[None, :], dtype=np.float64)


def _ordinal(_values: Table, counts: Table) -> Table:
    """Square the number of ratings between two levels, half of both ends included."""
    middle = np.cumsum(counts) - counts / 2
    return np.asarray((middle[:, None] - middle[None, :]) ** 2)


def _interval(values: Table, _counts: Table) -> Table:
    return np.asarray((values[:, None] - values[None, :]) ** 2)


def _ratio(values: Table, _counts: Table) -> Table:
    total = values[:, None] + values[None, :]
    return np.asarray(((values[:, None] - values[None, :]) / np.where(total == 0, 1, total)) ** 2)


METRICS: dict[str, Callable[[Table, Table], Table]] = {
    "nominal": _nominal,
    "ordinal": _ordinal,
    "interval": _interval,
    "ratio": _ratio,
}


def alpha(ratings: Table, metric: str = "ordinal") -> float | None:
    """Return Krippendorff's alpha of a table of units by raters, or None where all ratings are equal."""
    levels, counts = _counted(ratings)
    counts = counts[counts.sum(axis=1) >= PAIR]
    if not counts.size:
        return None
    weight = 1 / (counts.sum(axis=1) - 1)
    coincidences = (counts * weight[:, None]).T @ counts - np.diag(weight @ counts)
    margins = coincidences.sum(axis=0)
    far = METRICS[metric](levels, margins)
    expected = float(margins @ far @ margins) / (float(margins.sum()) - 1)
    if settle(expected) <= 0:
        return None
    return 1 - float((coincidences * far).sum()) / expected


def gwet(ratings: Table, levels: Sequence[float] = (), weights: str = "quadratic") -> float | None:
    """Return Gwet's AC2, or AC1 with the weights "identity"; None where no unit has two ratings.

    `levels` are those of the whole scale, used or not; without them those that occur count.
    """
    scale, counts = _counted(ratings, levels)
    counts = counts[counts.sum(axis=1) >= 1]
    pairs = counts[counts.sum(axis=1) >= PAIR]
    size = len(scale)
    if not pairs.size or size < PAIR:
        return None
    weight = _weights(scale, weights)
    raters = pairs.sum(axis=1, keepdims=True)
    agreed = float(((pairs * (pairs @ weight - 1)).sum(axis=1) / (raters * (raters - 1))[:, 0]).mean())
    share = (counts / counts.sum(axis=1, keepdims=True)).mean(axis=0)
    by_chance = float(weight.sum()) / (size * (size - 1)) * float((share * (1 - share)).sum())
    return (agreed - by_chance) / (1 - by_chance) if settle(1 - by_chance) > 0 else None


def exact(ratings: Table) -> tuple[float, int] | None:
    """Return the share of pairs of ratings that are the same, and how many pairs there are."""
    _, counts = _counted(ratings)
    raters = counts.sum(axis=1)
    pairs = float((raters * (raters - 1) / 2).sum())
    same = float((counts * (counts - 1) / 2).sum())
    return (same / pairs, round(pairs)) if pairs else None


@dataclass(frozen=True)
class Variances:
    """Hold mean squares of a complete table: between units, raters, within units, and the residual."""

    units: float
    raters: float
    within: float
    residual: float
    n: int
    k: int

    @property
    def single(self) -> tuple[float, float, float]:
        """Return ICC(1,1), ICC(2,1) and ICC(3,1)."""
        b, j, w, e, n, k = self.units, self.raters, self.within, self.residual, self.n, self.k
        return (
            _ratio_of(b - w, b + (k - 1) * w),
            _ratio_of(b - e, b + (k - 1) * e + k * (j - e) / n),
            _ratio_of(b - e, b + (k - 1) * e),
        )

    @property
    def mean(self) -> tuple[float, float, float]:
        """Return ICC(1,k), ICC(2,k) and ICC(3,k)."""
        b, j, w, e, n = self.units, self.raters, self.within, self.residual, self.n
        return _ratio_of(b - w, b), _ratio_of(b - e, b + (j - e) / n), _ratio_of(b - e, b)


def variances(ratings: Table) -> Variances | None:
    """Return the mean squares of the units that every rater rated; None where there is nothing to tell."""
    table = ratings[~np.isnan(ratings).any(axis=1)]
    n, k = table.shape
    if n < PAIR or k < PAIR or settle(float(np.ptp(table))) <= 0:
        return None
    grand = table.mean()
    units = k * float(((table.mean(axis=1) - grand) ** 2).sum())
    raters = n * float(((table.mean(axis=0) - grand) ** 2).sum())
    whole = float(((table - grand) ** 2).sum())
    residual = max(whole - units - raters, 0.0)
    return Variances(
        units / (n - 1),
        raters / (k - 1),
        (whole - units) / (n * (k - 1)),
        residual / ((n - 1) * (k - 1)),
        n,
        k,
    )


def paired(ratings: Table) -> Table:
    """Return units by first, second, ... rating, whoever gave it, for tables where raters take turns.

    Only units with as many ratings as most units have; raters then count as random within units.
    """
    numbers = (~np.isnan(ratings)).sum(axis=1)
    usual = int(np.bincount(numbers[numbers >= PAIR]).argmax()) if (numbers >= PAIR).any() else 0
    rows = [row[~np.isnan(row)] for row in ratings[numbers == usual]] if usual else []
    return np.array(rows, dtype=float).reshape(len(rows), usual)


def dependability(single: float, raters: int) -> float:
    """Return the dependability of a mean of `raters` ratings, from that of a single one."""
    return raters * single / (1 + (raters - 1) * single)


def raters_needed(single: float, wanted: float = 0.8) -> int | None:
    """Return how many raters give the wanted dependability; None where ratings tell hubs apart by chance only."""
    if not 0 < single < 1:
        return 1 if single >= 1 else None
    return max(ceil(settle(wanted / (1 - wanted) * (1 - single) / single)), 1)


def _counted(ratings: Table, levels: Sequence[float] = ()) -> tuple[Table, Table]:
    """Return the levels, those that occur where none are given, and how often each does in each unit."""
    scale = np.array(levels, dtype=float) if levels else np.unique(ratings[~np.isnan(ratings)])
    return scale, np.asarray((ratings[:, :, None] == scale).sum(axis=1), dtype=np.float64)


def _weights(levels: Table, kind: str) -> Table:
    if kind == "identity":
        return np.eye(len(levels))
    apart = np.abs(levels[:, None] - levels[None, :]) / float(np.ptp(levels))
    return np.asarray(1 - (apart**2 if kind == "quadratic" else apart))


def _ratio_of(part: float, whole: float) -> float:
    found = part / whole if whole else float("nan")
    return found if isfinite(found) else 0.0
