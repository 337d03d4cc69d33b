"""Errors of assessors: the residual of a two-way fit and how much severity differs, pooled over hubs.

Two ratings a hub say little about one hub and much about all of them together. A rating is fitted as its cell
(hub and indicator) plus the rater; what is left is the residual, and the spread of the rater effects beyond
what the residual alone would make is severity. Both enter the interval of a hub's mean rating; neither
changes the mean.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Rating:
    """Hold one rating as a share of the rubric's scale."""

    cell: tuple[str, str]
    rater: str
    share: float


@dataclass(frozen=True)
class RaterError:
    """Hold the pooled variances of shares; None where ratings are too few to tell."""

    residual: float | None
    severity: float = 0.0
    degrees: int = 0


def rater_error(ratings: Iterable[Rating]) -> RaterError:
    """Fit cell plus rater and return the pooled residual and severity variances."""
    cells: dict[tuple[str, str], list[Rating]] = defaultdict(list)
    for rating in sorted(ratings, key=lambda one: (one.cell, one.rater)):
        cells[rating.cell].append(rating)
    crossed = [cell for cell in cells.values() if len(cell) > 1]
    if not crossed:
        return RaterError(None)
    design, values = _centred(crossed)
    effects, rank = _effects(design, values)
    degrees = len(values) - len(crossed) - rank
    if degrees < 1:
        return RaterError(None)
    residual = float(np.sum((values - design @ effects) ** 2)) / degrees
    return RaterError(residual, _severity(design, effects, residual), degrees)


def covariance(raters_by_item: Sequence[Sequence[str]], error: RaterError) -> NDArray[np.float64] | None:
    """Return the covariance of a hub's mean ratings; raters whom items share make them err together."""
    if error.residual is None:
        return None
    size = len(raters_by_item)
    found = np.zeros((size, size))
    for i, first in enumerate(raters_by_item):
        for j, second in enumerate(raters_by_item):
            common = len(set(first) & set(second))
            found[i, j] = error.severity * common / (len(first) * len(second))
        found[i, i] += error.residual / len(first)
    return found


def _centred(cells: Sequence[Sequence[Rating]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return rater dummies and values, each less its cell's mean, which takes the cells out of the fit."""
    names = sorted({rating.rater for cell in cells for rating in cell})
    column = {name: place for place, name in enumerate(names)}
    design, values = [], []
    for cell in cells:
        dummies = np.zeros((len(cell), len(names)))
        dummies[range(len(cell)), [column[rating.rater] for rating in cell]] = 1.0
        shares = np.array([rating.share for rating in cell])
        design.append(dummies - dummies.mean(axis=0))
        values.append(shares - shares.mean())
    return np.vstack(design), np.concatenate(values)


def _effects(design: NDArray[np.float64], values: NDArray[np.float64]) -> tuple[NDArray[np.float64], int]:
    normal = design.T @ design
    return np.linalg.pinv(normal, hermitian=True) @ (design.T @ values), int(
        np.linalg.matrix_rank(normal, hermitian=True)
    )


def _severity(design: NDArray[np.float64], effects: NDArray[np.float64], residual: float) -> float:
    """Return the variance of severity: what the effects spread beyond their own sampling error."""
    raters = len(effects)
    normal = design.T @ design
    noise = residual * np.linalg.pinv(normal, hermitian=True)
    centre = np.eye(raters) - 1 / raters
    expected = float(np.trace(centre @ noise))
    spread = float(effects @ centre @ effects)
    return max(spread - expected, 0.0) / (raters - 1)
