"""The estimate of how an activity could be staffed follows who fits, how free they are, and how many say yes."""

from __future__ import annotations

from datetime import timedelta
from math import exp, factorial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.inputs import Staffing
from matching.supply import SupplyEstimate, expected_filled
from tests.matching.builders import make_activity, make_need, make_volunteer


def estimate(volunteers, *, open_=(), needs=(), wanted=None, asked=None, yes: float = 0.6):
    staffing = Staffing(tuple(volunteers), tuple(open_), tuple(needs))
    wanted = wanted or make_activity(-1)
    asked = asked or [make_need(-1, activity=-1, places=2)]
    (found,) = SupplyEstimate(staffing, yes=yes).of([wanted], asked)
    return found


@given(st.floats(0, 30), st.integers(0, 6))
def test_expected_places_equal_the_sum_over_the_poisson_distribution(mean: float, places: int) -> None:
    chances = [exp(-mean) * mean**k / factorial(k) for k in range(places)]
    exact = sum(k * chance for k, chance in enumerate(chances)) + places * (1 - sum(chances))
    assert expected_filled(mean, places) == pytest.approx(exact, abs=1e-9)
    assert 0 <= expected_filled(mean, places) <= places


def test_more_people_who_fit_fill_more_places() -> None:
    expected = [estimate([make_volunteer(n) for n in range(1, size + 1)]).expected for size in range(8)]
    assert expected[0] == 0
    assert expected == sorted(expected)
    assert expected[-1] == pytest.approx(expected_filled(0.6 * 7, 2))


def test_open_place_at_the_same_hours_leaves_less_of_everybody() -> None:
    people = [make_volunteer(n) for n in range(1, 5)]
    rival = make_activity(7)
    alone, beside = (
        estimate(people),
        estimate(people, open_=[rival], needs=[make_need(7, activity=7, places=2)]),
    )
    assert (alone.eligible, beside.eligible) == (4, 4)
    assert (alone.free, beside.free) == (4.0, 2.0)
    assert beside.expected < alone.expected


def test_open_place_of_another_week_leaves_everybody_as_they_were() -> None:
    people = [make_volunteer(n, weekly_hours=3.0) for n in range(1, 5)]
    there = make_activity(-1)
    week = timedelta(weeks=1)
    later = make_activity(7, starts_at=there.starts_at + week)
    need = make_need(7, activity=7, places=2)
    assert estimate(people, open_=[later], needs=[need]).free == 4.0


def test_one_person_is_not_counted_for_two_roles() -> None:
    roles = [make_need(-n, activity=-1, role=f"r{n}", places=1) for n in (1, 2)]
    both = estimate([make_volunteer(1)], asked=roles, yes=1.0)
    assert (both.places, both.eligible) == (2, 1)
    assert both.expected <= 1.0


def test_scarcest_role_is_named() -> None:
    roles = [
        make_need(-1, activity=-1, role="接待", places=1),
        make_need(-2, activity=-1, role="翻译", places=1, skill_id=9),
    ]
    people = [make_volunteer(1), make_volunteer(2), make_volunteer(3, skills=frozenset({9}))]
    assert estimate(people, asked=roles).scarcest == "翻译"


def test_without_an_experienced_person_such_a_team_is_not_opened() -> None:
    asked = [make_need(-1, activity=-1, places=1, needs_experience=True)]
    novices = [make_volunteer(1, is_experienced=False), make_volunteer(2, is_experienced=False)]
    assert estimate(novices, asked=asked).expected == 0
    assert estimate([*novices, make_volunteer(3, is_experienced=True)], asked=asked).expected > 0


@given(st.permutations(range(1, 6)))
def test_order_of_people_decides_nothing(order: list[int]) -> None:
    people = [make_volunteer(n, is_experienced=n == 1) for n in order]
    assert estimate(people).expected == pytest.approx(expected_filled(0.6 * 5, 2))
