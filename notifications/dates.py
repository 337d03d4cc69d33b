"""How moments and lengths of time read: "11月28日（周六）14:00", "Sat 28 Nov, 14:00", never "11/28"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from config.text import Language, Text, plural

WEEKDAYS_ZH = "一二三四五六日"
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTHS_EN_LONG = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
PARTS_OF_DAY = (
    (5, Text("凌晨", "early")),
    (11, Text("上午", "morning")),
    (13, Text("中午", "midday")),
    (18, Text("下午", "afternoon")),
    (24, Text("晚上", "evening")),
)


@dataclass(frozen=True)
class LocalTime:
    """Put moments into the words of one reader: a language, a zone, and the year it is now."""

    language: str
    zone: ZoneInfo
    year: int

    @classmethod
    def of(cls, language: str, time_zone: str, now: datetime) -> LocalTime:
        """Return the words of a reader in `time_zone`."""
        zone = _zone(time_zone)
        return cls(language, zone, now.astimezone(zone).year)

    def day(self, moment: datetime | date) -> str:
        """Return "11月28日（周六）" or "Sat 28 Nov", with the year if it is not this one."""
        local = moment.astimezone(self.zone) if isinstance(moment, datetime) else moment
        other_year = local.year != self.year
        if self.language == Language.EN:
            words = f"{WEEKDAYS_EN[local.weekday()]} {local.day} {MONTHS_EN[local.month - 1]}"
            return f"{words} {local.year}" if other_year else words
        words = f"{local.month}月{local.day}日（周{WEEKDAYS_ZH[local.weekday()]}）"
        return f"{local.year}年{words}" if other_year else words

    def moment(self, moment: datetime) -> str:
        """Return the day and the time: "11月28日（周六）14:00" or "Sat 28 Nov, 14:00"."""
        gap = ", " if self.language == Language.EN else ""
        return f"{self.day(moment)}{gap}{self.clock(moment)}"

    def span(self, start: datetime, end: datetime) -> str:
        """Return a beginning and an end, with the day named once where it is one day."""
        if start.astimezone(self.zone).date() == end.astimezone(self.zone).date():
            return f"{self.moment(start)}–{self.clock(end)}"
        return f"{self.moment(start)} – {self.moment(end)}"

    def clock(self, moment: datetime) -> str:
        """Return the time of the day as "9:05" or "14:00"."""
        local = moment.astimezone(self.zone)
        return f"{local.hour}:{local.minute:02}"

    def spoken(self, moment: datetime) -> str:
        """Return how one would say it: "周六下午" or "Saturday afternoon", for subjects."""
        local = moment.astimezone(self.zone)
        part = next(words for until, words in PARTS_OF_DAY if local.hour < until)
        if self.language == Language.EN:
            return f"{local:%A} {part.en}"
        return f"周{WEEKDAYS_ZH[local.weekday()]}{part.zh}"

    def weekday_clock(self, moment: datetime) -> str:
        """Return "周三20:00" or "Wed 20:00", for subjects."""
        local = moment.astimezone(self.zone)
        if self.language == Language.EN:
            return f"{WEEKDAYS_EN[local.weekday()]} {self.clock(moment)}"
        return f"周{WEEKDAYS_ZH[local.weekday()]}{self.clock(moment)}"

    def month(self, first: date) -> str:
        """Return "11月" or "November", with the year if it is not this one."""
        other_year = first.year != self.year
        if self.language == Language.EN:
            return (
                f"{MONTHS_EN_LONG[first.month - 1]} {first.year}"
                if other_year
                else MONTHS_EN_LONG[first.month - 1]
            )
        return f"{first.year}年{first.month}月" if other_year else f"{first.month}月"

    def length(self, minutes: int) -> str:
        """Return "2小时50分" or "2 h 50 min"."""
        hours, rest = divmod(minutes, 60)
        if self.language == Language.EN:
            parts = [f"{hours} {plural(hours, 'hour', 'hours')}"] if hours else []
            return " ".join(parts + ([f"{rest} min"] if rest or not hours else []))
        if not hours:
            return f"{rest}分钟"
        return f"{hours}小时{rest}分" if rest else f"{hours}小时"


@lru_cache(maxsize=128)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
