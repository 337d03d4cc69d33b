"""Better plans by opening small parts of one again, between the relaxation and the proof.

Each round opens some slots that compete for the same people, keeps all others, and lets the solver find
the best answer to that small question. The neighbourhoods grow when rounds no longer help. Rounds and
sizes are counted, never timed: the clock only ends the search.
"""

from __future__ import annotations

from collections import defaultdict, deque
from time import monotonic

import numpy as np

from matching.conflicts import Timeline
from matching.formulation import Formulation
from matching.highs import SolverGaveUp, solve_whole
from matching.pairs import PairModel
from matching.pool import Flags, Ints
from matching.residual import residual

FIRST_SIZE = 60
GROWTH = 1.5
# Candidates of a slot that a round may choose among, and those through whom it finds neighbours.
OFFERED, FOLLOWED = 12, 6
# A round that cannot decide within so many branches leaves its part as it is.
MOST_NODES = 40
SECONDS_A_ROUND = 3.0
HALF = 0.5


class Improvement:
    """Improve plans round by round; the same rounds of the same plan always find the same."""

    def __init__(self, model: PairModel, ranked: Ints, *, seed: int) -> None:
        """Take the candidate pairs ordered by slot, the most promising first."""
        self._model, self._seed = model, seed
        self._random = np.random.default_rng(seed)
        slots, starts = np.unique(model.slot[ranked], return_index=True)
        self._slots: Ints = slots
        self._ranked = dict(zip(slots.tolist(), np.split(ranked, starts)[1:], strict=True))
        self._offered = np.unique(np.concatenate([own[:OFFERED] for own in self._ranked.values()]))
        self._together = _together(model, slots)
        self._size = float(FIRST_SIZE)
        self._idle = 0
        self._rounds = 0

    @property
    def is_exhausted(self) -> bool:
        """Say whether a neighbourhood would have to be half of the question."""
        return self._size > len(self._slots) * HALF

    def run(self, plan: Ints, *, seconds: float, wanted: float) -> Ints:
        """Return a plan at least as good: as good as wanted, or as the time and the neighbourhoods allow."""
        deadline = monotonic() + seconds
        while not self.is_exhausted and self._model.worth(plan) < wanted and monotonic() < deadline:
            plan = self._round(plan, deadline - monotonic())
        return plan

    def _round(self, plan: Ints, seconds: float) -> Ints:
        self._rounds += 1
        found = self._solve(plan, self._opened(plan), min(seconds, SECONDS_A_ROUND))
        is_better = self._model.worth(found) > self._model.worth(plan)
        self._idle = 0 if is_better else self._idle + 1
        if self._idle * self._size > len(self._slots):
            # As many slots as there are were opened in vain.
            self._size, self._idle = self._size * GROWTH, 0
        return found if is_better else plan

    def _opened(self, plan: Ints) -> Flags:
        """Return the slots of one round: one to begin with, and those that compete for its people."""
        model, opened = self._model, np.zeros(len(self._model.slots), dtype=bool)
        held: dict[int, list[int]] = defaultdict(list)
        for person, slot in zip(model.person[plan].tolist(), model.slot[plan].tolist(), strict=True):
            held[person].append(slot)
        queue: deque[int] = deque()
        seen: set[int] = set()
        while opened.sum() < self._size:
            slot = queue.popleft() if queue else self._first_slot(plan, opened)
            opened[self._together[slot]] = True
            new = sorted(self._neighbours(slot, held) - seen)
            seen.update(new)
            queue.extend(new[place] for place in self._random.permutation(len(new)))
        return opened

    def _neighbours(self, slot: int, held: dict[int, list[int]]) -> set[int]:
        """Return the slots that are held by those who would be good for a slot, or one opened with it."""
        rivals = np.concatenate([self._ranked[other][:FOLLOWED] for other in self._together[slot]])
        return {taken for person in self._model.person[rivals].tolist() for taken in held[person]}

    def _first_slot(self, plan: Ints, opened: Flags) -> int:
        """Return a slot to begin with, in every second round an empty one if there is any."""
        filled = np.bincount(self._model.slot[plan], minlength=len(opened))[self._slots]
        is_left = ~opened[self._slots]
        is_empty = is_left & (filled < self._model.slots.seats[self._slots])
        choice = is_empty if self._rounds % 2 and is_empty.any() else is_left
        return int(self._random.choice(self._slots[choice]))

    def _solve(self, plan: Ints, opened: Flags, seconds: float) -> Ints:
        """Return the plan with the opened slots filled as well as the solver can."""
        model = self._model
        left = residual(model, np.union1d(self._offered, plan), plan, opened)
        form = Formulation(left.model, np.arange(len(left.pairs)), Timeline(left.model))
        start = form.start_from(np.flatnonzero(np.isin(left.pairs, plan)))
        try:
            answer = solve_whole(form.linear, start, seconds=seconds, seed=self._seed, nodes=MOST_NODES)
        except SolverGaveUp:
            return plan
        if answer.columns is None:
            return plan
        chosen = left.pairs[answer.columns[: len(left.pairs)] > HALF]
        return np.sort(np.concatenate([plan[~opened[model.slot[plan]]], chosen]))


def _together(model: PairModel, slots: Ints) -> dict[int, list[int]]:
    """Return for each slot those that must be opened with it: its activity's where conditions join them."""
    teams: dict[int, list[int]] = {}
    for slot in slots.tolist():
        teams.setdefault(int(model.slots.activity[slot]), []).append(slot)
    return {
        slot: teams[activity] if model.gated[activity] else [slot]
        for slot, activity in zip(slots.tolist(), model.slots.activity[slots].tolist(), strict=True)
    }
