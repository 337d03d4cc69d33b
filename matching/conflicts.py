"""What cannot be chosen together: a person's overlaps and ways too long, and people kept apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.pairs import UNTIMED, PairModel
from matching.pool import Flags, Ints


@dataclass(frozen=True)
class Cliques:
    """Hold sets of a person's pairs that overlap each other, by the moment they share.

    `key` is sorted and joins person and moment; `row` and `pair` list the members.
    """

    key: Ints
    row: Ints
    pair: Ints


class Timeline:
    """Order the timed pairs of a model by person and time, and find their conflicts."""

    def __init__(self, model: PairModel) -> None:
        self._model = model
        timed = model.slots.start[model.slots.start != UNTIMED]
        self._origin = int(timed.min(initial=0)) if len(timed) else 0
        latest = int(model.slots.end.max(initial=0))
        longest = int(model.travel.longest) + 1 if model.travel else 0
        self._width = latest - self._origin + longest + 2

    def keys(self, person: Ints, moment: Ints) -> Ints:
        """Return numbers that order by person first, then by moment."""
        return person * self._width + (moment - self._origin)

    def owners(self, keys: Ints) -> Ints:
        """Return the person of each such number."""
        return keys // self._width

    def cliques(self, pairs: Ints) -> Cliques:
        """Return the maximal sets of mutually overlapping pairs of each person, among `pairs`."""
        model = self._model
        pairs = pairs[model.starts(pairs) != UNTIMED]
        person = model.person[pairs]
        starts, ends = self.keys(person, model.starts(pairs)), self.keys(person, model.ends(pairs))
        moments = np.unique(starts)
        # The set at one start contains the set at the start before unless somebody ended in between.
        following = np.append(moments[1:], np.iinfo(np.int64).max)
        ended = np.sort(ends)
        is_maximal = np.searchsorted(ended, following, side="right") > np.searchsorted(
            ended, moments, side="right"
        )
        key = moments[is_maximal]
        first, last = np.searchsorted(key, starts), np.searchsorted(key, ends)
        row, member = expand(first, last)
        return Cliques(key=key, row=row, pair=pairs[member])

    def unreachable(self, pairs: Ints) -> tuple[Ints, Ints]:
        """Return couples of a person's pairs that do not overlap but cannot both be reached."""
        model = self._model
        if model.travel is None:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        pairs = pairs[model.starts(pairs) != UNTIMED]
        pairs = pairs[np.argsort(self.keys(model.person[pairs], model.starts(pairs)), kind="stable")]
        starts = self.keys(model.person[pairs], model.starts(pairs))
        ends = self.keys(model.person[pairs], model.ends(pairs))
        first = np.searchsorted(starts, ends)
        last = np.searchsorted(starts, ends + int(model.travel.longest) + 1)
        later, earlier = expand(first, last)
        a, b = pairs[earlier], pairs[later]
        gap = model.starts(b) - model.ends(a)
        way = model.travel.seconds(model.slots.place[model.slot[a]], model.slots.place[model.slot[b]])
        # The same tolerance as the checker: a way of exactly the gap is in time.
        late = (model.person[a] == model.person[b]) & (way > gap + 1e-6)
        return a[late], b[late]


def expand(first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Return all numbers of the ranges [first, last) and the range that each comes from."""
    counts = np.maximum(last - first, 0)
    source = np.repeat(np.arange(len(first)), counts)
    offset = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return first[source] + offset, source


def blocked_teams(model: PairModel, pairs: Ints) -> tuple[list[list[int]], list[list[int]]]:
    """Return sets of pairs of one blocked person and of the other, of which one in all may be chosen.

    Where the slots of an activity exclude each other, all its pairs share one row; else a row a couple.
    """
    exclusive = _exclusive_activities(model)
    teams = _by_team(model, pairs[np.isin(model.person[pairs], np.unique(model.blocked))])
    left: list[list[int]] = []
    right: list[list[int]] = []
    for first, second in model.blocked.tolist():
        for activity in sorted(teams.get(first, {}).keys() & teams.get(second, {}).keys()):
            ours, theirs = teams[first][activity], teams[second][activity]
            if exclusive[activity]:
                left.append(ours)
                right.append(theirs)
            else:
                left += [[one] for one in ours for _ in theirs]
                right += [[other] for _ in ours for other in theirs]
    return left, right


def _exclusive_activities(model: PairModel) -> Flags:
    slots, last_start = model.slots, np.full(model.activities, -1, dtype=np.int64)
    first_end = np.full(model.activities, np.iinfo(np.int64).max)
    np.maximum.at(last_start, slots.activity, slots.start)
    np.minimum.at(first_end, slots.activity, slots.end)
    exclusive: Flags = last_start < first_end
    return exclusive


def _by_team(model: PairModel, pairs: Ints) -> dict[int, dict[int, list[int]]]:
    teams: dict[int, dict[int, list[int]]] = {}
    for pair in pairs.tolist():
        mine = teams.setdefault(int(model.person[pair]), {})
        mine.setdefault(int(model.activity[pair]), []).append(pair)
    return teams
