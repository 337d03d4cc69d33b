"""Who is a minor, and whether a guardian has agreed; from which age is data, not a constant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from models import Consent, ConsentPurpose, Guardian, Participant, Person
from models.states import ConsentState
from services.queries import age_on

AGE_BANDS = ("under_14", "14_17", "18_24", "25_35")
"""Age groups for people who give no birth date, youngest first."""
MINOR_BANDS = frozenset({"under_14", "14_17"})


@dataclass(frozen=True)
class MinorPolicy:
    """Hold the ages that the law and the network's rules set."""

    adult_age: int = 18
    youngest_volunteer: int = 14
    consent_days: int = 365


POLICY = MinorPolicy()


def is_minor(birth_date: date | None, age_band: str, day: date, policy: MinorPolicy = POLICY) -> bool:
    """Say whether somebody is under age on `day`; where no birth date is known the age group tells."""
    if birth_date is not None:
        return age_on(birth_date, day) < policy.adult_age
    return age_band in MINOR_BANDS


def has_consent(session: Session, minor: Person | Participant, purpose: ConsentPurpose, day: date) -> bool:
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
