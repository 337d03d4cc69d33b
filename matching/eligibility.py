"""Who may be asked for which place: every rule for everybody, one reason bit a rule."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntFlag
from itertools import groupby
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from matching.attributes import PeopleFacts, applies
from matching.inputs import ADULT_AGE, Activity, Index, MatchingPolicy, Need, Staffing
from matching.pool import (
    DAY_MINUTES,
    Flags,
    Floats,
    Ints,
    Pool,
    day_number,
    great_circle_km,
    local_day,
    seconds,
    unit_vectors,
    week_of,
)
from matching.rules import AttributeRule

Bits = NDArray[np.signedinteger[Any]]
Column = TypeVar("Column", Flags, Floats, Ints)


class Reason(IntFlag):
    """Name the rules that can keep a person from a place."""

    INACTIVE = 1 << 0
    SKILL = 1 << 1
    AVAILABILITY = 1 << 2
    BLOCKOUT = 1 << 3
    OVERLAP = 1 << 4
    AGE = 1 << 5
    CONSENT = 1 << 6
    CHECK = 1 << 7
    DISTANCE = 1 << 8
    MEMBERSHIP = 1 << 9
    HOURS = 1 << 10
    DECLINED = 1 << 11
    ASKED_ENOUGH = 1 << 12
    GENDER = 1 << 13
    BLOCKED_PAIR = 1 << 14
    LANGUAGE = 1 << 15
    REST = 1 << 16


RULES: tuple[Reason, ...] = tuple(Reason)
Lack = Reason | AttributeRule
"""What somebody may miss: a rule of ours, or one of the network's own."""
# The network's rules follow ours; a 64-bit number holds 40 of them.
FIRST_OWN_BIT = 20


_NOBODY: Ints = np.empty(0, dtype=np.int64)
_NOWHERE: Floats = np.empty(0)


@dataclass(frozen=True)
class NeedPool:
    """Hold who may fill a need.

    `eligible` are positions in the pool, in its order; `distances_km` stand beside them (NaN unknown).
    """

    need: Need
    eligible: Ints
    distances_km: Floats


@dataclass(frozen=True)
class Tally:
    """Count who misses each rule of a need, and who misses that rule only."""

    missing: dict[Lack, int]
    missing_only: dict[Lack, int]


