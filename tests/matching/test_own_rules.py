"""Rules that a network writes itself: how they read, when they count, and whom they keep out or prefer."""

from datetime import UTC, date, datetime, timedelta

import pytest

from config.text import Refusal, Text
from matching.eligibility import Eligibility, Reason
from matching.inputs import MatchingPolicy, Pairing
from matching.rules import (
    ACTIVITY_NAMES,
    PERSON_NAMES,
    AttributeRule,
    Condition,
    Op,
    read_conditions,
    text_of,
)
from matching.shortage import Cause, unfilled_needs
from matching.staffing import match_staffing
from matching.verification import Rule, verify_plan
from tests.matching.builders import SATURDAY_TWO, make_activity, make_need, make_staffing, make_volunteer

DRIVERS = AttributeRule(
    code="drivers",
    name=Text("开车要驾照", "Drivers need a licence"),
    who=(Condition("驾照", Op.IS, ("c1", "b2")), Condition("age", Op.AT_LEAST, ("21",))),
    where=(Condition("topic", Op.IS, ("接送",)),),
)
SCHOOL_RUN = {"attributes": frozenset({("topic", "接送")})}
LICENSED = {"attributes": frozenset({("驾照", "C1")})}


def lacks(volunteer, activity, *rules):
    staffing = make_staffing([volunteer], [activity], rules=rules)
    judged = Eligibility(staffing, MatchingPolicy())
    return judged.lacks(int(judged.bits(staffing.needs[0])[0]))


def test_conditions_read_as_offices_write_them():
    found = read_conditions("驾照=C1/B2；年龄≥21; 有经验＝是；方言 != 粤语", PERSON_NAMES, closed=False)
    assert found == (
        Condition("驾照", Op.IS, ("c1", "b2")),
        Condition("age", Op.AT_LEAST, ("21",)),
        Condition("experienced", Op.IS, ("yes",)),
        Condition("方言", Op.IS_NOT, ("粤语",)),
    )
    assert read_conditions(text_of(found), PERSON_NAMES, closed=False) == found


@pytest.mark.parametrize("text", ["驾照", "年龄>=很大", "=C1", "年龄>=18/21"])
def test_what_is_no_condition_is_refused(text):
    assert isinstance(read_conditions(text, PERSON_NAMES, closed=False), Refusal)


def test_unknown_name_of_an_activity_is_refused_with_those_that_there_are():
    refusal = read_conditions("天气=晴", ACTIVITY_NAMES, closed=True)
    assert "没有“天气”这一项" in refusal.sentence.zh
    assert "主题" in refusal.sentence.zh


def test_rule_keeps_out_who_does_not_fulfil_it_and_says_so_by_name():
    assert lacks(make_volunteer(), make_activity(**SCHOOL_RUN), DRIVERS) == (DRIVERS,)
    assert lacks(make_volunteer(**LICENSED), make_activity(**SCHOOL_RUN), DRIVERS) == ()
    (found,) = unfilled_needs(
        match_staffing(make_staffing(None, [make_activity(**SCHOOL_RUN)], rules=[DRIVERS]))
    )
    assert (found.cause, found.one_short) == (Cause.NOBODY, ((DRIVERS, 1),))
    assert found.sentence.en == "Nobody left to ask; one condition away: 1 outside “Drivers need a licence”."


def test_rule_counts_only_for_the_activities_that_it_names():
    assert lacks(make_volunteer(), make_activity(), DRIVERS) == ()


@pytest.mark.parametrize(("born", "fits"), [(date(2005, 11, 28), True), (date(2005, 11, 29), False)])
def test_age_in_a_rule_is_that_of_the_day_of_the_activity(born, fits):
    volunteer = make_volunteer(birth_date=born, **LICENSED)
    assert (lacks(volunteer, make_activity(**SCHOOL_RUN), DRIVERS) == ()) is fits


@pytest.mark.parametrize(
    ("first", "last", "counts"), [(28, None, True), (29, None, False), (None, 27, False), (None, 28, True)]
)
def test_rule_counts_by_the_day_of_the_activity(first, last, counts):
    day = {True: None}
    rule = AttributeRule(
        "x",
        Text("规则", "Rule"),
        (Condition("gender", Op.IS, ("female",)),),
        valid_from=day.get(first is None, first and date(2026, 11, first)),
        valid_until=day.get(last is None, last and date(2026, 11, last)),
    )
    assert (lacks(make_volunteer(gender="male"), make_activity(), rule) == (rule,)) is counts


@pytest.mark.parametrize(
    ("op", "value", "fits"),
    [(Op.IS, "yes", [1]), (Op.IS, "no", [2]), (Op.IS, "c1", []), (Op.IS_NOT, "c1", [1, 2])],
)
def test_yes_or_no_is_no_other_word(op, value, fits):
    rule = AttributeRule("e", Text("老手", "Old hand"), (Condition("experienced", op, (value,)),))
    crowd = [make_volunteer(1, is_experienced=True), make_volunteer(2, is_experienced=False)]
    staffing = make_staffing(crowd, [make_activity()], [make_need()], rules=(rule,))
    (pool,) = Eligibility(staffing, MatchingPolicy()).pools()
    assert [staffing.volunteers[place].id for place in pool.eligible] == fits


