"""The simulated town as seen from the launcher: a process that is given orders and answers with counts."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from services.errors import refuse

STOP_SECONDS = 10.0


class Townspeople:
    """Starts the simulator with the Maildir, the portal's address and a seed, and nothing else."""

    def __init__(self, maildir: Path, base_url: str, seed: int, log: Path) -> None:
        self.done: Counter[str] = Counter()
        """What people did so far, by the simulator's words for it."""
        self.requests = 0
        self._log = log
        self._command = [sys.executable, "-m", "simulator", "--maildir", str(maildir)]
        self._command += ["--base-url", base_url, "--seed", str(seed)]
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 -- our own command
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
                start_new_session=True,  # Ctrl-C is for the launcher, which ends it
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def end(self) -> None:
        """End the town at once, whatever it is about; an order that is waited for fails."""
        if self._process is not None:
            self._process.kill()

    def order(self, order: str, day: date) -> dict[str, Any]:
        """Give one order, wait until it is carried out, and return the counts."""
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(f"{order} {day.isoformat()}\n")
            self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise refuse(
                "simulator_ended",
                f"模拟居民的进程停了，日志在{self._log}。",
                f"The simulated town has stopped; its log is {self._log}.",
            )
        answer: dict[str, Any] = json.loads(line)
        self.done.update(answer.get("done", {}))
        self.requests += answer.get("requests", 0)
        return answer

    @property
    def failures(self) -> dict[str, int]:
        """Return what people tried in vain, with how often."""
        return {deed: count for deed, count in sorted(self.done.items()) if deed.startswith("failed:")}
