"""From rows to the volunteers that matching reads, by one question a table."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, true
from sqlmodel import Session, col

from config.collector import collector_at_rest
from config.settings import settings
from matching import inputs
from matching.rules import AttributeRule, plain
from models import (
    Activity,
    Availability,
    BackgroundCheck,
    BlockOut,
    Consent,
    ConsentPurpose,
    Guardian,
    HoursEntry,
    Hub,
    Offer,
    Pause,
    Person,
    PersonAttribute,
    PersonSkill,
    Skill,
    Venue,
    Volunteer,
)
from models.states import ActivityState, ConsentState, OfferState, PersonState
from services.no_shows import paused

HOLDS = (OfferState.PROPOSED, OfferState.SENT, OfferState.ACCEPTED)

Condition = ColumnElement[bool]
Same = TypeVar("Same", bound=Hashable)


@dataclass(frozen=True)
class MatchRules:
    """Hold what a network decides about matching beside the weights.

    Nobody is proposed for what starts within `notice`. Fairness looks `memory` back. Each activity has
    `staff_adults` paid adults, who count towards the two that minors need, and with `staff_are_company`
    keep a newcomer company.
    """

    notice: timedelta = timedelta(hours=1)
    memory: timedelta = timedelta(days=90)
    staff_adults: int = 1
    staff_are_company: bool = True


RULES = MatchRules()


def load_volunteers(
    session: Session,
    people: Condition,
    *,
    now: datetime,
    rules: MatchRules,
    own_rules: Sequence[AttributeRule] = (),
    kept: Condition | None = None,
) -> tuple[inputs.Volunteer, ...]:
    """Return some people with all that eligibility and value ask about them; see `load_staffing` for `kept`."""
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
            col(Volunteer.languages),
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
    with collector_at_rest():
        facts = _Facts(session, people, now=now, rules=rules, own_rules=own_rules, kept=kept)
        return tuple(facts.volunteer(row) for row in session.execute(question))


class _Facts:
    """Hold what other tables say about some people, read by one question a table."""

    def __init__(
        self,
        session: Session,
        people: Condition,
        *,
        now: datetime,
        rules: MatchRules,
        own_rules: Sequence[AttributeRule] = (),
        kept: Condition | None = None,
    ) -> None:
        self._session, self._people = session, people
        self._kept = true() if kept is None else kept
        self._seen: dict[Hashable, Hashable] = {}
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
            where=and_(
                self._kept, or_(col(Offer.sent_at) >= monday, col(Offer.state) == OfferState.PROPOSED)
            ),
        )
        since = (now - rules.memory).date()
        self.minutes = self._values(
            HoursEntry.person_id, func.sum(HoursEntry.minutes), where=col(HoursEntry.served_on) >= since
        )
        self.series = self._series()
        # Sums, because a line that was wrong is taken back by one below zero.
        self.served = self._values(HoursEntry.person_id, func.sum(HoursEntry.minutes))
        self._read_attributes(own_rules)
        self.paused = self._values(Pause.person_id, func.count(), where=paused(now))

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
            skills=self._covered(key),
            windows=self._shared(tuple(_window(*window) for window in self.windows.get(key, ()))),
            zone=row.time_zone,
            blockouts=tuple(inputs.Interval(*times) for times in self.blockouts.get(key, ())),
            check_expires_on=self.checks.get(key),
            consent_until=self.consents.get(key),
            is_experienced=row.is_experienced,
            is_active=row.state == PersonState.ACTIVE and bool(row.email) and key not in self.paused,
            home_hub_ids=self._shared(frozenset({row.home_hub_id})),
            commitments=tuple(inputs.Commitment(*held) for held in self.commitments.get(key, ())),
            hours_given=max(0.0, self.minutes.get(key, 0) / 60),
            declined_activity_ids=frozenset(activity for (activity,) in self.declined.get(key, ())),
            asks_left=max(0, row.offers_per_week - self.asked.get(key, 0)),
            liked=_topics(row.interests),
            languages=_languages(row.languages),
            is_newcomer=not row.is_experienced and self.served.get(key, 0) <= 0,
            attributes=self._attributes(key, row),
            served_series=frozenset(series for (series,) in self.series.get(key, ())),
        )

    def _covered(self, key: int) -> frozenset[int]:
        return self._shared(_expanded(tuple(skill for (skill,) in self.skills.get(key, ())), self.covers))

    def _shared(self, value: Same) -> Same:
        """Return the first value that equals this one: people are many, and their weeks and skills much alike."""
        return cast("Same", self._seen.setdefault(value, value))

    def _read_attributes(self, own_rules: Sequence[AttributeRule]) -> None:
        """Read only what some rule asks for."""
        asked = sorted({condition.attribute for rule in own_rules for condition in rule.who})
        named = col(PersonAttribute.name).in_(asked)
        self.attributes = (
            self._lists(PersonAttribute.person_id, PersonAttribute.name, PersonAttribute.value, where=named)
            if asked
            else {}
        )
        codes = {"skill": select(col(Skill.id), col(Skill.code)), "hub": select(col(Hub.id), col(Hub.code))}
        self.codes: dict[str, dict[int, str]] = {
            name: _by_key(self._session, question) for name, question in codes.items() if name in asked
        }

    def _attributes(self, key: int, row: Any) -> frozenset[tuple[str, str]]:
        if not self.attributes and not self.codes:
            return frozenset()
        found = {(name, plain(value)) for name, value in self.attributes.get(key, ())}
        if "skill" in self.codes:
            found |= {("skill", plain(self.codes["skill"][skill])) for skill in self._covered(key)}
        if "hub" in self.codes:
            found.add(("hub", plain(self.codes["hub"][row.home_hub_id])))
        return frozenset(found)

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
        # The same point as `place_of`.
        has_point = and_(col(Venue.lon).is_not(None), col(Venue.lat).is_not(None))
        question = (
            select(
                owner,
                col(Offer.activity_id),
                col(Activity.starts_at),
                col(Activity.ends_at),
                case((has_point, col(Venue.lon)), else_=col(Hub.lon)),
                case((has_point, col(Venue.lat)), else_=col(Hub.lat)),
            )
            .join(Activity, col(Activity.id) == Offer.activity_id)
            .join(Hub, col(Hub.id) == Activity.hub_id)
            .outerjoin(Venue, col(Venue.id) == Activity.venue_id)
        )
        # From this Monday on: what is over this week still counts against the hours of the week.
        running = and_(
            self._kept,
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


@lru_cache(maxsize=4096)
def _languages(languages: str) -> frozenset[str]:
    return frozenset(plain(language) for language in _topics(languages))


def _grouped(session: Session, question: Select[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for key, *values in session.execute(question):
        found[key].append(values)
    return found


def _by_key(session: Session, question: Select[Any]) -> dict[int, Any]:
    return dict(session.execute(question).tuples().all())
