"""A hub's score worked out by hand, number by number: points, error, interval, band, next steps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from config.text import Text
from evaluation import explanation
from evaluation.explanation import explain
from evaluation.framework import Framework
from evaluation.measures import Measure, Measures
from evaluation.normalising import share_of
from evaluation.raters import RaterError, covariance
from evaluation.rounding import half_up
from evaluation.scoring import Score, Status, score_hub
from evaluation.surveys import standard_error
from evaluation.uncertainty import ErrorGroup

NUMBERS = {"hw.area": 88, "hw.hours": 30, "fd.timely": 92, "ef.reach": 140, "st.cert": 50}
RATINGS = {"pj.quality": (2, 3), "ef.observe": (3, 3), "st.case": (2, 2)}
MEANS = {"sv.activity": 4.35, "sv.staff": 4.50, "sv.venue": 3.90, "sv.need": 3.70}


def measures_of(framework: Framework, facts: dict[str, float] | None = None) -> Measures:
    found: dict[str, Measure] = {}
    for name, value in {**NUMBERS, **MEANS}.items():
        found[name] = Measure(share_of(framework.indicator[name], value), float(value), 1)
    for name, levels in RATINGS.items():
        mean = sum(levels) / 2
        found[name] = Measure(mean / 4, mean, 2)
    rated = covariance([["a", "b"]] * 3, RaterError(residual=0.25 / 16))
    error = standard_error(18, 72, 610) / 100
    asked = np.full((4, 4), error**2)
    groups = (ErrorGroup(tuple(RATINGS), rated), ErrorGroup(tuple(MEANS), asked))
    return Measures({name: found[name] for name in framework.indicator}, groups, facts or {})


@pytest.fixture
def score(worked: Framework) -> Score:
    return score_hub(worked, "H1", measures_of(worked))


def test_points_of_every_indicator_are_those_worked_by_hand(worked: Framework, score: Score) -> None:
    gained = {one.indicator: half_up(one.gained or 0, 2) for one in explain(worked, score).earned}
    assert gained == {
        "hw.area": 2.40,
        "hw.hours": 2.67,
        "pj.quality": 5.00,
        "fd.timely": 6.40,
        "ef.reach": 5.20,
        "ef.observe": 6.00,
        "st.cert": 2.50,
        "st.case": 2.50,
        "sv.activity": 16.75,
        "sv.staff": 13.13,
        "sv.venue": 7.25,
        "sv.need": 3.38,
    }


def test_parts_and_total_add_up(score: Score) -> None:
    parts = [score.nodes[name] for name in ("results", "skill", "satisfaction")]
    assert [half_up(part or 0, 2) for part in parts] == [27.66, 5.00, 40.50]
    assert half_up(score.total or 0) == 73.2
    assert score.total == pytest.approx(sum(part or 0 for part in parts))


def test_survey_error_has_the_population_correction() -> None:
    assert half_up(standard_error(18, 72, 610), 2) == 1.99


def test_interval_carries_residents_and_assessors(score: Score) -> None:
    assert half_up(score.error or 0, 2) == 1.48
    assert [half_up(end) for end in score.interval or ()] == [70.3, 76.1]


def test_band_and_the_chance_of_the_next(score: Score) -> None:
    assert score.band is not None
    assert score.band.id == "pass"
    assert half_up(score.band_probability["good"], 2) == 0.11
    assert sum(score.band_probability.values()) == pytest.approx(1)
    assert score.status == Status.COMPLETE


def test_what_would_raise_the_score_most(worked: Framework, score: Score) -> None:
    gains = {step.indicator: half_up(step.gain, 2) for step in explain(worked, score, steps=12).steps}
    assert gains == {
        "pj.quality": 2.00,
        "ef.observe": 2.00,
        "fd.timely": 1.60,
        "st.cert": 1.25,
        "st.case": 1.25,
        "ef.reach": 0.95,
        "hw.hours": 0.80,
        "hw.area": 0.80,
        "sv.activity": 0.50,
        "sv.staff": 0.38,
        "sv.venue": 0.25,
        "sv.need": 0.13,
    }
    first = explain(worked, score).steps[0]
    assert (first.indicator, first.headroom, first.is_noise) == ("pj.quality", 3.0, True)
    assert first.sentence.zh == "项目申报质量：提高一级（目标可衡量），约加2.0分，在误差之内。"
    assert first.sentence.en == (
        "Project quality: one level up (measurable goals) adds about 2.0 points, within the margin of error."
    )


def test_shortest_way_to_the_next_band_is_one_level_of_project_quality(
    worked: Framework, score: Score
) -> None:
    found = explain(worked, score).next_band
    assert found is not None
    assert found.zh == "离“良好”还差1.8分：项目申报质量进一步，约到75.2分。"
    assert found.en == "Good is 1.8 points away: one step in Project quality reaches about 75.2."


def test_a_gate_comes_before_any_points(worked: Framework) -> None:
    capped = score_hub(worked, "H1", measures_of(worked, {"open_audit_finding": 1.0}))
    told = explain(worked, capped)
    assert told.next_band is None
    assert told.gate is not None
    assert told.gate.zh == "受限于“合格”：经费审计问题未整改。先解决它，在此之前加分不会提高等级。"


def test_a_gate_holds_the_best_total_at_its_cap_and_leaves_the_total_as_it_is(worked: Framework) -> None:
    measures = measures_of(worked, {"open_audit_finding": 1.0})
    full = {name: replace(one, share=1.0) for name, one in measures.by_indicator.items()}
    found = score_hub(worked, "H1", replace(measures, by_indicator=full))
    assert found.total == pytest.approx(100)
    assert found.band is not None
    assert (found.band.id, found.band_probability["pass"]) == ("pass", pytest.approx(1))


def test_a_cap_above_the_band_leaves_the_way_up_to_it_open(worked: Framework) -> None:
    measures = measures_of(worked, {"open_audit_finding": 1.0})
    poor = {name: replace(one, share=(one.share or 0) * 0.7) for name, one in measures.by_indicator.items()}
    told = explain(worked, score_hub(worked, "H1", replace(measures, by_indicator=poor)))
    assert told.gate is not None
    assert (
        told.gate.en
        == "Until this is settled, Qualified is the highest band: open audit finding, one part below half."
    )
    assert told.next_band is not None
    assert told.next_band.en.startswith("Qualified is 8.8 points away")


def test_a_hub_that_is_not_assessed_has_no_number(worked: Framework) -> None:
    found = score_hub(worked, "H1", measures_of(worked, {"under_investigation": 1.0}))
    assert (found.status, found.total, found.interval, found.band) == (Status.NOT_ASSESSED, None, None, None)


def test_gates_on_facts_that_nobody_reported_are_named_and_do_not_bind(score: Score) -> None:
    assert [gate.id for gate in score.gates] == []
    assert [gate.id for gate in score.unknown_gates] == ["ineligible", "audit"]


@pytest.mark.parametrize(("fulfilment", "labels"), [(0.8, ("demo",)), (0.79, ())])
def test_a_label_stands_on_the_lower_bound_and_promises_kept(
    worked: Framework, fulfilment: float, labels: tuple[str, ...]
) -> None:
    facts = {"fulfilment": fulfilment, "open_audit_finding": 0.0, "under_investigation": 0.0}
    assert score_hub(worked, "H1", measures_of(worked, facts)).labels == labels


@pytest.mark.parametrize(
    ("missing", "status"),
    [
        (("sv.venue",), Status.PARTIAL),  # 10 of 100 points: just within the limit
        (("sv.venue", "hw.area"), Status.PROVISIONAL),
    ],
)
def test_missing_is_missing_and_beyond_the_limit_there_is_no_total(
    worked: Framework, missing: tuple[str, ...], status: Status
) -> None:
    measures = measures_of(worked)
    gone = {**measures.by_indicator, **dict.fromkeys(missing, Measure(None))}
    found = score_hub(worked, "H1", replace(measures, by_indicator=gone))
    assert found.status == status
    assert (found.total is None) == (found.band is None) == (status == Status.PROVISIONAL)
    assert set(found.missing) == set(missing)


def test_a_part_with_a_gap_is_scaled_from_what_is_there(worked: Framework) -> None:
    measures = measures_of(worked)
    gone = {**measures.by_indicator, "sv.venue": Measure(None)}
    found = score_hub(worked, "H1", replace(measures, by_indicator=gone))
    assert found.coverage == 0.9
    assert found.nodes["satisfaction"] == pytest.approx(50 * (16.75 + 13.125 + 3.375) / 40)
    assert found.total == pytest.approx(sum(found.nodes[part.id] or 0 for part in worked.parts))


def test_dimensions_are_a_view_on_the_scale_of_100(score: Score) -> None:
    assert score.dimensions["hardware"] == pytest.approx((2.4 + 8 / 3 + 7.25) / 18 * 100)


@pytest.mark.parametrize(
    ("value", "unit", "zh", "en"),
    [
        (108.7, "人", "109人", "109 people"),
        (92.0, "%", "92%", "92%"),
        (39.6, "h", "39.6小时", "39.6 hours"),
        (80, "m2", "80平方米", "80 m²"),
        (3.25, "件", "3.3件", "3.3 件"),
        (7, "", "7", "7"),
    ],
)
def test_quantity_is_said_as_each_language_says_it(value: float, unit: str, zh: str, en: str) -> None:
    assert explanation.quantity(value, unit) == Text(zh, en)
