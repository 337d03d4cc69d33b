"""Times of the week as offices write them."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.cells import Wrong
from documents.weekly import NO_RULE, NO_WINDOW, joined, read_recurrence, read_windows, windows_text

WEEKDAY_EVENINGS = tuple((day, 1080, 1320) for day in range(5))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("周六 9:00-12:00; 周日下午", ((5, 540, 720), (6, 780, 1080))),
        ("周六９：００－１２：００", ((5, 540, 720),)),
        ("周六9点到12点半", ((5, 540, 750),)),
        ("周六 9:00-12:00, 14:00-17:00", ((5, 540, 720), (5, 840, 1020))),
        ("周六上午，周日 下午2:00-5:00", ((5, 480, 720), (6, 840, 1020))),
        ("周一至周五 晚上", WEEKDAY_EVENINGS),
        ("工作日晚上", WEEKDAY_EVENINGS),
        ("Mon-Fri evening", WEEKDAY_EVENINGS),
        ("周一、三、五晚上", ((0, 1080, 1320), (2, 1080, 1320), (4, 1080, 1320))),
        ("周五至周一上午", ((0, 480, 720), (4, 480, 720), (5, 480, 720), (6, 480, 720))),
        ("Tuesdays and Thursdays 18-20", ((1, 1080, 1200), (3, 1080, 1200))),
        ("星期天全天", ((6, 480, 1320),)),
        ("周末", ((5, 480, 1320), (6, 480, 1320))),
    ],
)
def test_windows_are_read(cell: str, expected: tuple[tuple[int, int, int], ...]) -> None:
    assert read_windows(cell) == expected


@pytest.mark.parametrize(
    "cell", ["随便", "周六 12:00-9:00", "周六 9:00", "9:00-12:00", "周末10-25点", "周八上午"]
)
def test_windows_that_are_none_are_refused(cell: str) -> None:
    assert read_windows(cell) == Wrong(NO_WINDOW)


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 1400), st.integers(1, 39)), min_size=1, max_size=12)
)
def test_windows_read_back_as_written(parts: list[tuple[int, int, int]]) -> None:
    windows = joined((day, start, start + length) for day, start, length in parts)
    assert read_windows(windows_text(windows)) == windows


def test_windows_that_touch_are_one() -> None:
    assert joined([(0, 60, 120), (0, 120, 180), (1, 60, 70)]) == ((0, 60, 180), (1, 60, 70))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("每周六 14:00", ("FREQ=WEEKLY;BYDAY=SA", time(14))),
        ("周二、周四", ("FREQ=WEEKLY;BYDAY=TU,TH", None)),
        ("每周六、日", ("FREQ=WEEKLY;BYDAY=SA,SU", None)),
        ("隔周周六下午2点", ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SA", time(14))),
        ("每两周周日 9:30", ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU", time(9, 30))),
        ("每月第二个周六", ("FREQ=MONTHLY;BYDAY=2SA", None)),
        ("每月最后一个周日 10:00", ("FREQ=MONTHLY;BYDAY=-1SU", time(10))),
        ("每周六晚上7点半", ("FREQ=WEEKLY;BYDAY=SA", time(19, 30))),
        ("every Saturday 14:00", ("FREQ=WEEKLY;BYDAY=SA", time(14))),
        ("RRULE:FREQ=WEEKLY;BYDAY=SA", ("FREQ=WEEKLY;BYDAY=SA", None)),
    ],
)
def test_recurrence_is_read(cell: str, expected: tuple[str, time | None]) -> None:
    assert read_recurrence(cell) == expected


@pytest.mark.parametrize(
    "cell", ["每周八", "有空就办", "FREQ=HOURLY", "FREQ=WEEKLY;BYDAY=XX", "每周六 25:00", "=1+1"]
)
def test_recurrence_that_is_none_is_refused(cell: str) -> None:
    assert read_recurrence(cell) == Wrong(NO_RULE)
