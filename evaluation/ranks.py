"""Ranks, which are never shown bare: each with the interval in which it lies in draws from the scores' errors.

Each hub has a stream of chance of its own, made of the seed and its code, so that the draws of one hub do not hang
on which others are there. Ranks are made of unrounded totals; hubs with the same total share the better rank.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.rounding import settle

DRAWS = 2000
TAILS = (0.025, 0.975)


@dataclass(frozen=True)
class Rank:
    """Hold a hub's place among those with a total, and the 95 % interval of that place."""

    hub: str
    rank: int
    low: int
    high: int


def ranks(scores: Sequence[tuple[str, float, float]], *, seed: int, draws: int = DRAWS) -> list[Rank]:
    """Return the rank and rank interval of every (hub, total, error), best first in the totals."""
    if not scores:
        return []
    drawn = np.array([total + error * _chance(seed, hub, draws) for hub, total, error in scores])
    places = _places(drawn)
    own = _places(np.array([[settle(total)] for _, total, _ in scores]))[:, 0]
    found = []
    for place, (hub, _, _) in enumerate(scores):
        low, high = np.quantile(places[place], TAILS, method="inverted_cdf")
        rank = int(own[place])
        found.append(Rank(hub, rank, min(int(low), rank), max(int(high), rank)))
    return found


def _chance(seed: int, hub: str, draws: int) -> NDArray[np.float64]:
    entropy = int.from_bytes(hashlib.sha256(f"{seed}:{hub}".encode()).digest()[:16])
    return np.random.Generator(np.random.PCG64(entropy)).standard_normal(draws)


def _places(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return 1 + how many lie above, in every column."""
    ordered = np.sort(-values, axis=0)
    found = np.empty(values.shape, dtype=np.int64)
    for column in range(values.shape[1]):
        found[:, column] = 1 + np.searchsorted(ordered[:, column], -values[:, column], side="left")
    return found
