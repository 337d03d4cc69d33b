"""The peak memory of this process, which Linux can be asked to count anew.

`ru_maxrss` is no use here: a child begins with the peak of its parent.
"""

from __future__ import annotations

import resource
from pathlib import Path

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def count_anew() -> None:
    """Let the peak begin at what is in use now, where the system can do that."""
    if CLEAR.exists():
        CLEAR.write_text("5", encoding="ascii")


def peak_mib() -> int:
    """Return the peak since it was last counted anew, in MiB."""
    if STATUS.exists():
        lines = STATUS.read_text(encoding="ascii", errors="replace").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
