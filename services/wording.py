"""Times in words: local weekday, day and hour for sentences that services return."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from config.text import Text

WEEKDAYS = (
    Text(zh="周一", en="Monday"),
    Text(zh="周二", en="Tuesday"),
    Text(zh="周三", en="Wednesday"),
    Text(zh="周四", en="Thursday"),
    Text(zh="周五", en="Friday"),
    Text(zh="周六", en="Saturday"),
    Text(zh="周日", en="Sunday"),
)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def local_day(at: datetime, zone: str) -> date:
    """Return the calendar day that `at` falls on in `zone`."""
    return at.astimezone(ZoneInfo(zone)).date()


def day_text(day: date) -> Text:
    """Return a day as "11月28日" and "28 Nov"."""
    return Text(zh=f"{day.month}月{day.day}日", en=f"{day.day} {MONTHS[day.month - 1]}")


def weekday_text(at: datetime, zone: str) -> Text:
    """Return the local weekday."""
    return WEEKDAYS[local_day(at, zone).weekday()]


def moment_text(at: datetime, zone: str) -> Text:
    """Return a moment as "11月28日周六14:00" and "Saturday 28 Nov, 14:00"."""
    local = at.astimezone(ZoneInfo(zone))
    day, weekday = day_text(local.date()), WEEKDAYS[local.weekday()]
    return Text(
        zh=f"{day.zh}{weekday.zh}{local:%H:%M}",
        en=f"{weekday.en} {day.en}, {local:%H:%M}",
    )
