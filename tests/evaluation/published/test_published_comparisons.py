"""Published comparisons of many units, from estimates and errors to the printed decimals."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from evaluation.comparison import discoveries, overlap_factor, shrink
from evaluation.rounding import half_up


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
