"""Stop a part of the mail and let it go again: all of it, a stream, a kind, or one domain.

A hold is a row, so it also covers mail that is queued after it. What it covers becomes held, at once if
it waits and at its claim otherwise; of what a sender has in hand, at most its batch still leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, true, update
from sqlmodel import Session, col, select

from config.text import Refusal, Text, plural
from models import HoldScope, MailHold, Message
from models.states import MessageState
from notifications.addresses import normalise
from notifications.kinds import KINDS, STREAM_NAMES, Stream
from notifications.outbox import Claimed
from notifications.reason_words import HELD
from services import audit
from services.errors import refuse

WAITING = (MessageState.QUEUED, MessageState.DEFERRED)


@dataclass(frozen=True)
class Held:
    """Hold how many mails a hold stopped, or a release let go."""

    mails: int
    sentence: Text


@dataclass(frozen=True)
class HoldLine:
    """Show a hold that stands."""

    scope: str
    value: str
    held_at: datetime
    reason: str
    sentence: Text


def hold(session: Session, scope: HoldScope, value: str = "", *, now: datetime, reason: str = "") -> Held:
    """Stop what `scope` and `value` name; raises `HubError` for a stream, kind or domain that is none."""
    value = _known(scope, value)
    if _row(session, scope, value) is None:
        row = MailHold(scope=scope, value=value, held_at=now, reason=reason[:200])
        session.add(row)
        session.flush()
        audit.record(session, row, "mail.hold", now=now, reason=reason[:200])
    mails = _move(session, scope, value, WAITING, state=MessageState.HELD, reason=f"{HELD}{scope}")
    return Held(mails, _stopped(scope, value, mails))


def release(session: Session, scope: HoldScope, value: str = "", *, now: datetime) -> Held:
    """Let go what a hold stopped; what another hold covers is stopped again when it is claimed."""
    value = _known(scope, value)
    row = _row(session, scope, value)
    if row is None:
        return Held(
            0, Text("{what}没有停着。", "There is no hold on {what}.").format(what=_named(scope, value))
        )
    audit.record(session, row, "mail.release", now=now)
    session.delete(row)
    session.flush()
    mails = _move(
        session, scope, value, (MessageState.HELD,), state=MessageState.QUEUED, reason="", next_at=now
    )
    return Held(
        mails,
        Text("{what}放行了，{mails}封重新排队。", "{what}: released, {mails} {noun} queued again.").format(
            what=_named(scope, value), mails=mails, noun=plural(mails, "mail", "mails")
        ),
    )


def holds(session: Session) -> list[HoldLine]:
    """Return the holds that stand, the oldest first."""
    rows = session.exec(select(MailHold).order_by(col(MailHold.held_at), col(MailHold.id))).all()
    return [
        HoldLine(row.scope, row.value, row.held_at, row.reason, _named(HoldScope(row.scope), row.value))
        for row in rows
    ]


def who_holds(session: Session) -> Callable[[Claimed], str | None]:
    """Return a question to claimed mails: the reason why one is held, or None."""
    standing = {(row.scope, row.value) for row in session.exec(select(MailHold)).all()}

    def reason(mail: Claimed) -> str | None:
        parts = (
            (HoldScope.EVERYTHING, ""),
            (HoldScope.STREAM, mail.stream),
            (HoldScope.KIND, mail.kind),
            (HoldScope.DOMAIN, mail.to_address.rpartition("@")[2]),
        )
        return next((f"{HELD}{scope}" for scope, value in parts if (scope, value) in standing), None)

    return reason if standing else lambda _: None


def _row(session: Session, scope: HoldScope, value: str) -> MailHold | None:
    return session.exec(select(MailHold).where(MailHold.scope == scope, MailHold.value == value)).first()


def _move(
    session: Session,
    scope: HoldScope,
    value: str,
    states: tuple[MessageState, ...],
    **values: object,
) -> int:
    moved = session.execute(
        update(Message)
        .where(col(Message.state).in_(states), _covers(scope, value))
        .values(**values)
        .returning(col(Message.id))
        .execution_options(synchronize_session=False)
    )
    return len(moved.all())


def _covers(scope: HoldScope, value: str) -> ColumnElement[bool]:
    conditions: dict[HoldScope, ColumnElement[bool]] = {
        HoldScope.EVERYTHING: true(),
        HoldScope.STREAM: col(Message.stream) == value,
        HoldScope.KIND: col(Message.kind) == value,
        HoldScope.DOMAIN: col(Message.to_address).endswith(f"@{value}", autoescape=True),
    }
    return conditions[scope]


def _known(scope: HoldScope, value: str) -> str:
    if scope is HoldScope.EVERYTHING:
        return ""
    if scope is HoldScope.DOMAIN:
        return _domain(value)
    names = tuple(map(str, Stream)) if scope is HoldScope.STREAM else tuple(sorted(KINDS))
    if value not in names:
        raise refuse(
            f"unknown_{scope}",
            f"没有“{value}”。可以写：{'、'.join(names)}。",
            f"There is no “{value}”. There are: {', '.join(names)}.",
            field=scope,
        )
    return value


def _domain(value: str) -> str:
    address = normalise(f"somebody@{value.lstrip('@')}")
    if isinstance(address, Refusal):
        raise refuse(
            "unknown_domain",
            f"“{value}”不是域名，应该像example.org这样。",
            f"“{value}” is not a domain; one looks like example.org.",
            field="domain",
        )
    return address.rpartition("@")[2]


def _named(scope: HoldScope, value: str) -> Text:
    if scope is HoldScope.STREAM:
        return STREAM_NAMES[Stream(value)]
    names = {
        HoldScope.EVERYTHING: Text("所有邮件", "all mail"),
        HoldScope.KIND: Text("“{value}”这种邮件", "mail of the kind “{value}”"),
        HoldScope.DOMAIN: Text("发往{value}的邮件", "mail to {value}"),
    }
    return names[scope].format(value=value)


def _stopped(scope: HoldScope, value: str, mails: int) -> Text:
    return Text(
        "{what}停下了：{mails}封等放行，以后排队的也先停着。",
        "{what}: on hold, {mails} waiting {noun} now and every later one, until released.",
    ).format(what=_named(scope, value), mails=mails, noun=plural(mails, "mail", "mails"))
