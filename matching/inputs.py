"""The plain values that matching reads: people, activities and the places to fill."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from matching.rules import AttributeRule

ADULT_AGE = 18


@dataclass(frozen=True, slots=True)
class Window:
    """Hold a weekly time in which a volunteer is free, in their own local time.

    `weekday` counts Monday as 0; minutes count from midnight, 24:00 is 1440.
    """

    weekday: int
    start_minute: int
    end_minute: int


@dataclass(frozen=True, slots=True)
class Interval:
    """Hold a stretch of time from `starts_at` up to, not including, `ends_at`."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Commitment:
    """Hold something a volunteer already accepted or is being asked for."""

    activity_id: int
    starts_at: datetime
    ends_at: datetime
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True)
class Volunteer:
    """Hold what matching needs to know about one volunteer.

    `skills` holds the covered ones too (see `expand_skills`). `weekly_hours` and `asks_left` of None
    mean no limit. `hours_given` are the recent hours that fairness counts. `liked` are kinds of
    activity, `served_series` the series in which the person has helped before. `is_newcomer` says that
    the person has never served; `attributes` are (name, value), for the network's own rules.
    """

    id: int
    lon: float | None = None
    lat: float | None = None
    radius_km: float | None = None
    weekly_hours: float | None = None
    birth_date: date | None = None
    gender: str | None = None
    skills: frozenset[int] = frozenset()
    windows: tuple[Window, ...] = ()
    zone: str = "Asia/Shanghai"
    blockouts: tuple[Interval, ...] = ()
    check_expires_on: date | None = None
    consent_until: date | None = None
    is_experienced: bool = False
    is_active: bool = True
    home_hub_ids: frozenset[int] = frozenset()
    commitments: tuple[Commitment, ...] = ()
    hours_given: float = 0.0
    declined_activity_ids: frozenset[int] = frozenset()
    asks_left: int | None = None
    liked: frozenset[str] = frozenset()
    served_series: frozenset[int] = frozenset()
    languages: frozenset[str] = frozenset()
    is_newcomer: bool = False
    attributes: frozenset[tuple[str, str]] = frozenset()

    def is_adult_on(self, day: date) -> bool:
        """Say whether the person is known to be an adult on `day`."""
        return self.birth_date is not None and age_on(self.birth_date, day) >= ADULT_AGE


@dataclass(frozen=True, slots=True)
class Activity:
    """Hold one dated activity and who already stands in its team.

    `team` are the volunteers with an accepted or open offer. `adults_present` counts the adults among
    them and the paid staff, `experienced_present` the experienced volunteers among them, and
    `company_present` those who may keep a newcomer company. `attributes` are (name, value).
    """

    id: int
    starts_at: datetime
    ends_at: datetime
    hub_id: int
    lon: float | None = None
    lat: float | None = None
    zone: str = "Asia/Shanghai"
    has_minors: bool = False
    members_only: bool = False
    adults_present: int = 0
    experienced_present: int = 0
    priority: int = 1
    kinds: frozenset[str] = frozenset()
    series_id: int | None = None
    team: tuple[int, ...] = ()
    company_present: int = 0
    attributes: frozenset[tuple[str, str]] = frozenset()

    @property
    def first_day(self) -> date:
        """Return the local day on which it begins."""
        return self.starts_at.astimezone(ZoneInfo(self.zone)).date()

    @property
    def hours(self) -> float:
        """Return the length in hours."""
        return (self.ends_at - self.starts_at).total_seconds() / 3600


@dataclass(frozen=True, slots=True)
class Need:
    """Hold the places of one role in one activity.

    `taken` places are already accepted or offered. Matching fills up to `desired`; people may come
    by themselves up to `maximum`. `needs_experience` asks for one experienced person in the team.
    """

    id: int
    activity_id: int
    role: str
    minimum: int
    desired: int
    maximum: int
    taken: int = 0
    skill_id: int | None = None
    min_age: int | None = None
    gender: str | None = None
    needs_check: bool = False
    needs_experience: bool = False
    language: str | None = None

    @property
    def open_minimum(self) -> int:
        """Return how many places up to the minimum are still free."""
        return max(0, self.minimum - self.taken)

    @property
    def open_places(self) -> int:
        """Return how many places matching may fill."""
        return max(0, max(self.minimum, self.desired) - self.taken)


