"""The outbox: mail is queued in the transaction of the deed, and only delivery takes it out.

A row holds the final bytes, so each attempt sends the same mail under the same Message-ID. Its `key`
is UNIQUE and made of stable ids: whoever queues a second time changes nothing. Delivery claims rows
under a lease, and settles them only while the lease is its own.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, and_, bindparam, case, func, or_, select, text, update
from sqlalchemy import Table as SqlTable
from sqlmodel import Session, col

from config.settings import settings
from config.text import Refusal
from models import Message
from models.states import MessageState
from notifications import dkim
from notifications.addresses import normalise
from notifications.kinds.base import Lane, Mail
from notifications.mime import build, message_id, number_of, unsubscribe_url
from notifications.render import render
from notifications.wordings import Passages, chosen, own_wordings

LEASE = timedelta(minutes=30)
SENDER_STOPPED, NO_REPLY = "sender_stopped", "no_reply_after_the_last_line"
DOUBTFUL = (SENDER_STOPPED, NO_REPLY)
"""Why a row is ambiguous, until the relay's log or the rules decide."""
KEYS_A_QUERY = 500
ROWS_AN_INSERT = 200
TABLE = cast("SqlTable", vars(Message)["__table__"])
UNLEASED: dict[str, Any] = {"lease_token": "", "lease_until": None}
DUE = and_(text("state IN ('queued', 'deferred')"), col(Message.lane).in_([int(lane) for lane in Lane]))
"""Spelt as in the partial index and naming every lane: else SQLite reads and sorts the whole queue for
each batch, a hundred milliseconds at 8,000 mails instead of a tenth of one."""

# Delivery runs these two for each mail: built once, they cost SQLAlchemy no second thought.
_OWN = (TABLE.c.id == bindparam("row")) & (TABLE.c.lease_token == bindparam("lease"))
ANNOUNCE = (
    update(TABLE)
    .where(_OWN, TABLE.c.state == MessageState.LEASED)
    .values(phase="data", tried_at=bindparam("moment"))
)
SETTLE = (
    update(TABLE)
    .where(_OWN, TABLE.c.state == MessageState.LEASED)
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in ("state", "attempts", "next_at", "reason", "phase", "sent_at")
        }
        | {"lease_token": "", "lease_until": None}
    )
)
# Both for two rows in one go: each statement costs as much again as what it does.
_IS_DONE = TABLE.c.id == bindparam("row")
PASS_ON = (
    update(TABLE)
    .where(
        TABLE.c.id.in_([bindparam("row"), bindparam("following")]),
        TABLE.c.lease_token == bindparam("lease"),
        TABLE.c.state == MessageState.LEASED,
    )
    .values(
        {
            name: case((_IS_DONE, bindparam(f"new_{name}", type_=TABLE.c[name].type)), else_=TABLE.c[name])
            for name in ("state", "attempts", "next_at", "reason", "sent_at")
        }
        | {
            "phase": case((_IS_DONE, bindparam("new_phase", type_=TABLE.c.phase.type)), else_="data"),
            "tried_at": case(
                (_IS_DONE, TABLE.c.tried_at), else_=bindparam("moment", type_=TABLE.c.tried_at.type)
            ),
            "lease_token": case((_IS_DONE, ""), else_=TABLE.c.lease_token),
            "lease_until": case((_IS_DONE, None), else_=TABLE.c.lease_until),
        }
    )
    .returning(TABLE.c.id)
)
# Spelt out, since SQLAlchemy compiles its own "on conflict" afresh for each execution, which took a
# fifth of a sign-up. Another process may have queued the same key since we looked: its mail stands.
_LATER = {"id", "lease_until", "sent_at", "tried_at", "gathered_id"}
_FILLED = [column for column in TABLE.columns if column.name not in _LATER]
_COLUMNS = ", ".join(f'"{column.name}"' for column in _FILLED)
_VALUES = ", ".join(f":{column.name}" for column in _FILLED)
INSERT = text(
    f"INSERT INTO message ({_COLUMNS}) VALUES ({_VALUES}) ON CONFLICT DO NOTHING"  # noqa: S608 -- names of our own columns
).bindparams(*(bindparam(column.name, type_=column.type) for column in _FILLED))


def queue(
    session: Session,
    mail: Mail,
    *,
    key: str,
    now: datetime,
    not_before: datetime | None = None,
    expires_at: datetime | None = None,
) -> bool:
    """Render `mail` and put it into the outbox; return False if `key` is already there.

    A mail that cannot be addressed becomes a failed row with its reason, so that nobody thinks it
    went out.
    """
    row = _row(mail, key, now, not_before, expires_at, own_wordings(session))
    return _insert(session, [row]) == 1


