"""The error of a total: a 95 % interval, and how likely each band is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from evaluation.framework import Band, Scale
from evaluation.rounding import settle

Z95 = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class ErrorGroup:
    """Hold indicators whose shares err together, with their covariance; None where it is unknown."""

    indicators: tuple[str, ...]
    covariance: NDArray[np.float64] | None


def standard_error(groups: Sequence[ErrorGroup], slopes: Mapping[str, float]) -> float | None:
    """Return the error of the total's share, carried up by the slopes; None if any part is unknown."""
    variance = 0.0
    for group in groups:
        if group.covariance is None:
            return None
        slope = np.array([slopes.get(name, 0.0) for name in group.indicators])
        variance += float(slope @ group.covariance @ slope)
    return sqrt(max(variance, 0.0))


def interval(total: float, error: float, scale: Scale) -> tuple[float, float]:
    """Return the 95 % interval of a total, within the scale."""
    return max(total - Z95 * error, scale.minimum), min(total + Z95 * error, scale.maximum)


def band_probability(
    total: float, error: float, bands: Sequence[Band], cap: str | None = None
) -> dict[str, float]:
    """Return how likely each band is; what lies above a cap counts for the capped band."""
    if not bands:
        return {}
    edges = [-inf, *(band.start for band in bands[1:]), inf]
    below = [_below(edge, total, error) for edge in edges]
    found = {band.id: high - low for band, (low, high) in zip(bands, pairwise(below), strict=True)}
    if cap is not None:
        names = [band.id for band in bands]
        above = names[names.index(cap) + 1 :]
        found[cap] += sum(found[name] for name in above)
        found.update(dict.fromkeys(above, 0.0))
    return found


def _below(edge: float, total: float, error: float) -> float:
    if edge in {-inf, inf}:
        return float(edge > 0)
    if settle(error) <= 0:
        return float(settle(total) < edge)
    return NormalDist(total, error).cdf(edge)
