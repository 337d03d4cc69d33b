"""Certificates of volunteer service, as they were issued."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from models.base import Table, when


class Certificate(Table, table=True):
    """A certificate that was issued: what it says of the hours, so that its number can be verified.

    The number of an identity document is printed and never kept.
    """

    __table_args__ = (
        CheckConstraint("minutes > 0", "minutes"),
        CheckConstraint("first_day <= last_day", "order"),
    )
    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(unique=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    hub_id: int = Field(foreign_key="hub.id", index=True)
    """Who issues it: who organised and recorded the service."""
    name: str
    """As it was printed."""
    first_day: date
    last_day: date
    minutes: int
    issued_at: datetime = when()
    issued_by_id: int = Field(foreign_key="person.id")
    """Who asked for it: the volunteer, or staff in their name."""
    revoked_at: datetime | None = when(default=None)
    revoked_by_id: int | None = Field(default=None, foreign_key="person.id")
    reason: str = ""
    """Why it was revoked."""
