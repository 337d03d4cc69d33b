"""The bell: tell a worker of a dispatch row, without waiting and without harm.

A bell may be lost with the engine's memory, come twice, or never leave this process. The row is
the record; the clock and the task worker look at rows and ring, or take, again.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from contextlib import suppress
from queue import Full, Queue

from prefect import get_client

from flows.in_place import DEPLOYMENT
from flows.take import take
from models.session import read_session
from services import dispatch
from services.dispatch import Door, Waiting

MOST_BELLS = 100
BELLS_PER_PROCESS = 12
"""A process that was asked for and never came is asked for again after so many bells, a minute."""
logger = logging.getLogger(__name__)


class EngineBell:
    """Rings from a thread of its own, so that a page never waits for the engine."""

    def __init__(self) -> None:
        self._queue: Queue[int] = Queue(MOST_BELLS)
        threading.Thread(target=self._listen, name="bell", daemon=True).start()

    def ring(self, dispatch_id: int) -> None:
        """Ring for a row soon; when too many bells wait already, the row is found by looking."""
        with suppress(Full):
            self._queue.put_nowait(dispatch_id)

    def _listen(self) -> None:
        while True:
            dispatch_id = self._queue.get()
            try:
                knock(dispatch_id)
            except Exception as error:  # noqa: BLE001 -- whatever broke, the row is found by looking
                logger.warning("bell of dispatch %d was not heard: %s", dispatch_id, type(error).__name__)


def knock(dispatch_id: int) -> None:
    """Start a row's work through the door that it should take now."""
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
            idempotency_key=f"take-{waiting.dispatch_id}-{waiting.attempts}-{waiting.bells // BELLS_PER_PROCESS}",
        )
