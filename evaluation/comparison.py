"""Hubs beside each other without a league table: overlap, funnel, shrunken scores, false-discovery control.

- overlap: H. Goldstein and M. J. R. Healy, JRSS A 158 (1995) 175-177: bars of +- c standard errors of which two
  that do not overlap differ at 5 % on the average over all pairs; c is 1.96 / sqrt(2) = 1.39 for equal errors.
- funnel: D. J. Spiegelhalter, Statistics in Medicine 24 (2005) 1185-1202: limits of 95 and 99.8 % around the mean.
- shrunken: B. Efron and C. Morris, JASA 70 (1975) 311-319, and C. Morris, JASA 78 (1983) 47-55.
- discoveries: Y. Benjamini and Y. Hochberg, JRSS B 57 (1995) 289-300.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, fsum, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from evaluation.uncertainty import Z95

NORMAL = NormalDist()
FUNNEL = (0.95, 0.998)
LEAST_TO_SHRINK = 4
"""Fewer scores than these say nothing of how much hubs truly differ (Efron and Morris need k - 3 > 0)."""
STEPS = 200
GRID = 1024
"""Places on which the ratios of errors are laid, so that comparing all pairs costs no more with more hubs."""
FACTOR_TO = 1e-9
Values = NDArray[np.float64]


def overlap_factor(errors: Sequence[float], level: float = 0.05) -> float | None:
    """Return c for which bars of +- c errors fail to overlap for `level` of the pairs that do not differ."""
    known = np.log([error for error in errors if error > 0])
    if len(known) < 2:  # noqa: PLR2004 -- one bar overlaps with none
        return None
    apart, pairs = _pairs(known)
    # Bars of c a and c b touch where the difference is this many times its error, by the ratio a / b alone.
    widths = (1 + np.exp(-apart)) / np.sqrt(1 + np.exp(-2 * apart)) / sqrt(2)
    low, high = 0.0, 10.0
    while high - low > FACTOR_TO:
        middle = (low + high) / 2
        if fsum(n * erfc(middle * width) for n, width in zip(pairs, widths, strict=True)) > level:
            low = middle
        else:
            high = middle
    return high


def _pairs(places: Values) -> tuple[Values, Values]:
    """Return how far apart two of the places lie, on a grid, and which share of all pairs does.

    Each place counts for its two neighbours on the grid by its nearness to them; so all pairs cost no more than
    the hubs themselves and the square of the grid, and the factor is good to six decimals.
    """
    low, span = float(places.min()), float(np.ptp(places))
    step = span / (GRID - 1) or 1.0
    at = (places - low) / step
    left = np.minimum(np.floor(at).astype(np.int64), GRID - 2)
    right = at - left
    weight = np.bincount(left, 1 - right, GRID) + np.bincount(left + 1, right, GRID)
    pairs = np.correlate(weight, weight, "full")[GRID - 1 :]
    # Nobody makes a pair with themselves; a pair apart is counted from one end, one at zero from both.
    pairs[0] = (pairs[0] - float((right**2 + (1 - right) ** 2).sum())) / 2
    pairs[1] -= float((right * (1 - right)).sum())
    return np.asarray(np.arange(GRID) * step), np.asarray(pairs / pairs.sum())


def centre(scores: Sequence[float], errors: Sequence[float]) -> float:
    """Return the mean weighted by precision; plain where an error is zero."""
    if min(errors) <= 0:
        return float(np.mean(scores))
    weights = 1 / np.square(errors)
    return float(weights @ np.asarray(scores) / weights.sum())


def funnel_limits(middle: float, error: float, level: float) -> tuple[float, float]:
    """Return between what a score with this error lies if its hub is as the mean."""
    half = NORMAL.inv_cdf(0.5 + level / 2) * error
    return middle - half, middle + half


@dataclass(frozen=True)
class Shrunken:
    """Hold scores drawn towards their mean, as far as they are noise."""

    middle: float
    between: float
    """Variance of true differences between hubs."""
    scores: tuple[float, ...]


def shrink(scores: Sequence[float], errors: Sequence[float]) -> Shrunken | None:
    """Return each score drawn to the mean by its own noise: m + (1 - B_i)(y_i - m).

    B_i = (k - 3) / (k - 1) * e_i^2 / (e_i^2 + tau^2); with equal errors this is Efron's and Morris's estimator.
    """
    k = len(scores)
    if k < LEAST_TO_SHRINK:
        return None
    values, squares = np.asarray(scores, dtype=float), np.square(np.asarray(errors, dtype=float))
    between = _between(values, squares)
    whole = squares + between
    if float(whole.min()) <= 0:
        return Shrunken(float(values.mean()), between, tuple(map(float, values)))
    middle = float((values / whole).sum() / (1 / whole).sum())
    noise = (k - 3) / (k - 1) * squares / whole
    return Shrunken(middle, between, tuple(float(one) for one in middle + (1 - noise) * (values - middle)))


def _between(values: Values, squares: Values) -> float:
    """Solve sum((y - m)^2 / (e^2 + tau^2)) = k - 1 for tau^2, not below zero (Paule and Mandel)."""
    low, high = 0.0, float(np.var(values)) * len(values) + 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        weights = 1 / np.maximum(squares + middle, 1e-300)
        mean = float((weights * values).sum() / weights.sum())
        if float((weights * (values - mean) ** 2).sum()) > len(values) - 1:
            low = middle
        else:
            high = middle
    return low


def discoveries(p_values: Sequence[float], rate: float = 0.05) -> list[bool]:
    """Say which hypotheses fall when the false ones among them may be `rate` (step up from the largest)."""
    order = sorted(range(len(p_values)), key=lambda place: (p_values[place], place))
    fallen = max(
        (rank for rank, place in enumerate(order, 1) if p_values[place] <= rank * rate / len(p_values)),
        default=0,
    )
    found = [False] * len(p_values)
    for place in order[:fallen]:
        found[place] = True
    return found


def differs(scores: Sequence[float], errors: Sequence[float]) -> list[float]:
    """Return for each score the p-value of its lying where all the others' plain mean lies."""
    values, squares, k = np.asarray(scores), np.square(np.asarray(errors)), len(scores)
    found = []
    for place in range(k):
        others = (values.sum() - values[place]) / (k - 1)
        error = float(np.sqrt(squares[place] + (squares.sum() - squares[place]) / (k - 1) ** 2))
        gap = abs(float(values[place]) - float(others))
        found.append(2 * NORMAL.cdf(-gap / error) if error > 0 else float(gap == 0))
    return found