def test_unknown_attribute_fulfils_only_what_asks_for_its_absence():
    has, has_not = (
        AttributeRule("x", Text("规则", "Rule"), (Condition("方言", op, ("粤语",)),))
        for op in (Op.IS, Op.IS_NOT)
    )
    assert lacks(make_volunteer(), make_activity(), has) == (has,)
    assert lacks(make_volunteer(), make_activity(), has_not) == ()


def test_wish_decides_between_people_and_keeps_nobody_out():
    wish = AttributeRule("w", Text("优先", "Prefer"), (Condition("hub", Op.IS, ("xc-002",)),), points=20)
    local = make_volunteer(2, attributes=frozenset({("hub", "xc-002")}))
    staffing = make_staffing([make_volunteer(1), local], rules=[wish])
    assert match_staffing(staffing).pairings == (Pairing(2, 1),)
    assert match_staffing(make_staffing([make_volunteer(1)], rules=[wish])).pairings == (Pairing(1, 1),)


def test_more_rules_than_a_small_number_holds_are_told_apart():
    rules = [
        AttributeRule(f"r{n:02}", Text(f"{n}", f"{n}"), (Condition(f"a{n}", Op.IS, ("yes",)),))
        for n in range(30)
    ]
    fits_all_but_two = frozenset((f"a{n}", "yes") for n in range(30) if n not in (3, 29))
    found = lacks(make_volunteer(attributes=fits_all_but_two), make_activity(), *rules)
    assert found == (rules[3], rules[29])


def test_plan_against_an_own_rule_is_caught_by_the_checker():
    staffing = make_staffing(None, [make_activity(**SCHOOL_RUN)], rules=[DRIVERS])
    assert [one.rule for one in verify_plan(staffing, [Pairing(1, 1)])] == [Rule.OWN]


SUNDAY_EIGHT = datetime(2026, 11, 29, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(("hours", "filled"), [(10, 2), (10.5, 1)])
def test_rest_lies_between_the_last_service_of_a_day_and_the_first_of_the_next(hours, filled):
    evening = make_activity(1, starts_at=SATURDAY_TWO + timedelta(hours=6))  # 20:00 to 22:00
    morning = make_activity(2, starts_at=SUNDAY_EIGHT)
    staffing = make_staffing(None, [evening, morning], [make_need(1), make_need(2, activity=2)])
    result = match_staffing(staffing, MatchingPolicy(rest_hours=hours))
    assert len(result.pairings) == filled
    both = [Pairing(1, 1), Pairing(1, 2)]
    broken = [one.rule for one in verify_plan(staffing, both, MatchingPolicy(rest_hours=hours))]
    assert broken == ([] if filled == 2 else [Rule.REST])


def test_rest_couples_the_weeks_across_sunday_midnight():
    sunday = make_activity(1, starts_at=datetime(2026, 11, 29, 13, 0, tzinfo=UTC))  # 21:00 to 23:00
    monday = make_activity(2, starts_at=datetime(2026, 11, 30, 0, 0, tzinfo=UTC))  # 8:00
    staffing = make_staffing(None, [sunday, monday], [make_need(1), make_need(2, activity=2)])
    result = match_staffing(staffing)
    assert (len(result.pairings), result.plan.status) == (1, "optimal")


def test_language_is_a_rule_of_its_own():
    need = make_need(language="藏语")
    assert (
        len(
            match_staffing(
                make_staffing([make_volunteer(languages=frozenset({"藏语"}))], needs=[need])
            ).pairings
        )
        == 1
    )
    (found,) = unfilled_needs(match_staffing(make_staffing(needs=[need])))
    assert found.one_short == ((Reason.LANGUAGE, 1),)


def test_newcomers_are_never_sent_among_newcomers_alone():
    new, other = make_volunteer(1, is_newcomer=True, is_experienced=False), make_volunteer(2)

    def filled(people, **over):
        needs = [make_need(places=2)]
        return len(match_staffing(make_staffing(people, [make_activity(**over)], needs)).pairings)

    assert (filled([new]), filled([new, other]), filled([other])) == (0, 2, 1)
    assert filled([new], company_present=1) == 1
    (found,) = unfilled_needs(match_staffing(make_staffing([new])))
    assert (found.cause, verify_plan(make_staffing([new]), [Pairing(1, 1)])[0].rule) == (
        Cause.COMPANY,
        Rule.COMPANY,
    )
    assert (
        len(match_staffing(make_staffing([new]), MatchingPolicy(newcomers_need_company=False)).pairings) == 1
    )
