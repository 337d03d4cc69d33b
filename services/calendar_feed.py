"""A volunteer's own calendar to subscribe to: what the mails say, always as it stands now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlmodel import Session, col

from config.text import Language, Text
from models import Activity, Offer, Person
from models.states import ActivityState, OfferState, PersonState
from notifications.calendar import feed_bytes
from notifications.kinds import CalendarEntry, OfferConfirmedMail
from services.describing import Describer
from services.errors import NotFound
from services.queries import NO_SUCH_THING, Placement, placements, required

KEPT = timedelta(days=60)
"""So long after an activity it stays in the calendar."""
NAME = Text("我的志愿活动", "My volunteering")
STATUS = {OfferState.SENT: "TENTATIVE", OfferState.ACCEPTED: "CONFIRMED", OfferState.WITHDRAWN: "CANCELLED"}
SHOWN = (OfferState.SENT, OfferState.ACCEPTED, OfferState.WITHDRAWN)


def calendar_feed(session: Session, person_id: int, *, now: datetime) -> bytes:
    """Return what a volunteer is asked for, agreed to, and need not come to any more; raises `NotFound`."""
    person = required(session, Person, person_id)
    if person.state == PersonState.INACTIVE:
        raise NotFound(NO_SUCH_THING)
    mine = placements(
        session,
        col(Offer.person_id) == person_id,
        col(Offer.sent_at).is_not(None),
        col(Offer.state).in_(SHOWN),
        col(Activity.ends_at) > now - KEPT,
    )
    language = Language.EN if person.language == Language.EN else Language.ZH
    return feed_bytes(_entries(session, mine, now), language, NAME.in_(language), now=now)


def _entries(session: Session, mine: list[Placement], now: datetime) -> Iterator[CalendarEntry]:
    known = Describer(session, mine)
    for placed in mine:
        status = _status(placed, now)
        if status:
            yield OfferConfirmedMail(**known.about_offer(placed)).entry(status, "")


def _status(placed: Placement, now: datetime) -> str:
    """Return how an event stands; nothing for a question that nobody can answer any more."""
    offer, activity = placed.offer, placed.occasion.activity
    if activity.state == ActivityState.CANCELLED:
        return "CANCELLED"
    if offer.state == OfferState.SENT and (offer.expires_at is None or offer.expires_at <= now):
        return ""
    return STATUS[OfferState(offer.state)]
