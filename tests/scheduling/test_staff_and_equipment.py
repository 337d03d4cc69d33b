"""One person at one place at a time, the way there included; and no more things than there are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from config.text import Text
from scheduling.conflicts import Booking, Clash, Staff, Use, find_conflicts
from scheduling.places import Place, travel_time

NOON = datetime(2026, 11, 28, 4, 0, tzinfo=UTC)
SHEN = Staff(1, "沈之槐")
HERE, THERE = Place(116.35, 39.90), Place(116.39, 39.90)
WHEN = Text(zh="周六12:59", en="Saturday, 12:59")


def booking(code: str, start: int = 0, end: int = 60, **over: object) -> Booking:
    usual = {
        "code": code,
        "venue_id": None,
        "venue": "",
        "title": Text(zh=f"活动{code}", en=f"Activity {code}"),
        "starts_at": NOON + timedelta(minutes=start),
        "ends_at": NOON + timedelta(minutes=end),
    }
    return Booking(**{**usual, **over})


def projector(quantity: int = 1, stock: int = 2) -> Use:
    return Use(7, "投影仪", quantity, stock)


def test_way_is_counted_in_whole_minutes_at_the_speed_of_the_city() -> None:
    assert round(HERE.km_to(THERE), 2) == 3.41
    assert travel_time(HERE, THERE) == timedelta(minutes=11)
    assert travel_time(HERE, None) == timedelta()


def test_person_at_two_activities_is_refused_with_the_other_named() -> None:
    (conflict,) = find_conflicts([booking("A", staff=(SHEN,))], [booking("B", 59, 90, staff=(SHEN,))])
    refusal = conflict.refusal(WHEN)
    assert (refusal.code, refusal.field) == ("staff_busy", "B")
    assert refusal.sentence.zh == "“活动B”排不进周六12:59：沈之槐那时在“活动A”（A）。换个时间或换个人。"
    assert refusal.sentence.en == (
        "“Activity B” does not fit on Saturday, 12:59: 沈之槐 is at “Activity A” (A) then. "
        "Choose another time or another person."
    )


def test_way_between_two_places_counts_before_and_after() -> None:
    first = booking("A", staff=(SHEN,), place=HERE)
    late = booking("B", 70, 90, staff=(SHEN,), place=THERE)
    (conflict,) = find_conflicts([first], [late])
    assert conflict.clash == Clash.TRAVEL
    assert conflict.refusal(WHEN).sentence.zh == (
        "“活动B”排不进周六12:59：沈之槐从“活动A”（A）过来或过去要11分钟，来不及。换个时间或换个人。"
    )
    assert [one.clash for one in find_conflicts([late], [first])] == [Clash.TRAVEL]
    assert find_conflicts([first], [booking("B", 71, 90, staff=(SHEN,), place=THERE)]) == []
    assert find_conflicts([first], [booking("B", 60, 90, staff=(SHEN,), place=HERE)]) == []


def test_things_run_out_only_where_more_are_used_at_one_moment() -> None:
    others = [booking("A", 0, 60, uses=(projector(),)), booking("B", 60, 120, uses=(projector(),))]
    assert find_conflicts(others, [booking("C", 0, 120, uses=(projector(),))]) == []
    (conflict,) = find_conflicts(others, [booking("C", 0, 120, uses=(projector(2),))])
    refusal = conflict.refusal(WHEN)
    assert refusal.code == "equipment_taken"
    assert refusal.sentence.zh == (
        "“活动C”排不进周六12:59：投影仪那时只剩1件，“活动A”（A）在用。换个时间或少用几件。"
    )


def test_everything_that_is_in_the_way_is_said_at_once() -> None:
    taken = booking("A", venue_id=3, venue="活动室", staff=(SHEN,), uses=(projector(2),))
    wanted = booking("B", venue_id=3, venue="活动室", staff=(SHEN,), uses=(projector(),))
    found = find_conflicts([taken], [wanted])
    assert [one.clash for one in found] == [Clash.VENUE, Clash.EQUIPMENT, Clash.STAFF]


wanted_bookings = st.lists(
    st.builds(
        lambda start, length, person, things, there: (
            start,
            start + length,
            {"staff": (Staff(person, ""),), "uses": (projector(things),), "place": THERE if there else HERE},
        ),
        st.integers(0, 300),
        st.integers(5, 90),
        st.integers(1, 3),
        st.integers(1, 2),
        st.booleans(),
    ),
    max_size=10,
).map(lambda rows: [booking(f"X{n:02}", a, b, **more) for n, (a, b, more) in enumerate(rows)])


@given(wanted_bookings)
def test_what_fits_never_shares_a_person_nor_more_things_than_there_are(wanted: list[Booking]) -> None:
    refused = {one.wanted.code for one in find_conflicts([], wanted)}
    fitting = [one for one in wanted if one.code not in refused]
    for one, other in combinations(fitting, 2):
        assert one.staff != other.staff or one.is_within_reach(other)
    for minute in range(0, 400, 5):
        now = NOON + timedelta(minutes=minute)
        held = sum(one.uses[0].quantity for one in fitting if one.starts_at <= now < one.ends_at)
        assert held <= 2
