"""The young people served, their guardians, and the guardians' consents."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from models.base import Table, when
from models.states import ConsentState, ParticipationState, PersonState, Presence


class Participant(Table, table=True):
    """A young person whom a hub serves."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    hub_id: int = Field(foreign_key="hub.id", index=True)
    name: str
    email: str = Field(default="", index=True)
    phone: str = ""
    language: str = "zh-Hans"
    birth_date: date | None = None
    age_band: str = ""
    """Used where the birth date is not known: "under_14", "14_17", "18_24", "25_35"."""
    interests: str = ""
    state: str = PersonState.ACTIVE
    created_at: datetime = when()


class Participation(Table, table=True):
    """A participant's place at an activity, and whether they came."""

    __table_args__ = (UniqueConstraint("activity_id", "participant_id"),)
    id: int | None = Field(default=None, primary_key=True)
    activity_id: int = Field(foreign_key="activity.id", index=True)
    participant_id: int = Field(foreign_key="participant.id", index=True)
    state: str = Field(default=ParticipationState.SIGNED_UP, index=True)
    signed_up_at: datetime = when()
    """Also the order of the waiting list."""
    presence: str = Field(default=Presence.UNKNOWN)
    recorded_at: datetime | None = when(default=None)
    recorded_by_id: int | None = Field(default=None, foreign_key="person.id")


class Guardian(Table, table=True):
    """An adult who answers for a minor."""

    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (participant_id IS NULL)", "one_minor"),
        UniqueConstraint("person_id", "email"),
        UniqueConstraint("participant_id", "email"),
    )
    id: int | None = Field(default=None, primary_key=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    participant_id: int | None = Field(default=None, foreign_key="participant.id", index=True)
    name: str
    email: str = ""
    phone: str = ""
    language: str = "zh-Hans"


class ConsentPurpose(StrEnum):
    """What a guardian agrees to."""

    VOLUNTEERING = "volunteering"
    TAKING_PART = "taking_part"


class Consent(Table, table=True):
    """A guardian's consent: asked for by mail, answered by link, valid through `expires_on`."""

    __table_args__ = (UniqueConstraint("guardian_id", "purpose", "asked_at"),)
    id: int | None = Field(default=None, primary_key=True)
    guardian_id: int = Field(foreign_key="guardian.id", index=True)
    purpose: str
    state: str = Field(default=ConsentState.ASKED, index=True)
    asked_at: datetime = when()
    answered_at: datetime | None = when(default=None)
    expires_on: date | None = None
