"""What activities take: rooms, things and people, as the rules of conflicts read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import (
    Activity,
    ActivityStaff,
    ActivityUse,
    Equipment,
    Hub,
    Person,
    SeriesStaff,
    SeriesUse,
    Venue,
)
from models.states import ActivityState
from scheduling.conflicts import Booking, Staff, Use
from scheduling.places import Place
from services.queries import Occasion, id_of, named

OPEN = (ActivityState.PLANNED, ActivityState.PUBLISHED)
LONGEST_WAY = timedelta(hours=6)
"""So far before and after a time others are read: nobody is longer on the way within a city."""


@dataclass(frozen=True)
class Hands:
    """Hold who works at activities or series, and what these use, by their ids."""

    staff: Mapping[int, tuple[Staff, ...]] = field(default_factory=dict)
    uses: Mapping[int, tuple[Use, ...]] = field(default_factory=dict)


def series_hands(session: Session) -> Hands:
    """Return the staff and the equipment of every series."""
    return Hands(
        _staff(session, SeriesStaff.series_id, SeriesStaff.person_id),
        _uses(session, SeriesUse.series_id, SeriesUse.equipment_id, SeriesUse.quantity),
    )


def activity_hands(session: Session, activity_ids: Iterable[int]) -> Hands:
    """Return the staff and the equipment of some activities."""
    return _hands_of(session, list(activity_ids))


def _hands_of(session: Session, activities: Any) -> Hands:
    use = ActivityUse
    working = col(ActivityStaff.activity_id).in_(activities)
    return Hands(
        _staff(session, ActivityStaff.activity_id, ActivityStaff.person_id, working),
        _uses(session, use.activity_id, use.equipment_id, use.quantity, col(use.activity_id).in_(activities)),
    )


def bookings(session: Session, since: datetime, until: datetime | None = None) -> list[Booking]:
    """Return what open activities take that are on between two moments, with the way there and back."""
    during = [col(Activity.ends_at) > since - LONGEST_WAY, col(Activity.state).in_(OPEN)]
    if until is not None:
        during.append(col(Activity.starts_at) < until + LONGEST_WAY)
    question = (
        select(Activity, Hub, Venue)
        .join(Hub, col(Hub.id) == Activity.hub_id)
        .outerjoin(Venue, col(Venue.id) == Activity.venue_id)
        .where(*during)
        .order_by(col(Activity.id))
    )
    hands = _hands_of(session, select(col(Activity.id)).where(*during))
    return [booking_of(Occasion(*row), hands) for row in session.execute(question).tuples()]


def booking_of(one: Occasion, hands: Hands) -> Booking:
    """Return what one activity takes."""
    activity, key = one.activity, id_of(one.activity)
    return Booking(
        activity.code,
        activity.venue_id,
        one.venue.name if one.venue else "",
        named(activity.title_zh, activity.title_en),
        activity.starts_at,
        activity.ends_at,
        hands.staff.get(key, ()),
        hands.uses.get(key, ()),
        place_of(one.hub, one.venue),
    )


def place_of(hub: Hub, venue: Venue | None) -> Place | None:
    """Return where on the map an activity is: the venue's own point, else the hub's."""
    if venue is not None and venue.lon is not None and venue.lat is not None:
        return Place(venue.lon, venue.lat)
    return None if hub.lon is None or hub.lat is None else Place(hub.lon, hub.lat)


def _staff(session: Session, owner: Any, person: Any, *mine: Any) -> dict[int, tuple[Staff, ...]]:
    question = select(owner, col(Person.id), col(Person.name)).join(Person, col(Person.id) == person)
    found: dict[int, tuple[Staff, ...]] = {}
    for key, person_id, name in session.execute(question.where(*mine).order_by(owner, col(Person.id))):
        found[key] = (*found.get(key, ()), Staff(person_id, name))
    return found


def _uses(session: Session, owner: Any, thing: Any, quantity: Any, *mine: Any) -> dict[int, tuple[Use, ...]]:
    question = (
        select(owner, col(Equipment.id), col(Equipment.name), quantity, col(Equipment.quantity))
        .join(Equipment, col(Equipment.id) == thing)
        .where(*mine)
        .order_by(owner, col(Equipment.id))
    )
    found: dict[int, tuple[Use, ...]] = {}
    for key, *use in session.execute(question):
        found[key] = (*found.get(key, ()), Use(*use))
    return found
