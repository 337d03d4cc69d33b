"""Close activities that are over, and ask who came until somebody says so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from config.text import Text, plural
from models import Activity, Attendance, Offer, Participation
from models.states import ActivityState, OfferState, ParticipationState, Presence
from services import mails
from services.hours_entering import enter_timed
from services.queries import Occasion, batches, id_of, occasions


@dataclass(frozen=True)
class AttendancePolicy:
    """Hold when we ask again for attendance that nobody recorded, and when we stop."""

    chase_after: timedelta = timedelta(days=3)
    give_up_after: timedelta = timedelta(days=14)


POLICY = AttendancePolicy()


@dataclass(frozen=True)
class Closed:
    """Say how many activities were closed, and how many coordinators were asked once more who came."""

    closed: int
    chased: int
    sentence: Text


def close_activities(session: Session, *, now: datetime, policy: AttendancePolicy = POLICY) -> Closed:
    """Close every published activity that is over, enter the hours of who checked in, ask who else came.

    Unrecorded attendance stays unknown. Where it still is after some days, the hub is asked once more.
    """
    over = col(Activity.state) == ActivityState.PUBLISHED, col(Activity.ends_at) <= now
    ended = occasions(session, *over)
    closing = [id_of(one.activity) for one in ended]
    _close(session, closing, now)
    enter_timed(session, ended, now=now)
    asked_first = col(Activity.id).in_(closing)
    _ask_who_came(session, asked_first, attempt=0, now=now)
    waited_long = col(Activity.closed_at).between(now - policy.give_up_after, now - policy.chase_after)
    chased = _ask_who_came(session, waited_long, attempt=1, now=now)
    return Closed(len(closing), chased, _sentence(len(closing), chased))


def unrecorded(session: Session, *conditions: ColumnElement[bool]) -> list[tuple[Occasion, int]]:
    """Return closed activities with the number of people of whom nobody knows whether they came."""
    done = occasions(session, col(Activity.state) == ActivityState.DONE, *conditions)
    unknown: dict[int, int] = {}
    for batch in batches(id_of(one.activity) for one in done):
        for key, count in (*_volunteers(session, batch), *_participants(session, batch)):
            unknown[key] = unknown.get(key, 0) + count
    return [(one, unknown[key]) for one in done if (key := id_of(one.activity)) in unknown]


def _close(session: Session, activity_ids: list[int], now: datetime) -> None:
    for batch in batches(activity_ids):
        session.exec(
            update(Activity)
            .where(col(Activity.id).in_(batch), col(Activity.state) == ActivityState.PUBLISHED)
            .values(state=ActivityState.DONE, closed_at=now)
            .execution_options(synchronize_session=False)
        )
        session.exec(
            update(Offer)
            .where(col(Offer.activity_id).in_(batch), col(Offer.state) == OfferState.STANDBY)
            .values(state=OfferState.EXPIRED)
            .execution_options(synchronize_session=False)
        )


def _ask_who_came(session: Session, which: ColumnElement[bool], *, attempt: int, now: datetime) -> int:
    return mails.queue_attendance_due(session, unrecorded(session, which), attempt=attempt, now=now)


def _volunteers(session: Session, activity_ids: list[int]) -> Iterable[tuple[int, int]]:
    later = aliased(Attendance)
    newest = (
        select(func.max(later.id)).where(col(later.offer_id) == Offer.id).correlate(Offer).scalar_subquery()
    )
    known = exists().where(col(Attendance.id) == newest, col(Attendance.presence) != Presence.UNKNOWN)
    question = (
        select(col(Offer.activity_id), func.count())
        .where(col(Offer.activity_id).in_(activity_ids), col(Offer.state) == OfferState.ACCEPTED, ~known)
        .group_by(col(Offer.activity_id))
    )
    return session.execute(question).tuples()


def _participants(session: Session, activity_ids: list[int]) -> Iterable[tuple[int, int]]:
    question = (
        select(col(Participation.activity_id), func.count())
        .where(
            col(Participation.activity_id).in_(activity_ids),
            col(Participation.state) == ParticipationState.SIGNED_UP,
            col(Participation.presence) == Presence.UNKNOWN,
        )
        .group_by(col(Participation.activity_id))
    )
    return session.execute(question).tuples()


def _sentence(closed: int, chased: int) -> Text:
    again = Text(zh="", en="")
    if chased:
        again = Text(
            zh=f"过了几天还没记的，又提醒了{chased}次。",
            en=f" {chased} {plural(chased, 'reminder', 'reminders')} for attendance still unrecorded.",
        )
    return Text(
        zh=f"{closed}场活动结束了，已请社工记考勤。{again.zh}",
        en=f"{closed} {plural(closed, 'activity', 'activities')} closed and attendance asked for.{again.en}",
    )
