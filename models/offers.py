"""Matching runs, offers, next candidates, check-ins and attendance of volunteers."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from models.base import Table, data, when
from models.hours import HoursSource
from models.states import OfferState


class MatchingRun(Table, table=True):
    """One answer of the matcher, kept with what it was asked."""

    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = when()
    by_id: int | None = Field(default=None, foreign_key="person.id")
    scope: dict[str, Any] = data(default_factory=dict)
    parameters: dict[str, Any] = data(default_factory=dict)
    inputs_hash: str
    solver: str
    status: str
    value: float
    bound: float
    gap: float
    seconds: float
    places: int
    filled: int
    unfilled: list[dict[str, Any]] = data(default_factory=list)
    """Per need: places left open and the cause, with counts by reason."""


class MatchingRecord(Table, table=True):
    """What a run knew about people and places, packed by `matching/record.py`; kept for some weeks."""

    run_id: int = Field(primary_key=True, foreign_key="matching_run.id")
    kept_at: datetime = when(index=True)
    data: bytes


class Offer(Table, table=True):
    """A named person is asked to serve at an activity, and answers."""

    __table_args__ = (
        UniqueConstraint("need_id", "person_id"),
        Index("ix_offer_person_id_state", "person_id", "state"),
        Index("ix_offer_state_expires_at", "state", "expires_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    need_id: int = Field(foreign_key="need.id", index=True)
    activity_id: int = Field(foreign_key="activity.id", index=True)
    person_id: int = Field(foreign_key="person.id")
    run_id: int | None = Field(default=None, foreign_key="matching_run.id")
    state: str = OfferState.PROPOSED
    reasons: list[dict[str, Any]] = data(default_factory=list)
    """Why this person, as codes with values; never about anybody else."""
    proposed_at: datetime = when()
    sent_at: datetime | None = when(default=None)
    expires_at: datetime | None = when(default=None)
    answered_at: datetime | None = when(default=None)
    decline_reason: str = ""
    is_reserve: bool = False
    """Asked to come as a reserve, beyond the places, because not everybody always comes."""
    replaces_id: int | None = Field(default=None, foreign_key="offer.id", index=True)
    """The offer of somebody who looks for a substitute and stays down until this one is accepted."""
    seeks_substitute_at: datetime | None = when(default=None)
    """Since when its holder looks for a substitute; they come themselves until one is found."""


class Candidate(Table, table=True):
    """Who would be asked next for a need, best first, as the last run priced them."""

    need_id: int = Field(primary_key=True, foreign_key="need.id")
    person_id: int = Field(primary_key=True, foreign_key="person.id")
    run_id: int = Field(foreign_key="matching_run.id")
    place: int
    reasons: list[dict[str, Any]] = data(default_factory=list)


class Attendance(Table, table=True):
    """One record of a volunteer's presence; the newest counts, none is ever changed."""

    id: int | None = Field(default=None, primary_key=True)
    offer_id: int = Field(foreign_key="offer.id", index=True)
    presence: str
    recorded_at: datetime = when()
    recorded_by_id: int | None = Field(default=None, foreign_key="person.id")
    corrects_id: int | None = Field(default=None, foreign_key="attendance.id", unique=True)
    reason: str = ""
    source: str = HoursSource.STAFF
    """Whether the person checked in, or staff said so."""


class CheckInWay(StrEnum):
    """How somebody showed that they were there."""

    CODE = "code"
    """By the six digits that are shown at the venue, on a page of their own."""
    QR = "qr"
    """By the picture that is shown at the venue, with their address."""


class CheckIn(Table, table=True):
    """Somebody showed on the spot that they came, and when; what it is worth stands elsewhere."""

    __table_args__ = (CheckConstraint("(offer_id IS NULL) <> (participation_id IS NULL)", "one_place"),)
    id: int | None = Field(default=None, primary_key=True)
    activity_id: int = Field(foreign_key="activity.id", index=True)
    offer_id: int | None = Field(default=None, foreign_key="offer.id", unique=True)
    participation_id: int | None = Field(default=None, foreign_key="participation.id", unique=True)
    way: str = CheckInWay.CODE
    at: datetime = when()
    left_at: datetime | None = when(default=None)
    """When a volunteer said that they leave before the end."""


class Pause(Table, table=True):
    """A time in which somebody is not asked, after they did not come; it ends by its date or is lifted."""

    __table_args__ = (CheckConstraint("starts_at < ends_at", "order"),)
    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    attendance_id: int = Field(foreign_key="attendance.id", unique=True)
    """The record that they did not come."""
    starts_at: datetime = when()
    ends_at: datetime = when(index=True)
    holds_stars: bool = False
    """Whether stars stay as they were when it began, until it ends."""
    lifted_at: datetime | None = when(default=None)
    lifted_by_id: int | None = Field(default=None, foreign_key="person.id")
    reason: str = ""
    """Why it was lifted before its end."""
