"""Volunteers as columns: one array an attribute, so that a rule is one line of NumPy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from matching.inputs import Commitment, Staffing, Volunteer, Window

DAY_MINUTES = 24 * 60
WEEK_MINUTES = 7 * DAY_MINUTES
EARTH_RADIUS_KM = 6371.0088

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Spans:
    """Hold many stretches of time, each with the position of the volunteer it belongs to."""

    owner: Ints
    start: Ints
    end: Ints


class Pool:
    """Hold the volunteers of one question as columns, in the order given."""

    def __init__(self, staffing: Staffing) -> None:
        people = staffing.volunteers
        self.size = len(people)
        self.position = {person.id: place for place, person in enumerate(people)}
        self.ids: Ints = np.array([p.id for p in people], dtype=np.int64)
        self.radius_km = _floats((p.radius_km for p in people), missing=np.inf)
        self.vectors = unit_vectors(
            _floats((p.lon for p in people), missing=np.nan), _floats((p.lat for p in people), missing=np.nan)
        )
        self.weekly_hours = _floats((p.weekly_hours for p in people), missing=np.inf)
        self.asks_left = _floats((p.asks_left for p in people), missing=np.inf)
        self.hours_given = _floats((p.hours_given for p in people), missing=0.0)
        self.birth: Ints = np.array([_number(p.birth_date) for p in people], dtype=np.int64)
        self.check_until: Ints = np.array([_number(p.check_expires_on) for p in people], dtype=np.int64)
        self.consent_until: Ints = np.array([_number(p.consent_until) for p in people], dtype=np.int64)
        self.experienced: Flags = np.array([p.is_experienced for p in people], dtype=bool)
        self.active: Flags = np.array([p.is_active for p in people], dtype=bool)
        self.gender = np.array([p.gender or "" for p in people])
        self.skills = self._members(p.skills for p in people)
        self.hubs = self._members(p.home_hub_ids for p in people)
        self.declined = self._members(p.declined_activity_ids for p in people)
        self.liked = self._members(p.liked for p in people)
        self.series = self._members(p.served_series for p in people)
        self.newcomers: Flags = np.array([p.is_newcomer for p in people], dtype=bool)
        self.languages = self._members(p.languages for p in people)
        self.attributes = self._members(p.attributes for p in people)
        self.blockouts = _spans(
            (place, b.starts_at, b.ends_at) for place, p in enumerate(people) for b in p.blockouts
        )
        self.windows = _windows(people)
        self._take_commitments(people, ZoneInfo(staffing.zone))

    def _take_commitments(self, people: tuple[Volunteer, ...], zone: ZoneInfo) -> None:
        held = [(place, c) for place, person in enumerate(people) for c in person.commitments]
        self.commitments = _spans((place, c.starts_at, c.ends_at) for place, c in held)
        self.commitment_vectors = unit_vectors(
            _floats((c.lon for _, c in held), missing=np.nan),
            _floats((c.lat for _, c in held), missing=np.nan),
        )
        self.commitment_days: Ints = np.array(
            [local_day(c.starts_at, zone).toordinal() for _, c in held], dtype=np.int64
        )
        self._hours_used: dict[date, Floats] = {}
        for place, commitment in held:
            week = week_of(commitment.starts_at, zone)
            used = self._hours_used.setdefault(week, np.zeros(self.size))
            used[place] += _hours(commitment)

    def _members(self, sets: Iterable[frozenset[Any]]) -> dict[Any, Flags]:
        positions: dict[Any, list[int]] = defaultdict(list)
        for place, members in enumerate(sets):
            for member in members:
                positions[member].append(place)
        return {member: self._flags(places) for member, places in positions.items()}

    def _flags(self, places: list[int]) -> Flags:
        flags: Flags = np.zeros(self.size, dtype=bool)
        flags[places] = True
        return flags

    def having(self, table: dict[Any, Flags], key: Any) -> Flags:
        """Return who has `key` in a table of memberships; nobody when the key is unknown."""
        found = table.get(key)
        return np.zeros(self.size, dtype=bool) if found is None else found

    def reach_km(self, fallback: float) -> Floats:
        """Return how far each person goes; `fallback` for those who did not say."""
        return np.where(np.isinf(self.radius_km), fallback, self.radius_km)

    def hours_left(self, week: date) -> Floats:
        """Return the hours that each person still offers in the week beginning on `week`."""
        used = self._hours_used.get(week)
        return self.weekly_hours if used is None else self.weekly_hours - used

    def ages_on(self, day: date) -> Ints:
        """Return full years on `day`, and -1 where the birth date is unknown."""
        ages = (_number(day) - self.birth) // 10_000
        return np.where(self.birth > 0, ages, -1)

    def distances_km(self, lon: float | None, lat: float | None, people: Ints | None = None) -> Floats:
        """Return great-circle distances from home (of some people, or of all) to a point; NaN where either is unknown."""
        homes = self.vectors if people is None else self.vectors[people]
        if lon is None or lat is None:
            return np.full(len(homes), np.nan)
        return great_circle_km(homes, unit_vectors(np.array([lon]), np.array([lat])))


def unit_vectors(lon: Floats, lat: Floats) -> Floats:
    """Return points on the unit sphere, shape (n, 3), from degrees."""
    east, north = np.radians(lon), np.radians(lat)
    return np.stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)], axis=-1)


def great_circle_km(here: Floats, there: Floats) -> Floats:
    """Return distances in km between unit vectors, by the chord, which is exact for near points."""
    chord = np.sqrt(((here - there) ** 2).sum(axis=-1))
    distances: Floats = 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(1.0, chord / 2))
    return distances


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """Return the day of a moment in a zone."""
    return moment.astimezone(zone).date()


def week_of(moment: datetime, zone: ZoneInfo) -> date:
    """Return the Monday that begins the local week of `moment`."""
    local = local_day(moment, zone)
    return local - timedelta(days=local.weekday())


def seconds(moment: datetime) -> int:
    """Return whole seconds since 1970."""
    return int(moment.timestamp())


def day_number(day: date) -> int:
    """Return a day as yyyymmdd, which orders days and gives ages by subtraction."""
    return day.year * 10_000 + day.month * 100 + day.day


def _number(day: date | None) -> int:
    return 0 if day is None else day_number(day)


def _hours(commitment: Commitment) -> float:
    return (commitment.ends_at - commitment.starts_at).total_seconds() / 3600


def _floats(values: Iterable[float | None], *, missing: float) -> Floats:
    return np.array([missing if value is None else value for value in values], dtype=np.float64)


def _spans(rows: Iterable[tuple[int, datetime, datetime]]) -> Spans:
    table = np.array([(o, seconds(s), seconds(e)) for o, s, e in rows], dtype=np.int64).reshape(-1, 3)
    return Spans(*table.T.copy())


def _windows(people: tuple[Volunteer, ...]) -> dict[str, Spans]:
    rows: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
    for place, person in enumerate(people):
        rows[person.zone].extend((place, *span) for span in _two_weeks(person.windows))
    tables = {zone: np.array(found, dtype=np.int64).reshape(-1, 3) for zone, found in rows.items()}
    return {zone: Spans(*tables[zone].T.copy()) for zone in sorted(tables)}


@lru_cache(maxsize=4096)
def _two_weeks(windows: tuple[Window, ...]) -> tuple[tuple[int, int], ...]:
    # Two weeks in a row, touching windows joined: one comparison then also answers for an activity
    # that crosses midnight, Sunday's included.
    starts = [
        (w.weekday * DAY_MINUTES + w.start_minute, w.weekday * DAY_MINUTES + w.end_minute) for w in windows
    ]
    spans = sorted(starts + [(a + WEEK_MINUTES, b + WEEK_MINUTES) for a, b in starts])
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)
