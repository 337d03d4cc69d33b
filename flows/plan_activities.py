"""Date the activities of every series."""

from __future__ import annotations

from datetime import datetime, timedelta

from prefect import flow
from sqlmodel import Session

from flows.base import Code, Weeks, local_date, perform
from services import schedule, scopes


@flow(name="plan-activities", log_prints=False)
async def plan_activities(weeks: Weeks = 6, hub: Code | None = None) -> schedule.Planned:
    """排活动 · Plan activities: date every series up to `weeks` weeks ahead, all hubs or one."""

    def plan(session: Session, now: datetime) -> schedule.Planned:
        hubs = scopes.hubs_in_scope(session, hub=hub)
        until = local_date(now) + timedelta(weeks=weeks)
        return schedule.plan_activities(session, now=now, until=until, hubs=hubs)

    return await perform(plan)
