"""What if: a plan solved again with one person put somewhere, or left out, everything else as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from matching.assignment import Plan, PlanStatus, solve
from matching.conflicts import expand
from matching.occupancy import Hold, Occupancy
from matching.pairs import PairModel
from matching.pool import Flags, Ints
from matching.staffing import StaffingPlan

# More than any team that could be lost by it is worth, and small enough for exact sums.
FORCE = 1e6
# Pairs that would cost a plan more than this many points are left out: few ever matter.
NEAR_PRICE = 30.0
# So many activities are planned anew at most, found in so many steps from who is asked about.
MOST_ACTIVITIES = 40
STEPS = 4


@dataclass(frozen=True, slots=True)
class Change:
    """Say that a person loses a place (`from_need`) or gets one (`to_need`), or both at one time."""

    volunteer_id: int
    from_need: int | None
    to_need: int | None


@dataclass(frozen=True)
class WhatIf:
    """Hold the best plan under a condition beside the plan as it is.

    `cost` is what the whole plan loses; `filled` how many places it fills more (or, below 0, fewer);
    with `proven` no plan under the condition is better as far as was looked: at the activities that
    change hands, step by step from the person asked about.
    """

    cost: float
    filled: int
    changes: tuple[Change, ...]
    proven: bool


def placed_by_force(
    result: StaffingPlan, pair: int, *, time_limit: float = 3.0, near_price: float = NEAR_PRICE
) -> WhatIf:
    """Return the best plan in which a pair of the model is chosen."""
    model = result.model
    value = model.value.copy()
    value[pair] += FORCE
    around = _Around(result, np.array([pair]), near_price)
    plan, pairs = around.solve(replace(model, value=value), np.union1d(around.free, [pair]), time_limit)
    is_placed = pair in pairs
    cost = model.worth(around.before) - model.worth(pairs) if is_placed else np.inf
    return _beside(result, around.before, pairs, cost, plan)


def without(result: StaffingPlan, volunteer_id: int, *, time_limit: float = 3.0) -> WhatIf:
    """Return the best plan in which a person has nothing."""
    model = result.model
    person = result.pool.position[volunteer_id]
    held = result.plan.chosen[model.person[result.plan.chosen] == person]
    if not len(held):
        return WhatIf(0.0, 0, (), proven=True)
    around = _Around(result, held, NEAR_PRICE)
    free = around.free[model.person[around.free] != person]
    plan, pairs = around.solve(model, free, time_limit)
    cost = model.worth(around.before) - model.worth(pairs)
    return _beside(result, around.before, pairs, cost, plan)


class _Around:
    """Hold the activities that a change may reach, with all else as it stands.

    From the activities of `seeds` it goes to where the people who would do there are placed, the
    cheapest first, and on from there.
    """

    def __init__(self, result: StaffingPlan, seeds: Ints, near_price: float) -> None:
        self._result, self._model = result, result.model
        self._chosen = result.plan.chosen
        is_near = result.plan.reduced >= -near_price
        is_near[self._chosen] = True
        is_near[seeds] = True
        self._near = is_near
        reached = self._reach(seeds)
        inside = reached[self._model.activity]
        self.before: Ints = self._chosen[inside[self._chosen]]
        self._fixed: Ints = self._chosen[~inside[self._chosen]]
        free = np.flatnonzero(inside & is_near)
        # Beside what stands, nobody can be in two places at once.
        elsewhere = Occupancy(self._model, self._fixed).holds(free) & Hold.PLACED
        self.free: Ints = free[elsewhere == 0]

    def solve(self, model: PairModel, free: Ints, time_limit: float) -> tuple[Plan, Ints]:
        """Return the best plan of some pairs beside what stands, and its pairs."""
        capacity, most = model.capacity.copy(), model.most.copy()
        fixed = self._fixed
        np.subtract.at(capacity, (model.person[fixed], model.period[fixed]), model.load[fixed])
        np.subtract.at(most, model.person[fixed], 1)
        part = replace(model, capacity=np.maximum(capacity, 0.0), most=np.maximum(most, 0.0))
        plan = solve(part.restricted_to(free), time_limit=time_limit)
        return plan, free[plan.chosen]

    def _reach(self, seeds: Ints) -> Flags:
        model = self._model
        reached: Flags = np.zeros(model.activities, dtype=bool)
        reached[model.activity[seeds]] = True
        for _ in range(STEPS):
            candidates = np.flatnonzero(self._near & reached[model.activity])
            new = self._where_placed(candidates, reached)
            reached[new[: max(0, MOST_ACTIVITIES - int(reached.sum()))]] = True
        return reached

    def _where_placed(self, candidates: Ints, reached: Flags) -> Ints:
        """Return the activities outside that hold some candidates, the one with the cheapest of them first."""
        model = self._model
        held, source = self._held_by(candidates)
        outside = ~reached[model.activity[held]]
        activity, price = (
            model.activity[held[outside]],
            self._result.plan.reduced[candidates[source[outside]]],
        )
        order = np.lexsort((activity, -price))
        found, first = np.unique(activity[order], return_index=True)
        return found[np.argsort(first)]

    def _held_by(self, candidates: Ints) -> tuple[Ints, Ints]:
        """Return chosen pairs that keep candidates from a place, and which candidate each keeps."""
        occupancy, model = Occupancy(self._model, self._chosen), self._model
        clashing, source = occupancy.clashes(candidates)
        over = np.flatnonzero(occupancy.holds(candidates) & (Hold.HOURS | Hold.ASKS))
        order = self._chosen[np.argsort(model.person[self._chosen], kind="stable")]
        owners, people = model.person[order], model.person[candidates[over]]
        place, which = expand(np.searchsorted(owners, people), np.searchsorted(owners, people, side="right"))
        return np.concatenate([clashing, order[place]]), np.concatenate([source, over[which]])


def _beside(result: StaffingPlan, before: Ints, after: Ints, cost: float, plan: Plan) -> WhatIf:
    return WhatIf(
        cost=float(cost),
        filled=len(after) - len(before),
        changes=_changes(result, before, after),
        proven=plan.status is PlanStatus.OPTIMAL,
    )


def _changes(result: StaffingPlan, before: Ints, after: Ints) -> tuple[Change, ...]:
    lost, won = np.setdiff1d(before, after), np.setdiff1d(after, before)
    need_of: Callable[[int], int] = lambda pair: result.staffing.needs[result.model.slot[pair]].id  # noqa: E731 -- one line, used thrice
    by_person: dict[int, tuple[list[int], list[int]]] = {}
    for side, pairs in enumerate((lost, won)):
        for pair in pairs.tolist():
            person = int(result.pool.ids[result.model.person[pair]])
            by_person.setdefault(person, ([], []))[side].append(need_of(pair))
    changes = []
    for person, (gone, new) in sorted(by_person.items()):
        for place in range(max(len(gone), len(new))):
            from_need = gone[place] if place < len(gone) else None
            to_need = new[place] if place < len(new) else None
            changes.append(Change(person, from_need, to_need))
    return tuple(changes)
