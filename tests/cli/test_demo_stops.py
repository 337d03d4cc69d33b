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
PATIENCE = 240.0
"""Only what hangs takes longer, however busy the machine is."""


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
        preexec_fn=_hear_all,  # noqa: PLW1509 -- no other thread runs here
    ) as demo:
        _wait_until((home / "logs" / "worker.log").exists)  # from here on the engine has runs in hand
        processes = family(demo.pid)
        demo.send_signal(number)
        time.sleep(0.5)
        demo.send_signal(number)
        _, said = demo.communicate(timeout=PATIENCE)
    assert demo.returncode == code, said
    assert (
        said == f"The demo was broken off, and its processes have ended. What happened so far is in {home}.\n"
    )
    assert len(processes) > 4
    _wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in processes))


def _hear_all() -> None:
    # In the background of a shell or under `nohup` they are not heard, and a demo keeps to that.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def _wait_until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.1)
