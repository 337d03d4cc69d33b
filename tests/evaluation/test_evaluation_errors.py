"""What the errors of a score are made of: assessors, respondents, strata and what cannot be told."""

from __future__ import annotations

import numpy as np
import pytest

from config.text import Text
from evaluation.framework import Band, Framework, Kind
from evaluation.measures import measure
from evaluation.observations import HubFacts, Inputs, Observation
from evaluation.raters import RaterError, Rating, covariance, rater_error
from evaluation.scoring import score
from evaluation.surveys import Stratum, estimate
from evaluation.uncertainty import band_probability


def ratings(table: dict[str, dict[str, float]]) -> list[Rating]:
    return [Rating((hub, "i"), rater, share) for hub, row in table.items() for rater, share in row.items()]


def test_a_constant_difference_between_assessors_is_severity_and_no_residual() -> None:
    found = rater_error(ratings({f"H{n}": {"a": 0.1 * n, "b": 0.1 * n + 0.2} for n in range(6)}))
    assert found.residual == pytest.approx(0)
    assert found.severity == pytest.approx(0.2**2 / 2)  # variance of two effects of -0.1 and 0.1
    assert found.degrees == 5


def test_residual_is_that_of_the_two_way_table() -> None:
    """Two raters, three hubs: the residual sum of squares is half that of the centred differences."""
    table = {"H1": {"a": 0.5, "b": 0.6}, "H2": {"a": 0.4, "b": 0.4}, "H3": {"a": 0.2, "b": 0.4}}
    differences = np.array([0.1, 0.0, 0.2])
    expected = float(((differences - differences.mean()) ** 2).sum()) / 2 / 2
    assert rater_error(ratings(table)).residual == pytest.approx(expected)


@pytest.mark.parametrize(
    "table", [{}, {"H1": {"a": 0.5}}, {"H1": {"a": 0.5}, "H2": {"b": 0.4}}, {"H1": {"a": 0.5, "b": 0.7}}]
)
def test_too_few_ratings_tell_no_error(table: dict[str, dict[str, float]]) -> None:
    assert rater_error(ratings(table)) == RaterError(None)


def test_assessors_whom_items_share_make_them_err_together() -> None:
    found = covariance([["a", "b"], ["a", "b"], ["c", "d"]], RaterError(residual=0.02, severity=0.01))
    assert found is not None
    assert found == pytest.approx(np.array([[0.015, 0.005, 0], [0.005, 0.015, 0], [0, 0, 0.015]]))


def test_a_stratum_with_one_answer_joins_its_neighbour() -> None:
    parts = [
        Stratum(10, np.array([[0.5]])),
        Stratum(10, np.array([[0.2], [0.4]])),
        Stratum(5, np.empty((0, 1))),
    ]
    joined = estimate([Stratum(25, np.array([[0.5], [0.2], [0.4]]))])
    found = estimate(parts)
    assert found.means == pytest.approx(joined.means)
    assert found.covariance == pytest.approx(joined.covariance)


def test_when_everybody_answered_nothing_is_uncertain() -> None:
    found = estimate([Stratum(3, np.array([[0.5], [0.2], [0.4]]))])
    assert found.covariance == pytest.approx(np.zeros((1, 1)))


def test_without_a_frame_there_is_a_mean_and_no_interval() -> None:
    found = estimate([Stratum(None, np.array([[0.5], [0.3]]))])
    assert (list(found.means), found.covariance) == ([0.4], None)


def test_items_of_one_survey_err_together() -> None:
    answers = np.array([[0.1, 0.2], [0.9, 0.8], [0.4, 0.5], [0.6, np.nan]])
    found = estimate([Stratum(40, answers)]).covariance
    assert found is not None
    assert found[0, 1] == found[1, 0] > 0.8 * np.sqrt(found[0, 0] * found[1, 1])


def test_answers_whose_respondents_are_unknown_are_taken_to_err_together_fully(worked: Framework) -> None:
    def interval(rater: bool) -> float:
        rows = [
            Observation(f"{item}{n}", "H1", item, 1 + (n * 7 + place) % 5, f"p{n}" if rater else "", "s")
            for place, item in enumerate(("sv.activity", "sv.staff", "sv.venue", "sv.need"))
            for n in range(12)
        ]
        found = measure(worked, Inputs((HubFacts("H1"),), tuple(rows), {("H1", "s"): 100}))["H1"]
        (group,) = found.errors
        assert group.covariance is not None
        return float(np.sqrt(group.covariance.sum()))

    assert interval(rater=False) > interval(rater=True)


def test_rubric_waits_for_a_second_assessor_and_a_survey_for_enough_answers(youth_hub: Framework) -> None:
    rows = [
        Observation("r", "H1", "pj.quality", 3, "a"),
        *(Observation(f"s{n}", "H1", "sv.open", 4, f"p{n}", "s") for n in range(5)),
    ]
    found = measure(youth_hub, Inputs((HubFacts("H1"),), tuple(rows), {("H1", "s"): 50}))["H1"].by_indicator
    assert {name: found[name].why_missing for name in ("pj.quality", "sv.open", "hw.area")} == {
        "pj.quality": Text("等第二位评估员打分", "waiting for a second assessor"),
        "sv.open": Text("样本不足", "too few answers"),
        "hw.area": Text("没有数据", "no data"),
    }
    assert score(youth_hub, Inputs((HubFacts("H1"),)))[0].total is None


def test_a_correction_takes_the_place_of_what_it_corrects(worked: Framework) -> None:
    rows = (
        Observation("1", "H1", "hw.area", 40),
        Observation("2", "H1", "hw.area", 120, corrects="1", reason="measured again"),
    )
    found = measure(worked, Inputs((HubFacts("H1"),), rows))["H1"].by_indicator["hw.area"]
    assert (found.share, found.raw) == (1.0, 120)


BANDS = tuple(
    Band(name, Text(name, name), start) for name, start in (("low", 0.0), ("mid", 60.0), ("high", 75.0))
)


@pytest.mark.parametrize(
    ("total", "error", "cap", "expected"),
    [
        (75.0, 0.0, None, {"low": 0, "mid": 0, "high": 1}),
        (74.999, 0.0, None, {"low": 0, "mid": 1, "high": 0}),
        (60.0, 0.0, None, {"low": 0, "mid": 1, "high": 0}),
        (75.0, 2.0, None, {"low": 0, "mid": 0.5, "high": 0.5}),
        (75.0, 2.0, "mid", {"low": 0, "mid": 1, "high": 0}),
        (0.0, 0.0, None, {"low": 1, "mid": 0, "high": 0}),
    ],
)
def test_chances_of_bands(total: float, error: float, cap: str | None, expected: dict[str, float]) -> None:
    assert band_probability(total, error, BANDS, cap) == pytest.approx(expected, abs=1e-9)


def test_every_auto_metric_of_the_shipped_framework_has_goalposts_and_names(youth_hub: Framework) -> None:
    autos = youth_hub.of_kind(Kind.AUTO)
    assert {one.metric for one in autos} == {
        "venue_area_m2",
        "open_hours_week",
        "funds_used_on_time_pct",
        "activities_held_pct",
        "participants_reached",
        "volunteer_hours",
        "certified_share_pct",
    }
    assert [sum(one.weight for one in youth_hub.children[part.id]) for part in youth_hub.parts] == [
        40,
        10,
        50,
    ]
