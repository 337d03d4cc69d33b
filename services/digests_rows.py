"""Facts about many hubs at once that attention lists and digests are made of: one question each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func
from sqlmodel import Session, col, select

from config.text import Text
from models import Activity, Candidate, Hub, Need, Offer, Person, Volunteer
from models.states import ActivityState, OfferState, PersonState
from services.background_checks import newest_checks
from services.queries import id_of, named
from services.unfilled import OpenNeed, why_open

LOOK_AHEAD = timedelta(days=14)
LAPSES_WITHIN = timedelta(days=30)
RUNS_OUT_WITHIN = timedelta(hours=24)
OPEN = (OfferState.PROPOSED, OfferState.SENT)


@dataclass(frozen=True)
class Places:
    """Hold how the places of one need stand."""

    taken: int
    desired: int
    waiting: int


@dataclass(frozen=True)
class WeekLine:
    """Hold a published activity and how its places stand."""

    hub_id: int
    activity_id: int
    code: str
    title: Text
    starts_at: datetime
    time_zone: str
    taken: int
    desired: int
    waiting: int
    """Offers of places that nobody has answered."""
    missing: int
    """Places that nobody has taken and nobody is being asked for."""


@dataclass(frozen=True)
class OpenPlaces:
    """Hold a need with open places: its line counts the places of this need alone."""

    line: WeekLine
    need_id: int
    role: Text
    is_below_minimum: bool
    candidates: int
    """People who could be asked next."""
    why: Text
    """Why the places are open."""

    @property
    def missing(self) -> int:
        """Return the places that nobody has taken and nobody is being asked for."""
        return self.line.missing


@dataclass(frozen=True)
class RunningOut:
    """Hold the unanswered offers of an activity, and when the first of them runs out."""

    hub_id: int
    activity_id: int
    code: str
    title: Text
    time_zone: str
    count: int
    first: datetime


@dataclass(frozen=True)
class LapsingCheck:
    """Hold how many volunteers' checks of a hub lapse soon, and the first day."""

    hub_id: int
    time_zone: str
    count: int
    first: date


def week_lines(
    session: Session, hub_ids: Sequence[int], start: datetime, end: datetime
) -> dict[int, list[WeekLine]]:
    """Return the hubs' published activities that begin between two moments, in the order of time."""
    question = (
        select(Activity, Hub.time_zone)
        .join(Hub, col(Hub.id) == Activity.hub_id)
        .where(_published(hub_ids, start, end))
        .order_by(col(Activity.starts_at), col(Activity.id))
    )
    places = _places(session, hub_ids, start, end)
    found: dict[int, list[WeekLine]] = {hub_id: [] for hub_id in hub_ids}
    for activity, zone in session.exec(question):
        found[activity.hub_id].append(_line(activity, zone, places.get(id_of(activity), [])))
    return found


def _places(
    session: Session, hub_ids: Sequence[int], start: datetime, end: datetime
) -> dict[int, list[Places]]:
    """Return how the places of each activity stand, need by need: one role's surplus fills no other."""
    question = (
        select(Need.activity_id, Need.id, Need.taken, Need.desired)
        .join(Activity, col(Activity.id) == Need.activity_id)
        .where(_published(hub_ids, start, end))
    )
    waiting = _unanswered(session, hub_ids, start, end)
    found: dict[int, list[Places]] = {}
    for activity_id, need_id, taken, desired in session.exec(question):
        found.setdefault(activity_id, []).append(Places(taken, desired, waiting.get(need_id or 0, 0)))
    return found


def open_places(
    session: Session, hub_ids: Sequence[int], now: datetime, *, ahead: timedelta = LOOK_AHEAD
) -> list[OpenPlaces]:
    """Return needs with open places, of the next two weeks unless `ahead` says otherwise."""
    until = now + ahead
    question = (
        select(Need, Activity, Hub.time_zone)
        .join(Activity, col(Activity.id) == Need.activity_id)
        .join(Hub, col(Hub.id) == Activity.hub_id)
        .where(_published(hub_ids, now, until), col(Need.taken) < col(Need.desired))
        .order_by(col(Activity.starts_at), col(Need.id))
    )
    waiting = _unanswered(session, hub_ids, now, until)
    candidates = _candidates(session, hub_ids, now, until)
    found = [
        (need, line)
        for need, activity, zone in session.exec(question)
        if (
            line := _line(activity, zone, [Places(need.taken, need.desired, waiting.get(id_of(need), 0))])
        ).missing
    ]
    why = why_open(
        session,
        (
            OpenNeed(id_of(need), line.hub_id, line.starts_at, candidates.get(id_of(need), 0))
            for need, line in found
        ),
        now=now,
    )
    return [
        OpenPlaces(
            line=line,
            need_id=id_of(need),
            role=named(need.role_zh, need.role_en),
            is_below_minimum=need.taken < need.minimum,
            candidates=candidates.get(id_of(need), 0),
            why=why[id_of(need)],
        )
        for need, line in found
    ]


