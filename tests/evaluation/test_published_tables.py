"""Published tables, from raw input to the printed decimals. Each test names its source."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from evaluation import agreement
from evaluation.comparison import discoveries, overlap_factor, shrink
from evaluation.observations import HubFacts, Inputs, Observation
from evaluation.rounding import half_up
from evaluation.scoring import score
from evaluation.shares import difference, planned_number, wilson
from evaluation.surveys import Stratum, estimate
from tests.evaluation.builders import HERE, framework_of

COUNTRIES = {
    "Norway": ((81.6, 17.5, 12.6, 64992), 0.944),
    "Australia": (
        (82.4, 20.2, 13.0, 42261),
        0.935,
    ),  # expected schooling is above its goalpost and is clipped
    "Denmark": ((80.2, 18.7, 12.7, 44025), 0.923),
    "Netherlands": ((81.6, 17.9, 11.9, 45435), 0.922),
}
"""UNDP, Human Development Report 2015, statistical table 1."""


def test_human_development_index_of_2015() -> None:
    framework = framework_of((HERE / "published/human_development_index.yaml").read_text(encoding="utf-8"))
    rows = tuple(
        Observation(f"{country}.{name}", country, name, value)
        for country, (values, _) in COUNTRIES.items()
        for name, value in zip(("life", "expected", "mean", "income"), values, strict=True)
    )
    found = score(framework, Inputs(tuple(HubFacts(country) for country in COUNTRIES), rows))
    printed = {one.hub: half_up(one.total or 0, 3) for one in found}
    assert printed == {country: index for country, (_, index) in COUNTRIES.items()}


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


GAP = np.nan
KRIPPENDORFF = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, GAP, GAP, GAP],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, GAP, 3],
        [GAP, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, GAP],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, GAP],
    ]
).T
"""K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), section C: four observers, twelve units.

The same table is `cac.raw4raters` of K. L. Gwet's R package irrCAC.
"""


@pytest.mark.parametrize(
    ("metric", "printed"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_alpha_of_krippendorff_2011(metric: str, printed: float) -> None:
    assert half_up(agreement.alpha(KRIPPENDORFF, metric) or 0, 3) == printed


@pytest.mark.parametrize(("weights", "printed"), [("identity", 0.77544), ("quadratic", 0.91400)])
def test_ac1_and_ac2_of_gwet(weights: str, printed: float) -> None:
    """irrCAC's vignettes print AC1 0.77544 and, with quadratic weights, AC2 0.9140007."""
    assert half_up(agreement.gwet(KRIPPENDORFF, weights=weights) or 0, 5) == printed


SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float
)
"""P. E. Shrout and J. L. Fleiss, Psychological Bulletin 86 (1979) 420-428, table 2: six targets, four judges."""


def test_intraclass_correlations_of_shrout_and_fleiss_1979() -> None:
    found = agreement.variances(SHROUT_FLEISS)
    assert found is not None
    assert [half_up(one, 2) for one in (found.units, found.within, found.raters, found.residual)] == [
        11.24,
        6.26,
        32.49,
        1.02,
    ]
    assert [half_up(one, 2) for one in found.single] == [0.17, 0.29, 0.71]
    assert [half_up(one, 2) for one in found.mean] == [0.44, 0.62, 0.91]


def test_dependability_of_four_judges_is_the_correlation_of_their_mean() -> None:
    found = agreement.variances(SHROUT_FLEISS)
    assert found is not None
    assert agreement.dependability(found.single[1], 4) == pytest.approx(found.mean[1])
    needed = agreement.raters_needed(found.single[1])
    assert needed == 10
    assert agreement.dependability(found.single[1], 10) >= 0.8 > agreement.dependability(found.single[1], 9)


def test_what_ratings_cannot_tell_is_none() -> None:
    equal = np.full((4, 3), 2.0)
    assert (agreement.alpha(equal), agreement.variances(equal)) == (None, None)
    alone = np.array([[1.0, GAP], [GAP, 2.0]])
    assert (agreement.alpha(alone), agreement.gwet(alone), agreement.exact(alone)) == (None, None, None)


def test_factor_of_goldstein_and_healy_1995_for_equal_errors() -> None:
    """JRSS A 158, 175-177: plus and minus 1.39 standard errors, that is 1.96 / sqrt(2)."""
    assert half_up(overlap_factor([1.6] * 20) or 0, 2) == 1.39


def test_factor_for_unequal_errors_makes_one_pair_in_twenty_differ() -> None:
    factor = overlap_factor([1.0, 3.0])
    assert factor == pytest.approx(1.959964 * sqrt(1 + 9) / 4, abs=1e-6)


def test_discoveries_of_benjamini_and_hochberg_1995() -> None:
    """JRSS B 57, 289-300, section 3.2: the first four of fifteen fall, where Bonferroni lets three fall."""
    ordered = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459]
    ordered += [0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.000]
    assert discoveries(ordered) == [True] * 4 + [False] * 11
    assert discoveries(ordered[::-1]) == [False] * 11 + [True] * 4


def test_shrunken_averages_of_efron_and_morris_1977() -> None:
    """Scientific American 236: eighteen players, grand mean .265, factor .212, Clemente .294."""
    hits = [18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7]
    averages = [half_up(one / 45, 3) for one in hits]
    mean = float(np.mean(averages))
    found = shrink(averages, [sqrt(mean * (1 - mean) / 45)] * 18)
    assert found is not None
    assert half_up(found.middle, 3) == 0.265
    assert half_up((found.scores[0] - found.middle) / (averages[0] - found.middle), 3) == 0.212
    assert half_up(found.scores[0], 3) == 0.294
