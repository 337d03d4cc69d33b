"""Days and hours at which something could happen: which are free, and which few to show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduling.conflicts import Booking, Calendar


@dataclass(frozen=True)
class Hours:
    """Hold from which hour activities begin and by which they end (0:00: by midnight), and how fine to look."""

    opens: time
    closes: time
    step_minutes: int = 30


@dataclass(frozen=True)
class Option:
    """Hold one free time and room, and how it could be staffed."""

    booking: Booking
    expected: float
    places: int
    free: float
    """How many people are left to it by what else is open."""

    @property
    def share(self) -> float:
        """Return the share of the places that will be filled, 0 to 1."""
        return self.expected / self.places if self.places else 1.0


def start_times(
    days: Iterable[date], minutes: int, hours: Hours, zone: str
) -> Iterator[tuple[datetime, datetime]]:
    """Yield every (start, end) in UTC on some days that lies within the opening hours.

    A time that the clock skips or shows twice is left out.
    """
    here, length = ZoneInfo(zone), timedelta(minutes=minutes)
    for day in days:
        local, closes = datetime.combine(day, hours.opens), _closing(day, hours.closes)
        while local + length <= closes:
            if _is_plain(local, here) and _is_plain(local + length, here):
                starts_at = local.replace(tzinfo=here).astimezone(UTC)
                yield starts_at, starts_at + length
            local += timedelta(minutes=hours.step_minutes)


def free_times(calendar: Calendar, wanted: Iterable[Booking]) -> list[Booking]:
    """Return which of the wanted bookings nothing stands in the way of."""
    return [one for one in wanted if not calendar.conflicts(one)]


def best(options: Sequence[Option], count: int, zone: str) -> list[Option]:
    """Return the `count` options that can be staffed best, no two on one day while other days are left.

    Ties go to the larger pool of people, then to the earlier time and the room's name: the order of the
    input decides nothing.
    """
    ranked = sorted(options, key=_better)
    chosen: list[Option] = []
    for _ in range(min(count, len(ranked))):
        days = {_day(one, zone) for one in chosen}
        left = [one for one in ranked if one not in chosen]
        chosen.append(next((one for one in left if _day(one, zone) not in days), left[0]))
    return sorted(chosen, key=_better)


def _better(option: Option) -> tuple[float, float, datetime, str, int]:
    booking = option.booking
    # Two decimals: what differs by less is the same to anybody who plans.
    return (
        -round(option.share, 2),
        -round(option.free, 1),
        booking.starts_at,
        booking.venue,
        booking.venue_id or 0,
    )


def _day(option: Option, zone: str) -> date:
    return option.booking.starts_at.astimezone(ZoneInfo(zone)).date()


def _is_plain(local: datetime, zone: ZoneInfo) -> bool:
    """Say whether a wall-clock time exists once and only once."""
    aware = local.replace(tzinfo=zone)
    back = aware.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    return back == local and aware.utcoffset() == aware.replace(fold=1).utcoffset()


def _closing(day: date, closes: time) -> datetime:
    """Return the end of a day's opening hours; 00:00 is the midnight that ends it."""
    return datetime.combine(day + timedelta(days=closes == time()), closes)
