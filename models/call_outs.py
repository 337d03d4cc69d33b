"""Emergency call-outs: many of the nearest fitting people are asked at once, and it ends when enough come."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from models.base import Table, when


class CallOut(Table, table=True):
    """One call for a role of an activity; it runs until it is ended, or until nobody may answer any more."""

    __table_args__ = (CheckConstraint("wanted > 0", "wanted"),)
    id: int | None = Field(default=None, primary_key=True)
    need_id: int = Field(foreign_key="need.id", index=True)
    wanted: int
    """Places that were open when it began."""
    reason: str
    """Why it is urgent, as those who are called read it."""
    began_at: datetime = when()
    by_id: int | None = Field(default=None, foreign_key="person.id")
    answer_by: datetime = when()
    ended_at: datetime | None = when(default=None)
    has_enough: bool = False
    """Whether it ended because enough people come."""


class CallOutAsk(Table, table=True):
    """An offer that a call-out made, and how far away the person lives."""

    offer_id: int = Field(primary_key=True, foreign_key="offer.id")
    call_out_id: int = Field(foreign_key="call_out.id", index=True)
    km: float | None = None
