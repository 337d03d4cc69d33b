"""A demo that is broken off ends all its processes, however often it is told to."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.demo.memory import family

pytestmark = [pytest.mark.slow, pytest.mark.prefect]


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_demo_that_is_told_twice_to_stop_leaves_no_process_and_one_sentence(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    home = tmp_path / "home"
    command = [sys.executable, "-m", "cli", "demo", "--hubs", "2", "--volunteers", "40", "--keep", str(home)]
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(("YOUTHHUB_", "PREFECT_"))
    }
    with subprocess.Popen(
        command,
        env={**env, "LANG": "en_GB.UTF-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_hear_ctrl_c,  # noqa: PLW1509 -- no other thread runs here
    ) as demo:
        _wait_until((home / "logs" / "worker.log").exists, 90)
        time.sleep(2)  # amid the week
        processes = family(demo.pid)
        demo.send_signal(number)
        time.sleep(0.5)
        demo.send_signal(number)
        _, said = demo.communicate(timeout=60)
    assert demo.returncode == code
    assert (
        said == f"The demo was broken off, and its processes have ended. What happened so far is in {home}.\n"
    )
    assert len(processes) > 4
    _wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in processes), 10)


def _hear_ctrl_c() -> None:
    # In the background of a shell it is not heard, and a demo keeps to that.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _wait_until(is_so: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.1)