class Eligibility:
    """Judge the people of one pool for the needs of one question."""

    def __init__(self, staffing: Staffing, policy: MatchingPolicy, pool: Pool | None = None) -> None:
        self.pool = pool or Pool(staffing)
        self._policy = policy
        self._needs = staffing.needs
        self._activities = Index.of(staffing).activities
        self._zone = ZoneInfo(staffing.zone)
        self._blocked = staffing.blocked
        self._own = [rule for rule in staffing.rules if rule.is_must]
        # Half the size is a third of the time; few networks have more than eleven rules.
        self._dtype = np.int32 if FIRST_OWN_BIT + len(self._own) < 31 else np.int64  # noqa: PLR2004 -- bits
        self._people = PeopleFacts(self.pool)
        self._made: dict[Hashable, Any] = {}

    def pools(self) -> Iterator[NeedPool]:
        """Yield the candidates of each need, in the order of the question's needs."""
        for activity, needs in self._by_activity():
            if not self._may_anybody_come(activity):
                yield from (NeedPool(need, _NOBODY, _NOWHERE) for need in needs)
                continue
            bits = self._activity_bits(activity)
            for need in needs:
                yield self._need_pool(need, activity, bits | self._need_bits(need, activity))

    def each(self) -> Iterator[Bits]:
        """Yield the failed rules of everybody for each need, in the order of the question's needs."""
        for activity, needs in self._by_activity():
            bits = self._activity_bits(activity)
            yield from (bits | self._need_bits(need, activity) for need in needs)

    def _by_activity(self) -> Iterator[tuple[Activity, Iterator[Need]]]:
        for activity_id, needs in groupby(self._needs, key=lambda need: need.activity_id):
            yield self._activities[activity_id], needs

    def _may_anybody_come(self, activity: Activity) -> bool:
        """Say whether somebody is free and near: of one changed person most activities end here."""
        free = self._is_free(activity)
        return bool(free.any()) and bool((free & ~self._is_too_far(activity)).any())

    def bits(self, need: Need) -> Bits:
        """Return the failed rules of everybody for one need."""
        activity = self._activities[need.activity_id]
        return self._activity_bits(activity) | self._need_bits(need, activity)

    def tally(self, need: Need) -> Tally:
        """Return how many miss each rule for a need."""
        bits = self.bits(need)
        misses_one = bits[(bits & (bits - 1)) == 0]
        return Tally(self._counts(bits), self._counts(misses_one))

    def lacks(self, bits: int) -> tuple[Lack, ...]:
        """Return what the bits of one person say, our rules first."""
        return tuple(lack for bit, lack in self._named_bits() if bits & bit)

    def _counts(self, bits: Bits) -> dict[Lack, int]:
        counts = {lack: int(np.count_nonzero(bits & bit)) for bit, lack in self._named_bits()}
        return {lack: count for lack, count in counts.items() if count}

    def _named_bits(self) -> Iterator[tuple[int, Lack]]:
        yield from ((int(rule), rule) for rule in RULES)
        yield from ((1 << FIRST_OWN_BIT + number, rule) for number, rule in enumerate(self._own))

    def _need_pool(self, need: Need, activity: Activity, bits: Bits) -> NeedPool:
        eligible = np.flatnonzero(bits == 0)
        if not len(eligible):
            return NeedPool(need, _NOBODY, _NOWHERE)
        return NeedPool(need, eligible, self._distances(activity, eligible))

    def _activity_bits(self, activity: Activity) -> Bits:
        bits: Bits = np.zeros(self.pool.size, dtype=self._dtype)
        pool, week = self.pool, week_of(activity.starts_at, self._zone)
        _mark(bits, ~pool.active, Reason.INACTIVE)
        _mark(bits, ~self._is_free(activity), Reason.AVAILABILITY)
        _mark(bits, self._is_blocked_out(activity), Reason.BLOCKOUT)
        _mark(bits, self._is_committed(activity), Reason.OVERLAP)
        _mark(bits, self._lacks_rest(activity), Reason.REST)
        _mark(bits, self._lacks_consent(activity), Reason.CONSENT)
        _mark(bits, self._is_too_far(activity), Reason.DISTANCE)
        if activity.members_only:
            _mark(bits, ~pool.having(pool.hubs, activity.hub_id), Reason.MEMBERSHIP)
        _mark(bits, pool.hours_left(week) < activity.hours, Reason.HOURS)
        _mark(bits, pool.having(pool.declined, activity.id), Reason.DECLINED)
        _mark(bits, pool.asks_left <= 0, Reason.ASKED_ENOUGH)
        _mark(bits, self._may_not_meet(activity), Reason.BLOCKED_PAIR)
        return bits

    def _need_bits(self, need: Need, activity: Activity) -> Bits:
        bits: Bits = np.zeros(self.pool.size, dtype=self._dtype)
        pool = self.pool
        if need.skill_id is not None:
            _mark(bits, ~pool.having(pool.skills, need.skill_id), Reason.SKILL)
        if need.min_age is not None or activity.has_minors:
            _mark(bits, self._age(activity.first_day) < (need.min_age or 0), Reason.AGE)
        if need.needs_check:
            _mark(bits, pool.check_until < day_number(_last_day(activity)), Reason.CHECK)
        if need.gender is not None:
            _mark(bits, pool.gender != need.gender, Reason.GENDER)
        if need.language is not None:
            _mark(bits, ~pool.having(pool.languages, need.language), Reason.LANGUAGE)
        for number, rule in enumerate(self._own):
            if applies(rule, need, activity):
                _mark(bits, ~self._people.all_of(rule.who, activity.first_day), 1 << FIRST_OWN_BIT + number)
        return bits

    def _is_free(self, activity: Activity) -> Flags:
        when = (activity.starts_at, activity.ends_at)
        return self._once(("free", when), lambda: self._is_free_then(activity))

    def _is_free_then(self, activity: Activity) -> Flags:
        # Months repeat their weeks, so most moments share a column.
        times = tuple((zone, *minutes_of_week(activity, ZoneInfo(zone))) for zone in self.pool.windows)
        return self._once(("free in the week", times), lambda: self._is_free_at(times))

    def _is_free_at(self, times: tuple[tuple[str, int, int], ...]) -> Flags:
        free: Flags = np.zeros(self.pool.size, dtype=bool)
        for zone, start, end in times:
            windows = self.pool.windows[zone]
            free[windows.owner[(windows.start <= start) & (windows.end >= end)]] = True
        return free

    def _is_blocked_out(self, activity: Activity) -> Flags:
        out: Flags = np.zeros(self.pool.size, dtype=bool)
        spans, start, end = self.pool.blockouts, seconds(activity.starts_at), seconds(activity.ends_at)
        out[spans.owner[(spans.start < end) & (spans.end > start)]] = True
        return out

    def _is_committed(self, activity: Activity) -> Flags:
        """Return who is elsewhere at the time, or could not get from there to here or back."""
        busy: Flags = np.zeros(self.pool.size, dtype=bool)
        spans, start, end = self.pool.commitments, seconds(activity.starts_at), seconds(activity.ends_at)
        if not len(spans.owner):
            return busy
        way = np.zeros(len(spans.owner))
        if activity.lon is not None and activity.lat is not None:
            here = unit_vectors(np.array([activity.lon]), np.array([activity.lat]))
            way = np.nan_to_num(great_circle_km(self.pool.commitment_vectors, here))
            way *= 3600 / self._policy.speed_kmh
        busy[spans.owner[(spans.start < end + way) & (spans.end > start - way)]] = True
        return busy

    def _lacks_rest(self, activity: Activity) -> Flags:
        """Return who serves on another day with less than the rest between that and this."""
        tired: Flags = np.zeros(self.pool.size, dtype=bool)
        rest, spans = self._policy.rest_hours * 3600, self.pool.commitments
        if not rest or not len(spans.owner):
            return tired
        start, end = seconds(activity.starts_at), seconds(activity.ends_at)
        day = local_day(activity.starts_at, self._zone).toordinal()
        gap = np.maximum(spans.start - end, start - spans.end)
        tired[spans.owner[(self.pool.commitment_days != day) & (gap >= 0) & (gap < rest)]] = True
        return tired

    def _lacks_consent(self, activity: Activity) -> Flags:
        first, last = activity.first_day, _last_day(activity)
        return self._once(("consent", first, last), lambda: self._lacks_consent_on(first, last))

    def _lacks_consent_on(self, first: date, last: date) -> Flags:
        ages = self._age(first)
        is_minor = (ages >= 0) & (ages < ADULT_AGE)
        return is_minor & (self.pool.consent_until < day_number(last))

    def _is_too_far(self, activity: Activity) -> Flags:
        """Return who lives beyond their own limit; who gave no home is near to their own hubs only."""
        key = ("far", activity.lon, activity.lat, activity.hub_id)
        return self._once(key, lambda: self._is_beyond(self._distances(activity), activity.hub_id))

    def _is_beyond(self, distances: Floats, hub_id: int) -> Flags:
        limits = self.pool.reach_km(self._policy.fallback_radius_km)
        is_member = self.pool.having(self.pool.hubs, hub_id)
        return np.where(np.isnan(distances), ~is_member, distances > limits)

    def _may_not_meet(self, activity: Activity) -> Flags:
        apart: Flags = np.zeros(self.pool.size, dtype=bool)
        team = set(activity.team)
        for first, second in self._blocked if team else ():
            for here, other in ((first, second), (second, first)):
                if here in team and other in self.pool.position:
                    apart[self.pool.position[other]] = True
        return apart

    def _distances(self, activity: Activity, people: Ints | None = None) -> Floats:
        # Not kept: of all hubs they would be the largest columns here, and of some people they are soon made.
        return self.pool.distances_km(activity.lon, activity.lat, people)

    def _age(self, day: date) -> Ints:
        return self._once(("age", day), lambda: self.pool.ages_on(day))

    def _once(self, key: Hashable, make: Callable[[], Column]) -> Column:
        """Make a column once: many activities share a hub, a day or a time of the week."""
        if key not in self._made:
            self._made[key] = make()
        return cast("Column", self._made[key])


def minutes_of_week(activity: Activity, zone: ZoneInfo) -> tuple[int, int]:
    """Return the local start and end as minutes of the week; past Sunday midnight the end exceeds it."""
    start = activity.starts_at.astimezone(zone).replace(tzinfo=None)
    end = activity.ends_at.astimezone(zone).replace(tzinfo=None)
    begin = start.weekday() * DAY_MINUTES + start.hour * 60 + start.minute
    return begin, begin + -(-int((end - start).total_seconds()) // 60)


def _last_day(activity: Activity) -> date:
    # An activity that ends at midnight does not reach into the next day.
    last_moment = activity.ends_at - timedelta(seconds=1)
    return last_moment.astimezone(ZoneInfo(activity.zone)).date()


def _mark(bits: Bits, failed: Flags, rule: int) -> None:
    bits |= failed * bits.dtype.type(rule)
