"""The question that is left when most of a plan stays as it is: some slots are open again."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from matching.conflicts import expand
from matching.pairs import UNTIMED, PairModel, Slots, TeamRule
from matching.pool import Flags, Ints


@dataclass(frozen=True)
class Residual:
    """Hold the smaller question with everything renumbered, and the pair of the larger one behind each of its own."""

    model: PairModel
    pairs: Ints


def residual(model: PairModel, candidates: Ints, plan: Ints, opened: Flags) -> Residual:
    """Return the question of the opened slots, the pairs of a plan at all other slots being kept.

    `candidates` may be chosen, in rising order; those that clash with a kept pair are left out. An activity with
    conditions must be opened whole.
    """
    kept = plan[~opened[model.slot[plan]]]
    pairs = candidates[opened[model.slot[candidates]]]
    pairs = pairs[~_clashes(model, pairs, kept)]
    people, person = np.unique(model.person[pairs], return_inverse=True)
    activities = np.unique(model.activity[pairs])
    # A slot without candidates counts too: where all must be filled, it keeps its activity closed.
    slots = np.flatnonzero(opened & np.isin(model.slots.activity, activities))
    spent = np.zeros((model.people, model.capacity.shape[1]))
    np.add.at(spent, (model.person[kept], model.period[kept]), model.load[kept])
    held = np.bincount(model.person[kept], minlength=model.people)[people]
    smaller = PairModel(
        person=person,
        slot=np.searchsorted(slots, model.slot[pairs]),
        value=model.value[pairs],
        load=model.load[pairs],
        slots=_some(model.slots, slots, np.searchsorted(activities, model.slots.activity[slots])),
        capacity=model.capacity[people] - spent[people],
        most=model.most[people] - held,
        # Whom a kept pair asks already costs nothing more.
        ask_price=np.where(held > 0, 0.0, model.ask_price[people]),
        groups=model.groups[:, people],
        rules=_rules(model, activities),
        whole=model.whole[activities],
        blocked=_blocked(model, people),
        travel=model.travel,
    )
    return Residual(smaller, pairs)


def _clashes(model: PairModel, pairs: Ints, kept: Ints) -> Flags:
    """Mark pairs that overlap a kept pair of their person, cannot be reached from it, or meet somebody blocked."""
    order = kept[np.argsort(model.person[kept], kind="stable")]
    owner = model.person[order]
    first, last = (np.searchsorted(owner, model.person[pairs], side=side) for side in ("left", "right"))
    mine, source = expand(first, last)
    one, other = pairs[source], order[mine]
    clash = np.zeros(len(pairs), dtype=bool)
    clash[source[_apart_too_little(model, one, other)]] = True
    if len(model.blocked):
        clash |= _meets_blocked(model, pairs, kept)
    return clash


def _apart_too_little(model: PairModel, one: Ints, other: Ints) -> Flags:
    gap = np.maximum(model.starts(one) - model.ends(other), model.starts(other) - model.ends(one))
    short = gap < 0
    if model.travel is not None:
        places = model.slots.place
        way = model.travel.seconds(places[model.slot[one]], places[model.slot[other]])
        short |= way > gap + 1e-6
    timed = (model.starts(one) != UNTIMED) & (model.starts(other) != UNTIMED)
    found: Flags = (short & timed) | (model.slot[one] == model.slot[other])
    return found


def _meets_blocked(model: PairModel, pairs: Ints, kept: Ints) -> Flags:
    """Mark pairs whose activity keeps somebody from whom their person is blocked."""
    both = np.concatenate([model.blocked, model.blocked[:, ::-1]])
    there = np.unique(model.person[kept] * model.activities + model.activity[kept])
    meets = np.zeros(len(pairs), dtype=bool)
    for place in np.flatnonzero(np.isin(model.person[pairs], both[:, 0])).tolist():
        foes = both[both[:, 0] == model.person[pairs[place]], 1]
        meets[place] = np.isin(foes * model.activities + model.activity[pairs[place]], there).any()
    return meets


def _some(slots: Slots, kept: Ints, activity: Ints) -> Slots:
    return Slots(
        activity=activity,
        period=slots.period[kept],
        start=slots.start[kept],
        end=slots.end[kept],
        place=slots.place[kept],
        seats=slots.seats[kept],
        first_seats=slots.first_seats[kept],
        first_bonus=slots.first_bonus[kept],
        rest_bonus=slots.rest_bonus[kept],
    )


def _rules(model: PairModel, activities: Ints) -> tuple[TeamRule, ...]:
    number = {activity: place for place, activity in enumerate(activities.tolist())}
    return tuple(
        replace(rule, activity=number[rule.activity]) for rule in model.rules if rule.activity in number
    )


def _blocked(model: PairModel, people: Ints) -> Ints:
    number = np.full(model.people, -1, dtype=np.int64)
    number[people] = np.arange(len(people))
    blocked = number[model.blocked]
    return blocked[(blocked >= 0).all(axis=1)]
