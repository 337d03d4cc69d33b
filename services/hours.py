"""The hours ledger: lines are added, never changed; a wrong one is taken back by another."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import func, select
from sqlmodel import Session, col

from models import Activity, HoursEntry
from services.queries import batches


def minutes_of(activity: Activity) -> int:
    """Return how many minutes somebody serves who stays for the whole activity."""
    return round((activity.ends_at - activity.starts_at).total_seconds() / 60)


def minutes_since(session: Session, person_ids: Iterable[int], since: date) -> dict[int, int]:
    """Return each person's minutes from `since` on; who has none counts 0."""
    people = sorted(set(person_ids))
    totals = dict.fromkeys(people, 0)
    for batch in batches(people):
        question = (
            select(col(HoursEntry.person_id), func.sum(HoursEntry.minutes))
            .where(col(HoursEntry.person_id).in_(batch), col(HoursEntry.served_on) >= since)
            .group_by(col(HoursEntry.person_id))
        )
        totals |= {person_id: int(total) for person_id, total in session.execute(question)}
    return totals
