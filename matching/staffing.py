"""From people and places to the abstract question, and from its plan back to names of people."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from zoneinfo import ZoneInfo

import numpy as np

from matching.assignment import Plan, solve
from matching.attributes import PeopleFacts, wish_points
from matching.eligibility import Eligibility, NeedPool
from matching.inputs import ADULT_AGE, Index, MatchingPolicy, Pairing, Staffing
from matching.pairs import UNTIMED, PairModel, Slots, TeamRule, TravelBySpeed
from matching.pool import Flags, Floats, Ints, Pool, local_day, seconds, unit_vectors, week_of
from matching.rest import WayAndRest
from matching.scoring import pair_values

EXPERIENCED, COMPANY = 0, 1
"""The first groups of people that rules of teams count; the others are adults, by the day."""


@dataclass(frozen=True)
class StaffingPlan:
    """Hold who is asked for what, what is proven about it, and what explanations need."""

    staffing: Staffing
    pairings: tuple[Pairing, ...]
    plan: Plan
    model: PairModel
    pools: tuple[NeedPool, ...]
    pool: Pool

    @property
    def filled(self) -> dict[int, int]:
        """Return how many places of each need the plan fills."""
        counts = dict.fromkeys((need.id for need in self.staffing.needs), 0)
        for pairing in self.pairings:
            counts[pairing.need_id] += 1
        return counts


def match_staffing(
    staffing: Staffing,
    policy: MatchingPolicy | None = None,
    *,
    time_limit: float = 10.0,
    patience: float = math.inf,
    seed: int = 0,
) -> StaffingPlan:
    """Return the best plan for all open places at once; the order of the input does not matter."""
    policy = policy or MatchingPolicy()
    staffing = staffing.in_order()
    pool = Pool(staffing)
    pools = tuple(Eligibility(staffing, policy, pool).pools())
    model = build_model(staffing, policy, pool, pools)
    per_slot = policy.candidates_per_place
    plan = solve(model, time_limit=time_limit, patience=patience, seed=seed, per_slot=per_slot)
    pairings = tuple(
        Pairing(volunteer_id=int(pool.ids[model.person[pair]]), need_id=staffing.needs[model.slot[pair]].id)
        for pair in plan.chosen.tolist()
    )
    ordered = tuple(sorted(pairings, key=lambda pairing: (pairing.need_id, pairing.volunteer_id)))
    return StaffingPlan(staffing, ordered, plan, model, pools, pool)


class _Adults:
    """Hold the sets of people who are adults on some days; days between two birthdays share a set."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.sets: list[Flags] = []
        self._group: dict[date, int] = {}

    def group_on(self, day: date) -> int:
        """Return the number of the group of those who are adults on `day`."""
        if day not in self._group:
            adults: Flags = self._pool.ages_on(day) >= ADULT_AGE
            known = [place for place, other in enumerate(self.sets) if np.array_equal(other, adults)]
            if not known:
                self.sets.append(adults)
            self._group[day] = COMPANY + 1 + (known[0] if known else len(self.sets) - 1)
        return self._group[day]


def build_model(
    staffing: Staffing, policy: MatchingPolicy, pool: Pool, pools: tuple[NeedPool, ...]
) -> PairModel:
    """Return the abstract question: a slot a need, a pair an eligible person with an open place."""
    activities = Index.of(staffing).activities
    slots, weeks = _slots(staffing, policy)
    open_pools = [(place, found) for place, found in enumerate(pools) if slots.seats[place]]
    people = [found.eligible for _, found in open_pools]
    staying = _staying(staffing, pool)
    facts, wishes = PeopleFacts(pool), [rule for rule in staffing.rules if not rule.is_must]
    values = []
    for _, found in open_pools:
        activity = activities[found.need.activity_id]
        points = pair_values(found, activity, pool, policy)
        points += wish_points(wishes, found.need, activity, facts)[found.eligible]
        for person, bonus in staying.get(found.need.id, ()):
            points[found.eligible == person] += bonus
        values.append(points)
    slot = np.repeat([place for place, _ in open_pools], [len(found) for found in people]).astype(np.int64)
    hours = np.array([activities[need.activity_id].hours for need in staffing.needs])
    adults = _Adults(pool)
    rules = _team_rules(staffing, policy, adults, _lonely(pool, pools, policy))
    return PairModel(
        person=np.concatenate([_ints([]), *people]),
        slot=slot,
        value=np.concatenate([np.empty(0), *values]),
        load=hours[slot] if len(slot) else np.empty(0),
        slots=slots,
        capacity=_capacity(pool, weeks),
        most=pool.asks_left,
        ask_price=np.zeros(pool.size),
        groups=np.stack([pool.experienced, ~pool.newcomers, *adults.sets]),
        rules=rules,
        whole=np.zeros(len(staffing.activities), dtype=bool),
        blocked=_blocked(pool, staffing),
        travel=_travel(staffing, policy),
    )


