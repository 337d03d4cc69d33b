"""Solve a problem file: a staffing question as plain values, without a database.

`problem_reading.py` reads the format and refuses what does not fit; the same optimiser answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from matching.assignment import solve
from matching.occupancy import Hold, Occupancy
from matching.pairs import UNTIMED, PairModel, Slots, TeamRule, Travel, TravelBySpeed, TravelByTable
from matching.pool import Flags, Floats, Ints, unit_vectors
from matching.problem_inputs import Id, PairTable, Place, Problem, ProblemSlot, sort_key
from matching.verification.files import objective_of, verify_answer


class WrongAnswerError(AssertionError):
    """The checker found a broken rule: a fault of ours, and nothing is answered."""


@dataclass(frozen=True)
class Unfilled:
    """Say why a slot stays empty.

    `nobody`: no pair names it; `busy`: everybody who fits is elsewhere at that time or out of hours;
    `apart`: who is free is blocked from somebody in the team; `team`: its activity does not open under
    its rules; `not_worth`: somebody is free, and placing them would cost more than it brings;
    `unproven`: somebody is free and worth it, but the time ran out.
    """

    slot: Id
    cause: str


@dataclass(frozen=True)
class Answer:
    """Hold the answer to a problem file, verified."""

    status: str
    objective: float
    bound: float
    gap: float
    seconds: float
    assignments: tuple[tuple[Id, Id], ...]
    unfilled: tuple[Unfilled, ...]

    def as_document(self) -> dict[str, Any]:
        """Return the answer in the form of the answer file."""
        return {
            "status": self.status,
            "objective": self.objective,
            "bound": self.bound,
            "gap": self.gap,
            "seconds": round(self.seconds, 3),
            "assignments": [list(pair) for pair in self.assignments],
            "unfilled": [{"slot": empty.slot, "cause": empty.cause} for empty in self.unfilled],
            "verified": True,
        }


def solve_problem(problem: Problem, *, time_limit: float = 10.0, seed: int = 0) -> Answer:
    """Return the best plan that the time allows; raises `WrongAnswerError` rather than answer wrongly."""
    problem = _in_order(problem)
    model = problem_model(problem)
    plan = solve(model, time_limit=time_limit, seed=seed)
    assignments = tuple(
        (problem.volunteers[model.person[pair]].id, problem.slots[model.slot[pair]].id)
        for pair in plan.chosen[np.lexsort((model.person[plan.chosen], model.slot[plan.chosen]))].tolist()
    )
    broken = verify_answer(problem, assignments)
    if broken:
        raise WrongAnswerError("; ".join(broken))
    objective = objective_of(problem, assignments)
    bound = max(plan.bound, objective)
    return Answer(
        status=plan.status,
        objective=objective,
        bound=bound,
        gap=(bound - objective) / abs(bound) if bound else bound - objective,
        seconds=plan.seconds,
        assignments=assignments,
        unfilled=_unfilled(problem, model, plan.chosen),
    )


def problem_model(problem: Problem) -> PairModel:
    """Return the abstract question of a problem file."""
    person = {volunteer.id: place for place, volunteer in enumerate(problem.volunteers)}
    slot = {entry.id: place for place, entry in enumerate(problem.slots)}
    pairs = PairTable.of(problem.pairs)
    activity = {entry.id: place for place, entry in enumerate(problem.activities)}
    periods = sorted({entry.period for entry in problem.slots})
    places, travel = _travel(problem)
    groups, rules = _rules(problem, activity)
    return PairModel(
        person=_ints([person[one] for one in pairs.people])[pairs.who],
        slot=_ints([slot[one] for one in pairs.places])[pairs.where],
        value=pairs.value,
        load=pairs.load,
        slots=_slots(problem.slots, activity, periods, places),
        capacity=_capacity(problem, periods),
        most=np.full(len(person), np.inf),
        ask_price=np.array(
            [problem.price_of(volunteer) for volunteer in problem.volunteers], dtype=np.float64
        ),
        groups=groups,
        rules=rules,
        whole=np.array([entry.all_or_none for entry in problem.activities], dtype=bool),
        blocked=_ints([[person[a], person[b]] for a, b in problem.blocked]).reshape(-1, 2),
        travel=travel,
    )


def _in_order(problem: Problem) -> Problem:
    """Return the same problem in the order of ids, so that no order of the file decides a tie."""
    volunteers = tuple(sorted(problem.volunteers, key=lambda v: sort_key(v.id)))
    slots = tuple(sorted(problem.slots, key=lambda s: sort_key(s.id)))
    people = {volunteer.id: place for place, volunteer in enumerate(volunteers)}
    places = {slot.id: place for place, slot in enumerate(slots)}
    return Problem(
        volunteers=volunteers,
        slots=slots,
        activities=tuple(sorted(problem.activities, key=lambda a: sort_key(a.id))),
        pairs=PairTable.of(problem.pairs).ordered(people, places),
        blocked=tuple(sorted({_sorted_pair(a, b) for a, b in problem.blocked}, key=_pair_key)),
        speed_kmh=problem.speed_kmh,
        minutes=problem.minutes,
        ask_price=problem.ask_price,
    )


def _sorted_pair(one: Id, other: Id) -> tuple[Id, Id]:
    return (one, other) if sort_key(one) <= sort_key(other) else (other, one)


def _pair_key(pair: tuple[Id, Id]) -> tuple[tuple[str, Id], tuple[str, Id]]:
    return sort_key(pair[0]), sort_key(pair[1])


def _slots(
    slots: Sequence[ProblemSlot],
    activity: Mapping[Id, int],
    periods: Sequence[str],
    places: Mapping[Place, int],
) -> Slots:
    period = {name: place for place, name in enumerate(periods)}
    count = len(slots)
    return Slots(
        activity=_ints([activity[slot.activity] for slot in slots]),
        period=_ints([period[slot.period] for slot in slots]),
        start=_ints([_seconds(slot.start) for slot in slots]),
        end=_ints([_seconds(slot.end) for slot in slots]),
        place=_ints([UNTIMED if slot.place is None else places.get(slot.place, UNTIMED) for slot in slots]),
        seats=np.ones(count, dtype=np.int64),
        first_seats=np.zeros(count, dtype=np.int64),
        first_bonus=np.zeros(count),
        rest_bonus=np.zeros(count),
    )


def _capacity(problem: Problem, periods: Sequence[str]) -> Floats:
    capacity = np.zeros((len(problem.volunteers), max(1, len(periods))))
    for row, volunteer in zip(capacity, problem.volunteers, strict=True):
        row[: len(periods)] = [volunteer.capacity.get(period, 0.0) for period in periods]
    return capacity


def _rules(problem: Problem, activity: Mapping[Id, int]) -> tuple[Flags, tuple[TeamRule, ...]]:
    names = sorted({rule.attribute for entry in problem.activities for rule in entry.rules})
    holders = [[name in volunteer.attributes for volunteer in problem.volunteers] for name in names]
    strongest: dict[tuple[int, int], int] = {}
    for entry in problem.activities:
        for rule in entry.rules:
            key = activity[entry.id], names.index(rule.attribute)
            strongest[key] = max(rule.at_least, strongest.get(key, 0))
    rules = tuple(
        TeamRule(place, group, least) for (place, group), least in sorted(strongest.items()) if least
    )
    return np.array(holders, dtype=bool).reshape(len(names), len(problem.volunteers)), rules


def _travel(problem: Problem) -> tuple[dict[Place, int], Travel | None]:
    used = {slot.place for slot in problem.slots if slot.place is not None}
    if problem.speed_kmh is not None:
        points = sorted(place for place in used if isinstance(place, tuple))
        table = np.array(points, dtype=np.float64).reshape(-1, 2)
        where: dict[Place, int] = {point: number for number, point in enumerate(points)}
        return where, TravelBySpeed(unit_vectors(table[:, 0], table[:, 1]), problem.speed_kmh)
    if not problem.minutes:
        return {}, None
    names = sorted((place for place in used if not isinstance(place, tuple)), key=sort_key)
    where = {name: number for number, name in enumerate(names)}
    ways = np.zeros((len(names), len(names)))
    for (here, there), minutes in problem.minutes.items():
        if here in where and there in where and here != there:
            ways[where[here], where[there]] = ways[where[there], where[here]] = minutes * 60
    return where, TravelByTable(ways)


def _unfilled(problem: Problem, model: PairModel, chosen: Ints) -> tuple[Unfilled, ...]:
    empty = np.flatnonzero(~np.isin(np.arange(len(model.slots)), model.slot[chosen]))
    pairs = np.flatnonzero(np.isin(model.slot, empty))
    holds = Occupancy(model, chosen).holds(pairs)
    is_used = np.isin(model.person[pairs], model.person[chosen])
    gain = model.value[pairs] - np.where(is_used, 0.0, model.ask_price[model.person[pairs]])
    opened = np.isin(np.arange(model.activities), model.activity[chosen])
    closed = (model.gated & ~opened)[model.slots.activity]
    causes = np.full(len(model.slots), "nobody", dtype=object)
    # From the weakest cause to the strongest: what one person could still do outweighs what others cannot.
    causes[model.slot[pairs]] = "busy"
    causes[model.slot[pairs[holds == Hold.APART]]] = "apart"
    causes[model.slot[pairs[holds == 0]]] = "not_worth"
    causes[model.slot[pairs[(holds == 0) & (gain > 0)]]] = "unproven"
    causes[closed & (causes != "nobody")] = "team"
    return tuple(Unfilled(problem.slots[place].id, str(causes[place])) for place in empty.tolist())


def _seconds(moment: datetime | None) -> int:
    return UNTIMED if moment is None else int(moment.timestamp())


def _ints(values: Sequence[Any]) -> Ints:
    return np.array(values, dtype=np.int64)
