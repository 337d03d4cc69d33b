"""The hours ledger, and claims of hours that were not planned."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from models.base import Table, when
from models.states import ClaimState


class HoursSource(StrEnum):
    """How presence or hours are known."""

    CHECK_IN = "check_in"
    STAFF = "staff"
    CLAIM = "claim"
    """The person said so and somebody else confirmed it."""


class HoursCategory(StrEnum):
    """What the time was spent on."""

    ACTIVITY = "activity"
    PREPARATION = "preparation"
    TRAINING = "training"
    OTHER = "other"


class HoursClaim(Table, table=True):
    """Somebody says that time was served which nobody had planned; a second person confirms it or not."""

    __table_args__ = (CheckConstraint("minutes > 0", "minutes"),)
    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    hub_id: int = Field(foreign_key="hub.id", index=True)
    served_on: date
    minutes: int
    category: str = HoursCategory.OTHER
    what: str
    asked_by_id: int = Field(foreign_key="person.id")
    """The volunteer, or somebody of the staff in their name."""
    asked_at: datetime = when()
    state: str = Field(default=ClaimState.ASKED, index=True)
    decided_at: datetime | None = when(default=None)
    decided_by_id: int | None = Field(default=None, foreign_key="person.id")
    reason: str = ""


class HoursEntry(Table, table=True):
    """A line of the hours ledger; a correction is a new line that names the old one."""

    __table_args__ = (
        CheckConstraint("minutes <> 0", "minutes"),
        CheckConstraint(
            "attendance_id IS NOT NULL OR claim_id IS NOT NULL OR corrects_id IS NOT NULL", "has_ground"
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    attendance_id: int | None = Field(default=None, foreign_key="attendance.id", unique=True)
    claim_id: int | None = Field(default=None, foreign_key="hours_claim.id", unique=True)
    corrects_id: int | None = Field(default=None, foreign_key="hours_entry.id", index=True)
    """The line that this one sets right."""
    person_id: int = Field(foreign_key="person.id", index=True)
    hub_id: int = Field(foreign_key="hub.id", index=True)
    activity_id: int | None = Field(default=None, foreign_key="activity.id", index=True)
    minutes: int
    """Negative in the line that takes a wrong one back."""
    source: str = HoursSource.STAFF
    category: str = HoursCategory.ACTIVITY
    counts: bool = True
    """Whether it counts towards stars and certificates, by the rules of its day."""
    served_on: date
    entered_at: datetime = when()
    entered_by_id: int | None = Field(default=None, foreign_key="person.id")
    reason: str = ""
