"""The task worker: hears bells, looks for rows nobody rang for, and ends without losing either.

`python -m cli.worker` runs until SIGTERM. It does the work of warm rows itself, a few at a time.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import threading
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from prefect import get_client
from prefect.exceptions import PrefectHTTPStatusError
from prefect.settings import PREFECT_LOCAL_STORAGE_PATH
from prefect.states import Crashed
from prefect.task_worker import TaskWorker
from sqlalchemy.exc import OperationalError

from cli.signals import on_ending
from config import clock
from config.logs import start_logging
from flows.take import AT_ONCE, DESK, is_alive, take, take_up
from models.session import open_session, read_session
from services import dispatch
from services.work import KINDS, Door

SWEEP_SECONDS = 1.0
UNHEARD = timedelta(seconds=2)
"""A lost bell costs this much, not the work."""
FINISH_SECONDS = 8.0
TIDY_SECONDS = 3600.0
KEEP_SECONDS = 2 * 86_400.0
logger = logging.getLogger(__name__)


def main() -> None:
    """Serve until SIGTERM or SIGINT, then finish what is in hand, or give it back."""
    start_logging()
    stop = threading.Event()
    on_ending(lambda _number: stop.set())
    # The engine's own signal handlers would drop what is in hand; they settle in main threads only.
    serving = threading.Thread(target=lambda: asyncio.run(serve(stop)), name="serving")
    serving.start()
    serving.join()


async def serve(stop: threading.Event) -> None:
    """Hear bells and sweep until `stop`; then finish what is in hand, or give it back."""
    work = [asyncio.create_task(part()) for part in (_hear, _sweep, _tidy)]
    await asyncio.to_thread(stop.wait)
    await DESK.close(FINISH_SECONDS)
    for task in work:
        task.cancel()
    logger.info("stopped")
    # A thread still inside a service would hold the exit up; its lease is gone, so it cannot commit.
    logging.shutdown()
    os._exit(0)


async def _hear() -> None:
    # A handshake that times out ends the subscription for good, without a word: hear again.
    while True:
        try:
            await TaskWorker(take, limit=AT_ONCE).astart()
        except Exception as error:  # noqa: BLE001 -- whatever ended it, we listen again
            logger.warning("the bell's line broke: %s", type(error).__name__)
        await asyncio.sleep(1)


async def _sweep() -> None:
    taking: dict[int, asyncio.Task[str]] = {}
    while True:
        try:
            await _call_crashed(await asyncio.to_thread(_free_the_dead))
            for row in await asyncio.to_thread(_unheard):
                if row not in taking and row not in DESK.in_hand:
                    taking[row] = asyncio.create_task(take_up(row))
        except OperationalError as error:
            logger.warning("the database is away: %s", type(error).__name__)
        taking = {row: task for row, task in taking.items() if not task.done()}
        await asyncio.sleep(SWEEP_SECONDS)


async def _tidy() -> None:
    while True:
        await asyncio.to_thread(tidy, PREFECT_LOCAL_STORAGE_PATH.value(), time.time())
        await asyncio.sleep(TIDY_SECONDS)


def tidy(storage: Path, now: float) -> int:
    """Remove what bells left on the disk days ago, which the engine never does; return how many."""
    stale = [
        file for file in storage.glob("*") if file.is_file() and file.stat().st_mtime < now - KEEP_SECONDS
    ]
    for file in stale:
        file.unlink(missing_ok=True)
    return len(stale)


def _unheard() -> list[int]:
    with read_session() as session:
        rows = dispatch.due(session, now=clock.now(), grace=UNHEARD)
    return [row.dispatch_id for row in rows if KINDS[row.kind].door is Door.WARM]


def _free_the_dead() -> list[str]:
    return dispatch.release_dead(open_session, socket.gethostname(), is_alive, now=clock.now())


async def _call_crashed(flow_runs: list[str]) -> None:
    # Their process is gone and cannot say so itself; the row is free again and will be done anew.
    for flow_run in flow_runs:
        with suppress(PrefectHTTPStatusError, OSError):
            async with get_client() as client:
                await client.set_flow_run_state(flow_run, Crashed(message="its worker died"), force=True)


if __name__ == "__main__":
    main()
