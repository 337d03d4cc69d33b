"""Remind people of what they promised."""

from __future__ import annotations

from datetime import datetime

from prefect import flow
from sqlmodel import Session

from flows.base import perform
from services import reminders


@flow(name="remind-volunteers", log_prints=False)
async def remind_volunteers() -> reminders.Reminded:
    """提醒志愿者 · Remind volunteers: who said yes, two days and three hours before."""

    def remind(session: Session, now: datetime) -> reminders.Reminded:
        return reminders.queue_due(session, now=now)

    return await perform(remind)
