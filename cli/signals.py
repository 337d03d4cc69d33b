"""Signals that end a command: the first one unwinds it, later ones change nothing while it ends.

Ctrl-C pressed twice would otherwise break off the ending, and leave processes that go on by themselves.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeVar

T = TypeVar("T")
Handler = Callable[[int, FrameType | None], object] | int | None
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, a supervisor's request, and a terminal that is closed."""
SIGNALLED = 128
"""A process that a signal ended has this exit code and the signal's number, as shells count."""
LOOK_SECONDS = 0.1
UNWIND_SECONDS = 2.0


class Interrupted(KeyboardInterrupt):
    """Somebody asked the command to end; raised once, wherever the main thread is."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.exit_code = SIGNALLED + number


def on_ending(react: Callable[[int], None]) -> None:
    """Call `react` with the number of every signal that asks this process to end."""
    for number in _heard():
        signal.signal(number, lambda which, _frame: react(which))


class _Ending:
    """What was heard: the first signal unwinds the main thread, no later one disturbs that."""

    def __init__(self) -> None:
        self.number: int | None = None

    def hear(self, number: int, _frame: FrameType | None) -> None:
        """Take a signal; what is logged from now on is nobody's fault, and is left unsaid."""
        logging.disable()
        is_first, self.number = self.number is None, self.number or number
        if is_first:
            raise Interrupted(number)


@contextmanager
def interrupted_once() -> Iterator[None]:
    """Raise `Interrupted` at the first signal that asks to end, whatever else breaks while the block unwinds.

    The process is to end then, so signals stay unheard after it; otherwise they are heard as before.
    """
    ending, before = _Ending(), _heard()
    for number in before:
        signal.signal(number, ending.hear)
    try:
        yield
    except BaseException:
        if ending.number is None:
            raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if ending.number is None else signal.SIG_IGN)
    if ending.number is not None:
        raise Interrupted(ending.number)


def run_beside(work: Coroutine[Any, Any, T], unblock: Callable[[], object]) -> T:
    """Run a coroutine in a thread of its own; when this thread is interrupted, cancel it and wait for its end.

    The engine takes SIGTERM for itself while a run is under way in the main thread, and an exception
    raised by a signal amid a loop's own work ends the loop, whatever was about to catch it.
    `unblock` ends what a thread of the loop may be waiting for.
    """
    told = threading.Event()
    with ThreadPoolExecutor(1, "beside") as pool:
        try:
            return pool.submit(asyncio.run, _until(told, work)).result()
        except BaseException:
            told.set()
            unblock()
            raise


async def _until(told: threading.Event, work: Coroutine[Any, Any, T]) -> T:
    task = asyncio.create_task(work)
    while not (await asyncio.wait({task}, timeout=LOOK_SECONDS))[0]:
        if told.is_set():
            task.cancel()
            # The engine drops a cancellation that meets a run which is just over: then it is told again.
            await asyncio.wait({task}, timeout=UNWIND_SECONDS)
    return task.result()


def _heard() -> dict[signal.Signals, Handler]:
    # Under `nohup` a closed terminal is to change nothing, and what was asked before us holds.
    handlers = {number: signal.getsignal(number) for number in ENDING}
    return {number: handler for number, handler in handlers.items() if handler is not signal.SIG_IGN}
