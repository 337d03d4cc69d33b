"""Remind people of what they have not done yet."""

from __future__ import annotations

from datetime import datetime

from prefect import flow
from sqlmodel import Session

from flows.base import perform
from services import deadlines


@flow(name="remind-of-deadlines", log_prints=False)
async def remind_of_deadlines() -> deadlines.DeadlinesTold:
    """提醒快到期的事 · Remind of deadlines: evaluations that close, checks and consents that lapse."""

    def remind(session: Session, now: datetime) -> deadlines.DeadlinesTold:
        return deadlines.remind(session, now=now)

    return await perform(remind)
