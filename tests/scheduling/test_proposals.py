"""Times that are tried lie within the opening hours, and the few that are shown spread over the days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.text import Text
from scheduling.conflicts import Booking, Calendar
from scheduling.proposals import Hours, Option, best, free_times, start_times

BEIJING = "Asia/Shanghai"
HOURS = Hours(time(9), time(21))
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
ZONES = st.sampled_from(
    [BEIJING, "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca"]
)


def booking(code: str, starts_at: datetime = MONDAY, venue_id: int | None = 1, minutes: int = 120) -> Booking:
    return Booking(code, venue_id, "活动室", Text("", ""), starts_at, starts_at + timedelta(minutes=minutes))


def option(hour: int, share: float, free: float = 5.0) -> Option:
    return Option(booking(str(hour), MONDAY + timedelta(hours=hour)), share * 4, 4, free)


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.integers(15, 300), ZONES)
def test_times_lie_within_the_opening_hours_of_their_own_day(day: date, minutes: int, zone: str) -> None:
    for starts_at, ends_at in start_times([day], minutes, HOURS, zone):
        local, end = starts_at.astimezone(ZoneInfo(zone)), ends_at.astimezone(ZoneInfo(zone))
        assert (local.date(), end.date()) == (day, day)
        assert time(9) <= local.time() <= end.time() <= time(21)
        assert ends_at - starts_at == timedelta(minutes=minutes)


def test_day_of_twelve_hours_has_every_half_hour_that_leaves_room() -> None:
    times = list(start_times([date(2026, 11, 28)], 120, HOURS, BEIJING))
    assert len(times) == 21
    assert times[0][0] == datetime(2026, 11, 28, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), [0, 1, 3]), (date(2026, 10, 25), [0, 1, 3])])
def test_hour_that_the_clock_skips_or_shows_twice_is_left_out(day: date, hours: list[int]) -> None:
    """In Berlin 2:00 does not exist on 29 March and comes twice on 25 October."""
    berlin = ZoneInfo("Europe/Berlin")
    found = start_times([day], 30, Hours(time(0), time(4), 60), "Europe/Berlin")
    assert [one.astimezone(berlin).hour for one, _ in found] == hours


def test_closing_at_midnight_lets_the_evening_be_used() -> None:
    times = start_times([date(2026, 12, 31)], 120, Hours(time(21), time(0), 60), BEIJING)
    assert [one.astimezone(ZoneInfo(BEIJING)).hour for one, _ in times] == [21, 22]


def test_what_stands_in_the_way_is_left_out() -> None:
    calendar = Calendar([booking("there", MONDAY)])
    wanted = [booking(str(n), MONDAY + timedelta(hours=n)) for n in range(4)]
    assert [one.code for one in free_times(calendar, wanted)] == ["2", "3"]


def test_best_come_first_and_no_two_on_one_day_while_others_are_left() -> None:
    options = [option(0, 1.0), option(1, 0.9), option(24, 0.5), option(48, 0.7)]
    assert [one.booking.code for one in best(options, 3, BEIJING)] == ["0", "48", "24"]
    assert [one.booking.code for one in best(options, 4, BEIJING)] == ["0", "1", "48", "24"]


@given(st.permutations([option(n, share) for n, share in enumerate((0.5, 0.5, 0.501, 1.0, 0.2))]))
def test_order_of_the_input_decides_nothing(options: list[Option]) -> None:
    assert [one.booking.code for one in best(options, 5, BEIJING)] == ["3", "0", "1", "2", "4"]
