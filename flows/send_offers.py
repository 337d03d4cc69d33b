"""Ask the people whom matching proposed."""

from __future__ import annotations

from datetime import datetime

from prefect import flow
from sqlmodel import Session

from flows.base import perform
from services import offers


@flow(name="send-offers", log_prints=False)
async def send_offers() -> offers.Sent:
    """发邀请 · Send offers: what matching proposed leaves as mail."""

    def send(session: Session, now: datetime) -> offers.Sent:
        return offers.send_offers(session, now=now)

    return await perform(send)
