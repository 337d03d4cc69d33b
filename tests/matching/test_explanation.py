"""Who is next, and why you: in values and in both languages."""

from dataclasses import replace

import pytest

from config.text import Text
from matching.explanation import (
    next_candidates,
    plan_sentence,
    proof_sentence,
    reasons_of_plan,
)
from matching.inputs import MatchingPolicy
from matching.reasons import Why, WhyYou, why_sentence
from matching.staffing import match_staffing
from tests.matching.builders import LON, make_activity, make_need, make_staffing, make_volunteer


def test_next_candidates_are_ordered_and_leave_out_who_is_placed_then():
    people = [
        make_volunteer(number, liked=frozenset({"chess"} if number == 3 else ())) for number in range(1, 5)
    ]
    staffing = make_staffing(people, [make_activity(kinds=frozenset({"chess"}))])
    policy = MatchingPolicy(next_candidates=2)
    result = match_staffing(staffing, policy)
    assert [pairing.volunteer_id for pairing in result.pairings] == [3]
    assert [candidate.volunteer_id for candidate in next_candidates(result, policy)[1]] == [1, 2]


def test_next_candidate_is_rather_the_one_nobody_else_needs():
    # Volunteer 1 scores higher, and is the only one for the other activity at that time but 3.
    close, far = make_volunteer(1, skills=frozenset({1, 2})), make_volunteer(2, lon=LON + 0.02)
    fills_first = make_volunteer(3, liked=frozenset({"chess"}))
    activities = [make_activity(1, kinds=frozenset({"chess"})), make_activity(2)]
    needs = [make_need(1), make_need(2, activity=2, skill_id=2)]
    result = match_staffing(make_staffing([close, far, fills_first], activities, needs))
    assert [(p.volunteer_id, p.need_id) for p in result.pairings] == [(3, 1), (1, 2)]
    assert [c.volunteer_id for c in next_candidates(result, MatchingPolicy())[1]] == [2]


def test_reasons_are_about_the_person_asked_the_strongest_first():
    volunteer = make_volunteer(
        lon=LON + 0.02, liked=frozenset({"chess", "tea"}), served_series=frozenset({4})
    )
    activity = make_activity(kinds=frozenset({"chess"}), series_id=4)
    need = make_need(skill_id=1, needs_experience=True)
    result = match_staffing(make_staffing([volunteer], [activity], [need]))
    assert reasons_of_plan(result)[1, 1] == (
        WhyYou(Why.SERIES, 1),
        WhyYou(Why.SKILL, 1),
        WhyYou(Why.LIKED, 1),
        WhyYou(Why.NEAR, 1.7),
        WhyYou(Why.EXPERIENCED, 1),
        WhyYou(Why.FREE, 1),
    )


@pytest.mark.parametrize(
    ("reason", "zh", "en"),
    [
        (WhyYou(Why.NEAR, 1.7), "离你家1.7公里", "It is 1.7 km from your home"),
        (WhyYou(Why.SKILL, 1), "这个位置要会急救，你会", "It needs first aid, which you have"),
        (WhyYou(Why.FREE, 1), "那个时间你有空", "You are free then"),
    ],
)
def test_reason_reads_as_a_sentence(reason, zh, en):
    assert why_sentence(reason, Text("急救", "first aid")) == Text(zh, en)


def test_plan_says_how_much_is_filled():
    result = match_staffing(make_staffing(needs=[make_need(places=3)]))
    assert plan_sentence(result) == Text("3个空位能配上1个。", "1 of 3 places can be filled.")
    assert plan_sentence(match_staffing(replace(make_staffing(), needs=()))).zh == "没有空位要配人。"


def test_proof_says_value_and_bound():
    result = match_staffing(make_staffing())
    assert proof_sentence(result) == Text(
        "已证明没有更好的排法：得分1035，就是能证明的上限。",
        "No plan can be better: its value of 1035 is the proven bound.",
    )
    unproven = replace(result, plan=replace(result.plan, bound=1040.0))
    assert proof_sentence(unproven) == Text(
        "得分1035，能证明的上限是1040，最多差0.48%。",
        "Its value is 1035, the proven bound 1040: at most 0.48% could be gained.",
    )
