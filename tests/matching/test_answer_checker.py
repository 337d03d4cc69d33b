"""Every rule of a problem file broken on purpose: the checker names it, and only it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from matching.problem import WrongAnswerError, solve_problem
from matching.problem_inputs import (
    Problem,
    ProblemActivity,
    ProblemPair,
    ProblemRule,
    ProblemSlot,
    ProblemVolunteer,
)
from matching.verification import files, verify_answer

NOON = datetime(2026, 11, 28, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def problem(**over):
    volunteers = (
        ProblemVolunteer("lin", {"w": 4.0}, attributes=frozenset({"experienced"})),
        ProblemVolunteer("zhou", {"w": 4.0}),
    )
    slots = (
        ProblemSlot("s1", "a", "w", NOON, NOON + HOUR, "hall"),
        ProblemSlot("s2", "a", "w", NOON + HOUR, NOON + 2 * HOUR, "hall"),
    )
    pairs = tuple(ProblemPair(v.id, s.id, 5.0, 2.0) for v in volunteers for s in slots)
    return replace(Problem(volunteers, slots, (ProblemActivity("a"),), pairs), **over)


BOTH = [("lin", "s1"), ("lin", "s2")]
TEAM = [("lin", "s1"), ("zhou", "s2")]


def test_answers_that_keep_the_rules_pass():
    assert verify_answer(problem(), BOTH) == []
    assert verify_answer(problem(), TEAM) == []
    assert verify_answer(problem(), []) == []


def test_pair_that_is_not_listed_is_named():
    assert verify_answer(problem(pairs=problem().pairs[1:]), BOTH) == ["pair: lin s1"]


def test_slot_filled_twice_is_named():
    assert verify_answer(problem(), [("lin", "s1"), ("zhou", "s1")]) == ["overfilled: s1"]


@pytest.mark.parametrize(("limit", "expected"), [(4.0, []), (3.9, ["capacity: lin w"])])
def test_capacity_that_is_exceeded_is_named(limit, expected):
    lin = replace(problem().volunteers[0], capacity={"w": limit})
    assert verify_answer(problem(volunteers=(lin, problem().volunteers[1])), BOTH) == expected


def test_period_that_a_person_does_not_name_offers_nothing():
    lin = replace(problem().volunteers[0], capacity={"other": 9.0})
    assert verify_answer(problem(volunteers=(lin, problem().volunteers[1])), TEAM) == ["capacity: lin w"]


@pytest.mark.parametrize(("minutes", "expected"), [(0, []), (-1, ["conflict: lin s1 s2"])])
def test_overlap_is_named_and_touching_is_none(minutes, expected):
    late = replace(problem().slots[1], start=NOON + HOUR + timedelta(minutes=minutes))
    assert verify_answer(problem(slots=(problem().slots[0], late)), BOTH) == expected


@pytest.mark.parametrize(("way", "expected"), [(10.0, []), (10.5, ["conflict: lin s1 s2"])])
def test_way_that_is_too_long_is_named_in_either_direction(way, expected):
    late = replace(problem().slots[1], start=NOON + HOUR + timedelta(minutes=10), place="yard")
    for ends in (("hall", "yard"), ("yard", "hall")):
        assert verify_answer(problem(slots=(problem().slots[0], late), minutes={ends: way}), BOTH) == expected


def test_rule_counts_people_not_slots():
    activity = ProblemActivity("a", (ProblemRule("experienced", 2),))
    assert verify_answer(problem(activities=(activity,)), BOTH) == ["rule: a experienced"]


def test_half_filled_all_or_none_is_named():
    activity = ProblemActivity("a", all_or_none=True)
    assert verify_answer(problem(activities=(activity,)), BOTH[:1]) == ["all_or_none: a"]
    assert verify_answer(problem(activities=(activity,)), BOTH) == []


def test_blocked_pair_in_one_activity_is_named():
    assert verify_answer(problem(blocked=(("zhou", "lin"),)), TEAM) == ["blocked: zhou lin a"]


def test_wrong_answer_is_never_given(monkeypatch):
    monkeypatch.setattr("matching.problem.verify_answer", lambda *_: ["rule: a x"])
    with pytest.raises(WrongAnswerError, match="rule: a x"):
        solve_problem(problem())


def test_ask_price_is_paid_once_a_person_and_the_own_one_replaces_the_common_one():
    own = replace(problem().volunteers[1], ask_price=3.0)
    priced = problem(volunteers=(problem().volunteers[0], own), ask_price=1.0)
    assert files.objective_of(priced, BOTH) == 9
    assert files.objective_of(priced, TEAM) == 6
