"""Processes of ours: started in groups of their own, watched, restarted with back-off, ended whole.

A group of its own, because a worker that is killed leaves its runs behind: they go on without it,
and would write into a network that the operator believes to be stopped.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

STOP_SECONDS = 10.0
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60.0
"""A process that lived this long has its next pause start from one second again."""


@dataclass
class Process:
    """One process and its group, with its output in a log file."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    log: Path
    popen: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process; what it says goes to the end of its log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self.popen = subprocess.Popen(  # noqa: S603 -- the commands are our own
                self.command,
                env={**os.environ, **self.env},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def is_running(self) -> bool:
        """Say whether the process lives."""
        return self.popen is not None and self.popen.poll() is None

    @property
    def pid(self) -> int:
        """Return the process's id, which is its group's id as well."""
        assert self.popen is not None
        return self.popen.pid

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the whole group; a group that is gone is no error."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Ask the group to end, wait, and end what is left of it."""
        if self.popen is None:
            return
        self.signal(signal.SIGTERM)
        try:
            with suppress(subprocess.TimeoutExpired):
                self.popen.wait(seconds)
        finally:  # whoever waits may be told to end, too
            self.kill()

    def kill(self) -> None:
        """End the whole group at once."""
        self.signal(signal.SIGKILL)
        if self.popen is not None:
            self.popen.wait()

    def last_words(self, lines: int = 8) -> str:
        """Return the end of the log, for the sentence that says why it failed."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


@dataclass
class Watched:
    """A process with what is known of its health."""

    process: Process
    started_at: float
    failures: int = 0
    restart_at: float | None = None


@dataclass
class Supervisor:
    """Keeps a set of processes alive, in the order in which they were given."""

    died: Callable[[Process], None] = lambda _process: None
    """Told of each process that ended by itself."""
    watched: list[Watched] = field(default_factory=list)

    def start(self, process: Process) -> None:
        """Start a process and watch over it from now on."""
        process.start()
        self.watched.append(Watched(process, time.monotonic()))

    def look(self) -> None:
        """Look at every process once, and start again whoever died and has waited long enough."""
        for item in self.watched:
            if item.process.is_running:
                continue
            if item.restart_at is None:
                item.restart_at = time.monotonic() + _pause(item)
                item.process.kill()  # what the dead one left behind in its group
                self.died(item.process)
            elif time.monotonic() >= item.restart_at:
                self._restart(item)

    def stop(self) -> None:
        """End all processes, the last one started first."""
        for item in reversed(self.watched):
            item.process.stop()
        self.watched.clear()

    def _restart(self, item: Watched) -> None:
        item.started_at, item.restart_at = time.monotonic(), None
        item.process.start()


def _pause(item: Watched) -> float:
    lived = time.monotonic() - item.started_at
    item.failures = 1 if lived > STEADY_SECONDS else item.failures + 1
    return float(min(2 ** (item.failures - 1), LONGEST_PAUSE))
