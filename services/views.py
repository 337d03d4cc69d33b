"""What pages show and no verb returns: who reads, the network in two figures, what lapses, a calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import Session, col

from config.text import Text
from models import Activity, BackgroundCheck, Hub, Offer, Person, Unit, Volunteer
from models.states import ActivityState, OfferState, PersonState
from notifications.calendar import entry_bytes
from notifications.kinds import OfferConfirmedMail
from services.access import require_coordinator
from services.consents_view import expiring
from services.describing import Describer
from services.digests_rows import LAPSES_WITHIN
from services.queries import named, only, placements, required


@dataclass(frozen=True)
class Reader:
    """Hold for whom a page of staff is written."""

    person_id: int
    name: str
    language: str


@dataclass(frozen=True)
class NetworkNow:
    """Hold how many hubs are open, and how many activities take sign-ups in the next two weeks."""

    hubs: int
    activities: int


@dataclass(frozen=True)
class HubHead:
    """Hold what stands above every page of a hub."""

    hub_id: int
    code: str
    name: Text
    unit: Text
    time_zone: str


@dataclass(frozen=True)
class Lapsing:
    """Hold whose background check ("check") or guardian's consent ("consent") lapses soon."""

    what: str
    name: str
    until: date


def reader(session: Session, person_id: int) -> Reader:
    """Return who reads a page; raises `NotFound`."""
    person = required(session, Person, person_id)
    return Reader(person_id, person.name, person.language)


def network_now(session: Session, *, now: datetime) -> NetworkNow:
    """Return the network in two figures, for the first page."""
    coming = (
        select(func.count())
        .select_from(Activity)
        .where(
            col(Activity.state) == ActivityState.PUBLISHED,
            col(Activity.starts_at).between(now, now + timedelta(days=14)),
        )
    )
    return NetworkNow(count_hubs(session), session.execute(coming).scalar_one())


def count_hubs(session: Session) -> int:
    """Return how many hubs are open."""
    found: int = session.execute(select(func.count()).select_from(Hub).where(col(Hub.is_open))).scalar_one()
    return found


def hub_head(session: Session, hub_id: int, *, by: int) -> HubHead:
    """Return a hub's head line for one of its coordinators; raises `NotFound` or `NotYours`."""
    hub = required(session, Hub, hub_id)
    require_coordinator(session, by, hub_id)
    unit = required(session, Unit, hub.unit_id)
    return HubHead(
        hub_id, hub.code, named(hub.name_zh, hub.name_en), named(unit.name_zh, unit.name_en), hub.time_zone
    )


def proposed_offers(session: Session, hub_id: int) -> int:
    """Return how many offers of a hub are proposed and not yet sent."""
    found: int = session.execute(
        select(func.count())
        .select_from(Offer)
        .join(Activity, col(Activity.id) == Offer.activity_id)
        .where(col(Activity.hub_id) == hub_id, col(Offer.state) == OfferState.PROPOSED)
    ).scalar_one()
    return found


def lapsing(session: Session, hub_id: int, *, now: datetime) -> tuple[Lapsing, ...]:
    """Return the hub's volunteers whose check or guardian's consent lapses soon, the soonest first."""
    today = now.date()
    newest = func.max(BackgroundCheck.expires_on)
    checks = (
        select(col(Person.name), newest)
        .join(BackgroundCheck, col(BackgroundCheck.person_id) == Person.id)
        .join(Volunteer, col(Volunteer.person_id) == Person.id)
        .where(col(Volunteer.home_hub_id) == hub_id, col(Person.state) == PersonState.ACTIVE)
        .group_by(col(Person.id), col(Person.name))
        .having(newest.between(today, today + LAPSES_WITHIN))
    )
    found = [Lapsing("check", name, until) for name, until in session.execute(checks)]
    consents = expiring(session, [hub_id], now=now, within=LAPSES_WITHIN)
    found += [Lapsing("consent", one.minor_name, one.expires_on) for one in consents]
    return tuple(sorted(found, key=lambda one: (one.until, one.name)))


def offer_calendar(session: Session, offer_id: int, *, now: datetime) -> bytes:
    """Return the calendar entry of an accepted offer, the same as its mail's; raises `NotFound`."""
    mine = col(Offer.id) == offer_id, col(Offer.state) == OfferState.ACCEPTED
    placed = only(placements(session, *mine))
    mail = OfferConfirmedMail(**Describer(session, [placed]).about_offer(placed))
    return entry_bytes(mail.calendar, mail.to, mail.to.address, now=now)
