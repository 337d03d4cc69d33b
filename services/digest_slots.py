"""At which moments digests are due: by cadence and hour, in the zone of their readers, keyed by the period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from config.text import Text
from services.digests_weeks import Window, iso_week, month_of
from services.wording import WEEKDAYS
from services.work import Audience

DAY = timedelta(days=1)


class Cadence(StrEnum):
    """How often a digest comes."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


OVERDUE_AFTER = {
    Cadence.DAILY: timedelta(hours=20),
    Cadence.WEEKLY: timedelta(days=4),
    Cadence.MONTHLY: timedelta(days=10),
}
"""After an outage so old a digest is left out: the next one tells what it would have told."""


@dataclass(frozen=True)
class Period:
    """Hold what a digest speaks of: the days ahead, the days before, and the key of both."""

    cadence: Cadence
    ahead: Window
    before: Window
    key: str

    @classmethod
    def of(cls, cadence: Cadence, day: date, zone: str) -> Period:
        """Return the period that begins on `day`; a month is that of `day`, whichever day it is."""
        if cadence is Cadence.MONTHLY:
            ahead = month_of(day, zone)
            before = month_of(ahead.first - DAY, zone)
            return cls(cadence, ahead, before, f"{before.first:%Y-%m}")
        days = DAY if cadence is Cadence.DAILY else 7 * DAY
        key = day.isoformat() if cadence is Cadence.DAILY else iso_week(day)
        return cls(cadence, Window(day, day + days, zone), Window(day - days, day, zone), key)


@dataclass(frozen=True)
class Slot:
    """Hold a time at which some readers get their digest; `weekday` counts Monday as 1."""

    audience: Audience
    cadence: Cadence
    weekday: int
    hour: int
    zone: str

    @property
    def code(self) -> str:
        """Return the slot as one word, for the parameters of a flow."""
        return f"{self.audience}:{self.cadence}:{self.weekday}:{self.hour}:{self.zone}"

    @classmethod
    def of_code(cls, code: str) -> Slot:
        """Return the slot of a code that `code` made."""
        audience, cadence, weekday, hour, zone = code.split(":")
        return cls(Audience(audience), Cadence(cadence), int(weekday), int(hour), zone)

    @property
    def sentence(self) -> Text:
        """Return when it is, in words."""
        clock = f"{self.hour}:00"
        day = WEEKDAYS[self.weekday - 1]
        return {
            Cadence.DAILY: Text(f"每天{clock}", f"every day at {clock}"),
            Cadence.WEEKLY: Text(f"每{day.zh}{clock}", f"every {day.en} at {clock}"),
            Cadence.MONTHLY: Text(f"每月1日{clock}", f"on the first of each month at {clock}"),
        }[self.cadence]

    def last(self, now: datetime) -> datetime:
        """Return the newest moment of this slot that is not after `now`.

        An hour that a clock change leaves out comes an hour later, one that comes twice counts once.
        """
        today = now.astimezone(ZoneInfo(self.zone)).date()
        newest = self._on(self._day(today))
        return newest if newest <= now else self._on(self._day(self._day(today) - DAY))

    def period(self, moment: datetime) -> Period:
        """Return what the digest of a moment speaks of."""
        return Period.of(self.cadence, moment.astimezone(ZoneInfo(self.zone)).date(), self.zone)

    def is_due(self, now: datetime) -> bool:
        """Say whether its newest moment is recent enough to be told of."""
        return now - self.last(now) <= OVERDUE_AFTER[self.cadence]

    def _day(self, latest: date) -> date:
        if self.cadence is Cadence.WEEKLY:
            return latest - timedelta(days=(latest.isoweekday() - self.weekday) % 7)
        return latest.replace(day=1) if self.cadence is Cadence.MONTHLY else latest

    def _on(self, day: date) -> datetime:
        from_the_past = datetime.combine(day, time(self.hour), ZoneInfo(self.zone))
        # Through UTC and back, so that an hour which the clock leaves out becomes one that exists.
        return from_the_past.astimezone(ZoneInfo("UTC"))


def in_words(cadence: Cadence) -> dict[str, Any]:
    """Return how the days ahead and before are called in a digest of a cadence."""
    return {
        Cadence.DAILY: {"this": Text("今天", "today"), "last": Text("昨天", "yesterday")},
        Cadence.WEEKLY: {"this": Text("这周", "this week"), "last": Text("上周", "last week")},
        Cadence.MONTHLY: {"this": Text("这个月", "this month"), "last": Text("上个月", "last month")},
    }[cadence]
