"""Why and why not: what is said is what happens once it is granted."""

from dataclasses import replace
from datetime import date

from hypothesis import given, settings

from benchmarks.explanations import _alone, _lacks, grant, hard_reasons_flip, price_flips
from config.text import Text
from matching.assignment import PlanStatus
from matching.counterfactual import Change, placed_by_force, without
from matching.eligibility import Reason
from matching.inputs import MatchingPolicy
from matching.rules import AttributeRule, Condition, Op
from matching.staffing import match_staffing
from matching.why import Part, Standing, verdict
from tests.matching.builders import LON, make_activity, make_need, make_staffing, make_volunteer
from tests.matching.strategies import rich_staffings

POLICY = MatchingPolicy()


def verdict_of(staffing, volunteer_id, need_id):
    return verdict(match_staffing(staffing), POLICY, volunteer_id, need_id)


def said(staffing, volunteer_id=1):
    found = verdict_of(staffing, volunteer_id, 1)
    assert found.standing is Standing.BARRED
    return [miss.sentence.zh for miss in found.misses]


@settings(max_examples=150, deadline=None)
@given(rich_staffings())
def test_every_stated_rule_is_missed_no_more_once_it_is_granted(staffing):
    # Without the network's own: what is granted for our rule may break theirs.
    staffing = replace(staffing, rules=())
    for volunteer in staffing.volunteers:
        for need in staffing.needs:
            lacks = list(_lacks(_alone(staffing, volunteer.id, need.id)))
            if lacks:
                assert hard_reasons_flip(staffing, volunteer.id, need.id, lacks)


@settings(max_examples=60, deadline=None)
@given(rich_staffings())
def test_stated_price_decides_to_the_point(staffing):
    """One point more than stated places the person, one point less does not."""
    result = match_staffing(staffing, POLICY)
    placed = set(result.plan.chosen.tolist())
    for pair in range(len(result.model.person)):
        if pair not in placed:
            what_if = placed_by_force(result, pair)
            assert what_if.proven
            if what_if.cost < float("inf"):
                assert what_if.cost >= 0
                assert price_flips(result, pair, what_if.cost)


@settings(max_examples=60, deadline=None)
@given(rich_staffings())
def test_plan_without_a_person_is_that_of_a_question_without_them(staffing):
    result = match_staffing(staffing, POLICY)
    for volunteer in staffing.volunteers:
        fewer = tuple(other for other in staffing.volunteers if other != volunteer)
        alone = match_staffing(replace(staffing, volunteers=fewer), POLICY)
        if len({a.first_day.isocalendar().week for a in staffing.activities}) == 1:
            assert result.plan.value - without(result, volunteer.id).cost == alone.plan.value


def test_near_misses_say_how_far():
    minor = make_volunteer(
        1, birth_date=date(2011, 11, 29), check_expires_on=date(2026, 11, 26), lon=LON + 0.1, weekly_hours=1.0
    )
    need = make_need(min_age=16, needs_check=True)
    assert said(make_staffing([minor], needs=[need])) == [
        "那天14岁，要满16岁",
        "未成年，还没有监护人同意",
        "背景核查到11月26日，活动在11月28日",
        "离8.5公里，最远愿意去5公里",
        "要2小时，那一周还剩1小时",
    ]


def test_own_rule_is_named_with_what_it_asks():
    rule = AttributeRule("R", Text("开车要驾照", "Licence"), (Condition("驾照", Op.IS, ("c1",)),))
    assert said(make_staffing(rules=[rule])) == ["不合“开车要驾照”（驾照=c1）"]


def test_who_is_placed_hears_what_would_be_lost():
    found = verdict_of(make_staffing(), 1, 1)
    assert (found.standing, found.what_if.filled, found.what_if.cost) == (Standing.PLACED, -1, 1035)


def test_who_is_outbid_hears_the_points_and_what_gives_them():
    near, far = (
        make_volunteer(1),
        make_volunteer(2, lon=LON + 0.03, hours_given=4, liked=frozenset({"chess"})),
    )
    found = verdict_of(make_staffing([near, far], [make_activity(kinds=frozenset({"chess"}))]), 2, 1)
    assert found.standing is Standing.OUTBID
    names = [(part.name.zh, part.points) for part in found.parts]
    assert names == [("喜欢这类活动", 40), ("住得近", 17), ("近来服务时长", -30)]
    assert found.what_if.cost == 35 - sum(points for _, points in names)
    assert found.what_if.changes == (Change(1, 1, None), Change(2, None, 1))


def test_who_is_needed_more_elsewhere_hears_where():
    activities = [make_activity(1), make_activity(2, priority=3)]
    found = verdict_of(make_staffing(None, activities, [make_need(1), make_need(2, activity=2)]), 1, 1)
    assert (found.standing, found.needed_at, found.what_if.cost) == (Standing.ELSEWHERE, (2,), 2000)
    assert found.what_if.changes == (Change(1, 2, 1),)


def test_week_used_up_elsewhere_names_the_activities_of_the_week():
    later = make_activity(2, starts_at=make_activity().starts_at.replace(hour=9), priority=3)
    staffing = make_staffing(
        [make_volunteer(weekly_hours=2.0)],
        [make_activity(1), later],
        [make_need(1), make_need(2, activity=2)],
    )
    found = verdict_of(staffing, 1, 1)
    assert (found.standing, found.needed_at) == (Standing.ELSEWHERE, (2,))


def test_wish_of_the_network_is_among_the_parts():
    rule = AttributeRule(
        "R", Text("优先", "Preferred"), (Condition("gender", Op.IS, ("female",)),), points=15
    )
    found = verdict_of(make_staffing([make_volunteer(gender="female")], rules=[rule]), 1, 1)
    assert Part(rule.name, 15) in found.parts


def test_granting_touches_only_what_was_said():
    person = make_volunteer(skills=frozenset(), windows=())
    staffing = make_staffing([person], needs=[make_need(skill_id=1)])
    alone = _alone(grant(staffing, 1, 1, Reason.SKILL), 1, 1)
    assert _lacks(alone) == (Reason.AVAILABILITY,)
    assert (
        match_staffing(grant(grant(staffing, 1, 1, Reason.SKILL), 1, 1, Reason.AVAILABILITY)).plan.status
        is PlanStatus.OPTIMAL
    )
