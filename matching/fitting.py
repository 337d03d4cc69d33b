"""What fits into limited hours, said as sharply as it can be in linear rows.

Somebody with three hours cannot serve twice for two, but "2 x + 2 y <= 3" lets a relaxation give them
one and a half services. The rows made here are the facets of the hull of what really fits, so that the
relaxation, and with it the proven bound, no longer believes in such halves.
Source: the integer knapsack polyhedron (Araoz 1974), its facets found as the vertices of its polar.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.pool import Floats, Ints

# The same tolerance as the checkers: what they let pass must not be cut off.
TOLERANCE = 1e-6
MOST_LOADS = 6
MOST_PIECES = 8
# Of hulls too many or too rich the making would take longer than they spare.
MOST_AMOUNTS = 40
MOST_FILLINGS = 60
LARGEST_DENOMINATOR = 1000


@dataclass(frozen=True)
class LoadRow:
    """Hold one row for every account at once: what each pair takes of it, and each account's limit.

    Weights stand in a table by the account's level and the pair's load, for pairs are many.
    """

    limit: Floats
    _weights: Floats
    _level: Ints
    _load_of: NDArray[np.unsignedinteger[Any]]

    def weight(self, account: Ints, pairs: Ints) -> Floats:
        """Return what some pairs take of their accounts."""
        weights: Floats = self._weights[self._level[account], self._load_of[pairs]]
        return weights


def load_rows(load: Floats, capacity: Floats) -> Iterator[LoadRow]:
    """Yield the rows that keep the load of each account's pairs within its capacity.

    Where loads are few and capacities small these are the facets of what fits; else the plain sum.
    """
    loads, found = np.unique(load, return_inverse=True)
    load_of = found.astype(np.min_scalar_type(len(loads)))
    some = loads[loads > TOLERANCE]
    level, amounts = _levels(some, capacity)
    is_plain = level == len(amounts)
    if is_plain.any():
        yield LoadRow(np.where(is_plain, capacity, np.inf), loads[None, :], np.zeros_like(level), load_of)
    hulls = [hull_of_fitting(tuple(some.tolist()), amount) for amount in amounts]
    for layer in range(max(map(len, hulls), default=0)):
        weights = np.zeros((len(hulls) + 1, len(loads)))
        limits = np.full(len(hulls) + 1, np.inf)
        for place, hull in enumerate(hulls):
            if layer < len(hull):
                *own, limits[place] = hull[layer]
                weights[place, len(loads) - len(own) :] = own
        yield LoadRow(limits[level], weights, level, load_of)


def _levels(loads: Floats, capacity: Floats) -> tuple[Ints, list[float]]:
    """Return for each account which amount says what fits into it, and these amounts.

    An amount is the largest sum of loads within the capacity: what lies between two sums fits no more.
    Accounts whose number is that of the amounts are left to the plain sum.
    """
    plain = np.zeros(len(capacity), dtype=np.int64)
    if not 0 < len(loads) <= MOST_LOADS:
        return plain, []
    most = (MOST_PIECES + 1) * float(loads[0]) - 2 * TOLERANCE
    sums = _sums(loads, most)
    is_small = (capacity + TOLERANCE >= loads[0]) & (capacity <= most)
    place = np.searchsorted(sums, np.where(is_small, capacity, 0.0) + TOLERANCE, side="right") - 1
    used = [
        number
        for number in np.unique(place[is_small]).tolist()
        if len(_fillings([load for load in loads.tolist() if load <= sums[number] + TOLERANCE], sums[number]))
        <= MOST_FILLINGS
    ]
    if len(used) > MOST_AMOUNTS:
        return plain, []
    number_of = np.full(len(sums), len(used), dtype=np.int64)
    number_of[used] = np.arange(len(used))
    return np.where(is_small, number_of[place], len(used)), sums[used].tolist()


def _sums(loads: Floats, most: float) -> Floats:
    """Return every sum of loads up to `most`, rising."""
    sums = np.zeros(1)
    for load in loads.tolist():
        more = np.add.outer(sums, np.arange(int(most // load) + 1) * load).ravel()
        sums = np.unique(np.round(more[more <= most], 9))
    return sums


@lru_cache(maxsize=4096)
def hull_of_fitting(loads: tuple[float, ...], capacity: float) -> tuple[tuple[float, ...], ...]:
    """Return rows (a weight for each load, then the limit) that hold exactly for what fits.

    A load too large for the capacity has a weight above the limit.
    """
    fitting = [load for load in loads if load <= capacity + TOLERANCE]
    fillings = np.array(_fillings(fitting, capacity), dtype=np.float64)
    rows = [_in_whole_numbers(corner, fillings) for corner in _polar_corners(fillings)]
    return tuple((*row[:-1], *[row[-1] + 1] * (len(loads) - len(fitting)), row[-1]) for row in rows)


def _fillings(loads: Sequence[float], left: float) -> list[list[int]]:
    """Return every way to fill the capacity, as how many of each load, to which nothing can be added."""
    if len(loads) == 1:
        return [[int((left + TOLERANCE) // loads[0])]]
    found = []
    # The largest load first, so that the rest decides whether anything still fits.
    for count in range(int((left + TOLERANCE) // loads[-1]) + 1):
        found += [[*rest, count] for rest in _fillings(loads[:-1], left - count * loads[-1])]
    return found


def _polar_corners(fillings: Floats) -> Floats:
    """Return the maximal vertices of {g >= 0: filling g <= 1 for every filling}, in a stable order."""
    size = fillings.shape[1]
    rows = np.concatenate([-np.eye(size), np.diag(fillings.max(axis=0)), fillings])
    limits = np.concatenate([np.zeros(size), np.ones(size + len(fillings))])
    # The box of single loads has known corners; every filling cuts some of them off.
    corners = np.array(np.meshgrid(*[(0.0, 1.0 / most) for most in fillings.max(axis=0)])).reshape(size, -1).T
    for number in range(2 * size, len(rows)):
        corners = _cut(corners, rows[: number + 1], limits[: number + 1])
    corners = np.unique(np.round(corners, 12), axis=0)
    above = (corners[None, :, :] >= corners[:, None, :] - TOLERANCE).all(axis=2)
    maximal: Floats = corners[above.sum(axis=1) == 1]
    return maximal


def _cut(corners: Floats, rows: Floats, limits: Floats) -> Floats:
    """Cut corners off by the last row, and add those that the cut makes (double description)."""
    slack = limits - corners @ rows.T
    is_out = slack[:, -1] < -TOLERANCE
    if not is_out.any():
        return corners
    touching = np.abs(slack) <= TOLERANCE
    new = []
    for out in np.flatnonzero(is_out):
        for inside in np.flatnonzero(slack[:, -1] > TOLERANCE):
            shared = touching[out] & touching[inside]
            # Two corners share an edge when no third one touches all that both touch.
            if touching[:, shared].all(axis=1).sum() == 2:  # noqa: PLR2004 -- the two themselves
                part = slack[inside, -1] / (slack[inside, -1] - slack[out, -1])
                new.append(corners[inside] + part * (corners[out] - corners[inside]))
    return np.concatenate([corners[~is_out], np.array(new).reshape(-1, corners.shape[1])])


def _in_whole_numbers(corner: Floats, fillings: Floats) -> list[float]:
    """Return the weights and, at the end, the limit; in fractions where rounding would cut a filling off."""
    parts = [Fraction(weight).limit_denominator(LARGEST_DENOMINATOR) for weight in corner.tolist()]
    scale = lcm(*(part.denominator for part in parts))
    weights = [float(part * scale) for part in parts]
    is_exact = (fillings @ np.array(weights)).max() <= scale
    return [*weights, float(scale)] if is_exact else [*corner.tolist(), 1.0 + TOLERANCE]
