"""A plan without a solver: scarcest slot first, best person first; the start and the fallback."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

from matching.pairs import UNTIMED, PairModel
from matching.pool import Flags, Ints


class PartialPlan:
    """Hold chosen pairs and answer whether one more keeps every rule but those of teams."""

    def __init__(self, model: PairModel) -> None:
        self._model = model
        self.chosen: list[int] = []
        self.value = 0.0
        self._gains: list[float] = []
        self._held: dict[int, list[int]] = defaultdict(list)
        self._team: dict[int, list[int]] = defaultdict(list)
        self._filled: dict[int, int] = defaultdict(int)
        self._spent: dict[tuple[int, int], float] = defaultdict(float)
        self._apart: dict[int, set[int]] = defaultdict(set)
        for first, second in model.blocked.tolist():
            self._apart[first].add(second)
            self._apart[second].add(first)
        # Plain lists: reading one element of an array costs ten times as much.
        self._person, self._slot = model.person.tolist(), model.slot.tolist()
        self._value, self._load = model.value.tolist(), model.load.tolist()
        self._period, self._activity = model.period.tolist(), model.activity.tolist()
        slots = model.slots
        self._start, self._end = slots.start[model.slot].tolist(), slots.end[model.slot].tolist()
        self._seats, self._place = model.slots.seats.tolist(), model.slots.place.tolist()
        self._ways: dict[tuple[int, int], float] = {}

    def gain(self, pair: int) -> float:
        """Return what the pair adds to the value now."""
        slots, slot = self._model.slots, self._slot[pair]
        is_first = self._filled[slot] < slots.first_seats[slot]
        bonus = slots.first_bonus[slot] if is_first else slots.rest_bonus[slot]
        is_new = not self._held[self._person[pair]]
        return float(self._value[pair] + bonus - is_new * self._model.ask_price[self._person[pair]])

    def allows(self, pair: int) -> bool:
        """Say whether the pair can be added."""
        person, slot, period = self._person[pair], self._slot[pair], self._period[pair]
        held = self._held[person]
        return bool(
            self._filled[slot] < self._seats[slot]
            and len(held) < self._model.most[person]
            and self._spent[person, period] + self._load[pair] <= self._model.capacity[person, period]
            and not any(self._clash(pair, other) for other in held)
            and not any(
                self._person[mate] in self._apart[person] for mate in self._team[self._activity[pair]]
            )
        )

    def add(self, pair: int) -> None:
        """Choose the pair."""
        gained = self.gain(pair)
        self.value += gained
        self._gains.append(gained)
        self.chosen.append(pair)
        self.book(pair, 1)

    def remove_last(self) -> None:
        """Give up the pair that was added last."""
        self.value -= self._gains.pop()
        self.book(self.chosen.pop(), -1)

    def person_of(self, pair: int) -> int:
        """Return the person of a pair."""
        return int(self._person[pair])

    def team(self, activity: int) -> list[int]:
        """Return the chosen pairs of an activity."""
        return self._team[activity]

    def filled(self, slot: int) -> int:
        """Return how many seats of a slot are filled."""
        return self._filled[slot]

    def held(self, person: int) -> list[int]:
        """Return the chosen pairs of a person."""
        return self._held[person]

    def book(self, pair: int, sign: int) -> None:
        """Let a pair take its room (1) or give it back (-1), whatever the list of chosen pairs says."""
        person, activity = self._person[pair], self._activity[pair]
        self._filled[self._slot[pair]] += sign
        self._spent[person, self._period[pair]] += sign * self._load[pair]
        for rows, key in ((self._held, person), (self._team, activity)):
            if sign > 0:
                rows[key].append(pair)
            else:
                rows[key].remove(pair)

    def _clash(self, one: int, other: int) -> bool:
        if self._slot[one] == self._slot[other]:
            return True
        if UNTIMED in (self._start[one], self._start[other]):
            return False
        first, second = (one, other) if self._start[one] <= self._start[other] else (other, one)
        gap = float(self._start[second] - self._end[first])
        return gap < 0 or self._way(first, second) > gap + 1e-6

    def _way(self, first: int, second: int) -> float:
        """Return the seconds between two pairs' slots; ways repeat, so each is asked for once."""
        travel = self._model.travel
        if travel is None:
            return 0.0
        ends = self._place[self._slot[first]], self._place[self._slot[second]]
        way = self._ways.get(ends)
        if way is None:
            here, there = np.array(ends, dtype=np.int64).reshape(2, 1)
            way = self._ways[ends] = float(travel.seconds(here, there)[0])
        return way


