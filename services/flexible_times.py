"""The person who is asked for flexible work may choose another time within its window, and says yes to that.

What may be chosen is free for the room, the staff and the things, and passes every rule of matching for this
person: overlap and way, rest, hours a week, block-outs, checks on the day.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from config.text import Refusal, Text
from matching.eligibility import Eligibility
from matching.inputs import Staffing, Volunteer
from models import Activity, Need, Offer, Participation, Series
from models import Volunteer as VolunteerRow
from models.states import OfferState, ParticipationState
from scheduling.conflicts import Booking, Calendar
from scheduling.proposals import free_times, start_times
from services import offers
from services.bookings import activity_hands, booking_of, bookings
from services.errors import TooLate
from services.matching_rules import matching_rules
from services.matchmaking_inputs import activity_of, need_of
from services.matchmaking_people import load_volunteers
from services.offer_results import Accepted, StandbyOffered
from services.offer_rules import offer_rules
from services.offer_view import Situation, situation_of
from services.policies import book
from services.proposal_rules import ProposalRules
from services.queries import Occasion, Placement, id_of, lock_needs, only, placements, required
from services.schedule_changes import move_activity
from services.wording import local_day

MOST = 12
CHOSEN = "志愿者选定了时间 / the volunteer has chosen the time"
NO_LONGER = Refusal(
    "time_gone",
    Text(
        "这个时间刚刚不行了：有人先选了，或者场地被占了。请看看现在还能选的。",
        "That time has just gone: somebody was faster, or the room is taken. Look at what is left.",
    ),
)


@dataclass(frozen=True)
class OtherTime:
    """Hold a time within the window that suits the person, the room and the staff."""

    starts_at: datetime
    ends_at: datetime


def other_times(session: Session, offer_id: int, *, now: datetime, most: int = MOST) -> tuple[OtherTime, ...]:
    """Return the times that the person may choose instead, the earliest of each day first; none where none may."""
    placed = only(placements(session, col(Offer.id) == offer_id))
    if not _may_choose(session, placed, now):
        return ()
    found = _suiting(session, placed, now)
    zone = placed.occasion.hub.time_zone
    order = sorted(found, key=lambda one: (_place_in_day(found, one, zone), one.starts_at))
    chosen = sorted(order[:most], key=lambda one: one.starts_at)
    return tuple(OtherTime(one.starts_at, one.ends_at) for one in chosen)


def accept_at(
    session: Session, offer_id: int, starts_at: datetime, *, now: datetime
) -> Accepted | StandbyOffered:
    """Move flexible work to the time that the person chose, and take their yes; raises `TooLate` where it went.

    A second tap finds the yes that is there. Everybody else who was asked for it reads the new time.
    """
    own = select(col(Offer.activity_id)).where(col(Offer.id) == offer_id).scalar_subquery()
    lock_needs(session, col(Need.activity_id) == own)
    placed = only(placements(session, col(Offer.id) == offer_id))
    activity = placed.occasion.activity
    is_new = placed.offer.state != OfferState.ACCEPTED and activity.starts_at != starts_at
    if is_new:
        fitting = _suiting(session, placed, now) if _may_choose(session, placed, now) else []
        if all(one.starts_at != starts_at for one in fitting):
            raise TooLate(NO_LONGER)
        move_activity(
            session, id_of(activity), starts_at=starts_at, reason=CHOSEN, by=None, now=now, is_checked=True
        )
    return offers.accept(session, offer_id, now=now)


def _may_choose(session: Session, placed: Placement, now: datetime) -> bool:
    """Say whether nobody else counts on the time as it is."""
    activity = placed.occasion.activity
    if activity.window_from is None or situation_of(session, placed, now=now) != Situation.OPEN:
        return False
    taken = select(Need.id).where(Need.activity_id == activity.id, col(Need.taken) > 0)
    seats = select(Participation.id).where(
        Participation.activity_id == activity.id, Participation.state != ParticipationState.CANCELLED
    )
    return session.exec(taken).first() is None and session.exec(seats).first() is None


def _suiting(session: Session, placed: Placement, now: datetime) -> list[Booking]:
    """Return every time of the window but the present one that is free and suits the person."""
    free = [one for one in _free(session, placed, now) if one.starts_at != placed.occasion.activity.starts_at]
    person = _person(session, placed, now)
    if person is None:
        return []
    decided = matching_rules(session, now=now)
    activities = tuple(
        activity_of(_at(placed, one, -number), (), decided.loading, _series(session, placed))
        for number, one in enumerate(free, 1)
    )
    need = replace(need_of(placed.need), taken=0)
    needs = tuple(replace(need, id=one.id, activity_id=one.id) for one in activities)
    pools = Eligibility(Staffing((person,), activities, needs), decided.policy).pools()
    fits = {pool.need.id for pool in pools if len(pool.eligible)}
    return [one for number, one in enumerate(free, 1) if -number in fits]


def _at(placed: Placement, time: Booking, key: int) -> Occasion:
    """Return the work as it would be at another time: a row that is in no database."""
    plain = placed.occasion.activity.model_dump()
    row = Activity(**{**plain, "id": key, "starts_at": time.starts_at, "ends_at": time.ends_at})
    return replace(placed.occasion, activity=row)


def _series(session: Session, placed: Placement) -> dict[int, str]:
    key = placed.occasion.activity.series_id
    return {} if key is None else {key: required(session, Series, key).code}


def _free(session: Session, placed: Placement, now: datetime) -> list[Booking]:
    activity, hub = placed.occasion.activity, placed.occasion.hub
    assert activity.window_from is not None
    assert activity.window_until is not None
    first = local_day(activity.window_from, hub.time_zone)
    days = [first + timedelta(days=n) for n in range((activity.window_until - activity.window_from).days + 1)]
    minutes = round((activity.ends_at - activity.starts_at) / timedelta(minutes=1))
    hours = book(session, ProposalRules, now=now).of(hub.id).hours
    earliest = now + offer_rules(session, now=now).of(hub.id).last_call
    own = booking_of(placed.occasion, activity_hands(session, [id_of(activity)]))
    wanted = [
        replace(own, starts_at=starts_at, ends_at=ends_at)
        for starts_at, ends_at in start_times(days, minutes, hours, hub.time_zone)
        if starts_at > earliest and starts_at >= activity.window_from and ends_at <= activity.window_until
    ]
    return free_times(Calendar(bookings(session, now, activity.window_until)), wanted)


def _person(session: Session, placed: Placement, now: datetime) -> Volunteer | None:
    """Return the person without this very offer, which stands in the way of no other time."""
    rules = matching_rules(session, now=now).loading
    found = load_volunteers(session, col(VolunteerRow.person_id) == placed.person.id, now=now, rules=rules)
    if not found:
        return None
    (person,) = found
    others = tuple(one for one in person.commitments if one.activity_id != placed.occasion.activity.id)
    return replace(person, commitments=others, asks_left=None)


def _place_in_day(found: list[Booking], one: Booking, zone: str) -> int:
    """Return how many times of the same day come before this one."""
    day = local_day(one.starts_at, zone)
    return sum(other.starts_at < one.starts_at for other in found if local_day(other.starts_at, zone) == day)
