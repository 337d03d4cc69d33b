"""A guardian's question as its page shows it, and the consents that are about to lapse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from config.text import Text
from models import (
    Activity,
    Consent,
    ConsentPurpose,
    Guardian,
    Participant,
    Participation,
    Person,
    Volunteer,
)
from models.states import ActivityState, ConsentState, ParticipationState, PersonState
from services.describing import Describer
from services.minors import home_of, is_minor, minor_of, valid_until
from services.offer_view import Contact, masked
from services.queries import Occasion, id_of, named, required, seats
from services.wording import local_day


@dataclass(frozen=True)
class ConsentView:
    """Hold what a guardian's page shows; `waiting` are the activities that wait for the answer."""

    consent_id: int
    state: ConsentState
    purpose: ConsentPurpose
    minor_name: str
    guardian_name: str
    language: str
    sent_to: str
    hub: Text
    hub_code: str
    time_zone: str
    waiting: tuple[Occasion, ...]
    answered_at: datetime | None
    valid_until: date
    contact: Contact | None


@dataclass(frozen=True)
class ExpiringConsent:
    """Hold a consent that lapses soon while the person still is a minor."""

    consent_id: int
    hub_id: int
    minor_name: str
    expires_on: date


def view(session: Session, consent_id: int, *, now: datetime) -> ConsentView:
    """Return the page of a guardian's question; raises `NotFound`."""
    consent = required(session, Consent, consent_id)
    guardian = required(session, Guardian, consent.guardian_id)
    minor = minor_of(session, consent)
    hub = home_of(session, minor)
    worker = Describer(session, [], hub_ids={id_of(hub)}).contact(id_of(hub))
    return ConsentView(
        consent_id=consent_id,
        state=ConsentState(consent.state),
        purpose=ConsentPurpose(consent.purpose),
        minor_name=minor.name,
        guardian_name=guardian.name,
        language=guardian.language,
        sent_to=masked(guardian.email),
        hub=named(hub.name_zh, hub.name_en),
        hub_code=hub.code,
        time_zone=hub.time_zone,
        waiting=_waiting(session, minor, now) if isinstance(minor, Participant) else (),
        answered_at=consent.answered_at,
        valid_until=consent.expires_on or valid_until(minor.birth_date, local_day(now, hub.time_zone)),
        contact=Contact(worker.name, worker.phone, worker.address) if worker else None,
    )


def expiring(
    session: Session, hub_ids: Sequence[int], *, now: datetime, within: timedelta = timedelta(days=30)
) -> list[ExpiringConsent]:
    """Return the volunteers' consents of these hubs that lapse within a time, the soonest first.

    A consent that ends with the person's 18th birthday is not about to lapse: it is not needed then.
    """
    today = now.date()
    question = (
        select(Consent, Person, col(Volunteer.home_hub_id))
        .join(Guardian, col(Guardian.id) == Consent.guardian_id)
        .join(Person, col(Person.id) == Guardian.person_id)
        .join(Volunteer, col(Volunteer.person_id) == Person.id)
        .where(
            col(Volunteer.home_hub_id).in_(hub_ids),
            col(Person.state) == PersonState.ACTIVE,
            col(Consent.purpose) == ConsentPurpose.VOLUNTEERING,
            col(Consent.state) == ConsentState.GRANTED,
            col(Consent.expires_on).between(today, today + within),
        )
        .order_by(col(Consent.expires_on), col(Consent.id))
    )
    found = [(consent, person, hub_id) for consent, person, hub_id in session.execute(question)]
    return [
        ExpiringConsent(id_of(consent), hub_id, person.name, consent.expires_on)
        for consent, person, hub_id in found
        if is_minor(person.birth_date, "", consent.expires_on)
    ]


def _waiting(session: Session, participant: Participant, now: datetime) -> tuple[Occasion, ...]:
    waiting = seats(
        session,
        col(Participation.participant_id) == id_of(participant),
        col(Participation.state) == ParticipationState.NEEDS_CONSENT,
        col(Activity.state) == ActivityState.PUBLISHED,
        col(Activity.starts_at) > now,
    )
    return tuple(seat.occasion for seat in waiting)