@dataclass(frozen=True)
class Beside:
    """Hold how one hub's score stands beside the others."""

    hub: str
    overlap: tuple[float, float]
    funnel: tuple[tuple[float, float], ...]
    """Limits of 95 and of 99.8 %."""
    shrunken: float | None
    p_value: float
    differs: bool
    """Whether it differs from the district with false discoveries held to one in twenty."""


@dataclass(frozen=True)
class Comparison:
    """Hold what can be said of hubs beside each other; the factor makes bars that compare by overlap."""

    middle: float
    factor: float | None
    hubs: tuple[Beside, ...]


def compare(scores: Sequence[tuple[str, float, float]]) -> Comparison | None:
    """Compare (hub, total, error) of every hub that has both; None below two hubs."""
    if len(scores) < 2:  # noqa: PLR2004 -- one hub stands beside none
        return None
    totals, errors = [total for _, total, _ in scores], [error for _, _, error in scores]
    factor = overlap_factor(errors)
    shrunken, p_values = shrink(totals, errors), differs(totals, errors)
    middle, found = centre(totals, errors), discoveries(p_values)
    beside = []
    for place, (hub, total, error) in enumerate(scores):
        half = (factor if factor is not None else Z95) * error
        beside.append(
            Beside(
                hub=hub,
                overlap=(total - half, total + half),
                funnel=tuple(funnel_limits(middle, error, level) for level in FUNNEL),
                shrunken=None if shrunken is None else shrunken.scores[place],
                p_value=p_values[place],
                differs=found[place],
            )
        )
    return Comparison(middle, factor, tuple(beside))
