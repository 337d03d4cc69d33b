"""Why a slot of a problem file stays empty: the cause is true, not the first that comes to mind."""

from datetime import timedelta

from hypothesis import given, settings

from matching.problem import solve_problem
from matching.problem_inputs import Problem, ProblemActivity, ProblemPair, ProblemSlot, ProblemVolunteer
from matching.verification.files import objective_of, verify_answer
from tests.matching.problem_cases import NOON, problems

HOUR = timedelta(hours=1)


def cause(pairs, *, capacity=9.0, gap=HOUR, blocked=(), activities=("a", "b")):
    """Two slots, the first of which is better; why the second stays empty."""
    slots = (
        ProblemSlot("first", activities[0], "w", NOON, NOON + HOUR),
        ProblemSlot("second", activities[1], "w", NOON + gap, NOON + gap + HOUR),
    )
    people = sorted({who for who, *_ in pairs})
    problem = Problem(
        volunteers=tuple(ProblemVolunteer(who, {"w": capacity}) for who in people),
        slots=slots,
        activities=tuple(ProblemActivity(one) for one in sorted(set(activities))),
        pairs=tuple(ProblemPair(who, slot, value, 1.0) for who, slot, value in pairs),
        blocked=tuple(blocked),
    )
    answer = solve_problem(problem)
    assert answer.status == "optimal"
    return {empty.slot: empty.cause for empty in answer.unfilled}.get("second")


def test_who_holds_something_at_another_time_is_not_busy():
    """Free, but not worth it: the value is below zero."""
    assert cause([(1, "first", 5.0), (1, "second", -1.0)]) == "not_worth"


def test_who_is_elsewhere_at_that_time_is_busy():
    assert cause([(1, "first", 5.0), (1, "second", 4.0)], gap=HOUR / 2) == "busy"


def test_who_is_out_of_hours_is_busy():
    assert cause([(1, "first", 5.0), (1, "second", 4.0)], capacity=1.0) == "busy"


def test_who_is_blocked_from_the_team_is_apart():
    pairs = [(1, "first", 5.0), (2, "second", 4.0)]
    assert cause(pairs, blocked=[(1, 2)], activities=("a", "a")) == "apart"
    assert cause(pairs, blocked=[(1, 2)]) is None


def test_slot_that_no_pair_names_has_nobody():
    assert cause([(1, "first", 5.0)]) == "nobody"


@settings(max_examples=100, deadline=None)
@given(problems())
def test_cause_holds_against_the_checker(problem):
    """Of a busy slot no pair can be added; of one that is not worth it some can, and none pays."""
    answer = solve_problem(problem)
    rules = {activity.id: activity for activity in problem.activities}
    activity_of = {slot.id: rules[slot.activity] for slot in problem.slots}
    for empty in answer.unfilled:
        pairs = [(pair.volunteer, pair.slot) for pair in problem.pairs if pair.slot == empty.slot]
        added = [(*answer.assignments, pair) for pair in pairs]
        fits = [plan for plan in added if not verify_answer(problem, plan)]
        assert (empty.cause == "nobody") == (not pairs)
        assert empty.cause != "unproven" or activity_of[empty.slot].all_or_none
        if empty.cause in ("busy", "apart"):
            assert fits == []
        if empty.cause == "not_worth":
            assert all(objective_of(problem, plan) <= answer.objective for plan in fits)
