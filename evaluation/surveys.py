"""Answers of residents drawn at random: stratified means with finite population correction.

Within a stratum h with N_h people and n_h answers, W_h = N_h / N:
mean = sum W_h m_h, cov = sum W_h^2 (1 - n_h / N_h) S_h / n_h (Cochran, Sampling Techniques, 5.3 and 5.6).
The items of one survey share their respondents, so their means have a common covariance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

LEAST = 2
"""Answers below which a stratum has no spread of its own and joins its neighbour."""


@dataclass(frozen=True)
class Stratum:
    """Hold a stratum: people served, and answers by respondent and item (NaN where one was skipped)."""

    size: int | None
    answers: NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """Hold the means of the items and their covariance, which is None where it cannot be estimated."""

    means: NDArray[np.float64]
    covariance: NDArray[np.float64] | None
    is_merged: bool = False
    """Whether a stratum was too small to stand alone and joined its neighbour."""


def estimate(strata: Sequence[Stratum]) -> Estimate:
    """Return stratified means of all items.

    Where the frame lacks a stratum, or has fewer people than answers, the mean is plain and has no interval.
    """
    if any(stratum.size is None or stratum.size < len(stratum.answers) for stratum in strata):
        together = np.vstack([stratum.answers for stratum in strata])
        return Estimate(np.nanmean(together, axis=0), None)
    merged = _merge(strata)
    sizes = np.array([float(stratum.size or 0) for stratum in merged])
    weights = sizes / sizes.sum()
    means = sum(weight * np.nanmean(one.answers, axis=0) for weight, one in zip(weights, merged, strict=True))
    is_merged = len(merged) < sum(bool(stratum.size) for stratum in strata)
    if any(_fewest(stratum.answers) < LEAST for stratum in merged):
        return Estimate(np.asarray(means), None, is_merged)
    parts = [weight**2 * _covariance(one) for weight, one in zip(weights, merged, strict=True)]
    return Estimate(np.asarray(means), np.sum(parts, axis=0), is_merged)


def standard_error(spread: float, answers: int, size: int) -> float:
    """Return the error of a simple random sample's mean: spread / sqrt(n) with the population's correction."""
    _require(answers, size)
    return spread / sqrt(answers) * sqrt(1 - answers / size)


def group(
    answers: Mapping[str, Mapping[str, tuple[str, float]]], items: Sequence[str], sizes: Mapping[str, int]
) -> list[Stratum]:
    """Arrange answers by respondent, item and (stratum, share) into strata in the order of their names."""
    rows: dict[str, list[list[float]]] = {stratum: [] for stratum in sizes}
    for respondent in sorted(answers):
        given = answers[respondent]
        stratum = next(iter(given.values()))[0]
        rows.setdefault(stratum, []).append([given[item][1] if item in given else np.nan for item in items])
    return [
        Stratum(sizes.get(name), np.array(rows[name], dtype=float).reshape(-1, len(items)))
        for name in sorted(rows)
    ]


def _merge(strata: Sequence[Stratum]) -> list[Stratum]:
    """Join strata that are too small with their neighbour, the last of them with the one before."""
    merged: list[Stratum] = []
    open_ones: list[Stratum] = []
    for stratum in strata:
        open_ones.append(stratum)
        if _fewest(_join(open_ones).answers) >= LEAST:
            merged.append(_join(open_ones))
            open_ones = []
    if open_ones and merged:
        merged.append(_join([merged.pop(), *open_ones]))
    return merged or [_join(open_ones)]


def _join(strata: Sequence[Stratum]) -> Stratum:
    return Stratum(
        sum(stratum.size or 0 for stratum in strata), np.vstack([stratum.answers for stratum in strata])
    )


def _fewest(answers: NDArray[np.float64]) -> int:
    return int((~np.isnan(answers)).sum(axis=0).min()) if answers.size else 0


def _covariance(stratum: Stratum) -> NDArray[np.float64]:
    answers, size = stratum.answers, stratum.size or 0
    n = len(answers)
    _require(n, size)
    given = ~np.isnan(answers)
    counts = given.sum(axis=0)
    # A skipped item leaves the item's mean to fewer people: residuals are scaled to the whole stratum.
    residuals = np.where(given, (answers - np.nanmean(answers, axis=0)) * n / counts, 0.0)
    spread = residuals.T @ residuals / (n - 1)
    return np.asarray((1 - n / size) * spread / n)


def _require(answers: int, size: int) -> None:
    if not 0 < answers <= size:
        raise ValueError(f"{answers} answers of {size} people: 0 < n <= N must hold")
