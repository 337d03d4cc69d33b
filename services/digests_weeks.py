"""Weeks and months as people live them: from midnight to midnight of a zone, whatever the clock change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from config.settings import settings


@dataclass(frozen=True)
class Window:
    """Hold a stretch of days of one zone, and the moments at which it begins and ends."""

    first: date
    after: date
    """The first day that no longer belongs to it."""
    zone: str

    @property
    def start(self) -> datetime:
        """Return the midnight that begins it."""
        return datetime.combine(self.first, time(), ZoneInfo(self.zone))

    @property
    def end(self) -> datetime:
        """Return the midnight that ends it."""
        return datetime.combine(self.after, time(), ZoneInfo(self.zone))


def week_of(day: date, zone: str) -> Window:
    """Return the week of `day`, Monday to Sunday; 167 or 169 hours where the clock is changed."""
    monday = day - timedelta(days=day.weekday())
    return Window(monday, monday + timedelta(days=7), zone)


def week_before(week: Window) -> Window:
    """Return the week that ended where `week` begins."""
    return week_of(week.first - timedelta(days=1), week.zone)


def month_of(day: date, zone: str) -> Window:
    """Return the month of `day`."""
    first = day.replace(day=1)
    return Window(first, (first + timedelta(days=31)).replace(day=1), zone)


def month_before(day: date, zone: str) -> Window:
    """Return the month before that of `day`."""
    return month_of(day.replace(day=1) - timedelta(days=1), zone)


def iso_week(day: date) -> str:
    """Return "2026-W48" for a day of that week, which keys digests."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def today(now: datetime) -> date:
    """Return the date in the network's own zone."""
    return now.astimezone(ZoneInfo(settings().time_zone)).date()
