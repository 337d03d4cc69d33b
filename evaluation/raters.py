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


@dataclass(frozen=True)
class Fit:
    """Hold the fit of cell plus rater: each rater's effect on a share, and the pooled variances."""

    raters: tuple[str, ...]
    effects: NDArray[np.float64]
    error: RaterError


def rater_error(ratings: Iterable[Rating]) -> RaterError:
    """Fit cell plus rater and return the pooled residual and severity variances."""
    fit = fitted(ratings)
    return RaterError(None) if fit is None else fit.error


def fitted(ratings: Iterable[Rating]) -> Fit | None:
    """Fit cell plus rater over cells with two ratings or more; None where they are too few to tell."""
    cells: dict[tuple[str, str], list[Rating]] = defaultdict(list)
    for rating in sorted(ratings, key=lambda one: (one.cell, one.rater)):
        cells[rating.cell].append(rating)
    crossed = [cell for cell in cells.values() if len(cell) > 1]
    if not crossed:
        return None
    names = tuple(sorted({rating.rater for cell in crossed for rating in cell}))
    sizes, normal, right, spread = _reduced(crossed, names)
    effects = np.linalg.pinv(normal, hermitian=True) @ right
    degrees = sizes - len(crossed) - int(np.linalg.matrix_rank(normal, hermitian=True))
    if degrees < 1:
        return None
    residual = max(spread - float(effects @ right), 0.0) / degrees
    return Fit(names, effects, RaterError(residual, _severity(normal, effects, residual), degrees))


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


def _reduced(
    cells: Sequence[Sequence[Rating]], names: Sequence[str]
) -> tuple[int, NDArray[np.float64], NDArray[np.float64], float]:
    """Return the number of ratings, the normal equations of raters within cells, and the spread within cells.

    Centring each cell takes the cells out of the fit; only sums over raters are kept, so that thousands of
    ratings cost no more than their count.
    """
    column = {name: place for place, name in enumerate(names)}
    normal, right, spread = np.zeros((len(names), len(names))), np.zeros(len(names)), 0.0
    alike: dict[int, list[Sequence[Rating]]] = defaultdict(list)
    for cell in cells:
        alike[len(cell)].append(cell)
    for size, together in sorted(alike.items()):
        places = np.array([[column[rating.rater] for rating in cell] for cell in together])
        shares = np.array([[rating.share for rating in cell] for cell in together])
        centred = shares - shares.mean(axis=1, keepdims=True)
        spread += float((centred**2).sum())
        np.add.at(right, places, centred)
        np.add.at(normal, (places, places), 1.0)
        np.add.at(normal, (places[:, :, None], places[:, None, :]), -1 / size)
    return sum(map(len, cells)), normal, right, spread


def _severity(normal: NDArray[np.float64], effects: NDArray[np.float64], residual: float) -> float:
    """Return the variance of severity: what the effects spread beyond their own sampling error."""
    raters = len(effects)
    if raters < 2:  # noqa: PLR2004 -- one rater differs from nobody
        return 0.0
    noise = residual * np.linalg.pinv(normal, hermitian=True)
    centre = np.eye(raters) - 1 / raters
    expected = float(np.trace(centre @ noise))
    spread = float(effects @ centre @ effects)
    return max(spread - expected, 0.0) / (raters - 1)
