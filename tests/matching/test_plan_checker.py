"""Every hard rule broken on purpose: the checker names it, and only it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from matching.inputs import Commitment, Interval, Pairing
from matching.verification import Rule, Violation, verify_plan
from tests.matching.builders import (
    LAT,
    LON,
    SATURDAY_TWO,
    make_activity,
    make_need,
    make_staffing,
    make_volunteer,
)

HOUR = timedelta(hours=1)
PLAN = [Pairing(1, 1)]


def broken(staffing, plan=PLAN):
    return [violation.rule for violation in verify_plan(staffing, plan)]


def test_plan_that_keeps_all_rules_passes():
    assert broken(make_staffing()) == []


@pytest.mark.parametrize(
    ("rule", "over"),
    [
        (Rule.INACTIVE, {"is_active": False}),
        (Rule.SKILL, {"skills": frozenset({2})}),
        (Rule.AVAILABILITY, {"windows": ()}),
        (Rule.BLOCKOUT, {"blockouts": (Interval(SATURDAY_TWO + HOUR, SATURDAY_TWO + 3 * HOUR),)}),
        (Rule.OVERLAP, {"commitments": (Commitment(9, SATURDAY_TWO + HOUR, SATURDAY_TWO + 2 * HOUR),)}),
        (Rule.AGE, {"birth_date": None}),
        (Rule.CONSENT, {"birth_date": date(2009, 1, 1)}),
        (Rule.CHECK, {"check_expires_on": date(2026, 11, 27)}),
        (Rule.DISTANCE, {"lon": LON + 0.1}),
        (Rule.MEMBERSHIP, {"home_hub_ids": frozenset({2})}),
        (Rule.HOURS, {"weekly_hours": 1.9}),
        (Rule.DECLINED, {"declined_activity_ids": frozenset({1})}),
        (Rule.ASKED_ENOUGH, {"asks_left": 0}),
        (Rule.GENDER, {"gender": "m"}),
        (Rule.EXPERIENCE, {"is_experienced": False}),
    ],
)
def test_rule_broken_by_the_person_is_named(rule, over):
    need = make_need(skill_id=1, min_age=16, needs_check=True, gender="f", needs_experience=True)
    volunteer = make_volunteer(**({"gender": "f"} | over))
    assert broken(make_staffing([volunteer], [make_activity(members_only=True)], [need])) == [rule]


def test_unknown_person_and_place_are_named():
    plan = [Pairing(9, 1), Pairing(1, 9)]
    assert verify_plan(make_staffing(), plan) == [
        Violation(Rule.UNKNOWN, 9, 1),
        Violation(Rule.UNKNOWN, 1, 9),
    ]


def test_overfilled_need_is_named():
    staffing = make_staffing([make_volunteer(1), make_volunteer(2)])
    assert broken(staffing, [Pairing(1, 1), Pairing(2, 1)]) == [Rule.OVERFILLED]


def test_taken_places_count():
    assert broken(make_staffing(needs=[replace(make_need(), taken=1)])) == [Rule.OVERFILLED]


def test_one_person_twice_in_one_need_is_named():
    staffing = make_staffing(needs=[make_need(places=2)])
    assert set(broken(staffing, PLAN * 2)) == {Rule.TWICE, Rule.OVERLAP}


@pytest.mark.parametrize(("minutes", "expected"), [(-1, [Rule.OVERLAP]), (0, [])])
def test_overlap_inside_the_plan_is_named(minutes, expected):
    later = make_activity(2, starts_at=SATURDAY_TWO + 2 * HOUR + timedelta(minutes=minutes))
    staffing = make_staffing(None, [make_activity(1), later], [make_need(1), make_need(2, activity=2)])
    assert broken(staffing, [Pairing(1, 1), Pairing(1, 2)]) == expected


@pytest.mark.parametrize(("minutes", "expected"), [(29, [Rule.OVERLAP]), (31, [])])
def test_way_that_is_too_long_is_named(minutes, expected):
    later = make_activity(
        2, starts_at=SATURDAY_TWO + 2 * HOUR + timedelta(minutes=minutes), lon=LON + 0.1172, lat=LAT
    )
    people = [make_volunteer(radius_km=20.0)]
    staffing = make_staffing(people, [make_activity(1), later], [make_need(1), make_need(2, activity=2)])
    assert broken(staffing, [Pairing(1, 1), Pairing(1, 2)]) == expected


def test_hours_of_the_whole_plan_count_week_by_week():
    monday = make_activity(2, starts_at=datetime(2026, 11, 29, 16, 0, tzinfo=UTC))
    sunday = make_activity(3, starts_at=datetime(2026, 11, 29, 13, 0, tzinfo=UTC))
    needs = [make_need(number, activity=number) for number in (1, 2, 3)]
    staffing = make_staffing([make_volunteer(weekly_hours=2.0)], [make_activity(1), monday, sunday], needs)
    assert broken(staffing, [Pairing(1, 1), Pairing(1, 2)]) == []
    assert broken(staffing, [Pairing(1, 1), Pairing(1, 3)]) == [Rule.HOURS]


def test_blocked_pair_is_named_inside_the_plan_and_with_the_team():
    people = [make_volunteer(1), make_volunteer(2)]
    together = make_staffing(people, needs=[make_need(places=2)], blocked=[(1, 2)])
    assert broken(together, [Pairing(1, 1), Pairing(2, 1)]) == [Rule.BLOCKED_PAIR]
    joined = make_staffing(people, [make_activity(team=(2,))], blocked=[(2, 1)])
    assert broken(joined) == [Rule.BLOCKED_PAIR]


def test_too_few_adults_with_minors_are_named():
    staffing = make_staffing(None, [make_activity(has_minors=True)])
    assert broken(staffing) == [Rule.ADULTS]
    assert broken(make_staffing(None, [make_activity(has_minors=True, adults_present=1)])) == []
