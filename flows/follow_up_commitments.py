"""Bring commitments to mind, and tell the next unit up of what is overdue."""

from __future__ import annotations

from datetime import datetime

from prefect import flow
from sqlmodel import Session

from flows.base import perform
from services import commitment_follow_up


@flow(name="follow-up-commitments", log_prints=False)
async def follow_up_commitments() -> commitment_follow_up.FollowedUp:
    """跟进承诺 · Follow up commitments: remind before the day, escalate what is overdue."""

    def follow_up(session: Session, now: datetime) -> commitment_follow_up.FollowedUp:
        return commitment_follow_up.follow_up(session, now=now)

    return await perform(follow_up)
