"""From rows to the plain values that matching reads, by a few set-based questions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlmodel import Session, col

from config.settings import settings
from matching import inputs
from models import (
    Activity,
    Availability,
    BackgroundCheck,
    BlockedPair,
    BlockOut,
    Consent,
    ConsentPurpose,
    Guardian,
    HoursEntry,
    Hub,
    Need,
    Offer,
    Person,
    PersonSkill,
    Skill,
    Volunteer,
)
from models.states import ActivityState, ConsentState, OfferState, PersonState
from services.queries import age_on
from services.wording import local_day

HOLDS = (OfferState.PROPOSED, OfferState.SENT, OfferState.ACCEPTED)
ASKED = (OfferState.PROPOSED, OfferState.SENT)
FOR_A_PLACE = (col(Offer.is_reserve).is_(False), col(Offer.replaces_id).is_(None))
"""Reserves and substitutes are asked for beside the places that are open."""
KM_PER_DEGREE = 111.0
# At the latitudes of China a degree of longitude is nowhere shorter than this.
KM_PER_DEGREE_EAST = 65.0

Condition = ColumnElement[bool]


@dataclass(frozen=True)
class MatchRules:
    """Hold what a network decides about matching beside the weights.

    Nobody is proposed for what starts within `notice`. Fairness looks `memory` back. Each activity has
    `staff_adults` paid adults, who count towards the two that minors need.
    """

    notice: timedelta = timedelta(hours=1)
    memory: timedelta = timedelta(days=90)
    staff_adults: int = 1


RULES = MatchRules()


def load_staffing(
    session: Session,
    activities: Condition,
    people: Condition,
    *,
    now: datetime,
    rules: MatchRules = RULES,
    places: Mapping[int, int] | None = None,
) -> inputs.Staffing:
    """Return the open needs of some activities, and some people as candidates for them.

    `places` replaces what is open of a need by a number of its own.
    """
    dated = and_(
        col(Activity.state).in_((ActivityState.PLANNED, ActivityState.PUBLISHED)),
        col(Activity.starts_at) > now + rules.notice,
        activities,
    )
    needs = _needs(session, dated, places or {})
    open_ids = {need.activity_id for need in needs}
    return inputs.Staffing(
        volunteers=_volunteers(session, people, now=now, rules=rules) if needs else (),
        activities=tuple(a for a in _activities(session, dated, rules) if a.id in open_ids),
        needs=needs,
        blocked=frozenset(_pairs(session)),
        zone=settings().time_zone,
    )


def near(session: Session, hub_ids: Sequence[int]) -> Condition:
    """Return the condition for people who belong to one of the hubs or may live within reach of one.

    The box is generous: matching measures each distance itself.
    """
    question = select(func.min(Hub.lon), func.max(Hub.lon), func.min(Hub.lat), func.max(Hub.lat)).where(
        col(Hub.id).in_(hub_ids)
    )
    west, east, south, north = session.execute(question).one()
    member = col(Volunteer.home_hub_id).in_(hub_ids)
    if west is None:
        return member
    reach_east, reach_north = Volunteer.radius_km / KM_PER_DEGREE_EAST, Volunteer.radius_km / KM_PER_DEGREE
    in_box = and_(
        col(Volunteer.lon) >= west - reach_east,
        col(Volunteer.lon) <= east + reach_east,
        col(Volunteer.lat) >= south - reach_north,
        col(Volunteer.lat) <= north + reach_north,
    )
    return or_(member, in_box)


def everybody() -> Condition:
    """Return the condition that leaves nobody out."""
    return true()


def _needs(session: Session, dated: Condition, places: Mapping[int, int]) -> tuple[inputs.Need, ...]:
    asked = _by_key(
        session,
        select(col(Offer.need_id), func.count())
        .join(Activity, col(Activity.id) == Offer.activity_id)
        .where(dated, col(Offer.state).in_(ASKED), *FOR_A_PLACE)
        .group_by(col(Offer.need_id)),
    )
    rows = session.execute(
        select(Need).join(Activity, col(Activity.id) == Need.activity_id).where(dated).order_by(col(Need.id))
    ).scalars()
    needs = (_need(row, asked.get(row.id, 0), places.get(row.id or 0)) for row in rows)
    return tuple(need for need in needs if need.open_places)


def _need(row: Need, asked: int, places: int | None) -> inputs.Need:
    assert row.id is not None
    taken = row.taken + asked if places is None else max(row.minimum, row.desired) - places
    return inputs.Need(
        id=row.id,
        activity_id=row.activity_id,
        role=row.role_zh,
        minimum=row.minimum,
        desired=row.desired,
        maximum=row.maximum,
        taken=taken,
        skill_id=row.skill_id,
        min_age=row.min_age,
        needs_check=row.needs_check,
        needs_experience=row.needs_experience,
    )


def _activities(session: Session, dated: Condition, rules: MatchRules) -> list[inputs.Activity]:
    teams = _teams(session, dated)
    question = select(Activity, Hub).join(Hub, col(Hub.id) == Activity.hub_id).where(dated)
    return [
        _activity(row, hub, teams.get(row.id or 0, []), rules)
        for row, hub in session.execute(question.order_by(col(Activity.id))).tuples()
    ]


def _activity(row: Activity, hub: Hub, team: list[Any], rules: MatchRules) -> inputs.Activity:
    assert row.id is not None
    day = local_day(row.starts_at, hub.time_zone)
    adults = sum(
        member.birth_date is not None and age_on(member.birth_date, day) >= inputs.ADULT_AGE
        for member in team
    )
    return inputs.Activity(
        id=row.id,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        hub_id=row.hub_id,
        lon=hub.lon,
        lat=hub.lat,
        zone=hub.time_zone,
        has_minors=row.has_minors,
        adults_present=rules.staff_adults + adults,
        experienced_present=sum(bool(member.is_experienced) for member in team),
        kinds=frozenset({row.topic} - {""}),
        series_id=row.series_id,
        team=tuple(member.person_id for member in team),
    )


def _teams(session: Session, dated: Condition) -> dict[int, list[Any]]:
    """Return who holds or is asked for a place of each activity."""
    question = (
        select(
            col(Offer.activity_id),
            col(Offer.person_id),
            col(Person.birth_date),
            col(Volunteer.is_experienced),
        )
        .join(Activity, col(Activity.id) == Offer.activity_id)
        .join(Person, col(Person.id) == Offer.person_id)
        .outerjoin(Volunteer, col(Volunteer.person_id) == Offer.person_id)
        # Who looks for a substitute is judged as if already gone.
        .where(dated, col(Offer.state).in_(HOLDS), col(Offer.seeks_substitute_at).is_(None))
        .order_by(col(Offer.id))
    )
    teams: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(question):
        teams[row.activity_id].append(row)
    return teams


def _volunteers(
    session: Session, people: Condition, *, now: datetime, rules: MatchRules
) -> tuple[inputs.Volunteer, ...]:
    facts = _Facts(session, people, now=now, rules=rules)
    question = (
        select(
            col(Volunteer.person_id),
            col(Volunteer.home_hub_id),
            col(Volunteer.lon),
            col(Volunteer.lat),
            col(Volunteer.radius_km),
            col(Volunteer.hours_per_week),
            col(Volunteer.offers_per_week),
            col(Volunteer.is_experienced),
            col(Volunteer.interests),
            col(Person.birth_date),
            col(Person.gender),
            col(Person.state),
            col(Person.email),
            col(Person.time_zone),
        )
        .join(Person, col(Person.id) == Volunteer.person_id)
        .where(people)
        .order_by(col(Volunteer.person_id))
    )
    return tuple(facts.volunteer(row) for row in session.execute(question))


class _Facts:
    """Hold what other tables say about some people, read by one question a table."""

    def __init__(self, session: Session, people: Condition, *, now: datetime, rules: MatchRules) -> None:
        self._session, self._people = session, people
        monday = _monday(now)
        self.covers = _covers(session)
        self.skills = self._lists(PersonSkill.person_id, PersonSkill.skill_id)
        self.windows = self._lists(
            Availability.person_id, Availability.weekday, Availability.start_minute, Availability.end_minute
        )
        self.blockouts = self._lists(
            BlockOut.person_id, BlockOut.starts_at, BlockOut.ends_at, where=col(BlockOut.ends_at) > now
        )
        self.checks = self._values(BackgroundCheck.person_id, func.max(BackgroundCheck.expires_on))
        self.consents = self._consents()
        self.commitments = self._commitments(monday)
        self.declined = self._lists(Offer.person_id, Offer.activity_id, where=col(Offer.state).not_in(HOLDS))
        self.asked = self._values(
            Offer.person_id,
            func.count(),
            where=or_(col(Offer.sent_at) >= monday, col(Offer.state) == OfferState.PROPOSED),
        )
        since = (now - rules.memory).date()
        self.minutes = self._values(
            HoursEntry.person_id, func.sum(HoursEntry.minutes), where=col(HoursEntry.served_on) >= since
        )
        self.series = self._series()

    def volunteer(self, row: Any) -> inputs.Volunteer:
        """Return one person as matching reads them."""
        key = row.person_id
        return inputs.Volunteer(
            id=key,
            lon=row.lon,
            lat=row.lat,
            radius_km=row.radius_km,
            weekly_hours=row.hours_per_week,
            birth_date=row.birth_date,
            gender=row.gender or None,
            skills=_expanded(tuple(skill for (skill,) in self.skills.get(key, ())), self.covers),
            windows=tuple(_window(*window) for window in self.windows.get(key, ())),
            zone=row.time_zone,
            blockouts=tuple(inputs.Interval(*times) for times in self.blockouts.get(key, ())),
            check_expires_on=self.checks.get(key),
            consent_until=self.consents.get(key),
            is_experienced=row.is_experienced,
            is_active=row.state == PersonState.ACTIVE and bool(row.email),
            home_hub_ids=frozenset({row.home_hub_id}),
            commitments=tuple(inputs.Commitment(*held) for held in self.commitments.get(key, ())),
            hours_given=max(0.0, self.minutes.get(key, 0) / 60),
            declined_activity_ids=frozenset(activity for (activity,) in self.declined.get(key, ())),
            asks_left=max(0, row.offers_per_week - self.asked.get(key, 0)),
            liked=_topics(row.interests),
            served_series=frozenset(series for (series,) in self.series.get(key, ())),
        )

    def _of_people(self, question: Select[Any], owner: Any, where: Condition | None) -> Select[Any]:
        question = question.join(Volunteer, col(Volunteer.person_id) == owner).where(self._people)
        return question if where is None else question.where(where)

    def _lists(self, owner: Any, *columns: Any, where: Condition | None = None) -> dict[int, list[Any]]:
        question = self._of_people(select(owner, *columns), owner, where)
        return _grouped(self._session, question.order_by(owner, *columns))

    def _values(self, owner: Any, value: Any, where: Condition | None = None) -> dict[int, Any]:
        return _by_key(self._session, self._of_people(select(owner, value), owner, where).group_by(owner))

    def _consents(self) -> dict[int, Any]:
        owner = col(Guardian.person_id)
        question = select(owner, func.max(Consent.expires_on)).join(Consent)
        granted = and_(
            col(Consent.purpose) == ConsentPurpose.VOLUNTEERING, col(Consent.state) == ConsentState.GRANTED
        )
        return _by_key(self._session, self._of_people(question, owner, granted).group_by(owner))

    def _commitments(self, since: datetime) -> dict[int, list[Any]]:
        owner = col(Offer.person_id)
        question = (
            select(
                owner,
                col(Offer.activity_id),
                col(Activity.starts_at),
                col(Activity.ends_at),
                col(Hub.lon),
                col(Hub.lat),
            )
            .join(Activity, col(Activity.id) == Offer.activity_id)
            .join(Hub, col(Hub.id) == Activity.hub_id)
        )
        # From this Monday on: what is over this week still counts against the hours of the week.
        running = and_(
            col(Offer.state).in_(HOLDS),
            col(Activity.ends_at) > since,
            col(Activity.state) != ActivityState.CANCELLED,
        )
        return _grouped(
            self._session, self._of_people(question, owner, running).order_by(owner, col(Offer.id))
        )

    def _series(self) -> dict[int, list[Any]]:
        owner = col(HoursEntry.person_id)
        question = select(owner, col(Activity.series_id)).join(
            Activity, col(Activity.id) == HoursEntry.activity_id
        )
        served = col(Activity.series_id).is_not(None)
        return _grouped(self._session, self._of_people(question, owner, served).distinct())


def _pairs(session: Session) -> Iterable[tuple[int, int]]:
    return (
        (one, other)
        for one, other in session.execute(select(col(BlockedPair.first_id), col(BlockedPair.second_id)))
    )


def _covers(session: Session) -> dict[int, tuple[int, ...]]:
    question = select(col(Skill.id), col(Skill.covers_id)).where(col(Skill.covers_id).is_not(None))
    return {skill: (covered,) for skill, covered in session.execute(question)}


def _monday(now: datetime) -> datetime:
    local = now.astimezone(ZoneInfo(settings().time_zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    return local - timedelta(days=local.weekday())


def _expanded(held: tuple[int, ...], covers: Mapping[int, tuple[int, ...]]) -> frozenset[int]:
    return inputs.expand_skills(held, covers)


@lru_cache(maxsize=4096)
def _window(weekday: int, start_minute: int, end_minute: int) -> inputs.Window:
    return inputs.Window(weekday, start_minute, end_minute)


@lru_cache(maxsize=4096)
def _topics(interests: str) -> frozenset[str]:
    return frozenset(topic.strip() for topic in re.split("[,，、]", interests) if topic.strip())


def _grouped(session: Session, question: Select[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for key, *values in session.execute(question):
        found[key].append(values)
    return found


def _by_key(session: Session, question: Select[Any]) -> dict[int, Any]:
    return dict(session.execute(question).tuples().all())
