"""Ask the people whom matching proposed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from prefect import flow
from pydantic import Field
from sqlmodel import Session

from flows.base import perform
from services import offers

Minutes = Annotated[int, Field(ge=0, le=1440)]


@flow(name="send-offers", log_prints=False)
async def send_offers(waited_minutes: Minutes = 0) -> offers.Sent:
    """发邀请 · Send offers: what matching proposed leaves as mail; with a wait, after the time that a hub has to look."""

    def send(session: Session, now: datetime) -> offers.Sent:
        return offers.send_offers(session, now=now, on_time=waited_minutes > 0)

    return await perform(send)
