"""The best choice of pairs with a proven bound: one integer model, solved on a proven kernel of it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from time import monotonic

import numpy as np

from matching.conflicts import Timeline
from matching.formulation import Formulation
from matching.greedy import greedy_plan
from matching.highs import SolverGaveUp, solve_relaxation, solve_whole
from matching.pairs import UNTIMED, PairModel
from matching.pool import Floats, Ints

PROVEN_GAP = 1e-9
# Below this a number of the solver is zero.
NOISE = 1e-7
HALF = 0.5
PRICING_ROUNDS = 6
SMALLEST_KERNEL = 3000
KERNEL_PER_SEAT = 8
RULE_GUARDS = 5
SCARCE_GUARDS = 3


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


def solve(model: PairModel, *, time_limit: float = 10.0, seed: int = 0, per_slot: int = 20) -> Plan:
    """Return the best plan that the time allows, and a bound proven for all pairs of the model.

    1. Split by period wherever nothing couples periods; the parts are then solved exactly alone.
    2. Relax each part on its best candidates, and price the others back in until none is missing.
    3. Solve the pairs of highest reduced cost in whole numbers; widen until the rest is proven useless.
    """
    began = monotonic()
    usable = np.flatnonzero(model.load <= model.capacity[model.person, model.period])
    chosen, bound, reduced = [np.empty(0, dtype=np.int64)], 0.0, model.value.copy()
    blocks = _blocks(model, usable)
    for number, pairs in enumerate(blocks):
        left = time_limit - (monotonic() - began)
        block = model.restricted_to(pairs)
        plan = _solve_block(
            block, seconds=max(0.1, left / (len(blocks) - number)), seed=seed, per_slot=per_slot
        )
        chosen.append(pairs[plan.chosen])
        bound += plan.bound
        reduced[pairs] = plan.reduced
    best = np.sort(np.concatenate(chosen))
    value = model.worth(best)
    return Plan(best, value, max(bound, value), monotonic() - began, reduced)


def _solve_block(model: PairModel, *, seconds: float, seed: int, per_slot: int) -> Plan:
    began = monotonic()
    timeline = Timeline(model)
    kept = _promising(model, per_slot)
    best = greedy_plan(model, kept)
    try:
        priced = _price(model, timeline, kept, seconds=seconds, seed=seed)
    except SolverGaveUp:
        best = max(best, greedy_plan(model, np.arange(len(model.person))), key=model.worth)
        return Plan(best, model.worth(best), _loose_bound(model), monotonic() - began, model.value)
    best, bound = _widen(model, timeline, best, priced, deadline=began + seconds, seed=seed)
    return Plan(best, model.worth(best), bound, monotonic() - began, priced.reduced)


def _price(model: PairModel, timeline: Timeline, kept: Ints, *, seconds: float, seed: int) -> _Priced:
    """Solve the relaxation on some pairs, and add the others that it lacks until it lacks none."""
    deadline = monotonic() + seconds
    for _ in range(PRICING_ROUNDS):
        form = Formulation(model, kept, timeline)
        answer = solve_relaxation(form.linear, seconds=deadline - monotonic(), seed=seed)
        reduced = form.reduced_costs(answer.duals)
        is_kept = np.zeros(len(model.person), dtype=bool)
        is_kept[kept] = True
        missing = np.flatnonzero(~is_kept & (reduced > NOISE))
        if not len(missing):
            break
        kept = np.concatenate([kept, missing])
    # Weak duality makes this a bound even if rounds ran out before the last missing pair.
    bound = form.bound_from(answer.duals, reduced)
    used = form.pairs[answer.columns[: len(form.pairs)] > NOISE]
    return _Priced(bound=_whole(model, bound), reduced=reduced, used=used)


def _widen(
    model: PairModel, timeline: Timeline, best: Ints, priced: _Priced, *, deadline: float, seed: int
) -> tuple[Ints, float]:
    """Solve ever larger kernels in whole numbers until none of the other pairs can matter."""
    bound, value = priced.bound, model.worth(best)
    size = max(SMALLEST_KERNEL, KERNEL_PER_SEAT * int(model.slots.seats[np.unique(model.slot)].sum()))
    order = np.lexsort((np.arange(len(model.person)), -priced.reduced))
    solved = 0
    while bound - value > PROVEN_GAP * abs(bound) and monotonic() < deadline:
        kernel, rest = _kernel(order, size, priced, best, spread=priced.bound - value)
        if len(kernel) == solved:
            break
        solved = len(kernel)
        form = Formulation(model, kernel, timeline)
        try:
            answer = solve_whole(
                form.linear, form.start_from(best), seconds=deadline - monotonic(), seed=seed
            )
        except SolverGaveUp:
            break
        if answer.columns is not None:
            found = form.pairs[answer.columns[: len(form.pairs)] > HALF]
            if model.worth(found) > value:
                best, value = found, model.worth(found)
        # Whoever uses a pair outside the kernel pays its reduced cost, so cannot beat this.
        outside = priced.bound + min(0.0, float(rest.max(initial=-math.inf)))
        bound = min(bound, _whole(model, max(answer.bound, outside)))
        if not len(rest):
            break
        size *= 4
    return best, max(bound, value)


def _kernel(order: Ints, size: int, priced: _Priced, best: Ints, *, spread: float) -> tuple[Ints, Floats]:
    """Return the pairs worth solving, and the reduced costs of the others."""
    # A pair whose reduced cost exceeds the distance to the bound stands in no better plan.
    needed = int((priced.reduced >= -spread - NOISE).sum())
    kernel = np.unique(np.concatenate([order[: min(size, needed)], priced.used, best]))
    outside = np.ones(len(order), dtype=bool)
    outside[kernel] = False
    return kernel, priced.reduced[outside]


def _promising(model: PairModel, per_slot: int) -> Ints:
    """Return the best candidates of each slot, with guards for rules, scarce people and prices."""
    pairs = np.arange(len(model.person))
    degree = np.bincount(model.person, minlength=model.people)[model.person]
    wanted = np.maximum(per_slot, 3 * model.slots.seats)[model.slot]
    keep = _rank((model.person, degree, -model.value), model.slot) < wanted
    keep |= _rank((model.person, -model.value, degree), model.slot) < SCARCE_GUARDS
    rule, member = model.rule_members
    guards = _rank((model.person[member], -model.value[member]), rule) < RULE_GUARDS
    keep[member[guards]] = True
    keep |= model.ask_price[model.person] != 0
    return pairs[keep]


def _rank(keys: tuple[Ints | Floats, ...], group: Ints) -> Ints:
    """Return each element's rank within its group, by the last key first."""
    order = np.lexsort((*keys, group))
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    rank = np.empty(len(group), dtype=np.int64)
    rank[order] = np.arange(len(group)) - np.repeat(starts, np.diff(np.append(starts, len(group))))
    return rank


