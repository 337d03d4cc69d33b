"""Re-verify the answer to a problem file on the plain values, one rule at a time."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

from matching.problem_inputs import Id, PairTable, Place, Problem, ProblemSlot

EARTH_RADIUS_KM = 6371.0088
TOLERANCE = 1e-6

Assignment = tuple[Id, Id]


def verify_answer(problem: Problem, assignments: Sequence[Assignment]) -> list[str]:
    """Return every rule that the assignments break, as "rule: where"; empty means that they hold."""
    allowed = {ids: pair.load for ids, pair in PairTable.of(problem.pairs).find(assignments).items()}
    broken = [f"pair: {who} {slot}" for who, slot in assignments if (who, slot) not in allowed]
    broken += [f"twice: {pair}" for pair, count in Counter(assignments).items() if count > 1]
    seats = Counter(slot for _, slot in assignments)
    broken += [f"overfilled: {slot}" for slot, count in seats.items() if count > 1]
    if not broken:
        broken += _people(problem, assignments, allowed)
        broken += _teams(problem, assignments)
    return broken


def objective_of(problem: Problem, assignments: Sequence[Assignment]) -> float:
    """Return the sum of values less the price of every person used."""
    pairs = PairTable.of(problem.pairs).find(assignments)
    prices = {person.id: problem.price_of(person) for person in problem.volunteers}
    used = {who for who, _ in assignments}
    return math.fsum(pairs[pair].value for pair in assignments) - math.fsum(prices[who] for who in used)


def _people(
    problem: Problem, assignments: Sequence[Assignment], loads: dict[Assignment, float]
) -> Iterator[str]:
    slots = {slot.id: slot for slot in problem.slots}
    held: dict[Id, list[ProblemSlot]] = defaultdict(list)
    spent: dict[tuple[Id, str], list[float]] = defaultdict(list)
    for who, slot in assignments:
        held[who].append(slots[slot])
        spent[who, slots[slot].period].append(loads[who, slot])
    capacity = {person.id: person.capacity for person in problem.volunteers}
    for (who, period), taken in spent.items():
        if math.fsum(taken) > capacity[who].get(period, 0.0) + TOLERANCE:
            yield f"capacity: {who} {period}"
    for who, own in held.items():
        for one, other in combinations(own, 2):
            if not _compatible(problem, one, other):
                yield f"conflict: {who} {one.id} {other.id}"


def _compatible(problem: Problem, one: ProblemSlot, other: ProblemSlot) -> bool:
    if one.start is None or one.end is None or other.start is None or other.end is None:
        return True
    gap = max((other.start - one.end).total_seconds(), (one.start - other.end).total_seconds())
    return gap >= 0 and gap + TOLERANCE >= _way_seconds(problem, one.place, other.place)


def _way_seconds(problem: Problem, here: Place | None, there: Place | None) -> float:
    if here is None or there is None or here == there:
        return 0.0
    if isinstance(here, tuple) and isinstance(there, tuple):
        return _km(here, there) / problem.speed_kmh * 3600 if problem.speed_kmh else 0.0
    if isinstance(here, tuple) or isinstance(there, tuple) or not problem.minutes:
        return 0.0
    minutes = problem.minutes.get((here, there), problem.minutes.get((there, here)))
    return math.inf if minutes is None else minutes * 60


def _km(here: tuple[float, float], there: tuple[float, float]) -> float:
    north, north2 = math.radians(here[1]), math.radians(there[1])
    half = math.sin((north2 - north) / 2) ** 2
    half += math.cos(north) * math.cos(north2) * math.sin(math.radians(there[0] - here[0]) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(half))


def _teams(problem: Problem, assignments: Sequence[Assignment]) -> Iterator[str]:
    activity_of = {slot.id: slot.activity for slot in problem.slots}
    size = Counter(slot.activity for slot in problem.slots)
    attributes = {person.id: person.attributes for person in problem.volunteers}
    team: dict[Id, set[Id]] = defaultdict(set)
    filled: Counter[Id] = Counter()
    for who, slot in assignments:
        team[activity_of[slot]].add(who)
        filled[activity_of[slot]] += 1
    for activity in problem.activities:
        if not filled[activity.id]:
            continue
        if activity.all_or_none and filled[activity.id] < size[activity.id]:
            yield f"all_or_none: {activity.id}"
        for rule in activity.rules:
            if sum(rule.attribute in attributes[who] for who in team[activity.id]) < rule.at_least:
                yield f"rule: {activity.id} {rule.attribute}"
    for first, second in problem.blocked:
        for activity_id, people in team.items():
            if first in people and second in people:
                yield f"blocked: {first} {second} {activity_id}"
