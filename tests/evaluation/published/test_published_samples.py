"""Published intervals, sample sizes and stratified means, from counts and answers to the printed decimals."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.rounding import half_up
from evaluation.shares import difference, planned_number, wilson
from evaluation.surveys import Stratum, estimate


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_interval_of_newcombe_1998a_table_1(hits: int, n: int, low: float, high: float) -> None:
    assert [half_up(end, 4) for end in wilson(hits, n)] == [low, high]


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((5, 56), (0, 29), -0.0381, 0.1926),
    ],
)
def test_difference_of_newcombe_1998b_table_2_method_10(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    assert [half_up(end, 4) for end in difference(first, second)] == [low, high]


@pytest.mark.parametrize(
    ("hits", "n", "size", "low", "high"),
    [(27, 30, 60, 0.797, 0.954), (27, 30, None, 0.744, 0.965), (3, 3, 40, 0.45, 1.0)],
)
def test_wilson_interval_with_population_correction(
    hits: int, n: int, size: int | None, low: float, high: float
) -> None:
    found_low, found_high = wilson(hits, n, size=size)
    assert (half_up(found_low, 2 if n == 3 else 3), half_up(found_high, 3)) == (low, high)


def test_when_everybody_was_asked_a_share_is_certain() -> None:
    assert wilson(30, 40, size=40) == (0.75, 0.75)


@pytest.mark.parametrize(("hits", "n", "size"), [(3, 2, None), (-1, 2, None), (0, 0, None), (5, 10, 9)])
def test_impossible_counts_are_refused(hits: int, n: int, size: int | None) -> None:
    with pytest.raises(ValueError, match="must hold"):
        wilson(hits, n, size=size)


@pytest.mark.parametrize(
    ("size", "numbers"), [(600, [235, 121, 83]), (150, [109, 76, 59]), (60, [53, 44, 38])]
)
def test_planned_numbers_of_residents(size: int, numbers: list[int]) -> None:
    assert [planned_number(size, error=error) for error in (0.05, 0.08, 0.10)] == numbers


def test_stratified_mean_of_the_fpc_data_of_stata_and_r() -> None:
    """R's `survey` package, data `fpc`: mean 5.448, standard error 0.616 with the correction, 0.741 without."""
    first = np.array([[2.8], [4.1], [6.8], [6.8], [9.2]])
    second = np.array([[3.7], [6.6], [4.2]])
    found = estimate([Stratum(15, first), Stratum(12, second)])
    assert found.covariance is not None
    assert half_up(float(found.means[0]), 3) == 5.448
    assert half_up(float(np.sqrt(found.covariance[0, 0])), 3) == 0.616
    endless = estimate([Stratum(15_000_000, first), Stratum(12_000_000, second)])
    assert endless.covariance is not None
    assert half_up(float(np.sqrt(endless.covariance[0, 0])), 3) == 0.741
