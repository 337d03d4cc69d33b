"""What time it is. Only doors ask; everything below them is handed `now`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from config.settings import settings


def now() -> datetime:
    """Return the current time in UTC: the machine's, or the demo's movable one."""
    clock_file = settings().clock_file
    return datetime.now(UTC) if clock_file is None else read(clock_file)


def read(clock_file: Path) -> datetime:
    """Return the time that a clock file holds."""
    return datetime.fromisoformat(clock_file.read_text(encoding="ascii").strip()).astimezone(UTC)


def move(clock_file: Path, to: datetime) -> None:
    """Set a clock file to `to`; readers see the old time or the new one, never half of it."""
    fresh = clock_file.with_suffix(".new")
    fresh.write_text(to.astimezone(UTC).isoformat(), encoding="ascii")
    fresh.replace(clock_file)
