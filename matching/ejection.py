"""Better plans without a solver: somebody who fits a place better takes it, and what they held is passed on.

A move is one step of an ejection chain: a person takes a place from whoever holds it, gives up at most one
place of their own for it, and that one is filled again. Only moves that gain are made, so it ends.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from matching.greedy import PartialPlan, greedy_plan
from matching.pairs import PairModel
from matching.pool import Ints

PASSES = 2
# Of those who fit better than who is there, the first few are tried.
TRIED = 4
# A gain below this is noise of sums.
LEAST_GAIN = 1e-6


def plan_without_solver(model: PairModel, pairs: Ints) -> Ints:
    """Return a greedy plan from all pairs, bettered by moves among some of them."""
    return ejected_plan(model, pairs, greedy_plan(model, np.arange(len(model.person))))


def ejected_plan(model: PairModel, pairs: Ints, plan: Ints) -> Ints:
    """Return a plan at least as good, choosing among some pairs and keeping every rule.

    Where people have a price of their own it is returned as it is.
    """
    if model.ask_price.any():
        return plan
    usable = np.union1d(pairs, plan)
    chains = _Chains(model.restricted_to(usable), np.searchsorted(usable, plan))
    for _ in range(PASSES):
        if not chains.improve():
            break
    return usable[sorted(chains.chosen)]


class _Chains:
    def __init__(self, model: PairModel, plan: Ints) -> None:
        self._model = model
        self._state = PartialPlan(model)
        self._value = model.value.tolist()
        self._person, self._slot = model.person.tolist(), model.slot.tolist()
        self._activity = model.activity.tolist()
        self._seats = model.slots.seats.tolist()
        self._groups = model.groups.tolist()
        self._holders: dict[int, list[int]] = defaultdict(list)
        self._rules: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for rule in model.rules:
            self._rules[rule.activity].append((rule.group, rule.at_least))
        order = np.lexsort((model.person, -model.value, model.slot))
        slots, starts = np.unique(model.slot[order], return_index=True)
        parts = np.split(order, starts)[1:]
        self._ready = {int(slot): part.tolist() for slot, part in zip(slots, parts, strict=True)}
        self.chosen: set[int] = set()
        for pair in plan.tolist():
            self._put(pair)

    def improve(self) -> bool:
        """Try to seat better people at every slot once; say whether anything was gained."""
        return sum(self._improve_slot(slot) for slot in self._ready) > 0

    def _improve_slot(self, slot: int) -> bool:
        worst = self._worst(slot)
        tried = 0
        for pair in self._ready[slot]:
            gained = self._gain(pair, worst)
            # The best come first: after the first who gains nothing nobody does.
            if gained <= LEAST_GAIN or tried == TRIED:
                break
            if pair not in self.chosen:
                tried += 1
                if self._seat(pair, worst, gained):
                    return True
        return False

    def _gain(self, pair: int, worst: int | None) -> float:
        """Return what a pair gains over the one that leaves for it; over an empty seat, the seat's worth too."""
        return self._state.gain(pair) if worst is None else self._value[pair] - self._value[worst]

    def _worst(self, slot: int) -> int | None:
        """Return the pair that must leave for another, None while a seat is free."""
        holders = self._holders[slot]
        return None if len(holders) < self._seats[slot] else min(holders, key=lambda p: (self._value[p], p))

    def _seat(self, pair: int, worst: int | None, gained: float) -> bool:
        """Seat a pair in place of the worst; somebody else takes over what its person gives up for it."""
        if worst is None and self._model.whole[self._activity[pair]]:
            return False
        if worst is not None:
            self._take(worst)
        if self._state.allows(pair):
            self._put(pair)
            if self._holds([pair]):
                return True
            self._take(pair)
        elif any(self._pass_on(pair, given_up, gained) for given_up in self._own(pair)):
            return True
        if worst is not None:
            self._put(worst)
        return False

    def _own(self, pair: int) -> list[int]:
        """Return what the person of a pair holds, the least valuable first."""
        held = self._state.held(self._person[pair])
        return sorted(held, key=lambda other: (self._value[other], other))

    def _pass_on(self, pair: int, given_up: int, gained: float) -> bool:
        """Seat a pair whose person gives up another, if somebody takes that over for less than the gain."""
        least = self._value[given_up] - gained + LEAST_GAIN
        heirs = self._ready[self._slot[given_up]]
        if self._value[heirs[0]] <= least:
            return False
        self._take(given_up)
        if self._state.allows(pair):
            self._put(pair)
            for heir in heirs:
                if self._value[heir] <= least:
                    break
                if heir not in self.chosen and heir != given_up and self._state.allows(heir):
                    self._put(heir)
                    if self._holds([pair, heir]):
                        return True
                    self._take(heir)
            self._take(pair)
        self._put(given_up)
        return False

    def _holds(self, pairs: Iterable[int]) -> bool:
        """Say whether the teams of some pairs keep their conditions."""
        for activity in {self._activity[pair] for pair in pairs}:
            team = {self._person[pair] for pair in self._state.team(activity)}
            for group, at_least in self._rules[activity]:
                if sum(self._groups[group][person] for person in team) < at_least:
                    return False
        return True

    def _put(self, pair: int) -> None:
        self._state.book(pair, 1)
        self._holders[self._slot[pair]].append(pair)
        self.chosen.add(pair)

    def _take(self, pair: int) -> None:
        self._state.book(pair, -1)
        self._holders[self._slot[pair]].remove(pair)
        self.chosen.remove(pair)
