"""What every flow does: one service in one transaction, told in words, nothing personal left behind.

When the flow works off a dispatch row, the row is finished in the transaction of the work: both
are there or neither, whatever the engine believes afterwards.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
import traceback
from collections.abc import Callable
from contextvars import ContextVar
from datetime import date, datetime
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

from prefect.artifacts import acreate_markdown_artifact
from prefect.context import FlowRunContext
from pydantic import Field
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from config import clock
from config.settings import settings
from config.text import Text
from models.session import open_session
from services import dispatch
from services.dispatch import Claim, LeaseLost
from services.errors import HubError
from services.telling import Told, tell
from services.work import Code

__all__ = [
    "HELD",
    "Code",
    "PersonId",
    "Told",
    "Weeks",
    "WorkFailed",
    "local_date",
    "perform",
    "perform_in_parts",
    "tell",
]

Weeks = Annotated[int, Field(ge=1, le=26)]
PersonId = Annotated[int, Field(ge=1)]
T = TypeVar("T")
HELD: ContextVar[Claim | None] = ContextVar("HELD", default=None)
"""The dispatch row that the current run works off, if any."""
TRIES = 3
"""How often a transaction is tried when the database goes away or stays locked."""
logger = logging.getLogger(__name__)


class WorkFailed(Exception):  # noqa: N818 -- named after what happened
    """Something broke in a service; the text names the kind of fault and never quotes a row."""


async def perform(deed: Callable[[Session, datetime], T]) -> T:
    """Do one service's work in one transaction, off the event loop, and show what came of it."""
    return await _shown(_in_one_transaction, deed)


async def perform_in_parts(deed: Callable[[], T]) -> T:
    """Do work that keeps its own short transactions, such as delivery, and show what came of it."""
    return await _shown(_in_parts, deed)


def local_date(now: datetime) -> date:
    """Return the network's own date, by which periods are told."""
    return now.astimezone(ZoneInfo(settings().time_zone)).date()


async def _shown(way: Callable[[Callable[..., T]], T], deed: Callable[..., T]) -> T:
    started = time.monotonic()
    try:
        result = await asyncio.to_thread(way, deed)
    except HubError as refused:
        await _show(Told((_refusal_in_codes(refused),)), started)
        raise
    except LeaseLost:
        raise
    except Exception as error:  # noqa: BLE001 -- whatever broke, its text may quote a row
        _log_without_rows(error)
        raise WorkFailed(type(error).__name__) from None
    await _show(tell(result), started)
    return result


def _in_one_transaction(deed: Callable[[Session, datetime], T]) -> T:
    for attempt in range(1, TRIES):
        try:
            return _one_transaction(deed)
        except OperationalError:
            time.sleep(attempt + random.random())  # noqa: S311 -- a jitter, not a secret
    return _one_transaction(deed)


def _one_transaction(deed: Callable[[Session, datetime], T]) -> T:
    with open_session() as session:
        result = deed(session, clock.now())
        _finish(session, result)
        return result


def _in_parts(deed: Callable[[], T]) -> T:
    result = deed()
    with open_session() as session:
        _finish(session, result)
    return result


def _finish(session: Session, result: Any) -> None:
    held = HELD.get()
    if held is not None:
        told = tell(result)
        dispatch.finish(session, held, now=clock.now(), sentences=told.sentences, counts=told.counts)


async def _show(told: Told, started: float) -> None:
    run = FlowRunContext.get()
    if run is None or run.flow is None:  # called as a plain function, as tests of rules do
        return
    markdown = in_markdown(run.flow.description or run.flow.name, told, time.monotonic() - started)
    await acreate_markdown_artifact(markdown, key=run.flow.name)


def in_markdown(title: str, told: Told, seconds: float) -> str:
    """Return what a run did as a page for its artifact: both languages, then the numbers."""
    rows = [f"| {name.replace('_', ' ')} | {count} |" for name, count in told.counts.items()]
    return "\n".join(
        [
            f"# {title.splitlines()[0]}",
            "",
            *(f"- {text.zh}" for text in told.sentences),
            "",
            *(f"- {text.en}" for text in told.sentences),
            "",
            "| 数 count | |",
            "| --- | ---: |",
            *rows,
            f"| 秒 seconds | {seconds:.2f} |",
        ]
    )


def _refusal_in_codes(refused: HubError) -> Text:
    return Text(f"没有办，什么都没有改：{refused}。", f"Refused, and nothing was changed: {refused}.")


def _log_without_rows(error: Exception) -> None:
    # The text of a database or validation error quotes what it choked on; where it happened does not.
    where = "".join(traceback.format_tb(error.__traceback__))
    logger.error("%s\n%s", type(error).__name__, where)
