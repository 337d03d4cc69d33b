"""A recurrence rule as people say it: 每周六 14:00, every other Sunday at 10:00."""

from __future__ import annotations

from datetime import time

from config.text import Text, plural

DAYS = {
    "MO": Text("一", "Monday"),
    "TU": Text("二", "Tuesday"),
    "WE": Text("三", "Wednesday"),
    "TH": Text("四", "Thursday"),
    "FR": Text("五", "Friday"),
    "SA": Text("六", "Saturday"),
    "SU": Text("日", "Sunday"),
}
WORKDAYS = ["MO", "TU", "WE", "TH", "FR"]
ORDINALS = {
    "1": Text("第一个", "first"),
    "2": Text("第二个", "second"),
    "3": Text("第三个", "third"),
    "4": Text("第四个", "fourth"),
    "-1": Text("最后一个", "last"),
}
WEEKDAY = 2
"""Letters of a day in BYDAY; what stands before them is which of the month."""


def rule_words(rrule: str, start_time: time) -> Text:
    """Return a rule in words, or as it is written where it says more than weeks and months."""
    parts = dict(part.split("=", 1) for part in rrule.upper().split(";") if "=" in part)
    found = _words(parts) if not parts.keys() - {"FREQ", "INTERVAL", "BYDAY", "WKST"} else None
    words = found or Text(rrule, rrule)
    return Text(f"{words.zh} {start_time:%H:%M}", f"{words.en} at {start_time:%H:%M}")


def _words(parts: dict[str, str]) -> Text | None:
    days, every = parts.get("BYDAY", "").split(","), int(parts.get("INTERVAL", "1"))
    if parts.get("FREQ") == "DAILY" and days == [""] and every == 1:
        return Text("每天", "Every day")
    if parts.get("FREQ") == "WEEKLY" and all(day in DAYS for day in days):
        return _weekly(days, every)
    if parts.get("FREQ") == "MONTHLY" and every == 1 and len(days) == 1:
        which, day = days[0][:-WEEKDAY], days[0][-WEEKDAY:]
        if which in ORDINALS and day in DAYS:
            nth = ORDINALS[which]
            return Text(f"每月{nth.zh}周{DAYS[day].zh}", f"The {nth.en} {DAYS[day].en} of the month")
    return None


def _weekly(days: list[str], every: int) -> Text:
    if days == WORKDAYS and every == 1:
        return Text("每周一至周五", "Monday to Friday")
    zh = "周" + "、周".join(DAYS[day].zh for day in days)
    en = " and ".join(DAYS[day].en for day in days)
    if every == 1:
        return Text(f"每{zh}", f"Every {en}")
    weeks = f"Every {every} {plural(every, 'week', 'weeks')} on {en}"
    return Text(f"每{'两' if every == WEEKDAY else every}周{zh}", weeks)
