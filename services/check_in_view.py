"""Checking in as a person's own page, the door and the sheet show it: always the present state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from config.text import Text
from models import Activity, CheckIn
from models.states import ActivityState
from services.check_in_rules import check_in_rules
from services.queries import Occasion, Placement, Seat, id_of, occasions, only

Place = Placement | Seat


@dataclass(frozen=True)
class CheckInView:
    """Hold whether one can check in now, and since when somebody is checked in.

    `counts_from` is from when the time of a volunteer counts who came late.
    """

    opens_at: datetime
    is_open: bool
    at: datetime | None
    left_at: datetime | None
    counts_from: datetime


@dataclass(frozen=True)
class Door:
    """Hold what the page behind the picture at the door shows to anybody who scans it."""

    title: Text
    hub: Text
    place: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    opens_at: datetime
    is_open: bool
    is_over: bool


def check_in_view(session: Session, place: Place, *, now: datetime) -> CheckInView:
    """Return how checking in stands for somebody who is expected."""
    activity = place.occasion.activity
    rules = check_in_rules(session, now=now).of(activity.hub_id)
    check = check_of(session, place)
    is_late = check is not None and rules.timed_minutes(activity, check) < rules.timed_minutes(
        activity, CheckIn(activity_id=id_of(activity), at=activity.starts_at, left_at=check.left_at)
    )
    return CheckInView(
        opens_at=rules.opens_at(activity),
        is_open=is_open(place.occasion, rules.opens_at(activity), now),
        at=check.at if check else None,
        left_at=check.left_at if check else None,
        counts_from=check.at if check and is_late else activity.starts_at,
    )


def door(session: Session, activity_id: int, *, now: datetime) -> Door:
    """Return an activity as the page behind the picture at its door shows it; raises `NotFound`."""
    occasion = only(occasions(session, col(Activity.id) == activity_id))
    activity = occasion.activity
    opens_at = check_in_rules(session, now=now).of(activity.hub_id).opens_at(activity)
    return Door(
        title=occasion.title,
        hub=occasion.hub_name,
        place=occasion.place,
        starts_at=activity.starts_at,
        ends_at=activity.ends_at,
        time_zone=occasion.hub.time_zone,
        opens_at=opens_at,
        is_open=is_open(occasion, opens_at, now),
        is_over=activity.state != ActivityState.PUBLISHED or activity.ends_at <= now,
    )


def is_open(occasion: Occasion, opens_at: datetime, now: datetime) -> bool:
    """Say whether one can check in: shortly before the start until the end of what takes place."""
    activity = occasion.activity
    return activity.state == ActivityState.PUBLISHED and opens_at <= now < activity.ends_at


def check_of(session: Session, place: Place) -> CheckIn | None:
    """Return somebody's check-in."""
    return session.execute(select(CheckIn).where(_own(place))).scalar_one_or_none()


def _own(place: Place) -> ColumnElement[bool]:
    if isinstance(place, Placement):
        return col(CheckIn.offer_id) == place.offer.id
    return col(CheckIn.participation_id) == place.participation.id
