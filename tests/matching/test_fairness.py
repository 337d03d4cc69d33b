"""How evenly a plan asks, and what a price on hours already given buys."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.fairness import compare_prices, fairness_of_plan, gini
from matching.inputs import MatchingPolicy
from matching.staffing import match_staffing
from tests.matching.builders import make_activity, make_need, make_staffing, make_volunteer


@given(st.lists(st.floats(0, 100), min_size=1, max_size=20))
def test_gini_is_the_mean_difference_of_two_over_twice_the_mean(values):
    found = gini(np.array(values))
    if not sum(values):
        assert found == 0
        return
    differences = sum(abs(one - other) for one in values for other in values)
    assert found == pytest.approx(differences / (2 * len(values) * sum(values)), abs=1e-9)


def test_one_of_four_who_gives_all_is_as_uneven_as_four_can_be():
    assert gini(np.array([0.0, 0.0, 0.0, 7.0])) == 0.75


def test_who_offers_little_and_gives_it_is_treated_as_fairly_as_who_offers_much():
    people = [make_volunteer(1, weekly_hours=2.0), make_volunteer(2, weekly_hours=8.0, hours_given=6.0)]
    plan = match_staffing(make_staffing(people, needs=[make_need(places=2)]))
    fair = fairness_of_plan(plan)
    assert (fair.willing, fair.share_used, fair.most_hours, fair.gini) == (2, 1.0, 8.0, 0.0)


def test_who_could_take_nothing_does_not_count():
    people = [make_volunteer(1), make_volunteer(2, skills=frozenset())]
    plan = match_staffing(make_staffing(people, needs=[make_need(skill_id=1)]))
    assert (fairness_of_plan(plan).willing, fairness_of_plan(plan).gini) == (1, 0.0)


def test_largest_ratio_names_the_kind_of_groups_that_differ_most():
    old, young = ({"birth_date": date(year, 1, 1)} for year in (1950, 1996))
    people = [make_volunteer(number, hours_given=4.0, **old) for number in range(1, 11)]
    people += [make_volunteer(number, hours_given=1.0, **young) for number in range(11, 21)]
    nothing = make_need(skill_id=1, needs_experience=True)
    plan = match_staffing(make_staffing(people, needs=[nothing]))
    fair = fairness_of_plan(replace(plan, plan=replace(plan.plan, chosen=plan.plan.chosen[:0])))
    assert (fair.largest_ratio, fair.between) == (4.0, "age")


def test_group_that_has_nothing_is_named_without_a_ratio():
    people = [
        make_volunteer(number, gender=gender, hours_given=hours)
        for numbers, gender, hours in ((range(1, 11), "female", 2.0), (range(11, 21), "male", 0.0))
        for number in numbers
    ]
    plan = match_staffing(make_staffing(people))
    fair = fairness_of_plan(replace(plan, plan=replace(plan.plan, chosen=plan.plan.chosen[:0])))
    assert (fair.largest_ratio, fair.between) == (None, "gender")


def test_price_moves_a_place_to_who_gave_less_and_says_what_it_cost():
    near, far = make_volunteer(1, hours_given=4.0), make_volunteer(2, lon=116.37)
    staffing = make_staffing([near, far], [make_activity()], [make_need()])
    free, priced = compare_prices(staffing, MatchingPolicy(), prices=(0.0, 7.5))
    assert (free.filled, priced.filled) == (1, 1)
    assert free.points_lost == 0 < priced.points_lost
    assert priced.fairness.gini < free.fairness.gini


def test_prices_of_an_empty_question_lose_nothing():
    (outcome,) = compare_prices(replace(make_staffing(), needs=()), MatchingPolicy(), prices=(5.0,))
    assert (outcome.filled, outcome.points_lost, outcome.fairness.willing) == (0, 0.0, 0)
