"""Flexible work: some time within some days, so long. Planning chooses the time at which it can be staffed best.

The rule of a flexible series names the first day of each window. What is chosen is an ordinary time: overlap,
rest, hours a week and everything else hold for it as for any other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from config.text import Refusal, Text
from matching.supply import SupplyEstimate
from models import Hub, Series
from scheduling.conflicts import Booking, Calendar
from scheduling.proposals import Option, best, free_times
from scheduling.recurrence import why_not
from services.bookings import bookings
from services.proposal_times import Wish, on_days, wish_of
from services.queries import id_of, named
from services.supplies import estimate_near, supplies_of
from services.wording import day_text, local_day

HORIZON = timedelta(weeks=9)


@dataclass(frozen=True)
class Window:
    """Hold between which moments a time may be chosen."""

    starts_at: datetime
    ends_at: datetime

    @classmethod
    def of(cls, first: date, days: int, zone: str) -> Window:
        """Return the window of some local days, from midnight to midnight."""
        here = ZoneInfo(zone)
        last = first + timedelta(days=days)
        return cls(datetime.combine(first, time(), here), datetime.combine(last, time(), here))


class TimesOfWindows:
    """Choose times for many windows, one after the other: each sees what was chosen before it."""

    def __init__(self, session: Session, planned: Iterable[Booking], *, now: datetime) -> None:
        self._session, self._now = session, now
        self._calendar = Calendar([*bookings(session, now), *planned])
        self._estimates: dict[int, SupplyEstimate] = {}
        self._wishes: dict[int, Wish] = {}

    def choose(self, series: Series, hub: Hub, first: date, code: str) -> tuple[Window, Booking | None]:
        """Return the window that begins on a day, and the best free time in it, if there is one."""
        window = Window.of(first, series.window_days, hub.time_zone)
        wish = self._wish(series, hub)
        venue = next((one for one in wish.venues if one is not None and one.id == series.venue_id), None)
        tried = on_days(self._session, wish, self._days(wish, first), [venue])
        free = free_times(self._calendar, [one for one in tried if one.starts_at > self._now])
        if not free:
            return window, None
        supplies = supplies_of(self._session, self._estimate(hub), wish, free, now=self._now)
        options = [
            Option(one, supply.expected, supply.places, supply.free)
            for one, supply in zip(free, supplies, strict=True)
        ]
        chosen = replace(best(options, 1, hub.time_zone)[0].booking, code=code)
        self._calendar.add(chosen)
        return window, chosen

    def _days(self, wish: Wish, first: date) -> list[date]:
        days = [first + timedelta(days=number) for number in range(wish.series.window_days)]
        today = local_day(self._now, wish.hub.time_zone)
        return [day for day in days if day > today and why_not(wish.rule, day) is None]

    def _wish(self, series: Series, hub: Hub) -> Wish:
        key = id_of(series)
        if key not in self._wishes:
            self._wishes[key] = wish_of(self._session, series, hub, self._now)
        return self._wishes[key]

    def _estimate(self, hub: Hub) -> SupplyEstimate:
        key = id_of(hub)
        if key not in self._estimates:
            until = self._now + HORIZON
            self._estimates[key] = estimate_near(self._session, key, now=self._now, until=until)
        return self._estimates[key]


def no_time(series: Series, window: Window, hub: Hub) -> Refusal:
    """Return the sentence that says that nothing is free within a window."""
    first = day_text(local_day(window.starts_at, hub.time_zone))
    sentence = Text(
        "“{title}”从{first}起的{n}天里没有空的时间：场地、社工或用具都占着。放宽天数，或换个场地。",
        "“{title}” has no free time in the {n} days from {first}: rooms, staff or things are taken. "
        "Allow more days or another room.",
    )
    title = named(series.title_zh, series.title_en)
    filled = sentence.format(title=title, first=first, n=series.window_days)
    return Refusal("no_free_time", filled, field=series.code)
