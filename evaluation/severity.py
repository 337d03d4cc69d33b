"""How severe each assessor is: the effect from the two-way fit, drawn towards zero as far as it is noise.

Only ratings of what somebody else rated too can tell severity from quality. An effect counts r / (r + k), where r
is how many such ratings the assessor gave and k the residual variance over that of severity. It is reported, with
what it would change, and applied only where the cycle said so beforehand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from evaluation.raters import Rating, fitted
from evaluation.uncertainty import Z95


@dataclass(frozen=True)
class Severity:
    """Hold one assessor's effect on a share of 0 to 1; below zero is severe, above is mild."""

    rater: str
    ratings: int
    """Ratings of what somebody else rated too."""
    effect: float
    shrunken: float
    interval: tuple[float, float]


def severities(ratings: Iterable[Rating]) -> tuple[Severity, ...]:
    """Return the severity of every assessor whose ratings are crossed with others'; none where too few are."""
    rows = list(ratings)
    fit = fitted(rows)
    if fit is None:
        return ()
    shared = {cell for cell, number in Counter(row.cell for row in rows).items() if number > 1}
    numbers = Counter(row.rater for row in rows if row.cell in shared)
    centred = fit.effects - fit.effects.mean()
    return tuple(
        _severity(name, numbers[name], float(effect), fit.error.residual or 0.0, fit.error.severity)
        for name, effect in zip(fit.raters, centred, strict=True)
    )


def _severity(name: str, number: int, effect: float, residual: float, spread: float) -> Severity:
    weight = number / (number + residual / spread) if spread > 0 else 0.0
    half = Z95 * sqrt(spread * (1 - weight))
    return Severity(name, number, effect, weight * effect, (weight * effect - half, weight * effect + half))


def adjusted(shares: Sequence[float], raters: Sequence[str], effects: Mapping[str, float]) -> float:
    """Return the mean of ratings without what their assessors' severity adds, within 0 and 1."""
    plain = [share - effects.get(rater, 0.0) for share, rater in zip(shares, raters, strict=True)]
    return float(np.clip(np.mean(plain), 0.0, 1.0))
