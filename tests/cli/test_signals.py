"""The first signal unwinds a command, and nothing disturbs it while it ends."""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from prefect.exceptions import TerminationSignal
from prefect.utilities.engine import capture_sigterm

from cli import signals
from cli.signals import ENDING, Interrupted, interrupted_once, on_ending, run_beside


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


def send_from_outside(number: signal.Signals) -> None:
    threading.Timer(0.1, os.kill, (os.getpid(), number)).start()


def test_signal_cancels_work_that_waits_beside_and_ends_as_interrupted() -> None:
    ended: list[str] = []

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("cancelled")

    send_from_outside(signal.SIGTERM)
    with pytest.raises(Interrupted) as interrupted, interrupted_once():
        run_beside(work(), lambda: ended.append("freed"))
    assert interrupted.value.exit_code == 143
    assert sorted(ended) == ["cancelled", "freed"]


def test_engine_that_takes_sigterm_for_itself_does_not_hear_it_beside() -> None:
    async def run_of_the_engine() -> None:
        with capture_sigterm():
            send_from_outside(signal.SIGTERM)
            await asyncio.sleep(60)

    with pytest.raises(Interrupted) as interrupted, interrupted_once():
        run_beside(run_of_the_engine(), lambda: None)
    assert interrupted.value.exit_code == 143


def test_work_that_drops_its_cancellation_is_cancelled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signals, "UNWIND_SECONDS", 0.01)
    dropped: list[str] = []

    async def work() -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        dropped.append("once")
        await asyncio.sleep(60)

    send_from_outside(signal.SIGHUP)
    with pytest.raises(Interrupted), interrupted_once():
        run_beside(work(), lambda: None)
    assert dropped == ["once"]


def test_work_beside_gives_its_result_or_its_error() -> None:
    async def work(*, fails: bool) -> str:
        await asyncio.sleep(0)
        if fails:
            raise LookupError
        return "done"

    with interrupted_once():
        assert run_beside(work(fails=False), lambda: None) == "done"
        with pytest.raises(LookupError):
            run_beside(work(fails=True), lambda: None)


@pytest.mark.parametrize("error", [LookupError(), asyncio.CancelledError(), TerminationSignal(15)])
def test_error_that_rises_while_we_end_is_none(error: BaseException) -> None:
    @contextmanager
    def breaking() -> Iterator[None]:
        try:
            yield
        finally:
            raise error

    with pytest.raises(Interrupted) as interrupted, interrupted_once(), breaking():
        signal.raise_signal(signal.SIGTERM)
    assert interrupted.value.exit_code == 143


@pytest.mark.parametrize("error", [LookupError(), asyncio.CancelledError()])
def test_error_that_nobody_s_signal_brought_stays_what_it_is(error: BaseException) -> None:
    with pytest.raises(type(error)) as raised, interrupted_once():
        raise error
    assert raised.value is error


def test_signals_stay_unheard_once_one_has_ended_the_block() -> None:
    with pytest.raises(Interrupted), interrupted_once():
        signal.raise_signal(signal.SIGTERM)
    for number in ENDING:
        signal.raise_signal(number)


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
