"""One room, one activity at a time; which one yields does not depend on the order of the input."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from config.text import Text
from scheduling.conflicts import Booking, find_conflicts

NOON = datetime(2026, 11, 28, 4, 0, tzinfo=UTC)


def booking(code: str, start: int = 0, end: int = 60, venue_id: int = 1) -> Booking:
    return Booking(
        code=code,
        venue_id=venue_id,
        venue="二楼活动室",
        title=Text(zh=f"活动{code}", en=f"Activity {code}"),
        starts_at=NOON + timedelta(minutes=start),
        ends_at=NOON + timedelta(minutes=end),
    )


def test_overlap_names_the_other_activity() -> None:
    (conflict,) = find_conflicts([booking("A")], [booking("B", 59, 90)])
    refusal = conflict.refusal(Text(zh="周六12:59", en="Saturday, 12:59"))
    assert refusal.field == "B"
    assert refusal.sentence.zh == (
        "“活动B”排不进周六12:59：二楼活动室那时有“活动A”（A）。换个时间或换个房间。"
    )
    assert refusal.sentence.en == (
        "“Activity B” does not fit on Saturday, 12:59: 二楼活动室 is taken by “Activity A” (A). "
        "Choose another time or another room."
    )


def test_back_to_back_fits() -> None:
    assert find_conflicts([booking("A")], [booking("B", 60, 90), booking("C", -30, 0)]) == []


def test_other_rooms_are_free() -> None:
    assert find_conflicts([booking("A")], [booking("B", venue_id=2)]) == []


def test_activity_does_not_stand_in_its_own_way() -> None:
    assert find_conflicts([booking("A")], [booking("A", 30, 90)]) == []


bookings = st.lists(
    st.builds(
        lambda start, length, venue: (start, start + length, venue),
        st.integers(0, 300),
        st.integers(1, 90),
        st.integers(1, 2),
    ),
    max_size=12,
).map(lambda rows: [booking(f"X{n:02}", *row) for n, row in enumerate(rows)])


@given(bookings, st.randoms(use_true_random=False))
def test_what_fits_never_overlaps_and_order_decides_nothing(wanted: list[Booking], random: object) -> None:
    conflicts = find_conflicts([], wanted)
    refused = {conflict.wanted.code for conflict in conflicts}
    fitting = [one for one in wanted if one.code not in refused]
    assert not any(one.overlaps(other) for one, other in combinations(fitting, 2))
    assert all(conflict.other in fitting for conflict in conflicts)
    shuffled = list(wanted)
    random.shuffle(shuffled)
    assert find_conflicts([], shuffled) == conflicts
    assert find_conflicts(fitting, [one for one in wanted if one.code in refused]) != [] or not refused
