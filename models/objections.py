"""What a hub holds against a score, who decided it, and how a number was set right with two people's names."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from models.base import Table, when
from models.states import ObjectionState, OverrideState


class Objection(Table, table=True):
    """A hub objects: to the facts of a draft ("accuracy"), or to what was released ("appeal")."""

    __table_args__ = (
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> by_id", "somebody_else"),
        CheckConstraint("stage IN ('accuracy', 'appeal')", "stage"),
    )
    id: int | None = Field(default=None, primary_key=True)
    report_id: int = Field(foreign_key="report.id", index=True)
    hub_id: int = Field(foreign_key="hub.id", index=True)
    stage: str
    indicator: str
    ground: str
    words: str
    by_id: int = Field(foreign_key="person.id")
    made_at: datetime = when()
    state: str = Field(default=ObjectionState.OPEN, index=True)
    decided_by_id: int | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = when(default=None)
    answer: str = ""


class Override(Table, table=True):
    """A value that one person wants set right and a second one confirms; the old row stays."""

    __table_args__ = (
        CheckConstraint("settled_by_id IS NULL OR settled_by_id <> proposed_by_id", "second_person"),
        CheckConstraint("reason <> ''", "reason"),
    )
    id: int | None = Field(default=None, primary_key=True)
    report_id: int = Field(foreign_key="report.id", index=True)
    hub_id: int = Field(foreign_key="hub.id", index=True)
    indicator: str
    observation_id: int | None = Field(default=None, foreign_key="observation.id")
    """The row that is set right; None where there was none."""
    old_value: float | None = None
    new_value: float
    reason: str
    objection_id: int | None = Field(default=None, foreign_key="objection.id")
    proposed_by_id: int = Field(foreign_key="person.id")
    proposed_at: datetime = when()
    state: str = Field(default=OverrideState.PROPOSED, index=True)
    settled_by_id: int | None = Field(default=None, foreign_key="person.id")
    settled_at: datetime | None = when(default=None)
    answer: str = ""
