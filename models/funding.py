"""What a hub asks money for, who decided it, and what became of the money; amounts are whole fen."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from models.base import Table, data, when
from models.states import FundingState


class FundingApplication(Table, table=True):
    """A project that a hub asks money for; what was handed in stands in `FundingVersion`, never changed."""

    __table_args__ = (
        CheckConstraint("starts_on IS NULL OR ends_on IS NULL OR starts_on <= ends_on", "period"),
        CheckConstraint("state <> 'approved' OR (decided_at IS NOT NULL AND valid_until IS NOT NULL)", "yes"),
        CheckConstraint("amount_fen >= 0", "amount"),
        UniqueConstraint("hub_id", "once"),
    )
    id: int | None = Field(default=None, primary_key=True)
    hub_id: int = Field(foreign_key="hub.id", index=True)
    once: str
    """A word that the form brings along, so that a second press of its button writes nothing twice."""
    title: str
    purpose: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    framework_id: int = Field(foreign_key="framework_version.id")
    serves: str = ""
    """The dimension or criterion of the framework that the project serves."""
    amount_fen: int = 0
    """What its budget lines add up to."""
    state: str = Field(default=FundingState.DRAFT, index=True)
    version: int = 0
    """The number of the version that was handed in last; 0 before the first."""
    created_by_id: int = Field(foreign_key="person.id")
    created_at: datetime = when()
    submitted_by_id: int | None = Field(default=None, foreign_key="person.id")
    submitted_at: datetime | None = when(default=None)
    needed: int = 0
    """How many different people have to agree, by the rules of the day on which it was handed in."""
    due_at: datetime | None = when(default=None, index=True)
    """By when an answer is expected."""
    reminded_at: datetime | None = when(default=None)
    escalated_at: datetime | None = when(default=None)
    escalated_unit_id: int | None = Field(default=None, foreign_key="unit.id")
    """How far up the tree its being overdue was told."""
    verdict: str = ""
    """approved or rejected, once it is decided."""
    decided_at: datetime | None = when(default=None)
    valid_until: datetime | None = when(default=None)
    """Until when an approved project may begin."""
    reason: str = ""
    """Why it was returned, rejected or withdrawn."""
    begun_at: datetime | None = when(default=None)
    closing_reminded_at: datetime | None = when(default=None)
    closed_at: datetime | None = when(default=None)
    closed_by_id: int | None = Field(default=None, foreign_key="person.id")
    closing: str = ""
    """What came of the project, and what happens to the money that is left."""


class FundingLine(Table, table=True):
    """A line of the budget as it stands now; it changes only while the application can be edited."""

    __table_args__ = (
        UniqueConstraint("application_id", "place"),
        CheckConstraint("amount_fen > 0", "amount"),
    )
    id: int | None = Field(default=None, primary_key=True)
    application_id: int = Field(foreign_key="funding_application.id", index=True)
    place: int
    category: str
    amount_fen: int
    reason: str = ""


class FundingVersion(Table, table=True):
    """What was handed in, word for word."""

    __table_args__ = (UniqueConstraint("application_id", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    application_id: int = Field(foreign_key="funding_application.id", index=True)
    number: int
    content: dict[str, Any] = data(default_factory=dict)
    sha256: str
    """The hash of the content; an answer names it, so that nobody agrees to what they have not seen."""
    by_id: int = Field(foreign_key="person.id")
    at: datetime = when()


class FundingAnswer(Table, table=True):
    """What one person said of one version; two people are two rows, and nobody has two."""

    __table_args__ = (
        UniqueConstraint("version_id", "by_id"),
        CheckConstraint("verdict IN ('approve', 'return', 'reject')", "verdict"),
        CheckConstraint("verdict = 'approve' OR reason <> ''", "reason"),
    )
    id: int | None = Field(default=None, primary_key=True)
    application_id: int = Field(foreign_key="funding_application.id", index=True)
    version_id: int = Field(foreign_key="funding_version.id", index=True)
    by_id: int = Field(foreign_key="person.id")
    verdict: str
    reason: str = ""
    at: datetime = when()


class FundingExpense(Table, table=True):
    """Money spent on a line, with its receipt; a mistake is set right by a line that takes it back."""

    __table_args__ = (
        CheckConstraint("amount_fen <> 0", "amount"),
        CheckConstraint("(amount_fen < 0) = (corrects_id IS NOT NULL)", "correction"),
        UniqueConstraint("corrects_id"),
        UniqueConstraint("application_id", "once"),
    )
    id: int | None = Field(default=None, primary_key=True)
    once: str
    """A word that the form brings along, as with an application."""
    application_id: int = Field(foreign_key="funding_application.id", index=True)
    line_id: int = Field(foreign_key="funding_line.id", index=True)
    amount_fen: int
    spent_on: date
    what: str
    reason: str = ""
    """Why it goes beyond its line, or why it is taken back."""
    corrects_id: int | None = Field(default=None, foreign_key="funding_expense.id")
    receipt_name: str = ""
    receipt_kind: str = ""
    receipt_size: int = 0
    receipt_sha256: str = ""
    by_id: int = Field(foreign_key="person.id")
    at: datetime = when()
