"""Signals that end a command: the first one unwinds it, later ones change nothing while it ends.

Ctrl-C pressed twice would otherwise break off the ending, and leave processes that go on by themselves.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

Handler = Callable[[int, FrameType | None], object] | int | None
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, a supervisor's request, and a terminal that is closed."""
SIGNALLED = 128
"""A process that a signal ended has this exit code and the signal's number, as shells count."""


class Interrupted(KeyboardInterrupt):
    """Somebody asked the command to end; raised once, wherever the main thread is."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.exit_code = SIGNALLED + number


def on_ending(react: Callable[[int], None]) -> None:
    """Call `react` with the number of every signal that asks this process to end."""
    for number in _heard():
        signal.signal(number, lambda which, _frame: react(which))


class Ending:
    """What was heard, and how the block is to end: by an exception, or by cancelling a task."""

    def __init__(self) -> None:
        self.number: int | None = None
        self._cancel: Callable[[], object] | None = None

    def hear(self, number: int, _frame: FrameType | None) -> None:
        """Take a signal; what is logged from now on is nobody's fault, and is left unsaid."""
        logging.disable()
        is_first, self.number = self.number is None, self.number or number
        if self._cancel is not None:
            self._cancel()
        elif is_first:
            raise Interrupted(number)

    @contextmanager
    def cancelling(self) -> Iterator[None]:
        """Cancel this task at a signal: an exception amid a loop's own work may be lost there."""
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        # From a handler alone a loop that waits for its next event would not wake.
        self._cancel = lambda: loop.call_soon_threadsafe(task.cancel)
        try:
            yield
        finally:
            self._cancel = None


@contextmanager
def interrupted_once() -> Iterator[Ending]:
    """Raise `Interrupted` in the block at the first signal that asks to end, and at none after it."""
    ending, before = Ending(), _heard()
    for number in before:
        signal.signal(number, ending.hear)
    try:
        yield ending
    except asyncio.CancelledError:
        if ending.number is None:
            raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if ending.number is not None:
        raise Interrupted(ending.number)


def _heard() -> dict[signal.Signals, Handler]:
    # Under `nohup` a closed terminal is to change nothing, and what was asked before us holds.
    handlers = {number: signal.getsignal(number) for number in ENDING}
    return {number: handler for number, handler in handlers.items() if handler is not signal.SIG_IGN}
