"""When a series happens: local time, clocks that change, holidays, and dates that people decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.text import Refusal, Text
from scheduling.recurrence import Dates, HeldIn, MakeUpDays, SeriesRule, Term, dates_between

BEIJING = "Asia/Shanghai"
ZONES = (BEIJING, "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
RULES = (
    "FREQ=DAILY",
    "FREQ=WEEKLY;BYDAY=SA,SU",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE",
    "FREQ=MONTHLY;BYDAY=-1FR",
    "FREQ=MONTHLY;BYMONTHDAY=31",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
)


def rule(rrule: str = "FREQ=WEEKLY;BYDAY=SA", **over: object) -> SeriesRule:
    usual = {
        "rrule": rrule,
        "starts_on": date(2026, 1, 1),
        "start_time": time(14, 0),
        "duration_minutes": 150,
        "zone": BEIJING,
    }
    return SeriesRule(**{**usual, **over})


def happens(series: SeriesRule, first: date, last: date) -> list[date]:
    found = dates_between(series, first, last)
    assert isinstance(found, Dates)
    return [one.on_date for one in found.occurrences]


def test_weekly_rule_gives_local_afternoons() -> None:
    found = dates_between(rule(), date(2026, 11, 23), date(2026, 12, 6))
    assert isinstance(found, Dates)
    assert [one.starts_at for one in found.occurrences] == [
        datetime(2026, 11, 28, 6, 0, tzinfo=UTC),
        datetime(2026, 12, 5, 6, 0, tzinfo=UTC),
    ]
    assert found.occurrences[0].ends_at == datetime(2026, 11, 28, 8, 30, tzinfo=UTC)


def test_national_day_week_leaves_dates_out_with_the_reason() -> None:
    found = dates_between(rule("FREQ=WEEKLY;BYDAY=TH"), date(2026, 9, 28), date(2026, 10, 11))
    assert isinstance(found, Dates)
    assert [one.on_date for one in found.occurrences] == [date(2026, 10, 8)]
    (left,) = found.left_out
    assert (left.on_date, left.sentence.zh) == (date(2026, 10, 1), "国庆节放假")


MAKE_UP_SATURDAY = date(2026, 10, 10)


def test_make_up_working_saturday_falls_out_with_the_reason() -> None:
    found = dates_between(rule(), MAKE_UP_SATURDAY, MAKE_UP_SATURDAY)
    assert isinstance(found, Dates)
    assert [(left.on_date, left.sentence.zh) for left in found.left_out] == [(MAKE_UP_SATURDAY, "调休上班日")]


def test_series_that_holds_on_make_up_days_happens_on_them() -> None:
    series = rule(make_up_days=MakeUpDays.HOLD)
    assert happens(series, MAKE_UP_SATURDAY, MAKE_UP_SATURDAY) == [MAKE_UP_SATURDAY]


def test_series_of_every_working_day_gets_make_up_days_on_top() -> None:
    series = rule("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", make_up_days=MakeUpDays.ADD)
    assert happens(series, date(2026, 10, 5), date(2026, 10, 12)) == [
        date(2026, 10, 8),
        date(2026, 10, 9),
        MAKE_UP_SATURDAY,
        date(2026, 10, 12),
    ]


AUTUMN = Term(Text("秋季学期", "autumn term"), date(2026, 9, 1), date(2027, 1, 22))
SPRING = Term(Text("春季学期", "spring term"), date(2027, 2, 22), date(2027, 7, 9))


def test_term_time_series_rests_in_the_vacation() -> None:
    series = rule(held_in=HeldIn.TERM, terms=(AUTUMN, SPRING))
    found = dates_between(series, date(2027, 1, 18), date(2027, 2, 28))
    assert isinstance(found, Dates)
    assert [one.on_date for one in found.occurrences] == [date(2027, 2, 27)]
    assert {left.sentence.zh for left in found.left_out} == {"学校放假"}
    assert found.no_term_after is None


def test_vacation_series_rests_in_term() -> None:
    series = rule(held_in=HeldIn.VACATION, terms=(AUTUMN, SPRING))
    assert happens(series, date(2027, 1, 18), date(2027, 2, 21)) == [
        date(2027, 1, 23),
        date(2027, 1, 30),
        date(2027, 2, 6),
        date(2027, 2, 13),
        date(2027, 2, 20),
    ]
    found = dates_between(series, date(2027, 1, 16), date(2027, 1, 16))
    assert isinstance(found, Dates)
    assert found.left_out[0].sentence.en == "in term (autumn term)"


def test_dates_after_the_last_known_term_are_planned_and_said_to_be_unknown() -> None:
    series = rule(held_in=HeldIn.TERM, terms=(AUTUMN,))
    found = dates_between(series, date(2027, 1, 20), date(2027, 2, 1))
    assert isinstance(found, Dates)
    assert [one.on_date for one in found.occurrences] == [date(2027, 1, 23), date(2027, 1, 30)]
    assert found.no_term_after == date(2027, 1, 22)


def test_series_for_holidays_happens_on_them() -> None:
    on_holidays = rule("FREQ=WEEKLY;BYDAY=TH", on_holidays=True)
    assert happens(on_holidays, date(2026, 10, 1), date(2026, 10, 1)) == [date(2026, 10, 1)]


def test_year_without_announced_holidays_is_named_and_no_reason_to_stop() -> None:
    series = rule("FREQ=DAILY")
    found = dates_between(series, date(2031, 10, 1), date(2031, 10, 2))
    assert isinstance(found, Dates)
    assert (len(found.occurrences), found.unsure) == (2, (2031,))


def test_dates_that_people_decided_go_before_the_calendar() -> None:
    moved_to = datetime(2026, 10, 2, 19, 0, tzinfo=ZoneInfo(BEIJING))
    series = rule("FREQ=WEEKLY;BYDAY=TH", exceptions={date(2026, 10, 1): moved_to, date(2026, 10, 8): None})
    found = dates_between(series, date(2026, 10, 1), date(2026, 10, 8))
    assert isinstance(found, Dates)
    (one,) = found.occurrences
    assert (one.on_date, one.starts_at) == (date(2026, 10, 1), moved_to)
    assert [left.on_date for left in found.left_out] == [date(2026, 10, 8)]


@pytest.mark.parametrize(
    ("day", "starts_at"),
    [
        (date(2026, 3, 28), datetime(2026, 3, 28, 1, 30, tzinfo=UTC)),
        (date(2026, 3, 29), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # 2:30 is skipped: 3:30 summer time
        (date(2026, 3, 30), datetime(2026, 3, 30, 0, 30, tzinfo=UTC)),
        (date(2026, 10, 25), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # 2:30 comes twice: the first
    ],
)
def test_clocks_that_change(day: date, starts_at: datetime) -> None:
    series = rule("FREQ=DAILY", start_time=time(2, 30), zone="Europe/Berlin", on_holidays=True)
    found = dates_between(series, day, day)
    assert isinstance(found, Dates)
    assert [one.starts_at for one in found.occurrences] == [starts_at]


def test_end_count_and_until_each_stop_the_series() -> None:
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    three = [date(2026, 1, 10), date(2026, 1, 17), date(2026, 1, 24)]
    series = rule(starts_on=date(2026, 1, 10), ends_on=date(2026, 1, 24))
    assert happens(series, first, last) == three
    assert happens(rule("FREQ=WEEKLY;BYDAY=SA;COUNT=3", starts_on=date(2026, 1, 10)), first, last) == three
    until = rule("FREQ=WEEKLY;BYDAY=SA;UNTIL=20260124T235959Z", starts_on=date(2026, 1, 10))
    assert happens(until, first, last) == three


def test_count_counts_from_the_first_date_of_the_series() -> None:
    series = rule("FREQ=WEEKLY;BYDAY=SA;COUNT=3", starts_on=date(2026, 1, 10))
    assert happens(series, date(2026, 1, 20), date(2026, 12, 31)) == [date(2026, 1, 24)]


def test_date_that_never_comes_ends_the_search() -> None:
    never = rule("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")
    assert happens(never, date(2026, 1, 1), date(2027, 1, 1)) == []


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "every Saturday",
        "FREQ=HOURLY",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;INTERVAL=0",
        "FREQ=WEEKLY;COUNT=-1",
        "FREQ=WEEKLY;BYHOUR=3",
        "FREQ=WEEKLY;UNTIL=soon",
        "FREQ=WEEKLY;BYDAY=SA\nRDATE:20260101",
        "FREQ",
    ],
)
def test_rule_that_cannot_be_read_is_refused_with_an_example(bad: str) -> None:
    found = dates_between(rule(bad), date(2026, 1, 1), date(2026, 2, 1))
    assert isinstance(found, Refusal)
    assert (found.code, found.field) == ("rule_unreadable", "rrule")
    assert "FREQ=WEEKLY;BYDAY=SA" in found.sentence.zh


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "Asia"])
def test_zone_that_is_none_is_refused(zone: str) -> None:
    assert isinstance(dates_between(rule(zone=zone), date(2026, 1, 1), date(2026, 2, 1)), Refusal)


days = st.dates(date(2024, 1, 1), date(2027, 12, 31))
series_rules = st.builds(
    rule,
    st.sampled_from(RULES),
    starts_on=days,
    start_time=st.times().map(lambda t: t.replace(second=0, microsecond=0, tzinfo=None)),
    duration_minutes=st.integers(1, 1440),
    zone=st.sampled_from(ZONES),
    on_holidays=st.booleans(),
)


@given(series_rules, days, st.integers(0, 60))
def test_occurrences_keep_local_time_and_length(series: SeriesRule, first: date, length: int) -> None:
    found = dates_between(series, first, first + timedelta(days=length))
    assert isinstance(found, Dates)
    zone = ZoneInfo(series.zone)
    for one in found.occurrences:
        local = one.starts_at.astimezone(zone)
        wall = datetime.combine(one.on_date, series.start_time, tzinfo=zone)
        skipped = wall.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall.replace(tzinfo=None)
        assert skipped or (local.date(), local.time()) == (one.on_date, series.start_time)
        assert one.ends_at - one.starts_at == timedelta(minutes=series.duration_minutes)
        assert first <= one.on_date <= first + timedelta(days=length)
        assert one.on_date >= series.starts_on


@given(series_rules, days, st.integers(0, 30), st.integers(1, 30))
def test_two_windows_give_what_one_gives(series: SeriesRule, first: date, head: int, tail: int) -> None:
    middle = first + timedelta(days=head)
    last = middle + timedelta(days=tail)
    parts = happens(series, first, middle) + happens(series, middle + timedelta(days=1), last)
    assert parts == happens(series, first, last)


@given(st.text(alphabet="FREQ=WEEKLYDAI;BYINTVU0123456789-,MOSATH", max_size=40))
def test_any_text_is_dates_or_a_refusal(text: str) -> None:
    assert isinstance(dates_between(rule(text), date(2026, 1, 1), date(2026, 3, 1)), (Dates, Refusal))


@given(series_rules, days, st.integers(1, 60), st.data())
def test_moved_and_cancelled_dates_keep_all_others(
    series: SeriesRule, first: date, length: int, data: st.DataObject
) -> None:
    """What people decide about one date changes that date alone, and it comes once, at its new time."""
    last = first + timedelta(days=length)
    before = dates_between(series, first, last)
    assert isinstance(before, Dates)
    if not before.occurrences:
        return
    moved, out = (data.draw(st.sampled_from(before.occurrences)) for _ in range(2))
    later = moved.starts_at + timedelta(hours=data.draw(st.integers(1, 400)))
    decided = {out.on_date: None, moved.on_date: later}
    after = dates_between(replace(series, exceptions=decided), first, last)
    assert isinstance(after, Dates)
    changed = {one.on_date: one.starts_at for one in after.occurrences}
    same = {one.on_date: one.starts_at for one in before.occurrences if one.on_date not in decided}
    assert changed == same | {moved.on_date: later}


@given(series_rules, st.integers(2024, 2026), st.integers(1, 20))
def test_dates_around_the_new_year_come_once_and_in_order(series: SeriesRule, year: int, around: int) -> None:
    eve, half = date(year, 12, 31), timedelta(days=around)
    whole = happens(series, eve - half, eve + half)
    assert whole == happens(series, eve - half, eve) + happens(series, eve + timedelta(days=1), eve + half)
    assert whole == sorted(set(whole))