@dataclass(frozen=True)
class Staffing:
    """Hold one whole question: these people and these places.

    `blocked` pairs never meet in one activity. `zone` says where a day and a week begin when rest and
    hours are counted. `rules` are the network's own. `stay` are (volunteer, need, points): who is asked
    for a place already, which counts as open here, and what keeping them there is worth.
    """

    volunteers: tuple[Volunteer, ...]
    activities: tuple[Activity, ...]
    needs: tuple[Need, ...]
    blocked: frozenset[tuple[int, int]] = frozenset()
    zone: str = "Asia/Shanghai"
    rules: tuple[AttributeRule, ...] = ()
    stay: tuple[tuple[int, int, int], ...] = ()

    def in_order(self) -> Staffing:
        """Return the same question in the order of ids, so that no input order decides a tie."""
        return Staffing(
            volunteers=tuple(sorted(self.volunteers, key=lambda v: v.id)),
            activities=tuple(sorted(self.activities, key=lambda a: a.id)),
            needs=tuple(sorted(self.needs, key=lambda n: n.id)),
            blocked=frozenset((min(pair), max(pair)) for pair in self.blocked),
            zone=self.zone,
            rules=tuple(sorted(self.rules, key=lambda rule: rule.code)),
            stay=tuple(sorted(self.stay)),
        )


@dataclass(frozen=True)
class MatchingPolicy:
    """Hold the weights and limits that people argue about; a service reads them from data.

    A place up to the minimum is worth `minimum_weight` times the priority, one beyond it
    `desired_weight`; both must exceed the best score by far, so that no score outbids a filled place.
    Source of the defaults: `benchmarks/matching.py` and the fairness table it prints.

    Between the last service of one day and the first of another lie `rest_hours`. With
    `newcomers_need_company` nobody who has never served is sent among newcomers alone.
    """

    minimum_weight: int = 1000
    desired_weight: int = 400
    preference_points: int = 40
    continuity_points: int = 25
    nearness_points: int = 35
    fairness_per_hour: float = 7.5
    fairness_limit: int = 200
    speed_kmh: float = 20.0
    adults_with_minors: int = 2
    candidates_per_place: int = 20
    next_candidates: int = 5
    fallback_radius_km: float = 5.0
    rest_hours: float = 10.0
    newcomers_need_company: bool = True


@dataclass(frozen=True, slots=True)
class Pairing:
    """Say that a volunteer is asked for a place of a need."""

    volunteer_id: int
    need_id: int


@dataclass(frozen=True)
class Index:
    """Find the parts of a `Staffing` by their ids."""

    volunteers: Mapping[int, Volunteer] = field(default_factory=dict)
    activities: Mapping[int, Activity] = field(default_factory=dict)
    needs: Mapping[int, Need] = field(default_factory=dict)

    @classmethod
    def of(cls, staffing: Staffing) -> Index:
        """Build the index of a question."""
        return cls(
            volunteers={v.id: v for v in staffing.volunteers},
            activities={a.id: a for a in staffing.activities},
            needs={n.id: n for n in staffing.needs},
        )


def expand_skills(held: Iterable[int], covers: Mapping[int, Iterable[int]]) -> frozenset[int]:
    """Return the skills held and all that they cover, directly or through others."""
    found: set[int] = set()
    waiting = list(held)
    while waiting:
        skill = waiting.pop()
        if skill not in found:
            found.add(skill)
            waiting.extend(covers.get(skill, ()))
    return frozenset(found)


def age_on(birth_date: date, day: date) -> int:
    """Return the age in full years on `day`; who is born on 29 February ages on 1 March."""
    had_birthday = (day.month, day.day) >= (birth_date.month, birth_date.day)
    return day.year - birth_date.year - (not had_birthday)
