"""Work that was asked for: a row written with the deed, claimed under a lease, done once.

The row is the record and a bell is only a bell. Whoever asks calls `request` in the transaction of
the deed and rings after the commit; a bell that nobody hears is rung again from the row. Whoever
works claims the row by a conditional UPDATE, renews the lease, and calls `finish` in the
transaction of the work: a lease that was lost takes the work back with it.

`request`, `finish`, `due` and `result_view` follow the rule of the house and never commit. Claims
and leases are short transactions of their own, so they take a function that opens one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from pydantic import ValidationError
from sqlalchemy import ColumnElement, CursorResult, Update, insert, or_, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from config.text import Refusal, Text
from models import Dispatch
from services.errors import HubError
from services.work import KINDS, Door, Kind, Outcome
from services.work_view import WorkView, result_view

__all__ = [
    "KINDS",
    "Bell",
    "Claim",
    "Door",
    "Kind",
    "LeaseLost",
    "Outcome",
    "Waiting",
    "WorkView",
    "claim",
    "count_bells",
    "due",
    "finish",
    "give_up",
    "has_worn_out",
    "note_run",
    "release",
    "release_dead",
    "renew",
    "request",
    "result_view",
    "waiting",
]

LEASE = timedelta(seconds=60)
ATTEMPTS = 5
"""How often work is begun before we give up aloud."""
BELL_GRACE = timedelta(seconds=5)
"""How long a bell may go unheard before the next one."""
DEAF = 3
"""After so many unheard bells, the work goes to the process pool."""
A_TICK = 100
"""Rows that one look at the table takes up at most."""

OpenSession = Callable[[], AbstractContextManager[Session]]
logger = logging.getLogger(__name__)


class Bell(Protocol):
    """Tells a worker that a row waits; may fail or be lost without harm."""

    def ring(self, dispatch_id: int) -> None:
        """Ring once, soon return, and never raise."""


class LeaseLost(Exception):  # noqa: N818 -- named after what happened
    """Somebody else holds the row now: what this worker did is rolled back."""

    def __init__(self, dispatch_id: int) -> None:
        super().__init__(f"the lease of dispatch {dispatch_id} was lost")


@dataclass(frozen=True)
class Claim:
    """Hold a row for one attempt by one worker."""

    dispatch_id: int
    kind: str
    key: str
    params: dict[str, Any]
    attempt: int
    worker: str


@dataclass(frozen=True)
class Waiting:
    """A row that nobody works on, though it is due."""

    dispatch_id: int
    kind: str
    attempts: int
    bells: int
    requested_at: datetime

    @property
    def door(self) -> Door:
        """Return where it should run now: a warm worker that does not answer is passed over."""
        door = KINDS[self.kind].door
        return Door.BULK if door is Door.WARM and self.bells >= DEAF else door


def request(
    session: Session,
    kind: str,
    *,
    key: str,
    params: dict[str, Any],
    now: datetime,
    by: int | None = None,
    due_at: datetime | None = None,
) -> Dispatch:
    """Ask for work once: a second request with the same key returns the first one's row.

    Raises `HubError` when the parameters are not those of the kind.
    """
    row = {
        "kind": kind,
        "key": key,
        "params": _checked(KINDS[kind], params),
        "due_at": due_at or now,
        "requested_at": now,
        "requested_by_id": by,
    }
    found = _by_key(session, key)
    if found is None:
        try:
            with session.begin_nested():
                session.execute(insert(Dispatch).values(**row))
        except IntegrityError:  # somebody else was faster between the look and the insert
            logger.info("dispatch %s was asked for twice", key)
        found = _by_key(session, key)
    assert found is not None
    return found


def claim(
    open_session: OpenSession, dispatch_id: int, worker: str, *, now: datetime, lease: timedelta = LEASE
) -> Claim | None:
    """Take a row that is due and free; None when it is done, held by a living lease, or used up."""
    take = (
        update(Dispatch)
        .where(_is(dispatch_id), _open(), _free(now), col(Dispatch.due_at) <= now)
        .where(col(Dispatch.attempts) < ATTEMPTS)
        .values(claimed_by=worker, lease_until=now + lease, attempts=col(Dispatch.attempts) + 1, bells=0)
    )
    with open_session() as session:
        if _changed(session, take) != 1:
            return None
        row = session.get_one(Dispatch, dispatch_id)
        return Claim(dispatch_id, row.kind, row.key, dict(row.params), row.attempts, worker)


def renew(open_session: OpenSession, held: Claim, *, now: datetime, lease: timedelta = LEASE) -> bool:
    """Hold on for another `lease`; False when the row is no longer ours."""
    with open_session() as session:
        return _changed(session, update(Dispatch).where(*_held(held)).values(lease_until=now + lease)) == 1


def note_run(open_session: OpenSession, held: Claim, flow_run_id: str) -> None:
    """Remember which run of the engine does the work, for people who look there."""
    with open_session() as session:
        _changed(session, update(Dispatch).where(*_held(held)).values(flow_run_id=flow_run_id))


def release(open_session: OpenSession, held: Claim, *, due_at: datetime, begun: bool = True) -> bool:
    """Give a row back undone, to be taken up again from `due_at` on; False when it is no longer ours.

    What was never `begun` does not count as an attempt.
    """
    free = {"claimed_by": None, "lease_until": None, "due_at": due_at}
    attempts = held.attempt if begun else held.attempt - 1
    with open_session() as session:
        return _changed(session, update(Dispatch).where(*_held(held)).values(**free, attempts=attempts)) == 1


def finish(
    session: Session,
    held: Claim,
    *,
    now: datetime,
    outcome: Outcome = Outcome.DONE,
    sentences: Iterable[Text] = (),
    counts: dict[str, int] | None = None,
) -> None:
    """Write down how the work ended, in the transaction of the work itself.

    Raises `LeaseLost` when the row is no longer ours, so that the work is rolled back.
    """
    done = update(Dispatch).where(*_held(held)).values(**_ended(now, outcome, sentences, counts or {}))
    if _changed(session, done) != 1:
        raise LeaseLost(held.dispatch_id)


def due(session: Session, *, now: datetime, grace: timedelta = BELL_GRACE) -> list[Waiting]:
    """Return rows that are due, free, and have waited `grace` for an answer to each bell."""
    rows = session.exec(
        select(Dispatch)
        .where(_open(), _free(now), col(Dispatch.due_at) <= now, col(Dispatch.attempts) < ATTEMPTS)
        .where(col(Dispatch.kind).in_(sorted(KINDS)))
        .order_by(col(Dispatch.due_at), col(Dispatch.id))
        .limit(A_TICK)
    ).all()
    return [
        _as_waiting(row) for row in rows if (row.lease_until or row.due_at + grace * (row.bells + 1)) <= now
    ]


def waiting(session: Session, dispatch_id: int) -> Waiting | None:
    """Return a row as it waits, or None when it is done or unknown."""
    row = session.get(Dispatch, dispatch_id)
    return None if row is None or row.done_at is not None else _as_waiting(row)


def count_bells(session: Session, rung: Sequence[Waiting]) -> None:
    """Note that rows were rung for once more."""
    ids = [row.dispatch_id for row in rung]
    session.execute(update(Dispatch).where(col(Dispatch.id).in_(ids)).values(bells=col(Dispatch.bells) + 1))


def has_worn_out(session: Session, *, now: datetime) -> bool:
    """Say whether there are rows to give up."""
    return session.exec(select(Dispatch.id).where(*_worn_out(now)).limit(1)).first() is not None


def give_up(session: Session, *, now: datetime) -> int:
    """End rows whose attempts are used up, so that a person sees them; return how many."""
    values = _ended(now, Outcome.GAVE_UP, (_GAVE_UP,), {})
    return _changed(session, update(Dispatch).where(*_worn_out(now)).values(**values))


def release_dead(
    open_session: OpenSession, host: str, is_alive: Callable[[str], bool], *, now: datetime
) -> list[str]:
    """Free rows held by workers of `host` that live no more; return their runs in the engine."""
    with open_session() as session:
        held = session.exec(
            select(Dispatch).where(_open(), col(Dispatch.claimed_by).startswith(f"{host}:", autoescape=True))
        ).all()
        dead = [row for row in held if not is_alive(str(row.claimed_by))]
        for row in dead:
            row.claimed_by, row.lease_until, row.due_at = None, None, min(row.due_at, now)
            session.add(row)
        return [row.flow_run_id for row in dead if row.flow_run_id]


_GAVE_UP = Text(
    f"试了{ATTEMPTS}次都没办完，不再自动重试。",
    f"It was begun {ATTEMPTS} times and never finished; it is not tried again by itself.",
)


def _as_waiting(row: Dispatch) -> Waiting:
    assert row.id is not None
    return Waiting(row.id, row.kind, row.attempts, row.bells, row.requested_at)


def _checked(kind: Kind, params: dict[str, Any]) -> dict[str, Any]:
    try:
        return kind.params.model_validate(params).model_dump(mode="json", exclude_none=True)
    except ValidationError as error:
        fields = [".".join(map(str, fault["loc"])) for fault in error.errors()]
    raise HubError([_bad_parameter(kind, field) for field in fields])


def _bad_parameter(kind: Kind, field: str) -> Refusal:
    sentence = Text(
        "“{title}”的参数 {field} 填得不对。", "The parameter {field} of “{title}” is not valid."
    ).format(title=kind.title, field=field)
    return Refusal("bad_parameter", sentence, field)


def _by_key(session: Session, key: str) -> Dispatch | None:
    return session.exec(select(Dispatch).where(Dispatch.key == key)).one_or_none()


def _is(dispatch_id: int) -> ColumnElement[bool]:
    return col(Dispatch.id) == dispatch_id


def _open() -> ColumnElement[bool]:
    return col(Dispatch.done_at).is_(None)


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(col(Dispatch.claimed_by).is_(None), col(Dispatch.lease_until) < now)


def _worn_out(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return _open(), _free(now), col(Dispatch.attempts) >= ATTEMPTS


def _held(held: Claim) -> tuple[ColumnElement[bool], ...]:
    # The attempt stands beside the name, so that a worker cannot finish what it lost and took again.
    return (
        _is(held.dispatch_id),
        _open(),
        col(Dispatch.claimed_by) == held.worker,
        col(Dispatch.attempts) == held.attempt,
    )


def _ended(
    now: datetime, outcome: Outcome, sentences: Iterable[Text], counts: dict[str, int]
) -> dict[str, Any]:
    return {
        "done_at": now,
        "outcome": outcome.value,
        "claimed_by": None,
        "lease_until": None,
        "result": {"sentences": [[text.zh, text.en] for text in sentences], "counts": counts},
    }


def _changed(session: Session, statement: Update) -> int:
    # Rows already loaded are read afresh by whoever needs them; matching them in Python costs more.
    outcome = session.execute(statement.execution_options(synchronize_session=False))
    assert isinstance(outcome, CursorResult)
    return outcome.rowcount
