"""Send the mail that waits in the outbox."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from prefect import flow
from pydantic import Field

from config import clock
from flows.base import perform_in_parts
from models.session import open_session
from services import delivery

Limit = Annotated[int, Field(ge=1, le=20_000)]


@flow(name="deliver-mail", log_prints=False)
async def deliver_mail(limit: Limit = 2000, urgent_only: bool = False) -> delivery.Delivered:
    """送邮件 · Deliver mail: each mail once, at most `limit` in one run."""

    def deliver() -> delivery.Delivered:
        opener = partial(open_session, durable=True)
        return delivery.deliver_due(opener, now=clock.now, limit=limit, urgent_only=urgent_only)

    return await perform_in_parts(deliver)
