"""Knock: tell a worker of a dispatch row through the door that it should take now.

A knock may be lost with the engine's memory, or come twice. The row is the record; the clock and
the task worker look at rows and knock, or take, again.
"""

from __future__ import annotations

import asyncio

from prefect import get_client

from flows.in_place import DEPLOYMENT
from flows.take import take
from models.session import read_session
from services import dispatch
from services.dispatch import Door, Waiting

BELLS_PER_PROCESS = 12
"""A process that was asked for and never came is asked for again after so many bells, a minute."""


def knock(dispatch_id: int) -> None:
    """Tell a worker of a row; may wait for the engine, and raises when it is away."""
    with read_session() as session:
        waiting = dispatch.waiting(session, dispatch_id)
    if waiting is None:
        return
    if waiting.door is Door.WARM:
        take.delay(dispatch_id)
    else:
        asyncio.run(_start_process(waiting))


async def _start_process(waiting: Waiting) -> None:
    async with get_client() as client:
        deployment = await client.read_deployment_by_name(f"take-dispatch/{DEPLOYMENT}")
        await client.create_flow_run_from_deployment(
            deployment.id,
            parameters={"dispatch_id": waiting.dispatch_id},
            name=f"take-{waiting.dispatch_id}",
            idempotency_key=_key(waiting),
        )


def _key(waiting: Waiting) -> str:
    # The moment tells this network's row from that of another one on the same engine.
    turn = waiting.bells // BELLS_PER_PROCESS
    return f"take-{waiting.dispatch_id}-{waiting.requested_at:%Y%m%d%H%M%S%f}-{waiting.attempts}-{turn}"
