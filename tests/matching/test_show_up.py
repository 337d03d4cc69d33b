"""How many come: the exact distribution, shrunk chances, and the fewest reserves that are enough."""

from __future__ import annotations

from itertools import product
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.show_up import PRIOR_MEAN, at_least, distribution, hub_mean, reserves_needed, shrunk

CHANCES = st.lists(st.floats(0, 1), max_size=7)


@given(CHANCES)
def test_distribution_is_that_of_counting_every_outcome(chances: list[float]) -> None:
    by_hand = [0.0] * (len(chances) + 1)
    for outcome in product((0, 1), repeat=len(chances)):
        pairs = zip(outcome, chances, strict=True)
        by_hand[sum(outcome)] += prod(chance if came else 1 - chance for came, chance in pairs)
    assert distribution(chances) == pytest.approx(by_hand)


@pytest.mark.parametrize(
    ("need", "chance", "nine_in_ten", "nineteen_in_twenty"),
    [
        (1, 0.85, 2, 2),
        (2, 0.85, 3, 4),
        (4, 0.85, 6, 6),
        (10, 0.95, 12, 12),
        (10, 0.7, 18, 19),
        (20, 0.85, 26, 27),
    ],
)
def test_invited_people_are_as_many_as_the_published_table_says(
    need: int, chance: float, nine_in_ten: int, nineteen_in_twenty: int
) -> None:
    team = [chance] * need
    asked = [need + reserves_needed(need, team, chance, target=t, at_most=20) for t in (0.9, 0.95)]
    assert asked == [nine_in_ten, nineteen_in_twenty]


@given(CHANCES, st.integers(0, 5), st.floats(0.05, 1), st.floats(0, 0.99), st.integers(0, 6))
def test_fewest_reserves_reach_the_target_and_one_fewer_does_not(
    coming: list[float], places: int, chance: float, target: float, at_most: int
) -> None:
    reserves = reserves_needed(places, coming, chance, target=target, at_most=at_most)
    assert reserves == at_most or at_least([*coming, *[chance] * reserves], places) >= target
    assert reserves == 0 or at_least([*coming, *[chance] * (reserves - 1)], places) < target


def test_somebody_unknown_gets_the_hubs_mean_and_a_long_record_speaks_for_itself() -> None:
    assert hub_mean(0, 0) == PRIOR_MEAN
    assert shrunk(0, 0, 0.7) == 0.7
    assert shrunk(400, 400, 0.5) == pytest.approx(1.0, abs=0.01)
    assert 0.7 < shrunk(3, 3, 0.7) < 1.0


def test_chance_outside_zero_to_one_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        distribution([1.2])
