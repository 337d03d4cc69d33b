"""What a matching run knew, kept for some weeks, so that it can be told after the activity too."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select

from matching.inputs import MatchingPolicy
from matching.record import Known, Record, pack
from matching.staffing import StaffingPlan
from models import MatchingRecord

KEPT_FOR = timedelta(days=60)
"""A record of a district's whole week takes some 1.2 megabytes."""


def keep(session: Session, run_id: int, plan: StaffingPlan, policy: MatchingPolicy, *, now: datetime) -> None:
    """Keep what a run knew, and let go of what is too old."""
    session.exec(delete(MatchingRecord).where(col(MatchingRecord.kept_at) < now - KEPT_FOR))
    if plan.staffing.needs:
        session.add(MatchingRecord(run_id=run_id, kept_at=now, data=pack(plan, policy)))
        session.flush()


def last_known(
    session: Session, need_id: int, person_id: int, *, before: datetime
) -> tuple[int, Known | None] | None:
    """Return the last run before a moment that was asked about a need, and what it knew about a person."""
    question = select(MatchingRecord).where(col(MatchingRecord.kept_at) < before)
    for row in session.exec(question.order_by(col(MatchingRecord.run_id).desc())):
        record = Record(row.data)
        if record.has(need_id):
            return row.run_id, record.of(person_id, need_id)
    return None
