"""Keep computed proposals until something they depend on changes, within one process.

Every deed leaves a trace: a new activity, a new offer, or a line on the audit trail. While the newest of
each is the same, so is the answer.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar, cast

from sqlalchemy import func, select
from sqlmodel import Session, col

from models import Activity, AuditEntry, Offer, Volunteer

T = TypeVar("T")
MOST = 64
_kept: OrderedDict[Hashable, Any] = OrderedDict()
_lock = Lock()


def kept(session: Session, key: Hashable, make: Callable[[], T]) -> T:
    """Return what was made for `key` if nothing has changed since; else make it, and keep it."""
    full = str(session.get_bind().engine.url), key, _stamp(session)
    with _lock:
        if full in _kept:
            _kept.move_to_end(full)
            return cast("T", _kept[full])
    made = make()
    with _lock:
        _kept[full] = made
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return made


def _stamp(session: Session) -> tuple[Any, ...]:
    newest: list[Any] = [func.max(col(table.id)) for table in (Activity, Offer, AuditEntry)]
    questions: list[Any] = [select(one) for one in (*newest, func.count(col(Volunteer.person_id)))]
    return tuple(session.execute(question).scalar() for question in questions)
