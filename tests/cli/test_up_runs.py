"""`youthhub up`: everything answers, does work, and is gone after SIGTERM."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cli.engine import answers
from cli.ports import accepts, free_port

pytestmark = [pytest.mark.slow, pytest.mark.prefect]


def test_up_prints_addresses_does_work_and_stops_on_sigterm(tmp_path: Path) -> None:
    ports = {name: free_port() for name in ("PORTAL", "ENGINE", "SMTP")}
    env = {f"YOUTHHUB_{name}_PORT": str(port) for name, port in ports.items()}
    here = {"YOUTHHUB_HOME": str(tmp_path / "home"), "YOUTHHUB_LANGUAGE": "en", "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "cli", "up"]
    with subprocess.Popen(
        command, env={**os.environ, **env, **here}, stdout=subprocess.PIPE, text=True
    ) as up:
        try:
            said = _read_until(up, "Everything is up")
            assert said[:3] == [
                f"Local mail: {(tmp_path / 'home' / 'mail').resolve()}",
                f"Pages: http://127.0.0.1:{ports['PORTAL']}",
                f"Workflow engine: http://127.0.0.1:{ports['ENGINE']}",
            ]
            assert answers(f"http://127.0.0.1:{ports['PORTAL']}/healthz")
            doctor = subprocess.run(
                [sys.executable, "-m", "cli", "doctor"],
                env={**os.environ, **env, **here},
                capture_output=True,
                text=True,
                check=False,
            )
            assert [line[0] for line in doctor.stdout.splitlines()] == ["✓"] * 5, doctor.stdout
        finally:
            up.send_signal(signal.SIGTERM)
        rest, _ = up.communicate(timeout=120)
    assert up.returncode == 0
    assert rest.splitlines()[-1] == "Everything has stopped."
    assert not any(accepts("127.0.0.1", port) for port in ports.values())


def _read_until(up: subprocess.Popen[str], words: str, seconds: float = 240.0) -> list[str]:
    assert up.stdout is not None
    said: list[str] = []
    end = time.monotonic() + seconds
    while not any(words in line for line in said):
        line = up.stdout.readline()
        assert line, f"it ended: {said}"
        assert time.monotonic() < end
        said.append(line.strip())
    return said
