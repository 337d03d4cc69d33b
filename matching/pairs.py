"""The abstract question that the optimiser answers: which pairs of person and slot to choose.

People, places and rules have become positions in arrays here; `staffing.py` and `problem.py` build it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np

from matching.pool import Flags, Floats, Ints, great_circle_km

UNTIMED = -1


class Travel(Protocol):
    """Say how long the way between two places takes; symmetric."""

    @property
    def longest(self) -> float:
        """Return an upper limit in seconds over all pairs of places."""

    def seconds(self, here: Ints, there: Ints) -> Floats:
        """Return the way in seconds between places given by position, -1 for no place."""


@dataclass(frozen=True)
class TravelBySpeed:
    """Go along the great circle between unit vectors at one speed."""

    vectors: Floats
    speed_kmh: float

    @cached_property
    def longest(self) -> float:
        """Return the way across the box around all places."""
        if not len(self.vectors):
            return 0.0
        low, high = self.vectors.min(axis=0), self.vectors.max(axis=0)
        # The chord across the box bounds every chord; an arc is at most pi/2 times its chord.
        chord = float(np.sqrt(((high - low) ** 2).sum()))
        across = float(great_circle_km(np.zeros(3), np.array([min(chord, 2.0), 0.0, 0.0])))
        return across / self.speed_kmh * 3600 + 1

    def seconds(self, here: Ints, there: Ints) -> Floats:
        """Return the way in seconds; nothing where a place is unknown."""
        if not len(self.vectors):
            return np.zeros(len(here))
        way = great_circle_km(self.vectors[here], self.vectors[there]) / self.speed_kmh * 3600
        return np.where((here < 0) | (there < 0), 0.0, way)


@dataclass(frozen=True)
class TravelByTable:
    """Look the way between two places up in a square table of seconds."""

    table: Floats

    @cached_property
    def longest(self) -> float:
        """Return the longest way of the table."""
        return float(self.table.max(initial=0.0))

    def seconds(self, here: Ints, there: Ints) -> Floats:
        """Return the way in seconds; nothing where a place is unknown."""
        if not self.table.size:
            return np.zeros(len(here))
        return np.where((here < 0) | (there < 0), 0.0, self.table[here, there])


@dataclass(frozen=True)
class Slots:
    """Hold what is to be filled, a column an attribute.

    A slot has `seats`; each of the first `first_seats` of them earns `first_bonus` when filled, the
    others `rest_bonus`, which must not be larger. Times are seconds, `UNTIMED` for none.
    """

    activity: Ints
    period: Ints
    start: Ints
    end: Ints
    place: Ints
    seats: Ints
    first_seats: Ints
    first_bonus: Floats
    rest_bonus: Floats

    def __len__(self) -> int:
        return len(self.activity)


@dataclass(frozen=True)
class TeamRule:
    """Demand `at_least` people of a group in an activity, once any slot of it is filled."""

    activity: int
    group: int
    at_least: int


@dataclass(frozen=True)
class PairModel:
    """Hold the whole question; only the listed pairs may be chosen.

    `capacity` has a row a person and a column a period; `most` limits the slots of a person over all
    periods; `ask_price` is paid once for using a person at all. `groups` has a row a group. Infinite
    means no limit. `whole` marks activities that are filled completely or not at all.
    """

    person: Ints
    slot: Ints
    value: Floats
    load: Floats
    slots: Slots
    capacity: Floats
    most: Floats
    ask_price: Floats
    groups: Flags
    rules: tuple[TeamRule, ...]
    whole: Flags
    blocked: Ints
    travel: Travel | None = None

    @property
    def people(self) -> int:
        """Return the number of people."""
        return len(self.ask_price)

    @property
    def activities(self) -> int:
        """Return the number of activities."""
        return len(self.whole)

    @cached_property
    def activity(self) -> Ints:
        """Return the activity of each pair."""
        return self.slots.activity[self.slot]

    @cached_property
    def period(self) -> Ints:
        """Return the period of each pair."""
        return self.slots.period[self.slot]

    def starts(self, pairs: Ints) -> Ints:
        """Return the start of the slots of some pairs; of all it would be a column too many to keep."""
        return self.slots.start[self.slot[pairs]]

    def ends(self, pairs: Ints) -> Ints:
        """Return the end of the slots of some pairs."""
        return self.slots.end[self.slot[pairs]]

    @cached_property
    def gated(self) -> Flags:
        """Mark the activities that open only under a condition."""
        gated = self.whole.copy()
        gated[[rule.activity for rule in self.rules]] = True
        return gated

    @cached_property
    def rule_members(self) -> tuple[Ints, Ints]:
        """Return (rule, pair) for every pair that counts towards a rule, in a stable order."""
        activity, group = (np.array(part, dtype=np.int64) for part in self._rule_parts)
        order = np.argsort(activity, kind="stable")
        first = np.searchsorted(activity[order], self.activity)
        count = np.searchsorted(activity[order], self.activity, side="right") - first
        pair = np.repeat(np.arange(len(self.person)), count)
        within = np.arange(len(pair)) - np.repeat(np.cumsum(count) - count, count)
        rule = order[np.repeat(first, count) + within]
        holds = self.groups[group[rule], self.person[pair]]
        rule, pair = rule[holds], pair[holds]
        stable = np.lexsort((pair, group[rule]))
        return rule[stable], pair[stable]

    @property
    def _rule_parts(self) -> tuple[list[int], list[int]]:
        return [rule.activity for rule in self.rules], [rule.group for rule in self.rules]

    @cached_property
    def is_integral(self) -> bool:
        """Say whether every plan's value is a whole number."""
        parts = (self.value, self.slots.first_bonus, self.slots.rest_bonus, self.ask_price)
        return all(bool(np.all(part == np.rint(part))) for part in parts)

    def restricted_to(self, pairs: Ints) -> PairModel:
        """Return the question in which only some pairs may be chosen."""
        present = np.zeros(self.activities, dtype=bool)
        present[self.slots.activity[self.slot[pairs]]] = True
        rules = tuple(rule for rule in self.rules if present[rule.activity])
        if len(pairs) == len(self.person):
            # All of them, in their order: a second copy of a district's pairs would take 25 MB.
            return self if len(rules) == len(self.rules) else replace(self, rules=rules)
        return replace(
            self,
            person=self.person[pairs],
            slot=self.slot[pairs],
            value=self.value[pairs],
            load=self.load[pairs],
            rules=rules,
        )

    def worth(self, chosen: Ints) -> float:
        """Return the value of a plan: pairs and filled seats, less the price of the people used."""
        filled = np.bincount(self.slot[chosen], minlength=len(self.slots))
        first = np.minimum(filled, self.slots.first_seats)
        bonus = first * self.slots.first_bonus + (filled - first) * self.slots.rest_bonus
        used = np.unique(self.person[chosen])
        return float(self.value[chosen].sum() + bonus.sum() - self.ask_price[used].sum())
