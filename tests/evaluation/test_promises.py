"""How far a promise was kept: growth in either direction, clipped, weighted by points."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.text import Text
from evaluation.framework import Indicator, Kind
from evaluation.normalising import share_of
from evaluation.promises import Kept, fulfilment, mean_fulfilment, no_better, suggested_target

FINITE = st.floats(-1e6, 1e6)


def indicator(kind: Kind = Kind.AUTO, **over: object) -> Indicator:
    return Indicator("i", "total", 10, kind, Text("一项", "One"), **over)  # type: ignore[arg-type]


@pytest.mark.parametrize(("value", "share"), [(30, 0.0), (35, 0.5), (40, 1.0), (50, 1.0), (20, 0.0)])
def test_growth_is_the_share_of_the_way_that_was_gone(value: float, share: float) -> None:
    assert fulfilment(30, 40, value) == share


def test_a_promise_to_lower_a_number_counts_downwards() -> None:
    assert fulfilment(48, 24, 36) == 0.5


@given(FINITE, FINITE, FINITE)
def test_fulfilment_stays_between_0_and_1(baseline: float, target: float, value: float) -> None:
    if baseline != target:
        assert 0 <= fulfilment(baseline, target, value) <= 1


def test_mean_is_weighted_by_points_and_missing_without_promises() -> None:
    assert mean_fulfilment([Kept(1.0, 6), Kept(0.0, 2)]) == 0.75
    assert mean_fulfilment([]) is None


@pytest.mark.parametrize(
    ("one", "baseline", "target", "is_refused"),
    [
        (indicator(goalposts=(10.0, 40.0)), 30, 30, True),
        (indicator(goalposts=(10.0, 40.0)), 30, 31, False),
        (indicator(goalposts=(10.0, 40.0)), 45, 50, True),
        (indicator(goalposts=(10.0, 40.0), direction=-1), 30, 25, False),
        (indicator(goalposts=(10.0, 40.0), direction=-1), 30, 35, True),
        (indicator(Kind.RUBRIC), 1.5, 2, False),
    ],
)
def test_d12_a_target_must_raise_the_score(
    one: Indicator, baseline: float, target: float, is_refused: bool
) -> None:
    refusal = no_better(one, baseline, target)
    assert (refusal is not None) == is_refused
    if refusal is not None:
        assert (refusal.code, refusal.field) == ("D12", "target")


@pytest.mark.parametrize(
    ("one", "baseline", "target"),
    [
        (indicator(goalposts=(10.0, 40.0)), 12, 25.0),
        (indicator(goalposts=(10.0, 400.0), logarithmic=True), 12, 63.2),
        (indicator(goalposts=(10.0, 40.0), direction=-1), 38, 25.0),
        (indicator(Kind.RUBRIC), 1.5, 2.0),
        (indicator(Kind.SURVEY), 2.4, 3.0),
    ],
)
def test_suggested_target_reaches_the_threshold(one: Indicator, baseline: float, target: float) -> None:
    assert suggested_target(one, baseline, 0.5) == target
    assert share_of(one, target) >= 0.5 - 1e-3
