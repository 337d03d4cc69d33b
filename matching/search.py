"""The search for the best plan of one part: a relaxation, rounds of improvement, ever larger kernels."""

from __future__ import annotations

import math
from time import monotonic

import numpy as np

from matching.conflicts import Timeline
from matching.ejection import plan_without_solver
from matching.formulation import Formulation
from matching.greedy import greedy_plan
from matching.highs import LinearAnswer, SolverGaveUp, solve_relaxation, solve_whole
from matching.improvement import Improvement
from matching.pairs import PairModel
from matching.pool import Floats, Ints

PROVEN_GAP = 1e-9
# Below this a number of the solver is zero.
NOISE = 1e-7
HALF = 0.5
# Small enough to decide between equal candidates only.
TIE = 1e-6
PRICING_ROUNDS = 3
# What missing pairs may add to the bound before they are priced back in, of it and of the gap.
WORTH_PRICING = 1e-7
SMALL_PART = 0.002
# Above this distance to the bound rounds of improvement find more than a kernel does.
LOOSE_GAP = 1e-3
SMALLEST_KERNEL = 4000
KERNEL_PER_SEAT = 4
KERNEL_GROWTH = 4
RULE_GUARDS = 5
SCARCE_GUARDS = 3


class Search:
    """Hold one part of the question, the best plan found for it and the bound proven for it.

    It begins with the greedy plan; every step may fail or be cut short by its time, and what is held
    stays true. `relax` comes first, then `advance` until it is over.
    """

    def __init__(self, model: PairModel, *, per_slot: int, seed: int) -> None:
        self._model, self._seed = model, seed
        self._timeline = Timeline(model)
        self._kept = promising(model, per_slot)
        self._used: Ints = self._kept[:0]
        self._order: Ints | None = None
        self._relaxed_bound = math.inf
        self._size = max(SMALLEST_KERNEL, KERNEL_PER_SEAT * _wanted(model))
        self._solved = 0
        self._improvement: Improvement | None = None
        self.best = greedy_plan(model, self._kept)
        self.value = model.worth(self.best)
        self.bound = math.inf
        self.reduced: Floats = model.value
        self.is_over = False

    def relax(self, seconds: float) -> None:
        """Solve the relaxation, and price the pairs left out back in until none is missing."""
        try:
            self._relax(seconds)
        except SolverGaveUp:
            if self._order is None:
                self.is_over = True
                self.bound = _loose_bound(self._model)
                self._keep(plan_without_solver(self._model, self._kept))
        self._settle()

    def advance(self, seconds: float) -> None:
        """Improve the plan while it is far from the bound, then solve the next larger kernel."""
        if self.is_over or self._order is None:
            return
        deadline = monotonic() + seconds
        self._improve(self._order, seconds, LOOSE_GAP)
        if monotonic() < deadline:
            self._widen(self._order, deadline)
        self._settle()

    def _improve(self, order: Ints, seconds: float, enough: float) -> None:
        """Improve the plan in rounds until its distance to the bound is `enough`."""
        if self._improvement is None:
            ranked = order[np.isin(order, self._kept)]
            ranked = ranked[np.argsort(self._model.slot[ranked], kind="stable")]
            self._improvement = Improvement(self._model, ranked, seed=self._seed)
            if self.value < self.bound - enough * abs(self.bound):
                # On a tight month the pairs left out are what a greedy plan needs.
                self._keep(plan_without_solver(self._model, self._kept))
        wanted = self.bound - enough * abs(self.bound)
        self._keep(self._improvement.run(self.best, seconds=seconds, wanted=wanted))

    def _widen(self, order: Ints, deadline: float) -> None:
        """Solve the next larger kernel in whole numbers; where that takes too long, improve again."""
        kernel, outside = self._kernel(order)
        # All that may matter was solved before.
        self.is_over = len(kernel) == self._solved
        if self.is_over:
            return
        has_rounds = self._improvement is not None and not self._improvement.is_exhausted
        seconds = deadline - monotonic()
        is_solved = self._solve(kernel, outside, seconds * HALF if has_rounds else seconds)
        if not is_solved and has_rounds:
            self._improve(order, deadline - monotonic(), PROVEN_GAP)

    def _relax(self, seconds: float) -> None:
        deadline = monotonic() + seconds
        for _ in range(PRICING_ROUNDS):
            form = Formulation(self._model, self._kept, self._timeline)
            answer = solve_relaxation(form.linear, seconds=deadline - monotonic(), seed=self._seed)
            self._take_prices(form, answer)
            missing = np.setdiff1d(np.flatnonzero(self.reduced > NOISE), self._kept)
            missed = self.bound - float(form.linear.cost @ answer.columns)
            if missed <= max(WORTH_PRICING * abs(self.bound), SMALL_PART * (self.bound - self.value)):
                break
            self._kept = np.union1d(self._kept, missing)
        self._round(form, answer)

    def _take_prices(self, form: Formulation, answer: LinearAnswer) -> None:
        self.reduced = form.reduced_costs(answer.duals)
        # Weak duality makes this a bound even while pairs are missing.
        self._relaxed_bound = self._rounded(form.bound_from(answer.duals, self.reduced))
        self.bound = min(self.bound, self._relaxed_bound)
        self._used = form.pairs[answer.columns[: len(form.pairs)] > NOISE]
        self._order = np.argsort(-self.reduced, kind="stable")

    def _round(self, form: Formulation, answer: LinearAnswer) -> None:
        """Take the pairs that the relaxation chose as a plan, mended and filled up greedily."""
        chosen = form.pairs[answer.columns[: len(form.pairs)] > HALF]
        self._keep(greedy_plan(self._model, form.pairs, hints=chosen))

    def _kernel(self, order: Ints) -> tuple[Ints, float]:
        """Return the pairs worth solving, and the best reduced cost among the others."""
        # A pair whose reduced cost exceeds the distance to the bound stands in no better plan.
        spread = self._relaxed_bound - self.value
        needed = int((self.reduced >= -spread - NOISE).sum())
        kernel = np.unique(np.concatenate([order[: min(self._size, needed)], self._used, self.best]))
        outside = np.ones(len(order), dtype=bool)
        outside[kernel] = False
        return kernel, float(self.reduced[outside].max(initial=-math.inf))

    def _solve(self, kernel: Ints, outside: float, seconds: float) -> bool:
        """Solve a kernel from the plan held; say whether the best of it was found and proven."""
        form = Formulation(self._model, kernel, self._timeline)
        start = form.start_from(self.best)
        try:
            answer = solve_whole(form.linear, start, seconds=seconds, seed=self._seed)
        except SolverGaveUp:
            self.is_over = True
            return False
        if answer.columns is not None:
            self._keep(form.pairs[answer.columns[: len(form.pairs)] > HALF])
        # Whoever uses a pair outside the kernel pays its reduced cost, so cannot beat this.
        others = self._relaxed_bound + min(0.0, outside)
        self.bound = min(self.bound, self._rounded(max(answer.bound, others)))
        self._solved = len(kernel)
        self._size *= KERNEL_GROWTH
        return answer.bound <= self.value + NOISE * abs(self.value)

    def _keep(self, plan: Ints) -> None:
        if self._model.worth(plan) > self.value:
            self.best, self.value = plan, self._model.worth(plan)

    def _settle(self) -> None:
        self.bound = max(self.bound, self.value)
        self.is_over = self.is_over or self.bound - self.value <= PROVEN_GAP * abs(self.bound)

    def _rounded(self, bound: float) -> float:
        return math.floor(bound + 1e-6) if self._model.is_integral and math.isfinite(bound) else bound


