"""Published tables of agreement, from raw ratings to the printed decimals."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation import agreement
from evaluation.rounding import half_up

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
