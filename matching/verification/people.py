"""Re-verify every hard rule of a staffing plan on the plain inputs, one by one."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import combinations
from zoneinfo import ZoneInfo

from matching.inputs import (
    ADULT_AGE,
    Activity,
    Commitment,
    Index,
    MatchingPolicy,
    Need,
    Pairing,
    Staffing,
    Volunteer,
    age_on,
)
from matching.verification.own_rules import keeps_own_rules

EARTH_RADIUS_KM = 6371.0088
TOLERANCE = 1e-6


class Rule(StrEnum):
    """Name the hard rules of a plan."""

    UNKNOWN = "unknown"
    TWICE = "twice"
    OVERFILLED = "overfilled"
    INACTIVE = "inactive"
    SKILL = "skill"
    AVAILABILITY = "availability"
    BLOCKOUT = "blockout"
    OVERLAP = "overlap"
    AGE = "age"
    CONSENT = "consent"
    CHECK = "check"
    DISTANCE = "distance"
    MEMBERSHIP = "membership"
    HOURS = "hours"
    DECLINED = "declined"
    ASKED_ENOUGH = "asked_enough"
    GENDER = "gender"
    BLOCKED_PAIR = "blocked_pair"
    EXPERIENCE = "experience"
    ADULTS = "adults"
    LANGUAGE = "language"
    REST = "rest"
    COMPANY = "company"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Violation:
    """Say which rule a plan breaks, and where; None where no single person or need is at fault."""

    rule: Rule
    volunteer_id: int | None = None
    need_id: int | None = None
    activity_id: int | None = None


def verify_plan(
    staffing: Staffing, pairings: Sequence[Pairing], policy: MatchingPolicy | None = None
) -> list[Violation]:
    """Return every hard rule that the plan breaks; an empty list means that it may be used."""
    index = Index.of(staffing)
    known = [p for p in pairings if p.volunteer_id in index.volunteers and p.need_id in index.needs]
    strangers = set(pairings).difference(known)
    unknown = [Violation(Rule.UNKNOWN, p.volunteer_id, p.need_id) for p in pairings if p in strangers]
    return unknown + list(_Checker(staffing, policy or MatchingPolicy(), index, known).violations())


class _Checker:
    def __init__(
        self, staffing: Staffing, policy: MatchingPolicy, index: Index, pairings: list[Pairing]
    ) -> None:
        self._staffing, self._policy, self._index, self._pairings = staffing, policy, index, pairings
        self._by_person: dict[int, list[Need]] = defaultdict(list)
        self._by_activity: dict[int, list[Pairing]] = defaultdict(list)
        for pairing in pairings:
            need = index.needs[pairing.need_id]
            self._by_person[pairing.volunteer_id].append(need)
            self._by_activity[need.activity_id].append(pairing)

    def violations(self) -> Iterator[Violation]:
        yield from self._places()
        for pairing in self._pairings:
            volunteer, need = self._index.volunteers[pairing.volunteer_id], self._index.needs[pairing.need_id]
            for rule in self._broken(volunteer, need, self._index.activities[need.activity_id]):
                yield Violation(rule, volunteer.id, need.id, need.activity_id)
        for person_id, needs in self._by_person.items():
            yield from self._own_plan(self._index.volunteers[person_id], needs)
        for activity_id, team in self._by_activity.items():
            yield from self._team(self._index.activities[activity_id], team)

    def _places(self) -> Iterator[Violation]:
        filled = Counter(pairing.need_id for pairing in self._pairings)
        for need_id, count in filled.items():
            if count > self._index.needs[need_id].open_places:
                yield Violation(Rule.OVERFILLED, need_id=need_id)
        for pairing, count in Counter(self._pairings).items():
            if count > 1:
                yield Violation(Rule.TWICE, pairing.volunteer_id, pairing.need_id)

    def _broken(self, who: Volunteer, need: Need, activity: Activity) -> Iterator[Rule]:
        zone = ZoneInfo(activity.zone)
        first = activity.starts_at.astimezone(zone).date()
        last = (activity.ends_at - timedelta(seconds=1)).astimezone(zone).date()
        checks = {
            Rule.INACTIVE: who.is_active,
            Rule.SKILL: need.skill_id is None or need.skill_id in who.skills,
            Rule.AVAILABILITY: _covers(who, activity),
            Rule.BLOCKOUT: all(_apart(b.starts_at, b.ends_at, activity) for b in who.blockouts),
            Rule.OVERLAP: all(self._reachable(c, _as_commitment(activity)) for c in who.commitments),
            Rule.AGE: _is_old_enough(who, need, activity, first),
            Rule.CONSENT: _has_consent(who, first, last),
            Rule.CHECK: not need.needs_check or (who.check_expires_on or date.min) >= last,
            Rule.DISTANCE: self._is_near(who, activity),
            Rule.MEMBERSHIP: not activity.members_only or activity.hub_id in who.home_hub_ids,
            Rule.DECLINED: activity.id not in who.declined_activity_ids,
            Rule.GENDER: need.gender is None or who.gender == need.gender,
            Rule.LANGUAGE: need.language is None or need.language in who.languages,
            Rule.REST: all(self._rested(held, _as_commitment(activity)) for held in who.commitments),
            Rule.OWN: keeps_own_rules(self._staffing.rules, who, need, activity, first),
        }
        yield from (rule for rule, holds in checks.items() if not holds)

    def _own_plan(self, who: Volunteer, needs: list[Need]) -> Iterator[Violation]:
        activities = [self._index.activities[need.activity_id] for need in needs]
        for one, other in combinations(activities, 2):
            if not self._reachable(_as_commitment(one), _as_commitment(other)):
                yield Violation(Rule.OVERLAP, who.id, activity_id=other.id)
            if not self._rested(_as_commitment(one), _as_commitment(other)):
                yield Violation(Rule.REST, who.id, activity_id=other.id)
        if who.asks_left is not None and len(needs) > who.asks_left:
            yield Violation(Rule.ASKED_ENOUGH, who.id)
        yield from self._hours(who, activities)

    def _hours(self, who: Volunteer, activities: list[Activity]) -> Iterator[Violation]:
        if who.weekly_hours is None:
            return
        planned: dict[tuple[int, int], float] = defaultdict(float)
        for busy in [*who.commitments, *map(_as_commitment, activities)]:
            planned[self._week(busy.starts_at)] += (busy.ends_at - busy.starts_at).total_seconds() / 3600
        for week in sorted({self._week(activity.starts_at) for activity in activities}):
            if planned[week] > who.weekly_hours + TOLERANCE:
                yield Violation(Rule.HOURS, who.id)

    def _week(self, moment: datetime) -> tuple[int, int]:
        year, week, _ = moment.astimezone(ZoneInfo(self._staffing.zone)).isocalendar()
        return year, week

    def _team(self, activity: Activity, team: list[Pairing]) -> Iterator[Violation]:
        people = {pairing.volunteer_id for pairing in team}
        there = people | set(activity.team)
        for first, second in self._staffing.blocked:
            if {first, second} <= there and (first in people or second in people):
                yield Violation(Rule.BLOCKED_PAIR, max(people & {first, second}), activity_id=activity.id)
        members = [self._index.volunteers[person] for person in sorted(people)]
        wants_experience = any(
            need.needs_experience for need in self._staffing.needs if need.activity_id == activity.id
        )
        if wants_experience and not (activity.experienced_present or any(m.is_experienced for m in members)):
            yield Violation(Rule.EXPERIENCE, activity_id=activity.id)
        if self._policy.newcomers_need_company and any(m.is_newcomer for m in members):
            company = activity.company_present + sum(not m.is_newcomer for m in members)
            if not company:
                yield Violation(Rule.COMPANY, activity_id=activity.id)
        day = activity.starts_at.astimezone(ZoneInfo(activity.zone)).date()
        adults = sum(m.birth_date is not None and age_on(m.birth_date, day) >= ADULT_AGE for m in members)
        if activity.has_minors and adults + activity.adults_present < self._policy.adults_with_minors:
            yield Violation(Rule.ADULTS, activity_id=activity.id)

    def _is_near(self, who: Volunteer, activity: Activity) -> bool:
        distance = _distance_km(who.lon, who.lat, activity.lon, activity.lat)
        if distance is None:
            return activity.hub_id in who.home_hub_ids
        limit = self._policy.fallback_radius_km if who.radius_km is None else who.radius_km
        return distance <= limit + TOLERANCE

    def _rested(self, one: Commitment, other: Commitment) -> bool:
        """Say whether services of different days leave the rest; those that overlap are another rule's."""
        zone = ZoneInfo(self._staffing.zone)
        days = {busy.starts_at.astimezone(zone).date() for busy in (one, other)}
        gap = max(other.starts_at - one.ends_at, one.starts_at - other.ends_at).total_seconds()
        return len(days) == 1 or gap < 0 or gap >= self._policy.rest_hours * 3600

    def _reachable(self, one: Commitment, other: Commitment) -> bool:
        first, second = sorted((one, other), key=lambda c: (c.starts_at, c.ends_at))
        gap = (second.starts_at - first.ends_at).total_seconds()
        way = _distance_km(first.lon, first.lat, second.lon, second.lat) or 0.0
        return gap >= 0 and gap + TOLERANCE >= way / self._policy.speed_kmh * 3600


