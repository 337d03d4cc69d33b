"""The clock: looks at rows every two seconds, asks for what is due, and rings for what waits.

It stores no jobs and owns no times: each tick is a question to the database, so two clocks, a
clock that slept, and a clock that was killed all do no harm.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import OperationalError

from cli.bell import EngineBell
from cli.signals import on_ending
from config import clock
from config.logs import start_logging
from models.session import open_session, read_session
from services import dispatch, due
from services.dispatch import Bell
from services.due import Question

TICK_SECONDS = 2
logger = logging.getLogger(__name__)


def run_clock() -> None:
    """Watch what is due until SIGTERM or SIGINT, ringing for workers of the engine."""
    start_logging()
    stop = threading.Event()
    on_ending(lambda _number: stop.set())
    scheduler = start_clock(EngineBell())
    stop.wait()
    scheduler.shutdown(wait=False)


def start_clock(bell: Bell) -> BackgroundScheduler:
    """Start a clock in threads of this process and return its scheduler."""
    # A tick that overruns is skipped with a warning each time; the next one sees all there is.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler = BackgroundScheduler()
    ticks = [partial(ask, question, bell) for question in due.QUESTIONS] + [partial(ring, bell)]
    for tick in ticks:
        scheduler.add_job(
            _calmly(tick),
            "interval",
            seconds=TICK_SECONDS,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
    scheduler.start()
    return scheduler


def ask(question: Question, bell: Bell) -> list[int]:
    """Ask one question; what is newly due becomes dispatch rows, and is rung for."""
    with read_session() as session:
        if not any(True for _ in question(session, clock.now())):
            return []
    with open_session() as session:
        rows = due.ask(session, question, now=clock.now())
    for row in rows:
        bell.ring(row)
    return rows


def ring(bell: Bell) -> int:
    """Ring again for rows that nobody took, give up those that failed too often; return the bells."""
    with read_session() as session:
        waiting = dispatch.due(session, now=clock.now())
        has_worn_out = dispatch.has_worn_out(session, now=clock.now())
    if waiting or has_worn_out:
        with open_session() as session:
            dispatch.count_bells(session, waiting)
            dispatch.give_up(session, now=clock.now())
    for row in waiting:
        bell.ring(row.dispatch_id)
    return len(waiting)


def _calmly(tick: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        try:
            tick()
        except OperationalError as error:
            logger.warning("the database is away: %s", type(error).__name__)

    return run


if __name__ == "__main__":
    run_clock()
