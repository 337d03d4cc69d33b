"""Hubs beside each other: the quick ways give what comparing every pair gives."""

from __future__ import annotations

from itertools import combinations
from math import erfc, hypot, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation import agreement
from evaluation.comparison import overlap_factor
from evaluation.observations import Observation
from evaluation.raters import Rating, fitted
from evaluation.reliability import crossed, packed


def missed(factor: float, errors: list[float]) -> float:
    """How many of all pairs that do not differ fail to overlap, pair by pair."""
    tails = [erfc(factor * (a + b) / hypot(a, b) / sqrt(2)) for a, b in combinations(errors, 2)]
    return sum(tails) / len(tails)


@given(st.lists(st.floats(0.05, 20), min_size=2, max_size=30))
@settings(max_examples=60, deadline=None)
def test_overlap_factor_lets_one_pair_in_twenty_miss_whatever_the_errors(errors: list[float]) -> None:
    factor = overlap_factor(errors)
    assert factor is not None
    assert missed(factor, errors) == pytest.approx(0.05, abs=2e-6)


@pytest.mark.parametrize("errors", [[], [1.0], [0.0, 0.0, 2.0]])
def test_one_bar_overlaps_with_none(errors: list[float]) -> None:
    assert overlap_factor(errors) is None


def ratings(raters: int, hubs: int = 12) -> list[Observation]:
    chance = np.random.default_rng(8)
    return [
        Observation(f"{hub}.{rater}", f"H{hub:02}", "i", float(chance.integers(0, 5)), f"r{rater}")
        for hub in range(hubs)
        for rater in ([0, *chance.choice(range(1, raters), 2, replace=False)])
    ]


def test_agreement_hangs_on_which_ratings_a_hub_got_and_not_on_who_gave_them() -> None:
    rows = ratings(9)
    wide = np.full((12, 9), np.nan)
    for row in rows:
        wide[int(row.hub[1:]), int(row.rater[1:])] = row.value
    for found in (agreement.alpha, agreement.gwet, agreement.exact):
        assert found(packed(rows)) == pytest.approx(found(wide))


def test_only_those_who_rated_every_hub_are_crossed() -> None:
    assert {row.rater for row in crossed(ratings(9))} == {"r0"}
    assert packed(crossed(ratings(3))).shape == (12, 3)


def test_raters_of_cells_of_two_and_of_three_are_fitted_together() -> None:
    """Against least squares over dummies of every cell and rater."""
    chance = np.random.default_rng(5)
    cells = [list(chance.choice(list("abcd"), 2 + n % 2, replace=False)) for n in range(10)]
    rows = [
        Rating((f"H{n}", "i"), name, float(chance.uniform()))
        for n, names in enumerate(cells)
        for name in names
    ]
    design = np.zeros((len(rows), 14))
    for place, row in enumerate(rows):
        design[place, int(row.cell[0][1:])] = design[place, 10 + "abcd".index(row.rater)] = 1
    values = np.array([row.share for row in rows])
    best, *_ = np.linalg.lstsq(design, values, rcond=None)
    found = fitted(rows)
    assert found is not None
    assert found.effects - found.effects.mean() == pytest.approx(best[10:] - best[10:].mean())
    left = values - design @ best
    assert found.error.residual == pytest.approx(float(left @ left) / (len(rows) - 10 - 3))