def _as_commitment(activity: Activity) -> Commitment:
    return Commitment(activity.id, activity.starts_at, activity.ends_at, activity.lon, activity.lat)


def _apart(starts_at: datetime, ends_at: datetime, activity: Activity) -> bool:
    return ends_at <= activity.starts_at or starts_at >= activity.ends_at


def _is_old_enough(who: Volunteer, need: Need, activity: Activity, day: date) -> bool:
    if need.min_age is None and not activity.has_minors:
        return True
    return who.birth_date is not None and age_on(who.birth_date, day) >= (need.min_age or 0)


def _has_consent(who: Volunteer, first: date, last: date) -> bool:
    is_minor = who.birth_date is not None and age_on(who.birth_date, first) < ADULT_AGE
    return not is_minor or (who.consent_until or date.min) >= last


def _covers(who: Volunteer, activity: Activity) -> bool:
    """Walk from the start to the end of the activity along the windows of a volunteer."""
    zone = ZoneInfo(who.zone)
    point = activity.starts_at.astimezone(zone).replace(tzinfo=None)
    end = activity.ends_at.astimezone(zone).replace(tzinfo=None)
    while point < end:
        midnight = datetime.combine(point.date(), time())
        minute = (point - midnight).total_seconds() / 60
        ends = [
            w.end_minute for w in who.windows if w.weekday == point.weekday() and w.start_minute <= minute
        ]
        if max(ends, default=0) <= minute:
            return False
        point = midnight + timedelta(minutes=max(ends))
    return True


def _distance_km(
    lon: float | None, lat: float | None, lon2: float | None, lat2: float | None
) -> float | None:
    """Return the great-circle distance by the haversine formula."""
    if lon is None or lat is None or lon2 is None or lat2 is None:
        return None
    north, north2 = math.radians(lat), math.radians(lat2)
    half = math.sin((north2 - north) / 2) ** 2
    half += math.cos(north) * math.cos(north2) * math.sin(math.radians(lon2 - lon) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(half))
