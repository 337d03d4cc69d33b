"""How many come when so many said yes: the exact distribution of shows that differ in their chances.

The number of shows among independent people with different chances is Poisson-binomial; its
distribution is the convolution of the single ones, exact and done in microseconds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

PRIOR_MEAN = 0.85
"""What is believed of a hub of which nothing is known yet."""
PRIOR_OF_HUB = 20.0
PRIOR_OF_PERSON = 8.0
"""How many attendances the belief is worth before own ones outweigh it."""


def shrunk(shows: int, records: int, mean: float, strength: float = PRIOR_OF_PERSON) -> float:
    """Return a chance to show up, drawn towards `mean` as strongly as if it were `strength` records.

    The posterior mean of a beta-binomial: who has no record gets the mean, who has many their own share.
    """
    return (shows + strength * mean) / (records + strength)


def hub_mean(shows: int, records: int) -> float:
    """Return the share of a hub's people who show up, drawn towards what is usual."""
    return shrunk(shows, records, PRIOR_MEAN, PRIOR_OF_HUB)


def distribution(chances: Sequence[float]) -> npt.NDArray[np.float64]:
    """Return the chance of exactly 0, 1, ..., n shows among n people; raises `ValueError` outside 0 to 1."""
    if any(not 0 <= chance <= 1 for chance in chances):
        raise ValueError("a chance lies between 0 and 1")
    found = np.ones(1)
    for chance in chances:
        found = np.convolve(found, (1 - chance, chance))
    return found


def at_least(chances: Sequence[float], places: int) -> float:
    """Return the chance that at least `places` of these people show up."""
    return float(distribution(chances)[max(0, places) :].sum())


def reserves_needed(
    places: int, coming: Sequence[float], reserve_chance: float, *, target: float, at_most: int
) -> int:
    """Return the fewest reserves with which enough people come with chance `target`, but `at_most` so many.

    `coming` are the chances of those who said yes; a reserve's own chance is `reserve_chance`.
    """
    for reserves in range(at_most):
        if at_least([*coming, *[reserve_chance] * reserves], places) >= target:
            return reserves
    return at_most
