"""The audit trail: who changed what, when, from which value to which, and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session

from models import AuditEntry, Table


def record(
    session: Session,
    thing: Table,
    verb: str,
    *,
    now: datetime,
    by: int | None = None,
    changes: dict[str, tuple[Any, Any]] | None = None,
    reason: str = "",
) -> None:
    """Add a line to the audit trail in the transaction of the deed."""
    session.add(
        AuditEntry(
            at=now,
            by_id=by,
            verb=verb,
            thing=str(thing.__tablename__),
            thing_id=getattr(thing, "id", None),
            changes={field: list(pair) for field, pair in (changes or {}).items()},
            reason=reason,
        )
    )


def change(
    session: Session,
    thing: Table,
    verb: str,
    *,
    now: datetime,
    by: int | None = None,
    reason: str = "",
    **values: Any,
) -> None:
    """Set fields of `thing` and record each that really changes."""
    changes = {
        field: (_plain(getattr(thing, field)), _plain(value))
        for field, value in values.items()
        if getattr(thing, field) != value
    }
    for field in changes:
        setattr(thing, field, values[field])
    session.add(thing)
    if changes:
        record(session, thing, verb, now=now, by=by, changes=changes, reason=reason)


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)
