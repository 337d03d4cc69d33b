"""How much memory the demo takes: the proportional share of this process and all its descendants."""

from __future__ import annotations

import ctypes
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Self

PROC = Path("/proc")
EVERY_SECONDS = 2.0
M_ARENA_MAX = -8
"""Of glibc's malloc.h."""


def be_frugal() -> None:
    """Keep one heap a process, here and in the processes started from here.

    glibc gives each thread a heap of its own, which a district's match leaves full of holes: a third
    of this process. Elsewhere nothing changes.
    """
    os.environ.setdefault("MALLOC_ARENA_MAX", "1")
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


def give_back() -> None:
    """Give memory that is free to the machine again, where the C library can."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


class MemoryWatch:
    """Looks every two seconds, from a thread, and keeps the peak; knows nothing where there is no /proc."""

    def __init__(self) -> None:
        self.peak: dict[int, int] = {}
        """Bytes by process at the moment when all of them together took the most."""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="memory", daemon=True)

    def __enter__(self) -> Self:
        if PROC.is_dir():
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    @property
    def peak_bytes(self) -> int | None:
        """Return the peak of all processes together, or None if it was never seen."""
        return sum(self.peak.values()) or None

    def _watch(self) -> None:
        while not self._stop.wait(EVERY_SECONDS):
            now = {pid: _share(pid) for pid in family(os.getpid())}
            if sum(now.values()) > sum(self.peak.values()):
                self.peak = now


def family(root: int) -> list[int]:
    """Return `root` and all its descendants."""
    parents = {pid: parent for pid, parent in map(_parent, _pids()) if parent}
    found = [root]
    for pid in found:  # grows while it is read: children of children
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def _pids() -> list[int]:
    return [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]


def _parent(pid: int) -> tuple[int, int]:
    try:
        # The name in brackets may hold spaces and brackets of its own.
        return pid, int((PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:  # gone since we looked
        return pid, 0


def _share(pid: int) -> int:
    try:
        for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:  # gone since we looked
        return 0
    return 0
