"""Moments and lengths of time as people say them, in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from notifications.dates import LocalTime

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
SATURDAY = datetime(2026, 11, 28, 5, 40, tzinfo=UTC)
ZH = LocalTime.of("zh-Hans", "Asia/Shanghai", NOW)
EN = LocalTime.of("en", "Asia/Shanghai", NOW)


def test_moments_name_the_day_and_the_weekday() -> None:
    assert ZH.moment(SATURDAY) == "11月28日（周六）13:40"
    assert EN.moment(SATURDAY) == "Sat 28 Nov, 13:40"


def test_spans_name_the_day_once_unless_they_cross_midnight() -> None:
    assert ZH.span(SATURDAY, SATURDAY + timedelta(minutes=170)) == "11月28日（周六）13:40–16:30"
    assert EN.span(SATURDAY, SATURDAY + timedelta(hours=11)) == "Sat 28 Nov, 13:40 – Sun 29 Nov, 0:40"


def test_another_year_is_named() -> None:
    assert ZH.day(date(2027, 3, 14)) == "2027年3月14日（周日）"
    assert EN.day(date(2027, 3, 14)) == "Sun 14 Mar 2027"
    assert (ZH.month(date(2026, 11, 1)), ZH.month(date(2025, 12, 1))) == ("11月", "2025年12月")
    assert (EN.month(date(2026, 11, 1)), EN.month(date(2025, 12, 1))) == ("November", "December 2025")


def test_the_year_is_that_of_the_reader() -> None:
    """It is already 2027 in Shanghai while it is still 2026 in UTC."""
    turn = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)
    assert LocalTime.of("zh-Hans", "Asia/Shanghai", turn).day(turn) == "1月1日（周五）"


@pytest.mark.parametrize(
    ("hour", "zh", "en"),
    [
        (1, "周六凌晨", "Saturday early"),
        (9, "周六上午", "Saturday morning"),
        (12, "周六中午", "Saturday midday"),
        (14, "周六下午", "Saturday afternoon"),
        (19, "周六晚上", "Saturday evening"),
    ],
)
def test_the_part_of_the_day_is_what_one_would_say(hour: int, zh: str, en: str) -> None:
    moment = datetime(2026, 11, 28, hour, tzinfo=UTC) - timedelta(hours=8)
    assert (ZH.spoken(moment), EN.spoken(moment)) == (zh, en)


@pytest.mark.parametrize(
    ("minutes", "zh", "en"),
    [
        (170, "2小时50分", "2 hours 50 min"),
        (60, "1小时", "1 hour"),
        (45, "45分钟", "45 min"),
        (0, "0分钟", "0 min"),
    ],
)
def test_lengths_are_hours_and_minutes(minutes: int, zh: str, en: str) -> None:
    assert (ZH.length(minutes), EN.length(minutes)) == (zh, en)
