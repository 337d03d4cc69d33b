"""Split a question by period wherever nothing couples periods: the parts are then exact alone."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from matching.pairs import UNTIMED, PairModel
from matching.pool import Ints


def independent_parts(model: PairModel, usable: Ints) -> list[Ints]:
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
