"""An offer as its page shows it: always the present state, never an error."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from config.text import Text
from models import ConsentPurpose, Offer
from models.states import ActivityState, OfferState, PersonState
from services.check_in import why_not
from services.check_in_rules import check_in_rules
from services.check_in_view import CheckInView, check_in_view
from services.describing import Describer
from services.minors import has_consent, is_minor
from services.queries import Placement, id_of, named, only, placements
from services.reasons import reason_in_words
from services.wording import local_day


class Situation(StrEnum):
    """What an offer's page has to say; `OPEN` is the only one that asks for a yes or no."""

    OPEN = "open"
    NEEDS_GUARDIAN = "needs_guardian"
    GONE = "gone"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    STANDBY = "standby"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    OVER = "over"


@dataclass(frozen=True)
class Contact:
    """Hold which social worker to ask."""

    name: str
    phone: str
    email: str


@dataclass(frozen=True)
class OfferView:
    """Hold what the page of an offer shows, in plain values.

    `position` is the place in line of somebody on standby, or the one they would get; `reason` says
    why an activity was cancelled or moved.
    """

    offer_id: int
    situation: Situation
    state: OfferState
    activity_code: str
    title: Text
    summary: Text
    role: Text
    hub: Text
    hub_code: str
    place: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    revision: int
    reason: str
    has_minors: bool
    why: tuple[Text, ...]
    expires_at: datetime | None
    answered_at: datetime | None
    decline_reason: Text | None
    position: int
    person_name: str
    called: str
    language: str
    sent_to: str
    contact: Contact | None
    check_in: CheckInView
    tried: Text | None
    """Why a try to check in failed."""
    is_reserve: bool = False
    looks_since: datetime | None = None
    """Since when the holder looks for a substitute."""


def view(session: Session, offer_id: int, *, now: datetime, tried: str = "") -> OfferView:
    """Return the page of an offer, and what `tried` says of a failed check-in; raises `NotFound`."""
    placed = only(placements(session, col(Offer.id) == offer_id))
    offer, activity, hub, person = placed.offer, placed.occasion.activity, placed.occasion.hub, placed.person
    situation = situation_of(session, placed, now=now)
    worker = Describer(session, [placed]).contact(id_of(hub))
    return OfferView(
        offer_id=offer_id,
        situation=situation,
        state=OfferState(offer.state),
        activity_code=activity.code,
        title=placed.occasion.title,
        summary=named(activity.summary_zh, activity.summary_en),
        role=placed.role,
        hub=placed.occasion.hub_name,
        hub_code=hub.code,
        place=placed.occasion.place,
        starts_at=activity.starts_at,
        ends_at=activity.ends_at,
        time_zone=hub.time_zone,
        revision=activity.revision,
        reason=activity.reason,
        has_minors=activity.has_minors,
        why=placed.why,
        expires_at=offer.expires_at,
        answered_at=offer.answered_at,
        decline_reason=reason_in_words(offer.decline_reason),
        position=standby_position(session, offer),
        person_name=person.name,
        called=person.form_of_address or person.name,
        language=person.language,
        sent_to=masked(person.email),
        contact=Contact(worker.name, worker.phone, worker.address) if worker else None,
        check_in=check_in_view(session, placed, now=now),
        tried=why_not(tried, check_in_rules(session, now=now).of(id_of(hub))),
        is_reserve=offer.is_reserve,
        looks_since=offer.seeks_substitute_at,
    )


def situation_of(session: Session, placed: Placement, *, now: datetime) -> Situation:
    """Return what there is to say about an offer now."""
    offer, activity = placed.offer, placed.occasion.activity
    if activity.state == ActivityState.CANCELLED:
        return Situation.CANCELLED
    if activity.state != ActivityState.PUBLISHED or activity.ends_at <= now:
        return Situation.OVER
    if offer.state == OfferState.PROPOSED or placed.person.state == PersonState.INACTIVE:
        return Situation.WITHDRAWN
    return _unanswered(session, placed, now) if offer.state == OfferState.SENT else Situation(offer.state)


def _unanswered(session: Session, placed: Placement, now: datetime) -> Situation:
    closes_at = placed.offer.expires_at or placed.occasion.activity.starts_at
    if min(closes_at, placed.occasion.activity.starts_at) <= now:
        return Situation.EXPIRED
    if lacks_guardian(session, placed):
        return Situation.NEEDS_GUARDIAN
    is_beside = placed.offer.is_reserve or placed.offer.replaces_id is not None
    is_full = placed.need.taken >= placed.need.maximum and not is_beside
    return Situation.GONE if is_full else Situation.OPEN


def lacks_guardian(session: Session, placed: Placement) -> bool:
    """Say whether a guardian's consent is missing for this person on the day."""
    person = placed.person
    day = local_day(placed.occasion.activity.starts_at, placed.occasion.hub.time_zone)
    if person.state == PersonState.AWAITING_CONSENT:
        return True
    if not is_minor(person.birth_date, "", day):
        return False
    return not has_consent(session, person, ConsentPurpose.VOLUNTEERING, day)


def standby_position(session: Session, offer: Offer) -> int:
    """Return the place in line on standby, counted from 1, that this offer has or would get."""
    line = (
        select(func.count())
        .select_from(Offer)
        .where(col(Offer.need_id) == offer.need_id, col(Offer.state) == OfferState.STANDBY)
    )
    if offer.state == OfferState.STANDBY:
        earlier = or_(
            col(Offer.answered_at) < offer.answered_at,
            (col(Offer.answered_at) == offer.answered_at) & (col(Offer.id) < id_of(offer)),
        )
        line = line.where(earlier)
    return 1 + int(session.execute(line).scalar_one())


def masked(address: str) -> str:
    """Return an address that its owner recognises and nobody else can use, as "l***@mail.example"."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}***{at}{domain}" if at else ""
