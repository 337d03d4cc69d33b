"""Did it arrive? Settle mails whose sender stopped, or got no answer, after the last line had gone out.

The log of a relay on this machine knows: what it took is sent, what it did not take is queued again.
Where there is no such log, or it tells of another time, the network's rules say which streams are sent
once more; the others stay ambiguous and wait for an operator.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import update
from sqlmodel import Session, col, select

from config.settings import settings
from config.text import Text
from models import Message
from models.states import MessageState
from notifications import outbox, relay_log
from notifications.relay_log import RelayLog
from services.mail_rules import MailRules, mail_rules

OpenSession: TypeAlias = Callable[[], AbstractContextManager[Session]]

LOOK_AFTER = timedelta(minutes=5)
"""A relay that was cut off may still be at work on the mail; its log is read when it must be done."""
AT_ONCE = 500
WITNESSES = 20
FOUND, ABSENT, AGAIN, KEPT = "found_in_the_log", "not_in_the_log", "sent_again", "may_have_arrived"
WAITING = (MessageState.QUEUED, MessageState.DEFERRED, MessageState.FAILED)


@dataclass(frozen=True)
class Reconciled:
    """Hold what became of doubtful mails."""

    found: int = 0
    absent: int = 0
    again: int = 0
    kept: int = 0
    has_log: bool = False

    @property
    def sentence(self) -> Text:
        """Return the result in words."""
        counts = Text(
            f"日志里有，记为已发：{self.found}封；日志里没有，重新排队：{self.absent}封；"
            f"没有日志可查，按规则再发一次：{self.again}封；留给人定：{self.kept}封。",
            f"In the relay's log, now sent: {self.found}. Not in it, queued again: {self.absent}. "
            f"No log tells, sent once more by the rules: {self.again}. Left for you to decide: {self.kept}.",
        )
        if self.has_log:
            return counts
        return Text(
            f"{counts.zh}没有邮件服务器的日志（YOUTHHUB_RELAY_LOG）。",
            f"{counts.en} There is no log of the relay (YOUTHHUB_RELAY_LOG).",
        )


@dataclass(frozen=True)
class _Doubt:
    """One mail that may have arrived."""

    id: int
    message_id: str
    stream: str
    state: str
    reason: str
    tried_at: datetime | None
    resent: int


def reconcile(open_session: OpenSession, *, now: datetime) -> Reconciled:
    """Settle every doubtful mail whose time to be looked for has come.

    The log is read while no transaction is open.
    """
    with open_session() as session:
        doubts = _doubts(session, outbox.is_doubtful() & (col(Message.next_at) <= now))
        witnesses = _witnesses(session) if doubts else []
    if not doubts:
        return Reconciled()
    log = _read([*(doubt.message_id for doubt in doubts), *witnesses], witnesses)
    with open_session() as session:
        rules = mail_rules(session, now=now)
        verdicts = [(doubt, _verdict(doubt, log, rules)) for doubt in doubts]
        return _settled(session, verdicts, log, now)


def reconcile_restored(open_session: OpenSession, *, now: datetime) -> Reconciled:
    """After a backup was restored: mark what waits here, but is in the relay's log, as sent."""
    with open_session() as session:
        doubts = _doubts(session, col(Message.state).in_(WAITING), limit=None)
    log = _read([doubt.message_id for doubt in doubts], [])
    verdicts = [(doubt, FOUND) for doubt in doubts if doubt.message_id in log.taken]
    with open_session() as session:
        return _settled(session, verdicts, log, now)


def _doubts(session: Session, condition: Any, limit: int | None = AT_ONCE) -> list[_Doubt]:
    columns = [getattr(Message, name) for name in _Doubt.__dataclass_fields__]
    query = select(*columns).where(condition).order_by(col(Message.id)).limit(limit)
    return [_Doubt(*row) for row in session.execute(query)]


def _witnesses(session: Session) -> list[str]:
    """Return mails that the relay surely took lately: a log that shows none of them is another's."""
    query = select(Message.message_id).where(Message.state == MessageState.SENT, Message.reason == "")
    return list(session.exec(query.order_by(col(Message.sent_at).desc()).limit(WITNESSES)))


def _read(wanted: Sequence[str], witnesses: Sequence[str]) -> RelayLog:
    log = relay_log.read(settings().mail_log, frozenset(wanted))
    if witnesses and not log.taken.intersection(witnesses):
        return RelayLog(log.taken)
    return log


def _verdict(doubt: _Doubt, log: RelayLog, rules: MailRules) -> str:
    if doubt.message_id in log.taken:
        return FOUND
    if doubt.tried_at is not None and log.covers(doubt.tried_at):
        return ABSENT
    return AGAIN if rules.resends(doubt.stream) and doubt.resent == 0 else KEPT


def _settled(
    session: Session, verdicts: Sequence[tuple[_Doubt, str]], log: RelayLog, now: datetime
) -> Reconciled:
    done: Counter[str] = Counter()
    for doubt, verdict in verdicts:
        moved = session.execute(
            update(Message)
            .where(
                col(Message.id) == doubt.id,
                col(Message.state) == doubt.state,
                col(Message.reason) == doubt.reason,
            )
            .values(reason=verdict, **_values(doubt, verdict, now))
            .returning(col(Message.id))
            .execution_options(synchronize_session=False)
        )
        done[verdict] += len(moved.all())
    return Reconciled(done[FOUND], done[ABSENT], done[AGAIN], done[KEPT], has_log=log.since is not None)


def _values(doubt: _Doubt, verdict: str, now: datetime) -> dict[str, Any]:
    if verdict == FOUND:
        return {"state": MessageState.SENT, "sent_at": doubt.tried_at or now}
    if verdict == KEPT:
        return {}
    return {"state": MessageState.QUEUED, "next_at": now, "resent": doubt.resent + (verdict == AGAIN)}
