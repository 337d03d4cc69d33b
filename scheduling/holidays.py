"""China's public holidays, as the State Council announces them each autumn for the next year."""

from __future__ import annotations

from datetime import date, timedelta

from chinese_calendar.constants import Holiday, holidays, workdays

from config.text import Text

KNOWN_YEARS = frozenset(day.year for day in holidays)
"""Years whose holidays have been announced and are in the calendar that we use."""

_NAMES = {holiday.value: Text(zh=holiday.chinese, en=holiday.value) for holiday in Holiday}


def holiday_name(day: date) -> Text | None:
    """Return the public holiday that `day` belongs to, or None; a plain weekend is none."""
    name = holidays.get(day)
    return None if name is None else _NAMES[name]


def is_make_up_day(day: date) -> bool:
    """Say whether `day` is a weekend day on which the country works to make up for a holiday."""
    return day in workdays and day.weekday() >= 5  # noqa: PLR2004 -- Saturday


def make_up_days(first: date, last: date) -> list[date]:
    """Return the make-up working days between two days, both included."""
    return sorted(day for day in workdays if first <= day <= last and is_make_up_day(day))


def is_working_day(day: date) -> bool:
    """Return whether people work on `day`: weekdays but holidays, and weekend days that make up for them."""
    return day in workdays or (day.weekday() < 5 and day not in holidays)  # noqa: PLR2004 -- Saturday


def working_days_after(day: date, count: int) -> date:
    """Return the last of `count` working days after `day`; plain weekdays in years not announced yet."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day


def unknown_years(first: date, last: date) -> list[int]:
    """Return the years between two days whose holidays nobody has announced yet."""
    return [year for year in range(first.year, last.year + 1) if year not in KNOWN_YEARS]
