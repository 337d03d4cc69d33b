"""Close what is over and ask who came."""

from __future__ import annotations

from datetime import datetime

from prefect import flow
from sqlmodel import Session

from flows.base import perform
from services import attendance


@flow(name="close-activities", log_prints=False)
async def close_activities() -> attendance.Closed:
    """活动收尾 · Close activities that are over, and ask for attendance not yet recorded."""

    def close(session: Session, now: datetime) -> attendance.Closed:
        return attendance.close_activities(session, now=now)

    return await perform(close)
