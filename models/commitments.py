"""What a hub undertakes to mend after an evaluation, and how far it came."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from models.base import Table, when
from models.states import CommitmentState


class Commitment(Table, table=True):
    """A criterion that was missed, a target, a day, somebody who answers for it, and what came of it."""

    __table_args__ = (
        UniqueConstraint("hub_id", "cycle_id", "indicator"),
        CheckConstraint("baseline <> target", "target"),
        CheckConstraint("fulfilment IS NULL OR fulfilment BETWEEN 0 AND 1", "fulfilment"),
        CheckConstraint("confirmed_by_id IS NULL OR confirmed_by_id <> reported_by_id", "somebody_else"),
    )
    id: int | None = Field(default=None, primary_key=True)
    hub_id: int = Field(foreign_key="hub.id", index=True)
    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    """The evaluation that found the criterion missed, or in which the promise was made."""
    indicator: str
    points: float
    """What the criterion is worth of the total, by which promises are weighed."""
    baseline: float
    target: float
    due_on: date = Field(index=True)
    owner_id: int | None = Field(default=None, foreign_key="person.id")
    plan: str = ""
    """What the hub will do."""
    evidence: str = ""
    """By what others will see that it is done."""
    repeats: int = 0
    """How many earlier evaluations found the same criterion missed."""
    state: str = Field(default=CommitmentState.DRAFT, index=True)
    opened_at: datetime = when()
    progress: float | None = None
    progress_note: str = ""
    progress_at: datetime | None = when(default=None)
    result: float | None = None
    result_note: str = ""
    reported_at: datetime | None = when(default=None)
    reported_by_id: int | None = Field(default=None, foreign_key="person.id")
    confirmed_at: datetime | None = when(default=None)
    confirmed_by_id: int | None = Field(default=None, foreign_key="person.id")
    fulfilment: float | None = None
    reason: str = ""
    """Why it was sent back or dropped."""
    reminded_at: datetime | None = when(default=None)
    escalated_at: datetime | None = when(default=None)
    escalated_unit_id: int | None = Field(default=None, foreign_key="unit.id")
    """How far up the tree its being overdue was told."""
