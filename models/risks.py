"""The checklist that risky activities must pass, and what was answered and decided."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from models.base import Table, data, when
from models.states import RiskCheckState


class ChecklistVersion(Table, table=True):
    """One version of the questions that risky activities must pass; never changed, only followed."""

    id: int | None = Field(default=None, primary_key=True)
    version: str = Field(unique=True)
    valid_from: date
    sha256: str
    text: str
    loaded_at: datetime = when()
    loaded_by_id: int | None = Field(default=None, foreign_key="person.id")


class RiskCheck(Table, table=True):
    """What one person answered for a series or one activity, and what a second person decided.

    It covers activities of the same room that have no risk beyond those it was answered for.
    """

    __table_args__ = (
        CheckConstraint("(series_id IS NULL) <> (activity_id IS NULL)", "subject"),
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> asked_by_id", "second_person"),
        CheckConstraint(
            "state <> 'cleared' OR (decided_by_id IS NOT NULL AND valid_until IS NOT NULL)", "yes"
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    hub_id: int = Field(foreign_key="hub.id", index=True)
    series_id: int | None = Field(default=None, foreign_key="series.id", index=True)
    activity_id: int | None = Field(default=None, foreign_key="activity.id", index=True)
    checklist_id: int = Field(foreign_key="checklist_version.id")
    answers: dict[str, str] = data(default_factory=dict)
    """By question, the code of the answer."""
    has_minors: bool = False
    is_outdoors: bool = False
    takes_money: bool = False
    capacity: int = 0
    venue_id: int | None = Field(default=None, foreign_key="venue.id")
    state: str = Field(default=RiskCheckState.ASKED, index=True)
    asked_by_id: int = Field(foreign_key="person.id")
    asked_at: datetime = when()
    note: str = ""
    decided_by_id: int | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = when(default=None)
    valid_until: datetime | None = when(default=None)
    reason: str = ""
    """Why it was sent back."""