def running_out(session: Session, hub_ids: Sequence[int], now: datetime) -> list[RunningOut]:
    """Return activities with offers that nobody has answered and that run out within a day."""
    question = (
        select(Activity, Hub.time_zone, func.count(), func.min(Offer.expires_at))
        .join(Offer, col(Offer.activity_id) == Activity.id)
        .join(Hub, col(Hub.id) == Activity.hub_id)
        .where(
            _published(hub_ids, now, now + LOOK_AHEAD),
            col(Offer.state) == OfferState.SENT,
            col(Offer.expires_at).between(now, now + RUNS_OUT_WITHIN),
        )
        .group_by(*_columns(Activity), col(Hub.time_zone))
        .order_by(col(Activity.id))
    )
    return [
        RunningOut(
            hub_id=activity.hub_id,
            activity_id=id_of(activity),
            code=activity.code,
            title=named(activity.title_zh, activity.title_en),
            time_zone=zone,
            count=count,
            first=first,
        )
        for activity, zone, count, first in session.exec(question)
        if first is not None
    ]


def lapsing_checks(session: Session, hub_ids: Sequence[int], today: date) -> list[LapsingCheck]:
    """Return, per hub, how many of its volunteers' checks lapse soon; only the newest check counts."""
    newest = newest_checks()
    question = (
        select(Volunteer.home_hub_id, Hub.time_zone, func.count(), func.min(newest.c.expires_on))
        .join(newest, newest.c.person_id == col(Volunteer.person_id))
        .join(Person, col(Person.id) == Volunteer.person_id)
        .join(Hub, col(Hub.id) == Volunteer.home_hub_id)
        .where(
            col(Volunteer.home_hub_id).in_(hub_ids),
            col(Person.state) == PersonState.ACTIVE,
            newest.c.expires_on.between(today, today + LAPSES_WITHIN),
        )
        .group_by(col(Volunteer.home_hub_id), col(Hub.time_zone))
    )
    return [LapsingCheck(*row) for row in session.exec(question)]


def _unanswered(session: Session, hub_ids: Sequence[int], start: datetime, end: datetime) -> dict[int, int]:
    """Return, by need, the offers of its places that nobody has answered: no reserves, no substitutes."""
    question = (
        select(Offer.need_id, func.count())
        .join(Activity, col(Activity.id) == Offer.activity_id)
        .where(
            _published(hub_ids, start, end),
            col(Offer.state).in_(OPEN),
            col(Offer.is_reserve).is_(False),
            col(Offer.replaces_id).is_(None),
        )
        .group_by(col(Offer.need_id))
    )
    return {key: count for key, count in session.exec(question)}  # noqa: C416 -- rows are not pairs to mypy


def _candidates(session: Session, hub_ids: Sequence[int], start: datetime, end: datetime) -> dict[int, int]:
    asked = exists().where(
        and_(col(Offer.need_id) == Candidate.need_id, col(Offer.person_id) == Candidate.person_id)
    )
    question = (
        select(Candidate.need_id, func.count())
        .join(Need, col(Need.id) == Candidate.need_id)
        .join(Activity, col(Activity.id) == Need.activity_id)
        .where(_published(hub_ids, start, end), ~asked)
        .group_by(col(Candidate.need_id))
    )
    return {key: count for key, count in session.exec(question)}  # noqa: C416 -- rows are not pairs to mypy


def _published(hub_ids: Sequence[int], start: datetime, end: datetime) -> ColumnElement[bool]:
    return and_(
        col(Activity.hub_id).in_(hub_ids),
        col(Activity.state) == ActivityState.PUBLISHED,
        col(Activity.starts_at) >= start,
        col(Activity.starts_at) < end,
    )


def _columns(table: Any) -> list[Any]:
    return list(table.__table__.columns)


def _line(activity: Activity, zone: str, places: Sequence[Places]) -> WeekLine:
    return WeekLine(
        hub_id=activity.hub_id,
        activity_id=id_of(activity),
        code=activity.code,
        title=named(activity.title_zh, activity.title_en),
        starts_at=activity.starts_at,
        time_zone=zone,
        taken=sum(one.taken for one in places),
        desired=sum(one.desired for one in places),
        waiting=sum(one.waiting for one in places),
        missing=sum(max(0, one.desired - one.taken - one.waiting) for one in places),
    )
