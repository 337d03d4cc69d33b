"""The newest risk check of many series and activities, with one question each."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlmodel import Session, col, select

from models import RiskCheck
from services.queries import batches

Latest = tuple[dict[int, RiskCheck], dict[int, RiskCheck]]


def latest_checks(
    session: Session, *, series_ids: Collection[int] = (), activity_ids: Collection[int] = ()
) -> Latest:
    """Return the newest check by series, and by activity that has one of its own."""
    return (
        _newest(session, col(RiskCheck.series_id), series_ids),
        _newest(session, col(RiskCheck.activity_id), activity_ids),
    )


def _newest(session: Session, column: Any, ids: Collection[int]) -> dict[int, RiskCheck]:
    found: dict[int, RiskCheck] = {}
    for batch in batches(sorted(ids)):
        for one in session.exec(select(RiskCheck).where(column.in_(batch)).order_by(col(RiskCheck.id))):
            found[getattr(one, column.key)] = one
    return found
