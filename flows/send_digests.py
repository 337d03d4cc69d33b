"""Write the digests of the week that begins, and of the month that has ended."""

from __future__ import annotations

from datetime import datetime, timedelta

from prefect import flow
from sqlmodel import Session

from flows.base import Code, local_date, perform
from services import digests
from services.digest_slots import Slot
from services.work import Audience


@flow(name="send-digests", log_prints=False)
async def send_digests(audience: Audience, slot: Code | None = None) -> digests.DigestsQueued:
    """发简报 · Send digests: to each reader at their own time, each period once; without a slot to everybody."""

    def send(session: Session, now: datetime) -> digests.DigestsQueued:
        if slot is not None:
            return digests.queue_slot(session, Slot.of_code(slot), now=now)
        today = local_date(now)
        match audience:
            case Audience.VOLUNTEERS:
                return digests.queue_volunteer_digests(session, now=now, week=today)
            case Audience.COORDINATORS:
                return digests.queue_coordinator_digests(session, now=now, week=today)
            case Audience.MANAGERS:
                last_month = today.replace(day=1) - timedelta(days=1)
                return digests.queue_manager_digests(session, now=now, month=last_month)

    return await perform(send)
