"""What a plan leaves of people's time: which pairs could still be added beside it, and what stops the others."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag

import numpy as np

from matching.conflicts import expand
from matching.pairs import UNTIMED, PairModel
from matching.pool import Flags, Ints

# The same tolerance as the checker: a way of exactly the gap is in time.
TOLERANCE = 1e-6


class Hold(IntFlag):
    """Name what keeps an eligible person from one more place of a plan."""

    PLACED = 1
    """At that time, or too near to it, the person is placed somewhere."""
    HOURS = 2
    """The hours of the period are used up."""
    ASKS = 4
    """The person has been asked as often as they allow."""
    APART = 8
    """Somebody in the team is to be kept apart from them."""


@dataclass(frozen=True)
class Occupancy:
    """Answer for pairs of a model what stops them beside the chosen ones."""

    model: PairModel
    chosen: Ints

    def holds(self, pairs: Ints) -> Ints:
        """Return for each pair, by `Hold`, all that keeps it from being added; 0 where nothing does."""
        model = self.model
        held: Ints = np.zeros(len(pairs), dtype=np.int64)
        _, clashing = self.clashes(pairs)
        held[clashing] |= Hold.PLACED
        held |= Hold.HOURS * self._is_over_hours(pairs)
        asked = np.bincount(model.person[self.chosen], minlength=model.people)
        held |= Hold.ASKS * (asked >= model.most)[model.person[pairs]]
        held |= Hold.APART * self._meets_blocked(pairs)
        return held

    def clashes(self, pairs: Ints) -> tuple[Ints, Ints]:
        """Return the chosen pairs that clash, and the position in `pairs` of what each clashes with."""
        model = self.model
        order = self.chosen[np.argsort(model.person[self.chosen], kind="stable")]
        owners = model.person[order]
        first = np.searchsorted(owners, model.person[pairs])
        last = np.searchsorted(owners, model.person[pairs], side="right")
        place, source = expand(first, last)
        one, other = order[place], pairs[source]
        clash = self._clash(one, other)
        return one[clash], source[clash]

    def _clash(self, one: Ints, other: Ints) -> Flags:
        model = self.model
        same: Flags = model.slot[one] == model.slot[other]
        timed = (model.starts(one) != UNTIMED) & (model.starts(other) != UNTIMED)
        gap = np.maximum(model.starts(other) - model.ends(one), model.starts(one) - model.ends(other))
        way = np.zeros(len(one))
        if model.travel is not None:
            place = model.slots.place
            way = model.travel.seconds(place[model.slot[one]], place[model.slot[other]])
        clash: Flags = same | (timed & ((gap < 0) | (way > gap + TOLERANCE)))
        return clash

    def _is_over_hours(self, pairs: Ints) -> Flags:
        model = self.model
        spent = np.zeros_like(model.capacity)
        np.add.at(spent, (model.person[self.chosen], model.period[self.chosen]), model.load[self.chosen])
        account = (model.person[pairs], model.period[pairs])
        over: Flags = spent[account] + model.load[pairs] > model.capacity[account] + TOLERANCE
        return over

    def _meets_blocked(self, pairs: Ints) -> Flags:
        model = self.model
        meets: Flags = np.zeros(len(pairs), dtype=bool)
        for one, other in model.blocked.tolist():
            for here, there in ((one, other), (other, one)):
                mine = model.person[pairs] == here
                if mine.any():
                    teams = model.activity[self.chosen[model.person[self.chosen] == there]]
                    meets |= mine & np.isin(model.activity[pairs], teams)
        return meets