def queue_many(
    session: Session,
    mails: Iterable[tuple[str, Mail]],
    *,
    now: datetime,
    not_before: datetime | None = None,
    expires_at: datetime | None = None,
) -> int:
    """Put many (key, mail) pairs into the outbox at once; return how many were new."""
    by_key = dict(mails)
    # A single mail is nearly always new, and the insert itself tells: to look first costs a query.
    known = _known(session, list(by_key)) if len(by_key) > 1 else set()
    fresh = [(key, mail) for key, mail in by_key.items() if key not in known]
    own = own_wordings(session)
    # Rendered in portions: eight thousand mails at once would be a hundred megabytes.
    return sum(
        _insert(
            session,
            [
                _row(mail, key, now, not_before, expires_at, own)
                for key, mail in fresh[start : start + ROWS_AN_INSERT]
            ],
        )
        for start in range(0, len(fresh), ROWS_AN_INSERT)
    )


@dataclass(frozen=True)
class Claimed:
    """Hold a row under lease, as delivery needs it; `attempts` counts this one."""

    id: int
    key: str
    kind: str
    stream: str
    lane: int
    next_at: datetime
    to_address: str
    subject: dict[str, int]
    content: bytes
    expires_at: datetime | None
    attempts: int
    created_at: datetime
    time_zone: str
    reason: str


def new_lease() -> str:
    """Return a fresh lease token, which fences results of a worker that was thought dead."""
    return secrets.token_hex(8)


