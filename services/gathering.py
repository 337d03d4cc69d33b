"""One mail instead of three: news that waits for one person goes out together.

News that is not urgent waits some minutes (`hold_minutes`); when the first of it may leave, all that
waits for the same reader becomes one mail, and the rows that it tells are `gathered` into it. Offers,
changes and whatever asks for an answer by a certain time never wait.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from itertools import groupby
from typing import Any, TypeAlias

from sqlalchemy import func, text, update
from sqlmodel import Session, col, select

from models import Message
from models.states import MessageState
from notifications import outbox
from notifications.kinds import NewsMail
from notifications.news import Piece, news_of, piece_of
from notifications.outbox import Claimed
from services.delivery_checks import not_to_send
from services.mail_rules import mail_rules
from services.pacing import morning

OpenSession: TypeAlias = Callable[[], AbstractContextManager[Session]]
Verdicts: TypeAlias = Mapping[int, tuple[MessageState, str]]

READERS_AT_ONCE = 100
WAITS = text("can_wait AND state = 'queued'")
"""Spelt as in the partial index."""
COLUMNS = [getattr(Message, name) for name in Claimed.__dataclass_fields__]


def gather_due(open_session: OpenSession, *, now: datetime) -> int:
    """Make one mail of the news of each person of which some may leave; return how many were made.

    Each hundred addresses are a transaction of their own.
    """
    made, last = 0, ""
    while True:
        with open_session() as session:
            addresses = _with_company(session, after=last, now=now)
            if not addresses:
                return made
            made += _gather(session, addresses, now)
            last = addresses[-1]


def dissolve_stale(
    session: Session, claimed: Sequence[Claimed], verdicts: Verdicts, *, now: datetime
) -> dict[int, tuple[MessageState, str]]:
    """Take gathered mails apart of which a part no longer holds; the parts wait again, each for itself."""
    news = [row.id for row in claimed if row.kind == NewsMail.kind and row.id not in verdicts]
    if not news:
        return {}
    told = select(col(Message.gathered_id), *COLUMNS).where(col(Message.gathered_id).in_(news))
    rows = [(mail_id, Claimed(*row)) for mail_id, *row in session.execute(told)]
    refused = not_to_send(session, [row for _, row in rows], now=now)
    stale = {mail_id for mail_id, row in rows if row.id in refused}
    session.execute(
        update(Message)
        .where(col(Message.gathered_id).in_(stale))
        .values(state=MessageState.QUEUED, gathered_id=None, next_at=now)
        .execution_options(synchronize_session=False)
    )
    return dict.fromkeys(stale, (MessageState.OBSOLETE, "no_longer_true"))


def _with_company(session: Session, *, after: str, now: datetime) -> list[str]:
    """Return the next addresses for which more than one piece of news waits, and one is due."""
    address = col(Message.to_address)
    question = (
        select(address)
        .where(WAITS, address > after)
        .group_by(address)
        .having(func.count() > 1, func.min(Message.next_at) <= now)
        .order_by(address)
        .limit(READERS_AT_ONCE)
    )
    return list(session.exec(question))


def _gather(session: Session, addresses: Sequence[str], now: datetime) -> int:
    question = (
        select(*COLUMNS)
        .where(WAITS, col(Message.to_address).in_(addresses))
        .order_by(col(Message.to_address), col(Message.id))
        .with_for_update(skip_locked=True)
    )
    rows = [Claimed(*row) for row in session.execute(question)]
    # What may not leave is left to its own claim, which says why.
    refused = not_to_send(session, rows, now=now)
    # At night nothing is gathered yet: all that the night brings becomes one mail in the morning.
    rules = mail_rules(session, now=now)
    awake = [row for row in rows if row.id not in refused and morning(row, rules, now) is None]
    pieces = [(_piece(row), row.id) for row in awake]
    pieces.sort(key=lambda pair: pair[0].reader)
    together = [list(group) for _, group in groupby(pieces, key=lambda pair: pair[0].reader)]
    return sum(_join(session, group, now) for group in together if len(group) > 1)


def _piece(row: Claimed) -> Piece:
    return piece_of(row.content, address=row.to_address, stream=row.stream, time_zone=row.time_zone)


def _join(session: Session, group: list[tuple[Piece, int]], now: datetime) -> int:
    ids = sorted(row_id for _, row_id in group)
    key = f"news:{'-'.join(map(str, ids))}"
    if not outbox.queue(session, news_of([piece for piece, _ in group]), key=key, now=now):
        return 0
    mail_id = session.execute(select(col(Message.id)).where(Message.key == key)).scalar_one()
    values: dict[str, Any] = {"state": MessageState.GATHERED, "gathered_id": mail_id}
    session.execute(
        update(Message)
        .where(col(Message.id).in_(ids))
        .values(values)
        .execution_options(synchronize_session=False)
    )
    return 1
