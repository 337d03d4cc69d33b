"""A changed series keeps its activities where it can, moves them within their week, and loses none."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scheduling.alignment import Dated, Step, align
from scheduling.recurrence import Occurrence

SATURDAY, SUNDAY = date(2026, 11, 28), date(2026, 11, 29)
HOUR = timedelta(hours=1)


def at(day: date, hour: int = 14) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def dated(key: int, day: date, hour: int = 14, **over: bool) -> Dated:
    return Dated(key, day, at(day, hour), at(day, hour) + HOUR, **over)


def wanted(day: date, hour: int = 14) -> Occurrence:
    return Occurrence(day, at(day, hour), at(day, hour) + HOUR)


def steps(*found: object) -> list[tuple[Step, int | None, date | None]]:
    return [
        (one.step, one.dated.key if one.dated else None, one.occurrence.on_date if one.occurrence else None)
        for one in align(*found)
    ]


def test_same_date_stays_and_another_hour_moves() -> None:
    assert steps([dated(1, SATURDAY)], [wanted(SATURDAY)]) == [(Step.STAYS, 1, SATURDAY)]
    assert steps([dated(1, SATURDAY)], [wanted(SATURDAY, 15)]) == [(Step.MOVES, 1, SATURDAY)]


def test_another_day_of_the_same_week_moves() -> None:
    assert steps([dated(1, SATURDAY)], [wanted(SUNDAY)]) == [(Step.MOVES, 1, SUNDAY)]


def test_sunday_midnight_parts_two_weeks() -> None:
    monday = SUNDAY + timedelta(days=1)
    assert steps([dated(1, SUNDAY, 23)], [wanted(monday, 0)]) == [
        (Step.FALLS_OUT, 1, None),
        (Step.NEW, None, monday),
    ]


def test_what_people_moved_by_hand_stays_while_its_week_has_a_date() -> None:
    pinned = dated(1, SATURDAY, 19, is_pinned=True)
    assert steps([pinned], [wanted(SATURDAY, 15)]) == [(Step.STAYS, 1, SATURDAY)]
    assert steps([pinned], [wanted(SUNDAY)]) == [(Step.STAYS, 1, SUNDAY)]
    assert steps([pinned], []) == [(Step.FALLS_OUT, 1, None)]


def test_what_fell_out_comes_back_on_its_own_date_only() -> None:
    out = dated(1, SATURDAY, is_out=True)
    assert steps([out], [wanted(SATURDAY)]) == [(Step.COMES_BACK, 1, SATURDAY)]
    assert steps([out], [wanted(SUNDAY)]) == [(Step.NEW, None, SUNDAY)]


days = st.dates(date(2026, 11, 1), date(2027, 1, 31))


@given(st.lists(days, unique=True, max_size=12), st.lists(days, unique=True, max_size=12), st.booleans())
def test_every_activity_and_every_date_has_one_fate(had: list[date], rule: list[date], pinned: bool) -> None:
    activities = [dated(n, day, is_pinned=pinned) for n, day in enumerate(had, 1)]
    found = align(activities, [wanted(day) for day in rule])
    assert sorted(one.dated.key for one in found if one.dated) == [one.key for one in activities]
    assert sorted(one.occurrence.on_date for one in found if one.occurrence) == sorted(rule)
    for one in found:
        if one.dated and one.occurrence:
            assert one.dated.on_date.isocalendar()[:2] == one.occurrence.on_date.isocalendar()[:2]
    assert align(activities[::-1], [wanted(day) for day in rule[::-1]]) == found
