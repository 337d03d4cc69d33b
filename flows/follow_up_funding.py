"""Remind who decides project applications, and tell the next unit up of what is overdue."""

from __future__ import annotations

from datetime import datetime

from prefect import flow
from sqlmodel import Session

from flows.base import perform
from services import funding_follow_up


@flow(name="follow-up-funding", log_prints=False)
async def follow_up_funding() -> funding_follow_up.FollowedUp:
    """跟进项目申请 · Follow up project applications: remind before the day, escalate what nobody answered."""

    def follow_up(session: Session, now: datetime) -> funding_follow_up.FollowedUp:
        return funding_follow_up.follow_up(session, now=now)

    return await perform(follow_up)
