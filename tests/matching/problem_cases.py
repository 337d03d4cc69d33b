"""Small random problem files of every kind, for hypothesis."""

from datetime import UTC, datetime, timedelta
from itertools import combinations

from hypothesis import strategies as st

from matching.problem_inputs import (
    Problem,
    ProblemActivity,
    ProblemPair,
    ProblemRule,
    ProblemSlot,
    ProblemVolunteer,
)

NOON = datetime(2026, 11, 28, 4, 0, tzinfo=UTC)
PLACES = [(116.30, 39.90), (116.36, 39.90), (116.50, 39.95)]


@st.composite
def problems(draw, *, times=True):
    volunteers = tuple(
        ProblemVolunteer(
            id=number,
            capacity={"w1": draw(st.integers(0, 6)), "w2": draw(st.integers(0, 6))},
            ask_price=draw(st.sampled_from([None, None, 0, 7])),
            attributes=frozenset(draw(st.sets(st.sampled_from(["old", "new"])))),
        )
        for number in range(draw(st.integers(1, 4)))
    )
    activities = tuple(
        ProblemActivity(id=f"a{number}", rules=draw(rules), all_or_none=draw(st.booleans()))
        for number in range(draw(st.integers(1, 3)))
    )
    slots = tuple(
        draw(slot(number, len(activities), times=times)) for number in range(draw(st.integers(1, 5)))
    )
    possible = [(v.id, s.id) for v in volunteers for s in slots]
    chosen = draw(st.lists(st.sampled_from(possible), unique=True, max_size=9))
    people = [v.id for v in volunteers]
    return Problem(
        volunteers=volunteers,
        slots=slots,
        activities=activities,
        pairs=tuple(ProblemPair(v, s, draw(st.integers(-3, 20)), draw(st.integers(0, 4))) for v, s in chosen),
        blocked=tuple(draw(st.sets(st.sampled_from(list(combinations(people, 2))), max_size=2)))
        if len(people) > 1
        else (),
        speed_kmh=draw(st.sampled_from([None, 20.0])),
        ask_price=draw(st.sampled_from([0, 0, 5])),
    )


rules = st.lists(st.builds(ProblemRule, st.sampled_from(["old", "new"]), st.integers(1, 2)), max_size=2).map(
    tuple
)


@st.composite
def slot(draw, number, activities, *, times):
    start = NOON + timedelta(minutes=30 * draw(st.integers(0, 8))) if times and draw(st.booleans()) else None
    return ProblemSlot(
        id=f"s{number}",
        activity=f"a{draw(st.integers(0, activities - 1))}",
        period=draw(st.sampled_from(["w1", "w2"])),
        start=start,
        end=start + timedelta(minutes=30 * draw(st.integers(1, 4))) if start else None,
        place=draw(st.sampled_from([None, *PLACES])),
    )
