"""From a rule to dates: RFC 5545 recurrence in the hub's own time, with exceptions, holidays and terms.

The rule counts local days, so an activity at 14:00 stays at 14:00 when clocks change. A time that the
clocks skip happens as much later as they jump; one that comes twice happens the first time. What
people decided for one date (it falls out, it is moved) goes before what the calendar says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import islice
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.rrule import rrule, rrulestr

from config.text import Refusal, Text
from scheduling.holidays import KNOWN_YEARS, holiday_name, is_make_up_day, make_up_days

FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
PARTS = frozenset(
    {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"}
    | {"BYDAY", "BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS"}
)
"""What a rule may say; hours and minutes stand in the series itself."""


class MakeUpDays(StrEnum):
    """What a series does on a weekend day on which the country works to make up for a holiday."""

    SKIP = "skip"
    """A date that falls on one falls out: people work, and pupils are at school."""
    HOLD = "hold"
    """It happens as on any other weekend day."""
    ADD = "add"
    """It happens on every working day: make-up days come on top of what the rule gives."""


class HeldIn(StrEnum):
    """In which part of the school year a series happens."""

    ALWAYS = "always"
    TERM = "term"
    VACATION = "vacation"


@dataclass(frozen=True)
class Term:
    """Hold a school term, from its first through its last day."""

    name: Text
    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class SeriesRule:
    """Hold when a series happens; `exceptions` gives a date's new start, or None where it falls out."""

    rrule: str
    starts_on: date
    start_time: time
    duration_minutes: int
    zone: str
    ends_on: date | None = None
    on_holidays: bool = False
    make_up_days: MakeUpDays = MakeUpDays.SKIP
    held_in: HeldIn = HeldIn.ALWAYS
    terms: tuple[Term, ...] = ()
    exceptions: Mapping[date, datetime | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Occurrence:
    """Hold one activity of a series; `on_date` is what the rule gave, even where it was moved."""

    on_date: date
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class LeftOut:
    """Hold a date of the rule on which nothing happens, and why."""

    on_date: date
    sentence: Text


@dataclass(frozen=True)
class Dates:
    """Hold what a rule gives between two days.

    `unsure` lists the years whose holidays are not announced: in them nothing was left out. `no_term_after`
    is the last day of which we know whether it is in term, if the rule reaches beyond it: later dates
    stand as the rule gives them.
    """

    occurrences: tuple[Occurrence, ...]
    left_out: tuple[LeftOut, ...]
    unsure: tuple[int, ...]
    no_term_after: date | None = None


def dates_between(series: SeriesRule, first: date, last: date) -> Dates | Refusal:
    """Return what the rule gives from `first` through `last`, or why it cannot be read."""
    try:
        zone = ZoneInfo(series.zone)
        days = _days(series, first, last)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return _unreadable(series)
    reasons = {day: why for day in days if (why := why_not(series, day)) is not None}
    return Dates(
        occurrences=tuple(_occurrence(series, day, zone) for day in days if day not in reasons),
        left_out=tuple(LeftOut(day, why) for day, why in reasons.items()),
        unsure=() if series.on_holidays else tuple(sorted({day.year for day in days} - KNOWN_YEARS)),
        no_term_after=_no_term_after(series, days),
    )


def _no_term_after(series: SeriesRule, days: list[date]) -> date | None:
    if series.held_in == HeldIn.ALWAYS or not days:
        return None
    known = max((term.ends_on for term in series.terms), default=days[0] - timedelta(days=1))
    return known if days[-1] > known else None


def _days(series: SeriesRule, first: date, last: date) -> list[date]:
    text = series.rrule.strip().upper()
    parts = dict(part.split("=", 1) for part in text.split(";") if part)
    readable = parts.get("FREQ") in FREQUENCIES and parts.keys() <= PARTS
    if not readable or any(sign.isspace() for sign in text):
        raise ValueError(series.rrule)
    count, until = parts.pop("COUNT", None), parts.pop("UNTIL", None)
    if int(parts.get("INTERVAL", 1)) < 1:
        raise ValueError(series.rrule)  # dateutil would look for the next date for ever
    bounds = [last, series.ends_on or last, _day(until) if until else last]
    unbounded = ";".join(f"{name}={value}" for name, value in parts.items())
    rule = rrulestr(unbounded, dtstart=datetime.combine(series.starts_on, time.min))
    assert isinstance(rule, rrule)
    # The bound also ends the search of a rule that never comes true, such as 30 February.
    found = rule.replace(until=datetime.combine(min(bounds), time.max))
    days = [moment.date() for moment in islice(found, int(count) if count else None)]
    if series.make_up_days == MakeUpDays.ADD:
        days = sorted({*days, *make_up_days(series.starts_on, min(bounds))})
    return [day for day in days if day >= first]


def _day(until: str) -> date:
    return date.fromisoformat(until[:8])


def why_not(series: SeriesRule, day: date) -> Text | None:
    """Return why a series does not take place on a day, whatever its rule says; None where it may."""
    if day in series.exceptions:
        falls_out = Text(zh="这一天不办", en="it does not take place that day")
        return falls_out if series.exceptions[day] is None else None
    holiday = None if series.on_holidays else holiday_name(day)
    if holiday is not None:
        return Text(zh="{holiday}放假", en="public holiday ({holiday})").format(holiday=holiday)
    if series.make_up_days == MakeUpDays.SKIP and is_make_up_day(day):
        return Text(zh="调休上班日", en="make-up working day")
    return _wrong_part_of_year(series, day)


def _wrong_part_of_year(series: SeriesRule, day: date) -> Text | None:
    if series.held_in == HeldIn.ALWAYS:
        return None
    term = next((one for one in series.terms if one.starts_on <= day <= one.ends_on), None)
    if series.held_in == HeldIn.VACATION and term is not None:
        return Text(zh="{term}还在上课", en="in term ({term})").format(term=term.name)
    is_known = any(one.ends_on >= day for one in series.terms)
    if series.held_in == HeldIn.TERM and term is None and is_known:
        return Text(zh="学校放假", en="school vacation")
    return None


def _occurrence(series: SeriesRule, day: date, zone: ZoneInfo) -> Occurrence:
    moved_to = series.exceptions.get(day)
    local = moved_to or datetime.combine(day, series.start_time, tzinfo=zone)
    starts_at = local.astimezone(UTC)
    return Occurrence(day, starts_at, starts_at + timedelta(minutes=series.duration_minutes))


def _unreadable(series: SeriesRule) -> Refusal:
    sentence = Text(
        zh="重复规则“{rule}”（时区{zone}）看不懂，要像FREQ=WEEKLY;BYDAY=SA这样，时区像Asia/Shanghai。",
        en="The rule “{rule}” (time zone {zone}) cannot be read; it should look like FREQ=WEEKLY;BYDAY=SA, "
        "and the time zone like Asia/Shanghai.",
    )
    return Refusal("rule_unreadable", sentence.format(rule=series.rrule, zone=series.zone), field="rrule")