def _loose_bound(model: PairModel) -> float:
    """Return a bound without a solver: every seat gets its best candidate, nobody is ever busy."""
    rank = _rank((model.person, -model.value), model.slot)
    seated = rank < model.slots.seats[model.slot]
    slots = np.unique(model.slot)
    first = model.slots.first_seats[slots]
    bonus = (
        first * model.slots.first_bonus[slots]
        + (model.slots.seats[slots] - first) * model.slots.rest_bonus[slots]
    )
    return float(np.maximum(model.value[seated], 0).sum() + np.maximum(bonus, 0).sum())


def _whole(model: PairModel, bound: float) -> float:
    return math.floor(bound + 1e-6) if model.is_integral and math.isfinite(bound) else bound


def _blocks(model: PairModel, usable: Ints) -> list[Ints]:
    """Return the pairs in parts that share no person's limit, no activity and no conflict."""
    periods = model.capacity.shape[1]
    label = list(range(periods))
    for one, other in _coupled(model, usable):
        old, new = sorted((label[one], label[other]))[::-1]
        label = [new if name == old else name for name in label]
    names = np.array(label, dtype=np.int64)[model.period[usable]]
    return [usable[names == name] for name in np.unique(names)]


def _coupled(model: PairModel, usable: Ints) -> Iterable[tuple[int, int]]:
    """Yield couples of periods that cannot be solved apart."""
    person = model.person[usable]
    asked = np.bincount(person, minlength=model.people)
    is_tied = (model.ask_price != 0) | (asked > model.most)
    tied = usable[is_tied[person]]
    yield from _neighbours(model.person[tied], model.period[tied])
    yield from _neighbours(model.slots.activity, model.slots.period)
    timed = np.flatnonzero(model.slots.start != UNTIMED)
    reach = model.slots.end[timed] + (model.travel.longest if model.travel else 0)
    spans = []
    for period in np.unique(model.slots.period[timed]).tolist():
        own = model.slots.period[timed] == period
        spans.append((int(model.slots.start[timed][own].min()), float(reach[own].max()), period))
    spans.sort()
    latest, holder = -math.inf, -1
    for start, end, period in spans:
        if start < latest:
            yield holder, period
        if end > latest:
            latest, holder = end, period


def _neighbours(owner: Ints, period: Ints) -> Iterable[tuple[int, int]]:
    """Yield the periods that one owner joins."""
    pairs = np.unique(np.stack([owner, period]), axis=1)
    same = pairs[0, 1:] == pairs[0, :-1]
    joined = np.unique(np.stack([pairs[1, :-1][same], pairs[1, 1:][same]]), axis=1)
    yield from zip(joined[0].tolist(), joined[1].tolist(), strict=True)
