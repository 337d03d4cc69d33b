"""What people do to single activities: publish, move, cancel; and who is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col

from config.text import Refusal, Text, plural
from models import Activity, Need, Offer, Participation, Venue
from models.states import ActivityState, OfferState, ParticipationState
from scheduling.conflicts import Conflict, find_conflicts
from services import audit, mails
from services.access import require_coordinator
from services.bookings import OPEN, activity_hands, booking_of, bookings
from services.errors import HubError, TooLate
from services.forms import plain
from services.gate import refuse_held
from services.offer_rules import offer_rules
from services.queries import (
    Occasion,
    Placement,
    Seat,
    id_of,
    lock_needs,
    occasions,
    only,
    placements,
    required,
    seats,
)
from services.wording import moment_text

HELD = (OfferState.SENT, OfferState.ACCEPTED, OfferState.STANDBY)
"""Offers whose people were asked and may count on the activity."""
LONGEST_REASON = 200


@dataclass(frozen=True)
class Published:
    """Say how many activities take sign-ups and offers from now on."""

    published: int
    sentence: Text


@dataclass(frozen=True)
class Cancelled:
    """Say how many people are told that an activity is cancelled."""

    told: int
    sentence: Text
    again: bool = False


@dataclass(frozen=True)
class Moved:
    """Say how many people are told that an activity is at another time or place."""

    told: int
    revision: int
    sentence: Text
    again: bool = False


def publish(session: Session, activity_ids: Sequence[int], *, by: int | None, now: datetime) -> Published:
    """Open planned activities for sign-ups and offers.

    Raises `NotYours` if one is another hub's, and `HubError` for each that waits for a risk check.
    """
    planned = occasions(
        session, col(Activity.id).in_(activity_ids), col(Activity.state) == ActivityState.PLANNED
    )
    for one in planned:
        _require(session, by, one)
    waiting = refuse_held(session, [id_of(one.activity) for one in planned], now=now)
    if waiting:
        raise HubError(waiting)
    for one in planned:
        audit.change(
            session, one.activity, "activity.published", now=now, by=by, state=ActivityState.PUBLISHED
        )
    session.flush()
    count = len(planned)
    sentence = Text(
        zh=f"发布了{count}场活动，可以报名了。",
        en=f"{count} {plural(count, 'activity', 'activities')} published; people can sign up.",
    )
    return Published(count, sentence)


def cancel_activity(
    session: Session, activity_id: int, *, reason: str, by: int | None, now: datetime
) -> Cancelled:
    """Cancel an activity, withdraw its offers, and tell everybody who agreed to come or was asked.

    Hours already in the ledger stay. `by` None is the operator. Raises `NotYours`, `HubError` without
    a reason, and `TooLate` once it is over; a second time changes nothing.
    """
    one = _locked(session, activity_id, by)
    if one.activity.state == ActivityState.CANCELLED:
        return Cancelled(0, _cancelled_sentence(0), again=True)
    why = reason_of(reason)
    _refuse_over(one, now)
    told = _told(session, activity_id, HELD)
    _withdraw_offers(session, activity_id)
    audit.change(
        session,
        one.activity,
        "activity.cancelled",
        now=now,
        by=by,
        reason=why,
        state=ActivityState.CANCELLED,
        revision=one.activity.revision + 1,
    )
    one.activity.reason = why
    session.flush()
    mails.queue_cancelled(session, told, now=now)
    return Cancelled(len(told), _cancelled_sentence(len(told)))


def move_activity(
    session: Session,
    activity_id: int,
    *,
    starts_at: datetime,
    ends_at: datetime | None = None,
    venue_id: int | None = None,
    reason: str,
    by: int | None,
    now: datetime,
    is_checked: bool = False,
) -> Moved:
    """Move an activity to another time or room, and tell everybody who agreed to come.

    Without `ends_at` it keeps its length, without `venue_id` its room. Who said yes stays placed and
    may say no; who was only asked is asked again with the new time. `is_checked` says that nothing is in
    the way, as known of all dates that move together. Raises `HubError`, `NotYours` or `TooLate`.
    """
    one = _locked(session, activity_id, by)
    activity = one.activity
    ends_at = ends_at or starts_at + (activity.ends_at - activity.starts_at)
    venue = required(session, Venue, venue_id) if venue_id is not None else one.venue
    wanted = {"starts_at": starts_at, "ends_at": ends_at, "venue_id": venue.id if venue else None}
    if all(getattr(activity, name) == value for name, value in wanted.items()):
        return Moved(0, activity.revision, _moved_sentence(one, 0), again=True)
    why = reason_of(reason)
    _refuse_over(one, now)
    if not is_checked:
        _refuse_bad_time(session, Occasion(activity, one.hub, venue), starts_at, ends_at, now)
    before = mails.Before(activity.starts_at, activity.ends_at, one.place)
    audit.change(
        session,
        activity,
        "activity.moved",
        now=now,
        by=by,
        reason=why,
        revision=activity.revision + 1,
        **wanted,
    )
    activity.reason = why
    session.flush()
    told = _told(session, activity_id, (OfferState.ACCEPTED,))
    mails.queue_changed(session, told, before, now=now)
    _ask_again(session, activity_id, now)
    return Moved(len(told), activity.revision, _moved_sentence(Occasion(activity, one.hub, venue), len(told)))


def _locked(session: Session, activity_id: int, by: int | None) -> Occasion:
    """Return an activity that nobody else changes or answers meanwhile."""
    one = only(occasions(session, col(Activity.id) == activity_id))
    _require(session, by, one)
    session.refresh(one.activity, with_for_update=True)
    lock_needs(session, col(Need.activity_id) == activity_id)
    return one


def _require(session: Session, by: int | None, one: Occasion) -> None:
    if by is not None:
        require_coordinator(session, by, id_of(one.hub))


def reason_of(raw: str) -> str:
    """Return a reason as people will read it; raises `HubError` without one."""
    reason = plain(raw)
    if not reason:
        missing = Text(
            zh="写一下原因，大家会在信里看到。", en="Give the reason; people will read it in the mail."
        )
        raise HubError(Refusal("reason_missing", missing, field="reason"))
    if len(reason) > LONGEST_REASON:
        long = Text(
            zh=f"原因最多{LONGEST_REASON}个字，现在有{len(reason)}个。",
            en=f"A reason may have up to {LONGEST_REASON} characters; it now has {len(reason)}.",
        )
        raise HubError(Refusal("reason_too_long", long, field="reason"))
    return reason


def _refuse_over(one: Occasion, now: datetime) -> None:
    if one.activity.state not in OPEN or one.activity.ends_at <= now:
        over = Text(
            zh="这场活动已经结束或取消了，不能再改。",
            en="This activity is over or cancelled and cannot be changed.",
        )
        raise TooLate(Refusal("activity_over", over))


def _refuse_bad_time(
    session: Session, wanted: Occasion, starts_at: datetime, ends_at: datetime, now: datetime
) -> None:
    when = moment_text(starts_at, wanted.hub.time_zone)
    refusals = []
    if starts_at <= now:
        past = Text(zh="新的时间{when}已经过了。", en="The new time, {when}, is already past.")
        refusals.append(Refusal("time_past", past.format(when=when), field="starts_at"))
    if ends_at <= starts_at:
        order = Text(zh="结束时间要晚于开始时间。", en="It must end after it starts.")
        refusals.append(Refusal("time_order", order, field="ends_at"))
    else:
        refusals += [one.refusal(when) for one in _conflicts(session, wanted, starts_at, ends_at)]
    if refusals:
        raise HubError(refusals)


def _conflicts(session: Session, wanted: Occasion, starts_at: datetime, ends_at: datetime) -> list[Conflict]:
    """Return what stands in the way of an activity at another time or in another room."""
    hands = activity_hands(session, [id_of(wanted.activity)])
    booking = replace(
        booking_of(wanted, hands),
        venue_id=wanted.venue.id if wanted.venue else None,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    return find_conflicts(bookings(session, starts_at, ends_at), [booking])


def _told(session: Session, activity_id: int, states: tuple[OfferState, ...]) -> list[Placement | Seat]:
    """Return the volunteers in `states` and the participants who are not cancelled."""
    volunteers = placements(session, col(Offer.activity_id) == activity_id, col(Offer.state).in_(states))
    participants = seats(
        session,
        col(Participation.activity_id) == activity_id,
        col(Participation.state) != ParticipationState.CANCELLED,
    )
    return [*volunteers, *participants]


def _ask_again(session: Session, activity_id: int, now: datetime) -> None:
    """Send open offers anew, with the new time and with a deadline before the new start."""
    asked = placements(
        session,
        col(Offer.activity_id) == activity_id,
        col(Offer.state) == OfferState.SENT,
        col(Offer.expires_at) > now,
    )
    rules = offer_rules(session, now=now)
    for placed in asked:
        activity = placed.occasion.activity
        latest = rules.of(activity.hub_id).expires_at(activity.starts_at, now)
        placed.offer.expires_at = min(placed.offer.expires_at or latest, latest)
    session.flush()
    mails.queue_offers(session, asked, now=now)


def _withdraw_offers(session: Session, activity_id: int) -> None:
    withdrawn = (
        update(Offer)
        .where(col(Offer.activity_id) == activity_id, col(Offer.state).in_((OfferState.PROPOSED, *HELD)))
        .values(state=OfferState.WITHDRAWN)
    )
    freed = update(Need).where(col(Need.activity_id) == activity_id).values(taken=0)
    for statement in (withdrawn, freed):
        session.exec(statement.execution_options(synchronize_session=False))


def _cancelled_sentence(told: int) -> Text:
    return Text(
        zh=f"活动取消了，会通知{told}人。",
        en=f"The activity is cancelled; {told} {plural(told, 'person is', 'people are')} told.",
    )


def _moved_sentence(one: Occasion, told: int) -> Text:
    when = moment_text(one.activity.starts_at, one.hub.time_zone)
    sentence = Text(
        zh="活动改到{when}，会通知{told}人。", en="The activity is now on {when}; people told: {told}."
    )
    return sentence.format(when=when, told=told)