def _wanted(model: PairModel) -> int:
    """Return how many seats somebody could fill."""
    return int(model.slots.seats[np.unique(model.slot)].sum())


def promising(model: PairModel, per_slot: int) -> Ints:
    """Return the best candidates of each slot, with guards for rules, scarce people and prices."""
    degree = np.bincount(model.person, minlength=model.people)[model.person]
    wanted = np.maximum(per_slot, 3 * model.slots.seats)[model.slot]
    # Between equals a fixed mixture decides, else every slot would keep the same few people.
    mixed = (model.person * 2_654_435_761 + model.slot * 40_503) % 65_521 / 65_521
    keep = _rank(model.value + TIE * mixed, model.slot) < wanted
    keep |= _rank(TIE * model.value - degree, model.slot) < SCARCE_GUARDS
    rule, member = model.rule_members
    keep[member[_rank(model.value[member], rule) < RULE_GUARDS]] = True
    return np.flatnonzero(keep)


def _rank(score: Floats, group: Ints) -> Ints:
    """Return each element's rank within its group, the highest score first; ties keep their order."""
    order = np.lexsort((-score, group))
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    rank = np.empty(len(group), dtype=np.int64)
    rank[order] = np.arange(len(group)) - np.repeat(starts, np.diff(np.append(starts, len(group))))
    return rank


def _loose_bound(model: PairModel) -> float:
    """Return a bound without a solver: every seat gets its best candidate, nobody is ever busy."""
    seated = _rank(model.value, model.slot) < model.slots.seats[model.slot]
    slots = np.unique(model.slot)
    first = model.slots.first_seats[slots]
    bonus = (
        first * model.slots.first_bonus[slots]
        + (model.slots.seats[slots] - first) * model.slots.rest_bonus[slots]
    )
    return float(np.maximum(model.value[seated], 0).sum() + np.maximum(bonus, 0).sum())
