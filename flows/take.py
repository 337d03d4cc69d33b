"""Take a dispatch row and do its work here: what a bell, a sweep or the process pool sets off."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
from prefect import task
from prefect.exceptions import PrefectHTTPStatusError
from sqlalchemy.exc import OperationalError

from config import clock
from config.settings import settings
from flows.base import HELD
from flows.in_place import create_run, flow_for, run_here
from models.session import open_session
from services import dispatch
from services.dispatch import Claim, LeaseLost, Outcome
from services.errors import HubError

AT_ONCE = 2 if settings().database.startswith("sqlite") else 8
"""SQLite bears two writers at once, here and in the engine; ten took a minute in trials."""
RENEW_SECONDS = 20.0
GIVE_BACK_SECONDS = 1.0
RETRY = timedelta(seconds=2)
_TOKEN = secrets.token_hex(4)
logger = logging.getLogger(__name__)


@dataclass
class Desk:
    """What this process works on: a few rows at once, and none any more once it is closed."""

    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    in_hand: dict[int, Claim] = field(default_factory=dict)
    is_closed: bool = False

    async def close(self, seconds: float) -> None:
        """Take nothing new, let what is in hand finish, and give back what does not in time."""
        self.is_closed = True
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                for _ in range(AT_ONCE):
                    await self.room.acquire()
        # On SQLite our own work may hold the lock; then the next start sees that we are gone.
        with suppress(TimeoutError):
            async with asyncio.timeout(GIVE_BACK_SECONDS):
                for held in tuple(self.in_hand.values()):
                    await asyncio.to_thread(dispatch.release, open_session, held, due_at=clock.now())


DESK = Desk()


@task(name="take", retries=0, log_prints=False)
async def take(dispatch_id: int) -> str:
    """Do the work of a row, unless somebody else does or did; nothing but its id travels."""
    return await take_up(dispatch_id)


async def take_up(dispatch_id: int) -> str:
    """Claim a row, run its flow in place under a renewed lease, and say how that went."""
    async with DESK.room:
        if DESK.is_closed:
            return "closing"
        held = await asyncio.to_thread(
            dispatch.claim, open_session, dispatch_id, worker_name(), now=clock.now()
        )
        if held is None:
            return "already taken"
        async with _in_hand(held):
            return await _work_off(held)


def worker_name() -> str:
    """Return this process's name on its claims: host, process and a mark of this very start."""
    return f"{socket.gethostname()}:{os.getpid()}:{_TOKEN}"


def is_alive(worker: str) -> bool:
    """Say whether a worker of this host still lives, as far as the process table knows."""
    _, pid, token = worker.rsplit(":", 2)
    if int(pid) == os.getpid():
        return token == _TOKEN
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


async def _work_off(held: Claim) -> str:
    try:
        name = f"{held.kind.replace('_', '-')}-{held.dispatch_id}"
        run = await create_run(held.kind, held.params, name=name)
    except (httpx.TransportError, PrefectHTTPStatusError) as error:
        return await _engine_is_away(held, error)
    await asyncio.to_thread(dispatch.note_run, open_session, held, str(run.id))
    mark = HELD.set(held)
    try:
        await run_here(flow_for(held.kind), run)
    except LeaseLost:
        return "lost to another worker"
    except HubError as refused:
        return await asyncio.to_thread(_refuse, held, refused)
    except Exception as error:  # noqa: BLE001 -- whatever broke, the row says what is left to do
        return await asyncio.to_thread(_settle, held, type(error).__name__)
    finally:
        HELD.reset(mark)
    return await asyncio.to_thread(_settle, held, "the engine did not let it run")


async def _engine_is_away(held: Claim, error: Exception) -> str:
    logger.warning("dispatch %d waits for the engine: %s", held.dispatch_id, type(error).__name__)
    await asyncio.to_thread(dispatch.release, open_session, held, due_at=clock.now() + RETRY, begun=False)
    return "the engine is away"


def _refuse(held: Claim, refused: HubError) -> str:
    with suppress(LeaseLost), open_session() as session:
        dispatch.finish(
            session,
            held,
            now=clock.now(),
            outcome=Outcome.REFUSED,
            sentences=[refusal.sentence for refusal in refused.refusals],
        )
    return f"refused: {refused}"


def _settle(held: Claim, fault: str) -> str:
    # The engine may fail after the work is committed, or end a run that never began: the row knows.
    due_at = clock.now() + RETRY * 2**held.attempt
    if not dispatch.release(open_session, held, due_at=due_at):
        return "done"
    logger.warning("dispatch %d attempt %d: %s", held.dispatch_id, held.attempt, fault)
    return "to be tried again"


@asynccontextmanager
async def _in_hand(held: Claim) -> AsyncIterator[None]:
    DESK.in_hand[held.dispatch_id] = held
    renewal = asyncio.create_task(_renew(held))
    try:
        yield
    finally:
        del DESK.in_hand[held.dispatch_id]
        renewal.cancel()
        with suppress(asyncio.CancelledError):
            await renewal


async def _renew(held: Claim) -> None:
    kept: Any = True
    while kept:
        await asyncio.sleep(RENEW_SECONDS)
        with suppress(OperationalError):  # SQLite is busy: with our own work, so the row is safe
            kept = await asyncio.to_thread(dispatch.renew, open_session, held, now=clock.now())
    logger.warning("dispatch %d: the lease was lost", held.dispatch_id)
