"""Processes end whole, with what they started, and come back with longer and longer pauses."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cli import supervisor
from cli.supervisor import Process, Supervisor

FAMILY = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
)


def python(name: str, code: str, folder: Path) -> Process:
    return Process(name, [sys.executable, "-c", code], {}, folder / "log" / f"{name}.log")


def eventually(is_so: Callable[[], object], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it never came to be so"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"


def test_stop_ends_what_the_process_started(tmp_path: Path) -> None:
    process = python("family", FAMILY, tmp_path)
    process.start()
    eventually(process.last_words)
    child = int(process.last_words())
    process.stop()
    assert not process.is_running
    eventually(lambda: not is_alive(child))


def test_stop_of_a_process_that_will_not_hear(tmp_path: Path) -> None:
    process = python("stubborn", STUBBORN, tmp_path)
    process.start()
    eventually(process.last_words)
    process.stop(seconds=0.2)
    assert process.popen is not None
    assert process.popen.returncode == -signal.SIGKILL


def test_last_words_are_the_end_of_the_log(tmp_path: Path) -> None:
    process = python("talker", "print('one'); print('two'); print('three')", tmp_path)
    assert process.last_words() == ""
    process.start()
    eventually(lambda: not process.is_running)
    assert process.last_words(lines=2) == "two\nthree"


def test_look_starts_the_dead_again_after_a_pause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(supervisor.time, "monotonic", lambda: now[0])
    died: list[str] = []
    keeper = Supervisor(died=lambda process: died.append(process.name))
    process = python("short", "print('here')", tmp_path)
    keeper.start(process)
    starts = []
    for tick in range(40):
        assert process.popen is not None
        process.popen.wait(5)
        before = process.pid
        now[0] = tick / 2
        keeper.look()
        if process.pid != before:
            starts.append(now[0])
    keeper.stop()
    assert starts == [1.0, 3.5, 8.0, 16.5]
    assert len(died) == 5


def test_stop_ends_the_last_started_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[str] = []
    keeper = Supervisor()
    for name in ("engine", "worker"):
        keeper.start(python(name, "import time; time.sleep(60)", tmp_path))
    stop = Process.stop
    monkeypatch.setattr(Process, "stop", lambda self: (ended.append(self.name), stop(self)))
    keeper.stop()
    assert ended == ["worker", "engine"]
