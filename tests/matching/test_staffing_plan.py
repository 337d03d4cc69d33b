"""Plans of people and places: against brute force, and the rules that tie people together."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain, combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.assignment import PlanStatus
from matching.inputs import Commitment, MatchingPolicy, Pairing
from matching.staffing import match_staffing
from matching.verification import verify_plan
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
SUNDAY_EVENING = datetime(2026, 11, 29, 13, 0, tzinfo=UTC)  # 21:00 in Shanghai
POLICY = MatchingPolicy(preference_points=40, continuity_points=0, nearness_points=0)


@st.composite
def staffings(draw):
    volunteers = [
        make_volunteer(
            number,
            weekly_hours=draw(st.sampled_from([2.0, 4.0, 8.0])),
            asks_left=draw(st.sampled_from([None, None, 1])),
            is_experienced=draw(st.booleans()),
            birth_date=draw(st.sampled_from([date(1990, 1, 1), date(2010, 1, 1)])),
            consent_until=date(2027, 1, 1),
            liked=draw(st.sampled_from([frozenset(), frozenset({"chess"})])),
            hours_given=draw(st.sampled_from([0, 2, 20])),
        )
        for number in range(1, draw(st.integers(1, 4)) + 1)
    ]
    starts = st.sampled_from([SATURDAY_TWO, SATURDAY_TWO + HOUR, SATURDAY_TWO + 2 * HOUR, SUNDAY_EVENING])
    activities = [
        make_activity(
            number,
            starts_at=draw(starts),
            lon=draw(st.sampled_from([LON, LON + 0.02])),
            has_minors=draw(st.booleans()),
            adults_present=draw(st.integers(0, 2)),
            priority=draw(st.integers(1, 2)),
            kinds=draw(st.sampled_from([frozenset(), frozenset({"chess"})])),
        )
        for number in range(1, draw(st.integers(1, 3)) + 1)
    ]
    needs = [
        replace(
            make_need(number, activity=draw(st.integers(1, len(activities)))),
            minimum=draw(st.integers(0, 1)),
            desired=draw(st.integers(1, 2)),
            maximum=2,
            needs_experience=draw(st.booleans()),
        )
        for number in range(1, draw(st.integers(1, 10 // len(volunteers))) + 1)
    ]
    people = [v.id for v in volunteers]
    blocked = (
        draw(st.sets(st.sampled_from(list(combinations(people, 2))), max_size=1)) if len(people) > 1 else ()
    )
    return make_staffing(volunteers, activities, needs[:4], blocked)


def value_by_hand(staffing, pairings):
    """Value a plan from the policy's words alone."""
    volunteers = {v.id: v for v in staffing.volunteers}
    activities = {a.id: a for a in staffing.activities}
    total = 0
    for need in staffing.needs:
        activity = activities[need.activity_id]
        team = [volunteers[p.volunteer_id] for p in pairings if p.need_id == need.id]
        first = min(len(team), need.open_minimum)
        total += activity.priority * (1000 * first + 400 * (len(team) - first))
        for who in team:
            total += 40 * bool(who.liked & activity.kinds) - min(who.hours_given * 7.5, 200)
    return total


def best_by_hand(staffing):
    possible = [Pairing(v.id, n.id) for v, n in product(staffing.volunteers, staffing.needs)]
    plans = chain.from_iterable(combinations(possible, size) for size in range(min(5, len(possible)) + 1))
    return max(value_by_hand(staffing, plan) for plan in plans if not verify_plan(staffing, plan, POLICY))


@settings(max_examples=80, deadline=None)
@given(staffings())
def test_plan_is_the_best_of_all_plans_that_keep_the_rules(staffing):
    result = match_staffing(staffing, POLICY)
    assert verify_plan(staffing, result.pairings, POLICY) == []
    assert result.plan.value == pytest.approx(value_by_hand(staffing, result.pairings))
    assert result.plan.status is PlanStatus.OPTIMAL
    if len(result.pairings) <= 5:
        assert result.plan.value == pytest.approx(best_by_hand(staffing))


@settings(max_examples=40, deadline=None)
@given(staffings(), st.randoms(use_true_random=False))
def test_order_of_the_input_changes_nothing(staffing, random):
    other = replace(
        staffing,
        volunteers=tuple(random.sample(staffing.volunteers, len(staffing.volunteers))),
        activities=tuple(random.sample(staffing.activities, len(staffing.activities))),
        needs=tuple(random.sample(staffing.needs, len(staffing.needs))),
        blocked=frozenset((b, a) for a, b in staffing.blocked),
    )
    assert match_staffing(staffing, POLICY).pairings == match_staffing(other, POLICY).pairings


def test_place_below_the_minimum_goes_before_one_above_it():
    needs = [replace(make_need(1, places=1), desired=3, maximum=3), make_need(2, places=1)]
    people = [make_volunteer(number) for number in (1, 2)]
    assert match_staffing(make_staffing(people, needs=needs)).filled == {1: 1, 2: 1}


def test_taken_places_are_not_filled_again():
    need = replace(make_need(places=2), taken=2)
    assert match_staffing(make_staffing([make_volunteer()], needs=[need])).pairings == ()


