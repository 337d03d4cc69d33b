"""The demo's calendar: which Monday it begins, and at which hours something happens."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
FIRST_MONDAY = date(2026, 11, 23)
"""Fixed, so that the same seed gives the same week."""
MORNING, EVENING = time(8), time(21)


def moment(day: date, hour: time) -> datetime:
    """Return a local hour of a day as a moment."""
    return datetime.combine(day, hour, ZONE)
