"""Who is asked and who assesses: drawn by a stored seed, spread over strata, and never one's own hub."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.assignment import Assessor, ToAssess, assign
from evaluation.sampling import Plan, Served, allocate, draw


def frame_of(sizes: dict[str, int], hub: str = "H1") -> list[Served]:
    people = [stratum for stratum, size in sorted(sizes.items()) for _ in range(size)]
    return [Served(number, hub, stratum) for number, stratum in enumerate(people)]


def test_the_same_seed_draws_the_same_people_whatever_the_order_of_the_frame() -> None:
    frame = frame_of({"a": 30, "b": 10})
    first, second = draw(frame, seed=7, plan=Plan(12)), draw(frame[::-1], seed=7, plan=Plan(12))
    assert first == second
    assert draw(frame, seed=8, plan=Plan(12)) != first
    (found,) = first
    assert found.frame == {"a": 30, "b": 10}
    assert Counter(one.stratum for one in found.drawn) == {"a": 9, "b": 3}
    assert len({one.id for one in found.drawn}) == 12


def test_another_hub_changes_nobodys_draw() -> None:
    alone = draw(frame_of({"a": 40}), seed=7, plan=Plan(5))
    assert draw([*frame_of({"a": 40}), *frame_of({"a": 9}, "H2")], seed=7, plan=Plan(5))[0] == alone[0]


def test_whoever_was_asked_not_long_ago_counts_as_served_and_rests() -> None:
    (found,) = draw(frame_of({"a": 10, "b": 5}), seed=7, plan=Plan(12), resting=range(8))
    assert found.frame == {"a": 10, "b": 5}
    assert [one.id for one in found.drawn] == [8, 9, 10, 11, 12, 13, 14]


def test_a_small_hub_has_everybody_asked() -> None:
    (found,) = draw(frame_of({"a": 3, "b": 1}), seed=1, plan=Plan(12))
    assert [one.id for one in found.drawn] == [0, 1, 2, 3]


def test_everybody_is_drawn_about_equally_often() -> None:
    frame = frame_of({"a": 20})
    counts = Counter(one.id for seed in range(2000) for one in draw(frame, seed=seed, plan=Plan(5))[0].drawn)
    assert min(counts.values()) > 420  # expected 500, standard deviation 19
    assert max(counts.values()) < 580


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 50), min_size=1), st.integers(1, 60))
def test_places_are_shared_out_whole_and_within_each_stratum(sizes: dict[str, int], wanted: int) -> None:
    given_out = allocate(sizes, wanted)
    assert sum(given_out.values()) == min(wanted, sum(sizes.values()))
    assert all(0 <= given_out[name] <= size for name, size in sizes.items())


def test_no_stratum_is_left_with_a_single_answer_where_there_is_room() -> None:
    assert allocate({"big": 96, "small": 4}, 12) == {"big": 10, "small": 2}


def test_assessors_are_strangers_and_carry_equal_loads() -> None:
    hubs = [ToAssess(f"H{number:03}", employer=number % 3) for number in range(177)]
    people = [Assessor(number, employer=number % 6) for number in range(30)]
    found = assign(hubs, people, per_hub=2, seed=5)
    loads, pairs = Counter(one for _, one in found.pairs), Counter(hub for hub, _ in found.pairs)
    employers = {hub.hub: hub.employer for hub in hubs}
    assert set(pairs.values()) == {2}
    assert found.lacking == {}
    assert max(loads.values()) - min(loads.values()) <= 2
    assert all(employers[hub] != one % 6 for hub, one in found.pairs)


def test_two_assessors_of_a_hub_come_from_different_employers_and_meet_many_others() -> None:
    hubs = [ToAssess(f"H{number:03}") for number in range(100)]
    people = [Assessor(number, employer=number % 4) for number in range(20)]
    found = assign(hubs, people, per_hub=2, seed=5)
    teams: dict[str, list[int]] = {}
    for hub, one in found.pairs:
        teams.setdefault(hub, []).append(one)
    assert all(first % 4 != second % 4 for first, second in teams.values())
    met = Counter(tuple(team) for team in teams.values())
    assert max(met.values()) == 1
    assert found == assign(hubs[::-1], people[::-1], per_hub=2, seed=5)


def test_a_hub_with_too_few_strangers_is_named() -> None:
    people = [Assessor(1, employer=1), Assessor(2, employer=2), Assessor(3, hubs=frozenset({"H1"}))]
    found = assign([ToAssess("H1", employer=1), ToAssess("H2")], people, per_hub=2, seed=1)
    assert found.lacking == {"H1": 1}
    assert [one for hub, one in found.pairs if hub == "H1"] == [2]


@pytest.mark.parametrize("people", [[], [Assessor(1, employer=9)]])
def test_without_assessors_every_hub_lacks_them(people: list[Assessor]) -> None:
    found = assign([ToAssess("H1", employer=9)], people, per_hub=2, seed=1)
    assert (found.pairs, found.lacking) == ((), {"H1": 2})


@pytest.mark.parametrize(
    ("served", "error", "expected"),
    [(600, 0.05, 235), (600, 0.08, 121), (600, 0.10, 83), (150, 0.05, 109), (60, 0.05, 53), (60, 0.10, 38)],
)
def test_a_wanted_error_says_how_many_are_asked_of_a_finite_frame(served, error, expected) -> None:
    """Cochran 4.4 with finite population correction; without it 600 people would want 385."""
    (found,) = draw(frame_of({"a": served}), seed=7, plan=Plan(12, error))
    assert len(found.drawn) == expected
