"""The best choice of pairs with a proven bound: one integer model, solved on a proven kernel of it."""

from __future__ import annotations

import math
import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from time import monotonic

import numpy as np

from matching.pairs import PairModel
from matching.pool import Floats, Ints
from matching.search import PROVEN_GAP, Search
from matching.splitting import independent_parts

# The solver leaves Python alone while it works, so two parts are solved at a time; more would share one memory bus.
MOST_HANDS = 2


class PlanStatus(StrEnum):
    """Say what is proven about a plan."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"


@dataclass(frozen=True)
class Plan:
    """Hold the chosen pairs, by position, and what is proven about them.

    `reduced` gives for every pair what it would add to the best plan at the prices of the relaxation;
    it orders the next candidates.
    """

    chosen: Ints
    value: float
    bound: float
    seconds: float
    reduced: Floats

    @property
    def gap(self) -> float:
        """Return (bound - value) / |bound|."""
        return (self.bound - self.value) / abs(self.bound) if self.bound else self.bound - self.value

    @property
    def status(self) -> PlanStatus:
        """Return OPTIMAL only when the gap is proven to be zero."""
        return PlanStatus.OPTIMAL if self.gap <= PROVEN_GAP else PlanStatus.FEASIBLE


@dataclass(frozen=True)
class _Priced:
    """Hold the relaxation of a block: a bound, a price for each pair, and the pairs it uses."""

    bound: float
    reduced: Floats
    used: Ints


def solve(
    model: PairModel,
    *,
    time_limit: float = 10.0,
    patience: float = math.inf,
    seed: int = 0,
    per_slot: int = 20,
) -> Plan:
    """Return the best plan that the time allows, and a bound proven for all pairs of the model.

    1. Split by period wherever nothing couples periods; the parts are then solved exactly alone.
    2. Relax each part on its best candidates, and price the others back in until none is missing.
    3. Improve the rounded plan while it is far from the bound, then solve the pairs of highest reduced
       cost in whole numbers.
    4. With the time that is left, widen until all other pairs are proven useless; this takes at most
       `patience` times as long as the plan took.
    """
    began = monotonic()
    deadline = began + time_limit
    usable = np.flatnonzero(model.load <= model.capacity[model.person, model.period])
    parts = independent_parts(model, usable)
    searches = [Search(model.restricted_to(pairs), per_slot=per_slot, seed=seed) for pairs in parts]
    _share(searches, Search.relax, deadline)
    _share(searches, Search.advance, deadline)
    found = monotonic()
    deadline = min(deadline, found + patience * (found - began))
    while any(not search.is_over for search in searches) and monotonic() < deadline:
        _share([search for search in searches if not search.is_over], Search.advance, deadline)
    return _joined(model, parts, searches, began)


def _share(searches: Sequence[Search], step: Callable[[Search, float], None], deadline: float) -> None:
    """Let each search take one step, as many at once as there are cores, with equal shares of the time."""
    hands = max(1, min(len(searches), os.cpu_count() or 1, MOST_HANDS))
    waiting = deque(range(len(searches), 0, -1))

    def take(search: Search) -> None:
        rounds = math.ceil(waiting.popleft() / hands)
        step(search, max(0.1, (deadline - monotonic()) / rounds))

    with ThreadPoolExecutor(hands) as pool:
        list(pool.map(take, searches))


def _joined(model: PairModel, parts: Sequence[Ints], searches: Sequence[Search], began: float) -> Plan:
    reduced = model.value.copy()
    chosen = [np.empty(0, dtype=np.int64)]
    for pairs, search in zip(parts, searches, strict=True):
        reduced[pairs] = search.reduced
        chosen.append(pairs[search.best])
    best = np.sort(np.concatenate(chosen))
    value = model.worth(best)
    bound = max(value, float(sum(search.bound for search in searches)))
    return Plan(best, value, bound, monotonic() - began, reduced)