def test_one_person_takes_touching_activities_at_one_place_but_not_overlapping_ones():
    touching = [make_activity(1), make_activity(2, starts_at=SATURDAY_TWO + 2 * HOUR)]
    overlapping = [make_activity(1), make_activity(2, starts_at=SATURDAY_TWO + HOUR)]
    needs = [make_need(1, activity=1), make_need(2, activity=2)]
    assert len(match_staffing(make_staffing(None, touching, needs)).pairings) == 2
    assert len(match_staffing(make_staffing(None, overlapping, needs)).pairings) == 1


def test_way_between_two_activities_must_fit_into_the_gap():
    def plan(gap):
        later = make_activity(
            2, starts_at=SATURDAY_TWO + 2 * HOUR + gap, lon=LON + 0.1172, lat=LAT
        )  # 10 km: 30 min
        staffing = make_staffing(
            [make_volunteer(radius_km=20.0)],
            [make_activity(1), later],
            [make_need(1), make_need(2, activity=2)],
        )
        return len(match_staffing(staffing).pairings)

    assert (plan(timedelta(minutes=29)), plan(timedelta(minutes=31))) == (1, 2)


def test_week_ends_on_sunday_midnight_of_the_network():
    sunday = make_activity(1, starts_at=datetime(2026, 11, 29, 13, 0, tzinfo=UTC))  # 21:00 to 23:00
    monday = make_activity(2, starts_at=datetime(2026, 11, 29, 16, 0, tzinfo=UTC))  # 00:00 on Monday
    saturday = make_activity(3)
    needs = [make_need(number, activity=number) for number in (1, 2, 3)]
    result = match_staffing(
        make_staffing([make_volunteer(weekly_hours=2.0)], [sunday, monday, saturday], needs)
    )
    assert sorted(p.need_id for p in result.pairings) in ([1, 2], [2, 3])


def test_person_who_holds_more_than_they_offered_spoils_no_proof():
    """Their hours left are below zero, which no plan could meet; everybody else is still planned for."""
    monday = SATURDAY_TWO - timedelta(days=5)
    full = make_volunteer(1, weekly_hours=2.0, commitments=(Commitment(9, monday, monday + 3 * HOUR),))
    result = match_staffing(make_staffing([full, make_volunteer(2)]))
    assert (result.pairings, result.plan.status) == ((Pairing(2, 1),), PlanStatus.OPTIMAL)


def test_asks_left_limit_the_whole_plan_across_weeks():
    next_week = make_activity(2, starts_at=SATURDAY_TWO + timedelta(days=7))
    needs = [make_need(1), make_need(2, activity=2)]
    staffing = make_staffing([make_volunteer(asks_left=1)], [make_activity(1), next_week], needs)
    assert len(match_staffing(staffing).pairings) == 1


def test_team_without_an_experienced_person_is_not_opened():
    novice = make_volunteer(1, is_experienced=False)
    need = make_need(places=2, needs_experience=True)
    assert match_staffing(make_staffing([novice], needs=[need])).pairings == ()
    assert len(match_staffing(make_staffing([novice, make_volunteer(2)], needs=[need])).pairings) == 2
    accompanied = make_activity(experienced_present=1)
    assert len(match_staffing(make_staffing([novice], [accompanied], [need])).pairings) == 1


def test_minors_are_never_left_with_fewer_than_two_adults():
    adult, minor = (
        make_volunteer(1),
        make_volunteer(2, birth_date=date(2010, 1, 1), consent_until=date(2027, 1, 1)),
    )
    need = make_need(places=2)

    def filled(people, present):
        activity = make_activity(has_minors=True, adults_present=present)
        return len(match_staffing(make_staffing(people, [activity], [need])).pairings)

    assert [filled([adult, minor], present) for present in (0, 1, 2)] == [0, 2, 2]
    assert [filled([minor], present) for present in (1, 2)] == [0, 1]
    assert filled([adult, make_volunteer(3)], 0) == 2


def test_who_turns_eighteen_counts_as_an_adult_from_that_day_on():
    """Judged on the day of each activity, not on the first day of the run."""
    adult, turning = (
        make_volunteer(1),
        make_volunteer(2, birth_date=date(2008, 12, 1), consent_until=date(2027, 1, 1)),
    )
    before = make_activity(1, has_minors=True)
    on_the_day = make_activity(2, starts_at=datetime(2026, 12, 1, 6, 0, tzinfo=UTC), has_minors=True)
    needs = [make_need(1, places=2), make_need(2, activity=2, places=2)]
    result = match_staffing(make_staffing([adult, turning], [before, on_the_day], needs))
    assert result.filled == {1: 0, 2: 2}


def test_blocked_pair_is_never_in_one_team():
    people = [make_volunteer(1), make_volunteer(2)]
    staffing = make_staffing(people, needs=[make_need(places=2)], blocked=[(2, 1)])
    assert len(match_staffing(staffing).pairings) == 1


def test_who_gave_less_is_asked_first_when_nothing_else_differs():
    people = [make_volunteer(1, hours_given=6), make_volunteer(2, hours_given=0)]
    assert match_staffing(make_staffing(people)).pairings == (Pairing(2, 1),)


def test_fairness_never_costs_a_place():
    tired = make_volunteer(1, hours_given=10_000)
    assert len(match_staffing(make_staffing([tired])).pairings) == 1


def test_nobody_and_nothing_give_an_empty_plan():
    staffing = replace(make_staffing(), volunteers=(), needs=(), activities=())
    assert match_staffing(staffing).pairings == ()
    assert match_staffing(replace(make_staffing(), volunteers=())).pairings == ()