def claim(
    session: Session, lease: str, *, now: datetime, limit: int, lanes: Sequence[Lane] = tuple(Lane)
) -> list[Claimed]:
    """Lease up to `limit` due rows of `lanes`, the most urgent and oldest first."""
    # A CTE, since PostgreSQL may run a plain subquery again for each row and so pass the limit.
    due = (
        select(col(Message.id))
        .where(DUE, col(Message.lane).in_([int(lane) for lane in lanes]), col(Message.next_at) <= now)
        .order_by(col(Message.lane), col(Message.next_at), col(Message.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
        .prefix_with("MATERIALIZED")
    )
    columns = [getattr(Message, name) for name in Claimed.__dataclass_fields__]
    leased = session.execute(
        update(Message)
        .where(col(Message.id).in_(select(due.c.id)), DUE)
        .values(
            state=MessageState.LEASED,
            lease_token=lease,
            lease_until=now + LEASE,
            attempts=col(Message.attempts) + 1,
            phase="",
        )
        .returning(*columns)
        .execution_options(synchronize_session=False)
    )
    rows = [Claimed(*row) for row in leased]
    return sorted(rows, key=lambda row: (row.lane, row.next_at, row.id))


def announce(session: Session, row_id: int, lease: str, *, now: datetime) -> bool:
    """Note that this row's dialogue begins, so that a crash during it is known to be ambiguous.

    Return False if the row is no longer under this lease: then it is another worker's to send.
    """
    done = session.execute(ANNOUNCE, {"row": row_id, "lease": lease, "moment": now})
    return cast("CursorResult[Any]", done).rowcount == 1


@dataclass(frozen=True)
class Result:
    """Hold what became of a claimed row; `attempts` is how many counted in the end."""

    state: MessageState
    attempts: int
    next_at: datetime
    reason: str = ""
    phase: str = ""
    sent_at: datetime | None = None


def settle(session: Session, row_id: int, lease: str, result: Result) -> bool:
    """Give a leased row its result; return False if it is no longer under this lease."""
    values = {"row": row_id, "lease": lease, **{f"new_{name}": value for name, value in vars(result).items()}}
    return cast("CursorResult[Any]", session.execute(SETTLE, values)).rowcount == 1


def pass_on(
    session: Session, row_id: int, following: int, lease: str, result: Result, *, now: datetime
) -> tuple[bool, bool]:
    """Settle one row and announce the following; say of each whether it was still under this lease."""
    values = {"row": row_id, "following": following, "lease": lease, "moment": now}
    values |= {f"new_{name}": value for name, value in vars(result).items()}
    found = set(session.execute(PASS_ON, values).scalars())
    return row_id in found, following in found


def give_back(session: Session, ids: Sequence[int], lease: str) -> None:
    """Return claimed rows that were not tried to the queue."""
    session.execute(
        update(TABLE)
        .where(TABLE.c.id.in_(ids), TABLE.c.lease_token == lease)
        .values(state=MessageState.QUEUED, attempts=TABLE.c.attempts - 1, **UNLEASED)
    )


def recover(session: Session, *, now: datetime) -> int:
    """Free the rows of workers that died; return how many of them may or may not have been sent.

    A row whose dialogue had begun is ambiguous: it is never sent again blindly. The others of the
    lease had not been touched, and go back into the queue. What waits for a time that a wrong clock
    gave it waits no longer.
    """
    lapsed = update(Message).where(_is_lapsed(now)).execution_options(synchronize_session=False)
    ambiguous = session.execute(
        lapsed.where(col(Message.phase) == "data").values(
            state=MessageState.AMBIGUOUS, reason=SENDER_STOPPED, next_at=now, **UNLEASED
        )
    )
    session.execute(
        lapsed.where(col(Message.phase) != "data").values(
            state=MessageState.QUEUED, attempts=col(Message.attempts) - 1, **UNLEASED
        )
    )
    session.execute(
        update(Message)
        .where(_is_of_the_future(now))
        .values(next_at=now, tried_at=now)
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", ambiguous).rowcount


def _is_lapsed(now: datetime) -> ColumnElement[bool]:
    # A lease that lasts longer than any was given by a clock that has been put right since.
    until = col(Message.lease_until)
    return (col(Message.state) == MessageState.LEASED) & ((until < now) | (until > now + 2 * LEASE))


def _is_of_the_future(now: datetime) -> ColumnElement[bool]:
    return (col(Message.state) == MessageState.DEFERRED) & (col(Message.tried_at) > now + LEASE)


def waits_before(session: Session, lane: int, *, now: datetime) -> bool:
    """Say whether a mail of a more urgent lane is due."""
    lanes = [int(other) for other in Lane if other < lane]
    found = select(TABLE.c.id).where(DUE, TABLE.c.lane.in_(lanes), TABLE.c.next_at <= now).limit(1)
    return bool(lanes) and session.execute(found).first() is not None


def is_doubtful() -> ColumnElement[bool]:
    """Return the condition for rows that may have arrived, and of which nobody has decided yet."""
    return (col(Message.state) == MessageState.AMBIGUOUS) & col(Message.reason).in_(DOUBTFUL)


def is_due(session: Session, *, now: datetime) -> bool:
    """Say whether anything waits to be sent or looked into, or was left behind by a worker that died."""
    waits = or_(DUE, is_doubtful()) & (col(Message.next_at) <= now)
    found = select(col(Message.id)).where(or_(waits, _is_lapsed(now), _is_of_the_future(now))).limit(1)
    return session.execute(found).first() is not None


def counts(session: Session) -> dict[str, int]:
    """Return how many rows there are in each state."""
    rows = session.execute(select(col(Message.state), func.count()).group_by(col(Message.state)))
    found: dict[str, int] = {state: count for state, count in rows}  # noqa: C416 -- rows are not pairs to mypy
    return {state: found.get(state, 0) for state in MessageState}


def reasons(session: Session) -> dict[str, dict[str, int]]:
    """Return, by state, how many rows have which reason."""
    rows = session.execute(
        select(col(Message.state), col(Message.reason), func.count())
        .where(col(Message.reason) != "")
        .group_by(col(Message.state), col(Message.reason))
        .order_by(col(Message.state), col(Message.reason))
    )
    found: dict[str, dict[str, int]] = {}
    for state, reason, count in rows:
        found.setdefault(state, {})[reason] = count
    return found


def retry(session: Session, states: Sequence[MessageState], *, now: datetime) -> int:
    """Put failed or ambiguous rows back into the queue, as somebody decided; return how many."""
    result = session.execute(
        update(Message)
        .where(col(Message.state).in_(states), col(Message.to_address) != "")
        .values(state=MessageState.QUEUED, next_at=now, attempts=0, reason="")
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", result).rowcount


def _row(  # noqa: PLR0917 -- what a row is made of, named at its two calls
    mail: Mail,
    key: str,
    now: datetime,
    not_before: datetime | None,
    expires_at: datetime | None,
    own: Mapping[str, Passages],
) -> dict[str, Any]:
    number = number_of(key)
    address = normalise(mail.to.address)
    refused = isinstance(address, Refusal)
    words = chosen(mail.kind, mail.to.language, own.get(mail.kind))
    rendered = render(mail, now=now, unsubscribe_url=unsubscribe_url(mail, number, now), chosen=words)
    return {
        "key": key,
        "kind": mail.kind,
        "stream": str(mail.stream),
        "lane": int(mail.lane),
        "to_address": "" if isinstance(address, Refusal) else address,
        "subject": mail.about,
        "message_id": message_id(number),
        "content": b""
        if isinstance(address, Refusal)
        else _signed_if_possible(build(mail, rendered, address, number=number, now=now)),
        "created_at": now,
        "next_at": not_before or now + _hold(mail),
        "expires_at": expires_at,
        "state": MessageState.FAILED if refused else MessageState.QUEUED,
        "reason": address.code if isinstance(address, Refusal) else "",
        "attempts": 0,
        "time_zone": mail.to.time_zone,
        "resent": 0,
        "lease_token": "",
        "phase": "",
        "can_wait": mail.can_wait,
    }


def _hold(mail: Mail) -> timedelta:
    # A digest comes at its hour, and takes along what waits for company then.
    is_held = mail.can_wait and mail.lane == Lane.NORMAL
    return timedelta(minutes=settings().hold_minutes if is_held else 0)


def _signed_if_possible(content: bytes) -> bytes:
    try:
        return dkim.signed(content)
    except dkim.KeyUnusable:
        return content  # no deed fails for a key that somebody moved; nothing leaves unsigned, either


def _known(session: Session, keys: list[str]) -> set[str]:
    chunks = (keys[start : start + KEYS_A_QUERY] for start in range(0, len(keys), KEYS_A_QUERY))
    return {
        key
        for chunk in chunks
        for key in session.execute(select(col(Message.key)).where(col(Message.key).in_(chunk))).scalars()
    }


def _insert(session: Session, rows: list[dict[str, Any]]) -> int:
    if not rows:
        return 0
    return cast("CursorResult[Any]", session.execute(INSERT, rows)).rowcount
