"""The first signal unwinds a command, and nothing disturbs it while it ends."""

import asyncio
import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from cli.signals import ENDING, Ending, Interrupted, interrupted_once, on_ending


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    handlers = {number: signal.signal(number, signal.SIG_DFL) for number in ENDING}
    yield
    logging.disable(logging.NOTSET)
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_first_signal_ends_the_block_with_the_shell_s_exit_code(number: signal.Signals, code: int) -> None:
    with pytest.raises(Interrupted) as ended, interrupted_once():
        signal.raise_signal(number)
    assert ended.value.exit_code == code


def test_second_signal_does_not_break_off_the_ending() -> None:
    ended = []

    @contextmanager
    def ending() -> Iterator[None]:
        try:
            yield
        finally:
            for number in ENDING:
                signal.raise_signal(number)
            ended.append("whole")

    with pytest.raises(Interrupted), interrupted_once(), ending():
        signal.raise_signal(signal.SIGINT)
    assert ended == ["whole"]


def test_signal_cancels_a_task_that_waits_and_ends_as_interrupted() -> None:
    async def wait(ending: Ending) -> None:
        asyncio.get_running_loop().call_soon(signal.raise_signal, signal.SIGTERM)
        with ending.cancelling():
            await asyncio.sleep(60)

    with pytest.raises(Interrupted) as ended, interrupted_once() as ending:
        asyncio.run(wait(ending))
    assert ended.value.exit_code == 143


def test_cancelling_for_another_reason_stays_what_it_is() -> None:
    with pytest.raises(asyncio.CancelledError), interrupted_once():
        raise asyncio.CancelledError


def test_handlers_are_as_before_once_the_block_is_over() -> None:
    before = [signal.getsignal(number) for number in ENDING]
    with interrupted_once():
        pass
    assert [signal.getsignal(number) for number in ENDING] == before


def test_signal_that_was_ignored_before_us_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    heard: list[int] = []
    on_ending(heard.append)
    with interrupted_once():
        signal.raise_signal(signal.SIGHUP)
    signal.raise_signal(signal.SIGTERM)
    assert heard == [signal.SIGTERM]
