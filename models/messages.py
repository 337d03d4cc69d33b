"""The outbox, choices of people about mail, the audit trail, and dispatched work."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field

from models.base import Table, data, when
from models.states import MessageState

DUE = ("queued", "deferred")


class Message(Table, table=True):
    """A mail with its final bytes, from the transaction of the deed until it is sent or given up."""

    __table_args__ = (
        Index(
            "ix_message_due",
            "lane",
            "next_at",
            sqlite_where=text("state IN ('queued', 'deferred')"),
            postgresql_where=text("state IN ('queued', 'deferred')"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    """Made of stable ids, so that a second run queues nothing."""
    kind: str = Field(index=True)
    stream: str
    """What a person can unsubscribe from."""
    lane: int = 1
    """0 urgent, 1 normal, 2 bulk; a lower lane leaves first."""
    to_address: str = Field(index=True)
    subject: dict[str, int] = data(default_factory=dict)
    """Ids of what the mail is about, for the question whether it is still true."""
    message_id: str = Field(unique=True)
    content: bytes = Field(sa_type=LargeBinary)
    created_at: datetime = when()
    next_at: datetime = when()
    expires_at: datetime | None = when(default=None)
    state: str = Field(default=MessageState.QUEUED, index=True)
    reason: str = ""
    attempts: int = 0
    lease_token: str = ""
    lease_until: datetime | None = when(default=None)
    phase: str = ""
    """How far the last SMTP dialogue came: connect, envelope, data, replied."""
    sent_at: datetime | None = when(default=None)


class Suppression(Table, table=True):
    """An address to which we do not send a stream ("*" for all), and why."""

    __table_args__ = (UniqueConstraint("address", "stream"),)
    id: int | None = Field(default=None, primary_key=True)
    address: str = Field(index=True)
    stream: str
    reason: str
    created_at: datetime = when()


class AuditEntry(Table, table=True):
    """Who changed what, when, from which value to which, and why; append-only."""

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = when(index=True)
    by_id: int | None = Field(default=None, foreign_key="person.id")
    verb: str
    thing: str
    thing_id: int | None = None
    changes: dict[str, Any] = data(default_factory=dict)
    """Per field [old, new]."""
    reason: str = ""


class Dispatch(Table, table=True):
    """Work that was asked for: written with the deed, claimed under a lease, done once."""

    __table_args__ = (
        Index(
            "ix_dispatch_open",
            "due_at",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    key: str = Field(unique=True)
    """Made of stable ids and the period, never of the time of a firing."""
    params: dict[str, Any] = data(default_factory=dict)
    """Ids, codes, periods and switches; never a name or an address."""
    due_at: datetime = when()
    requested_at: datetime = when()
    requested_by_id: int | None = Field(default=None, foreign_key="person.id")
    claimed_by: str | None = None
    lease_until: datetime | None = when(default=None)
    attempts: int = 0
    bells: int = 0
    done_at: datetime | None = when(default=None)
    outcome: str = ""
    """done, refused or gave_up."""
    result: dict[str, Any] = data(default_factory=dict)
    flow_run_id: str = ""
