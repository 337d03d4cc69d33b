"""Ask the people whom matching proposed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from prefect import flow
from pydantic import Field
from sqlmodel import Session

from flows.base import perform
from services import offers

Minutes = Annotated[int, Field(ge=0, le=1440)]


@flow(name="send-offers", log_prints=False)
async def send_offers(waited_minutes: Minutes = 0) -> offers.Sent:
    """发邀请 · Send offers: what matching proposed at least so long ago leaves as mail."""

    def send(session: Session, now: datetime) -> offers.Sent:
        return offers.send_offers(session, now=now, proposed_until=now - timedelta(minutes=waited_minutes))

    return await perform(send)