def _staying(staffing: Staffing, pool: Pool) -> dict[int, list[tuple[int, int]]]:
    """Return by need who is asked for it already, as (position, points)."""
    staying: dict[int, list[tuple[int, int]]] = {}
    for volunteer_id, need_id, points in staffing.stay:
        if volunteer_id in pool.position:
            staying.setdefault(need_id, []).append((pool.position[volunteer_id], points))
    return staying


def _slots(staffing: Staffing, policy: MatchingPolicy) -> tuple[Slots, dict[date, int]]:
    place = {activity.id: number for number, activity in enumerate(staffing.activities)}
    zone = ZoneInfo(staffing.zone)
    mondays = sorted({week_of(activity.starts_at, zone) for activity in staffing.activities})
    weeks = {monday: number for number, monday in enumerate(mondays)}
    owner = [staffing.activities[place[need.activity_id]] for need in staffing.needs]
    priority = np.array([activity.priority for activity in owner], dtype=np.float64)
    slots = Slots(
        activity=_ints([place[need.activity_id] for need in staffing.needs]),
        period=_ints([weeks[week_of(activity.starts_at, zone)] for activity in owner]),
        start=_ints([seconds(activity.starts_at) for activity in owner]),
        end=_ints([seconds(activity.ends_at) for activity in owner]),
        place=_ints([place[activity.id] for activity in owner]),
        seats=_ints([need.open_places for need in staffing.needs]),
        first_seats=_ints([need.open_minimum for need in staffing.needs]),
        first_bonus=priority * policy.minimum_weight,
        rest_bonus=priority * policy.desired_weight,
    )
    return slots, weeks


def _lonely(pool: Pool, pools: tuple[NeedPool, ...], policy: MatchingPolicy) -> set[int]:
    """Return the activities that a newcomer may join and where company must be seen to."""
    if not policy.newcomers_need_company or not pool.newcomers.any():
        return set()
    return {found.need.activity_id for found in pools if pool.newcomers[found.eligible].any()}


def _team_rules(
    staffing: Staffing, policy: MatchingPolicy, adults: _Adults, lonely: set[int]
) -> tuple[TeamRule, ...]:
    wants_experience = {need.activity_id for need in staffing.needs if need.needs_experience}
    rules = []
    for number, activity in enumerate(staffing.activities):
        if activity.id in wants_experience and not activity.experienced_present:
            rules.append(TeamRule(number, EXPERIENCED, 1))
        # A team of some people with no newcomer has company: the rule closes teams of newcomers only.
        if activity.id in lonely and not activity.company_present:
            rules.append(TeamRule(number, COMPANY, 1))
        missing = policy.adults_with_minors - activity.adults_present
        if activity.has_minors and missing > 0:
            rules.append(TeamRule(number, adults.group_on(activity.first_day), missing))
    return tuple(rules)


def _capacity(pool: Pool, weeks: dict[date, int]) -> Floats:
    # Who holds more than they offered offers nothing; less than nothing would make the model infeasible.
    columns = [np.maximum(pool.hours_left(week), 0.0) for week in weeks]
    return np.stack(columns, axis=1) if columns else np.full((pool.size, 1), np.inf)


def _blocked(pool: Pool, staffing: Staffing) -> Ints:
    known = sorted(pair for pair in staffing.blocked if all(person in pool.position for person in pair))
    return _ints([[pool.position[a], pool.position[b]] for a, b in known]).reshape(-1, 2)


def _travel(staffing: Staffing, policy: MatchingPolicy) -> WayAndRest:
    activities, zone = staffing.activities, ZoneInfo(staffing.zone)
    lon = np.array([np.nan if a.lon is None else a.lon for a in activities], dtype=np.float64)
    lat = np.array([np.nan if a.lat is None else a.lat for a in activities], dtype=np.float64)
    vectors = unit_vectors(lon, lat)
    known: Flags = ~np.isnan(lon) & ~np.isnan(lat)
    return WayAndRest(
        way=TravelBySpeed(vectors[known], policy.speed_kmh),
        point=np.where(known, np.cumsum(known) - 1, UNTIMED),
        day=_ints([local_day(a.starts_at, zone).toordinal() for a in activities]),
        rest=policy.rest_hours * 3600,
    )


def _ints(values: list[int] | list[list[int]]) -> Ints:
    return np.array(values, dtype=np.int64)


def fingerprint(result: StaffingPlan) -> str:
    """Return a hash of the question as the optimiser saw it: who may do what, at what value and limits."""
    model, digest = result.model, sha256()
    people, needs = result.pool.ids[model.person], np.array([need.id for need in result.staffing.needs])
    parts = [people, needs, model.slot, model.value, model.load, model.capacity, model.most, model.groups]
    parts += [model.slots.start, model.slots.end, model.slots.seats, model.slots.first_seats, model.blocked]
    for part in parts:
        digest.update(np.ascontiguousarray(part).tobytes())
    digest.update(repr(model.rules).encode())
    return digest.hexdigest()
