"""Who is a minor, and whether a guardian has agreed; from which age is data, not a constant."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias

from sqlalchemy import func
from sqlmodel import Session, col, select

from models import Consent, ConsentPurpose, Guardian, Hub, Participant, Person, Volunteer
from models.states import ConsentState
from services.queries import age_on, id_of, required

Minor: TypeAlias = Person | Participant
"""A young volunteer or participant, for whom a guardian answers."""

AGE_BANDS = ("under_14", "14_17", "18_24", "25_35")
"""Age groups for people who give no birth date, youngest first."""
MINOR_BANDS = frozenset({"under_14", "14_17"})


@dataclass(frozen=True)
class MinorPolicy:
    """Hold the ages that the law and the network's rules set."""

    adult_age: int = 18
    youngest_volunteer: int = 14
    consent_days: int = 365
    consent_link_opens: timedelta = timedelta(days=14)
    ask_again_after: timedelta = timedelta(days=3)
    no_rests: timedelta = timedelta(days=90)


POLICY = MinorPolicy()


def is_minor(birth_date: date | None, age_band: str, day: date, policy: MinorPolicy = POLICY) -> bool:
    """Say whether somebody is under age on `day`; where no birth date is known the age group tells."""
    if birth_date is not None:
        return age_on(birth_date, day) < policy.adult_age
    return age_band in MINOR_BANDS


def birthday(birth_date: date, age: int) -> date:
    """Return the day on which somebody becomes `age`; who is born on 29 February does so on 1 March."""
    year = birth_date.year + age
    leap_day = (birth_date.month, birth_date.day) == (2, 29) and not isleap(year)
    return date(year, 3, 1) if leap_day else birth_date.replace(year=year)


def has_consent(session: Session, minor: Minor, purpose: ConsentPurpose, day: date) -> bool:
    """Say whether a guardian's consent for this purpose is valid on `day`."""
    of_minor = Guardian.person_id if isinstance(minor, Person) else Guardian.participant_id
    question = (
        select(Consent.id)
        .join(Guardian)
        .where(
            of_minor == minor.id,
            Consent.purpose == purpose,
            Consent.state == ConsentState.GRANTED,
            col(Consent.expires_on) >= day,
        )
    )
    return session.exec(question).first() is not None


def agreed_until(session: Session, person_ids: Sequence[int], purpose: ConsentPurpose) -> dict[int, date]:
    """Return, for each of some volunteers with a guardian's consent, the last day on which it holds."""
    question = (
        select(Guardian.person_id, func.max(Consent.expires_on))
        .join(Consent, col(Consent.guardian_id) == Guardian.id)
        .where(
            col(Guardian.person_id).in_(person_ids),
            Consent.purpose == purpose,
            Consent.state == ConsentState.GRANTED,
        )
        .group_by(col(Guardian.person_id))
    )
    return {who: until for who, until in session.exec(question) if who is not None and until is not None}


def valid_until(birth_date: date | None, today: date, policy: MinorPolicy = POLICY) -> date:
    """Return until when a yes given today holds: for a year, but no longer than until adulthood."""
    in_a_year = today + timedelta(days=policy.consent_days)
    return min(in_a_year, birthday(birth_date, policy.adult_age)) if birth_date else in_a_year


def minor_of(session: Session, consent: Consent) -> Minor:
    """Return the volunteer or participant whom a consent is about."""
    guardian = required(session, Guardian, consent.guardian_id)
    if guardian.person_id is not None:
        return required(session, Person, guardian.person_id)
    assert guardian.participant_id is not None
    return required(session, Participant, guardian.participant_id)


def home_of(session: Session, minor: Minor) -> Hub:
    """Return the hub of a volunteer or participant."""
    if isinstance(minor, Participant):
        return required(session, Hub, minor.hub_id)
    return required(session, Hub, required(session, Volunteer, id_of(minor)).home_hub_id)
