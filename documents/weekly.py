"""Times of the week as offices write them: when somebody is free, and when a series happens.

Both are read token by token: days, then times, then days again. What no token explains is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import time
from functools import lru_cache

from dateutil.rrule import rrulestr

from config.text import Text
from documents.cells import DAY_MINUTES, Wrong, token
from documents.sheets import Cell

Window = tuple[int, int, int]
"""Weekday (Monday is 0), first minute and last minute of the local day."""
Recurrence = tuple[str, time | None]
"""An RFC 5545 rule, and the time of day where the cell names one."""

HAN_DAYS = "一二三四五六日天"
ENGLISH_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
RULE_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
GROUPS = {
    range(7): ("每天", "天天", "每日", "daily", "every day", "any day"),
    range(5): ("工作日", "平日", "weekdays", "weekday"),
    range(5, 7): ("周末", "双休日", "weekends", "weekend"),
}
PARTS = {
    (8 * 60, 12 * 60): ("上午", "早上", "morning"),
    (12 * 60, 14 * 60): ("中午", "noon"),
    (13 * 60, 18 * 60): ("下午", "afternoon"),
    (18 * 60, 22 * 60): ("晚上", "晚间", "evening"),
    (8 * 60, 22 * 60): ("全天", "整天", "都行", "all day", "any time"),
}
WHOLE_DAY = (8 * 60, 22 * 60)
LATE_PARTS = frozenset({"下午", "晚上", "晚间", "afternoon", "evening"})
NOON = 12 * 60
ORDINALS = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4, "最后一": -1, "末": -1}

_ENGLISH = r"(mon|tue|wed|thu|fri|sat|sun)(?:[a-z]*day)?s?"
_TO = r"\s*(?:-|–|—|~|至|到|to)\s*"
_DAY_SPAN = re.compile(rf"(?:每?(?:周|星期|礼拜))([{HAN_DAYS}])(?:{_TO}(?:周|星期|礼拜)?([{HAN_DAYS}]))?")
_BARE_DAY = re.compile(rf"([{HAN_DAYS}])(?![{HAN_DAYS}])")
_ENGLISH_SPAN = re.compile(rf"\b(?:every )?{_ENGLISH}\b(?:{_TO}{_ENGLISH}\b)?")
_GROUP = re.compile("|".join(re.escape(word) for words in GROUPS.values() for word in words))
_PART_WORDS = "|".join(re.escape(word) for words in PARTS.values() for word in words)
_HOUR = r"(\d{1,2})(?:\s*[:点时]\s*(\d{1,2}|半)?分?)?"
_HOURS = re.compile(rf"(?:({_PART_WORDS})\s*)?{_HOUR}{_TO}{_HOUR}")
_PART = re.compile(_PART_WORDS)
_GAP = re.compile(r"[\s,、;和及与&.()]+|and\b|的")
_EVERY_OTHER = re.compile(r"每两周|每2周|隔周|双周|every other week|every 2 weeks|every two weeks")
_MONTHLY = re.compile(rf"每个?月的?第?(最后一|末|[一二三四1234])个?(?:周|星期|礼拜)([{HAN_DAYS}])")
_START = re.compile(r"(上午|下午|晚上)?\s*(\d{1,2})\s*[:点时]\s*(\d{1,2}|半)?分?\s*$")

NO_WINDOW = Text(
    "认不出时间，写成“周六 9:00-12:00；周日下午”",
    "this is no weekly time; write it as “Sat 9:00-12:00; Sun afternoon”",
)
NO_RULE = Text(
    "认不出规律，写成“每周六 14:00”或“每月第二个周日”",
    "this is no rule; write it as “every Saturday 14:00” or an RRULE",
)


def read_windows(cell: Cell) -> tuple[Window, ...] | Wrong:
    """Read weekly windows, such as 周六 9:00-12:00；周日下午 or Mon-Fri evening."""
    return _windows(token(cell).lower())


def read_recurrence(cell: Cell) -> Recurrence | Wrong:
    """Read when a series happens, such as 每周六 14:00, 每两周周日, 每月第二个周六 or an RRULE."""
    text = token(cell).strip()
    return _rule(text) if "=" in text else _words(text.lower())


@lru_cache(maxsize=10_000)
def _windows(text: str) -> tuple[Window, ...] | Wrong:
    found: list[Window] = []
    days: list[int] = []
    spans: list[tuple[int, int]] = []
    for kind, values in _tokens(text):
        if kind == "unknown":
            return Wrong(NO_WINDOW)
        if kind == "days":
            if spans:
                found += _every(days, spans)
                days, spans = [], []
            days += [first for first, _ in values]
        else:
            spans += values
    found += _every(days, spans or [WHOLE_DAY])
    if not days or any(not 0 <= start < end <= DAY_MINUTES for _, start, end in found):
        return Wrong(NO_WINDOW)
    return joined(found)


def joined(windows: Iterable[Window]) -> tuple[Window, ...]:
    """Return windows in order, with those that touch or overlap made one."""
    result: list[Window] = []
    for day, start, end in sorted(windows):
        if result and result[-1][0] == day and start <= result[-1][2]:
            result[-1] = (day, result[-1][1], max(end, result[-1][2]))
        else:
            result.append((day, start, end))
    return tuple(result)


def windows_text(windows: Iterable[Window]) -> str:
    """Write windows as an office would: 周六 9:00-12:00；周日 13:00-18:00."""
    return "；".join(
        f"周{HAN_DAYS[day]} {start // 60}:{start % 60:02}-{end // 60}:{end % 60:02}"
        for day, start, end in windows
    )


def _every(days: list[int], spans: list[tuple[int, int]]) -> list[Window]:
    return [(day, start, end) for day in days for start, end in spans]


def _tokens(text: str) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """Yield ("days", ...) or ("times", ...) with their pairs; days are pairs of (day, day)."""
    place, after_days = 0, False
    while place < len(text):
        gap = _GAP.match(text, place)
        if gap:
            place = gap.end()
            continue
        days = _days_at(text, place, after_days)
        if days:
            yield "days", [(day, day) for day in days[0]]
            place, after_days = days[1], True
            continue
        times = _times_at(text, place)
        if times is None:
            yield "unknown", []
            return
        yield "times", [times[0]]
        place, after_days = times[1], False


def _days_at(text: str, place: int, after_days: bool) -> tuple[list[int], int] | None:
    if group := _GROUP.match(text, place):
        return next(list(days) for days, words in GROUPS.items() if group[0] in words), group.end()
    if span := _DAY_SPAN.match(text, place):
        return _span(_han(span[1]), _han(span[2] or span[1])), span.end()
    if span := _ENGLISH_SPAN.match(text, place):
        first, last = ENGLISH_DAYS.index(span[1]), ENGLISH_DAYS.index(span[2] or span[1])
        return _span(first, last), span.end()
    if after_days and (bare := _BARE_DAY.match(text, place)):
        return [_han(bare[1])], bare.end()
    return None


def _times_at(text: str, place: int) -> tuple[tuple[int, int], int] | None:
    if hours := _HOURS.match(text, place):
        part, first, first_minute, last, last_minute = hours.groups()
        start, end = _minutes(first, first_minute), _minutes(last, last_minute)
        if part in LATE_PARTS:
            start += NOON if start < NOON else 0
            end += NOON if end < NOON else 0
        return (start, end), hours.end()
    if part_of_day := _PART.match(text, place):
        return next(span for span, words in PARTS.items() if part_of_day[0] in words), part_of_day.end()
    return None


def _minutes(hour: str, minute: str | None) -> int:
    return int(hour) * 60 + (30 if minute == "半" else int(minute or 0))


def _han(sign: str) -> int:
    return min(HAN_DAYS.index(sign), 6)


def _span(first: int, last: int) -> list[int]:
    # 周五至周一 runs over the end of the week.
    return [(first + step) % 7 for step in range((last - first) % 7 + 1)]


def _rule(text: str) -> Recurrence | Wrong:
    rule = text.upper().removeprefix("RRULE:").replace(" ", "")
    try:
        rrulestr(rule)
    except (ValueError, KeyError, TypeError):
        return Wrong(NO_RULE)
    if "FREQ=" not in rule or re.search(r"HOURLY|MINUTELY|SECONDLY|DTSTART|BYHOUR", rule):
        return Wrong(NO_RULE)
    return rule, None


def _words(text: str) -> Recurrence | Wrong:
    text, start = _start_time(text)
    if isinstance(start, Wrong):
        return start
    if monthly := _MONTHLY.fullmatch(text):
        return f"FREQ=MONTHLY;BYDAY={ORDINALS[monthly[1]]}{RULE_DAYS[_han(monthly[2])]}", start
    every_other = _EVERY_OTHER.search(text)
    days = _rule_days(_EVERY_OTHER.sub(" ", text))
    if not days:
        return Wrong(NO_RULE)
    interval = "INTERVAL=2;" if every_other else ""
    return f"FREQ=WEEKLY;{interval}BYDAY={','.join(RULE_DAYS[day] for day in days)}", start


def _start_time(text: str) -> tuple[str, time | Wrong | None]:
    match = _START.search(text)
    if match is None:
        return text.strip(), None
    part, hour, minute = match.groups()
    minutes = _minutes(hour, minute)
    if part in LATE_PARTS and minutes < NOON:
        minutes += NOON
    if minutes >= DAY_MINUTES or (minute not in (None, "半") and int(minute) > 59):  # noqa: PLR2004 -- minutes of an hour
        return text, Wrong(NO_RULE)
    return text[: match.start()].strip(), time(minutes // 60, minutes % 60)


def _rule_days(text: str) -> list[int]:
    days: set[int] = set()
    for kind, values in _tokens(text):
        if kind != "days":
            return []
        days |= {day for day, _ in values}
    return sorted(days)
