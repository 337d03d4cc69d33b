"""Close what went unanswered and ask the next."""

from __future__ import annotations

from datetime import datetime

from prefect import flow
from sqlmodel import Session

from flows.base import perform
from services import offers


@flow(name="follow-up-offers", log_prints=False)
async def follow_up_offers() -> offers.FollowedUp:
    """跟进邀请 · Follow up offers: expire the unanswered, ask the next candidate."""

    def follow_up(session: Session, now: datetime) -> offers.FollowedUp:
        return offers.follow_up(session, now=now)

    return await perform(follow_up)
