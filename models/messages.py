"""The outbox, choices of people about mail, the audit trail, and dispatched work."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field

from models.base import Table, data, when
from models.states import MessageState, RelayState

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
        Index(
            "ix_message_waits",
            "to_address",
            sqlite_where=text("can_wait AND state = 'queued'"),
            postgresql_where=text("can_wait AND state = 'queued'"),
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
    tried_at: datetime | None = when(default=None)
    """When its last dialogue began: where to look for it in the relay's log."""
    time_zone: str = "Asia/Shanghai"
    """The reader's, for their quiet hours."""
    resent: int = 0
    """How often it was sent again although it may have arrived."""
    can_wait: bool = False
    """Whether it may go out in one mail with other news of the same person."""
    gathered_id: int | None = Field(default=None, foreign_key="message.id", index=True)
    """The mail that tells this news together with others."""


class Suppression(Table, table=True):
    """An address to which we do not send a stream ("*" for all), and why."""

    __table_args__ = (UniqueConstraint("address", "stream"),)
    id: int | None = Field(default=None, primary_key=True)
    address: str = Field(index=True)
    stream: str
    reason: str
    created_at: datetime = when()


class HoldScope(StrEnum):
    """What part of the mail somebody can stop."""

    EVERYTHING = "everything"
    STREAM = "stream"
    KIND = "kind"
    DOMAIN = "domain"


class MailHold(Table, table=True):
    """A part of the mail that somebody has stopped: what it covers waits as held until it is released."""

    __table_args__ = (UniqueConstraint("scope", "value"),)
    id: int | None = Field(default=None, primary_key=True)
    scope: str
    value: str = ""
    """Which stream, kind or domain; empty for everything."""
    held_at: datetime = when()
    by_id: int | None = Field(default=None, foreign_key="person.id")
    reason: str = ""


class MailRelay(Table, table=True):
    """How the relay behaves: a circuit breaker that opens in a storm of failures and closes by a probe."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    """Host and port."""
    state: str = RelayState.CLOSED
    reason: str = ""
    since: datetime | None = when(default=None)
    """When it opened or closed last."""
    failures: int = 0
    """In a row, connections that were not made and probes that went wrong."""
    next_probe_at: datetime | None = when(default=None)
    recent: str = ""
    """The last mails, one sign each, kept while one of them was refused for its content ("x")."""


class MailPace(Table, table=True):
    """When the next mail may leave to a domain, or through a relay, whose mails must keep a distance."""

    name: str = Field(primary_key=True)
    """"domain:" or "relay:" and its name."""
    next_free: datetime = when()


class InboundMail(Table, table=True):
    """A mail that came back, as what it was taken; its words are not kept."""

    id: int | None = Field(default=None, primary_key=True)
    digest: str = Field(unique=True)
    """Of its bytes, so that a second reading changes nothing."""
    kind: str
    message_id: int | None = Field(default=None, foreign_key="message.id")
    """The mail of ours that it surely speaks of."""
    address: str = Field(default="", index=True)
    reason: str = ""
    received_at: datetime = when()


class AuditEntry(Table, table=True):
    """Who changed what, when, from which value to which, and why; append-only."""

    __table_args__ = (Index("ix_audit_entry_thing_thing_id", "thing", "thing_id"),)
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