def greedy_plan(model: PairModel, pairs: Ints, hints: Ints | None = None) -> Ints:
    """Return a plan from some pairs that keeps every rule: teams with conditions first, then the rest.

    `hints` among the pairs, such as those that a relaxation chose, are tried before all others.
    """
    part = model.restricted_to(pairs)
    plan = PartialPlan(part)
    if hints is not None:
        _fill_up(plan, part, np.isin(pairs, hints))
    _fill_up(plan, part, np.ones(len(pairs), dtype=bool))
    return pairs[sorted(plan.chosen)]


def _fill_up(plan: PartialPlan, model: PairModel, usable: Flags) -> None:
    """Add usable pairs to the plan, to the scarcest slots first."""
    # Whom a rule needs may come from anywhere: without them the whole team is lost.
    by_slot, demands = _best_first(model, usable), _demands(model, usable)
    scarcity = {slot: len(ready) / max(1, int(model.slots.seats[slot])) for slot, ready in by_slot.items()}
    slots = sorted(by_slot, key=lambda slot: (scarcity[slot], slot))
    teams: dict[int, list[int]] = defaultdict(list)
    for slot in slots:
        teams[int(model.slots.activity[slot])].append(slot)
    for activity, own in teams.items():
        if model.gated[activity]:
            _open_team(
                plan,
                activity,
                demands[activity],
                [by_slot[slot] for slot in own],
                _must_fill(model, activity),
            )
    for slot in slots:
        if not model.gated[model.slots.activity[slot]]:
            _fill(plan, by_slot[slot])


def _open_team(
    plan: PartialPlan,
    activity: int,
    demands: Sequence[tuple[int, list[int]]],
    candidates: Sequence[list[int]],
    must_fill: dict[int, int],
) -> None:
    """Fill an activity, those whom its rules demand first; undo it when a condition fails."""
    mark, value = len(plan.chosen), plan.value
    holds = all(_satisfy(plan, activity, at_least, members) for at_least, members in demands)
    for ready in candidates if holds else ():
        _fill(plan, ready)
    holds = holds and all(plan.filled(slot) == seats for slot, seats in must_fill.items())
    if not holds or plan.value < value:
        while len(plan.chosen) > mark:
            plan.remove_last()


def _satisfy(plan: PartialPlan, activity: int, at_least: int, candidates: Sequence[int]) -> bool:
    people = {plan.person_of(pair) for pair in set(plan.team(activity)).intersection(candidates)}
    for pair in candidates:
        if len(people) >= at_least:
            break
        if plan.person_of(pair) not in people and plan.allows(pair):
            plan.add(pair)
            people.add(plan.person_of(pair))
    return len(people) >= at_least


def _fill(plan: PartialPlan, candidates: Iterable[int]) -> None:
    for pair in candidates:
        if plan.allows(pair) and plan.gain(pair) > 0:
            plan.add(pair)


def _best_first(model: PairModel, usable: Flags) -> dict[int, list[int]]:
    order = np.lexsort((model.person, -model.value, model.slot))
    order = order[usable[order]]
    slots, starts = np.unique(model.slot[order], return_index=True)
    parts = np.split(order, starts)[1:]
    return {int(slot): part.tolist() for slot, part in zip(slots, parts, strict=True)}


def _must_fill(model: PairModel, activity: int) -> dict[int, int]:
    if not model.whole[activity]:
        return {}
    return {
        int(slot): int(model.slots.seats[slot]) for slot in np.flatnonzero(model.slots.activity == activity)
    }


def _demands(model: PairModel, usable: Flags) -> dict[int, list[tuple[int, list[int]]]]:
    """Return for each activity its rules as (how many, candidates), the usable and the best first."""
    rule, pair = model.rule_members
    order = np.lexsort((pair, -model.value[pair], ~usable[pair], rule))
    members: dict[int, list[int]] = defaultdict(list)
    for number, member in zip(rule[order].tolist(), pair[order].tolist(), strict=True):
        members[number].append(member)
    demands: dict[int, list[tuple[int, list[int]]]] = defaultdict(list)
    for number, condition in enumerate(model.rules):
        demands[condition.activity].append((condition.at_least, members[number]))
    return demands
