"""Documents of observations: every bad row at once, with its code, and never a guess."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.evaluating import evaluation_of
from evaluation.framework import EvidenceRule, Framework, SurveyPlan
from evaluation.measures import measure
from evaluation.observation_file import KEYS, Read, facts_in, read_document
from evaluation.shares import wilson
from evaluation.uncertainty import Z95
from tests.evaluation.builders import HERE, framework_of


def read(framework: Framework, *rows: dict[str, Any], **over: Any) -> Read:
    document = {"hubs": [{"code": "H1"}, {"code": "H2"}], "observations": list(rows), **over}
    return read_document(document, framework)


def row(**over: Any) -> dict[str, Any]:
    return {"id": "o1", "hub": "H1", "indicator": "hw.area", "value": 80, **over}


@pytest.mark.parametrize(
    ("over", "code", "zh", "en"),
    [
        ({"value": -5}, "D01", "不可能是-5m2", "cannot be -5 m2"),
        ({"indicator": "fd.timely", "value": 140}, "D01", "不可能是140%", "cannot be 140 %"),
        ({"value": "88"}, "D01", "不是数字", "is not a number"),
        ({"value": None}, "D01", "不是数字", "is not a number"),
        ({"value": float("nan")}, "D01", "不是数字", "is not a number"),
        ({"indicator": "pj.quality", "value": 2.5}, "D03", "0到4的整数", "from 0 to 4"),
        ({"indicator": "pj.quality", "value": 5}, "D03", "0到4的整数", "from 0 to 4"),
        ({"indicator": "sv.activity", "value": 0}, "D03", "1到5的整数", "from 1 to 5"),
        ({"indicator": "sv.activity", "value": 6}, "D03", "1到5的整数", "from 1 to 5"),
        ({"indicator": "hw.aera"}, "D03", "不存在", "unknown indicator"),
        ({"hub": "H3"}, "D04", "不在名单里", "is not on the list"),
        ({"corrects": "o9", "reason": "typo"}, "D05", "o9不存在", "is not there"),
        ({"corrects": "o1", "reason": "typo"}, "D05", "绕回来更正自己", "corrects itself"),
        ({"value": 10**400}, "D01", "不是数字", "is not a number"),
        ({"hub": ["H1"]}, "D04", "不在名单里", "is not on the list"),
        ({"at": "last May"}, "D11", "读不懂", "makes no sense"),
        ({"surprise": 1}, "D00", "不认识的键", "Unknown key"),
    ],
)
def test_a_wrong_row_is_refused_with_its_code(
    worked: Framework, over: dict[str, Any], code: str, zh: str, en: str
) -> None:
    (found,) = read(worked, row(**over)).problems
    assert found.code == code
    assert zh in found.sentence.zh
    assert en in found.sentence.en


def test_the_nearest_indicator_is_offered(worked: Framework) -> None:
    assert [one.nearest for one in read(worked, row(indicator="hw.aera")).problems] == ["hw.area"]


def test_all_wrong_rows_are_told_and_the_right_ones_stay(worked: Framework) -> None:
    found = read(worked, row(value=-1), row(id="o2", hub="H9"), row(id="o3", hub="H2"))
    assert [problem.code for problem in found.problems] == ["D01", "D04"]
    assert [one.id for one in found.inputs.observations] == ["o3"]


def test_a_second_rating_by_the_same_assessor_must_say_what_it_corrects(worked: Framework) -> None:
    first = row(indicator="pj.quality", rater="a", value=2)
    again = row(id="o2", indicator="pj.quality", rater="a", value=3)
    assert [one.code for one in read(worked, first, again).problems] == ["D05"]
    assert [one.code for one in read(worked, first, {**again, "corrects": "o1"}).problems] == ["D05"]
    assert read(worked, first, {**again, "corrects": "o1", "reason": "wrong line"}).problems == ()


def test_a_correction_names_a_row_of_the_same_hub_indicator_and_rater(worked: Framework) -> None:
    other = row(id="o2", hub="H2", corrects="o1", reason="wrong hub")
    found = read(worked, row(), other)
    assert [one.code for one in found.problems] == ["D05"]
    assert [one.id for one in found.inputs.observations] == ["o1"]


def test_corrections_that_go_round_take_nothing_away(worked: Framework) -> None:
    rows = [row(corrects="o2", reason="a"), row(id="o2", corrects="o1", reason="b")]
    assert [one.code for one in read(worked, *rows).problems] == ["D05", "D05"]


def test_nobody_rates_a_hub_that_employs_them(worked: Framework) -> None:
    rated = row(indicator="pj.quality", rater="ann", value=2)
    found = read(worked, rated, raters=[{"id": "ann", "employer": ["H2", "H1"]}])
    assert [(one.code, one.read, one.path) for one in found.problems] == [("D06", "ann", "observations[0]")]
    assert found.inputs.observations == ()


def test_a_level_that_needs_evidence_stands_and_holds_the_release(worked: Framework) -> None:
    indicators = tuple(
        replace(one, evidence=EvidenceRule(3, ("pdf", "jpg"))) if one.id == "pj.quality" else one
        for one in worked.indicators
    )
    strict = replace(worked, indicators=indicators)
    levels = [
        row(id="a", indicator="pj.quality", rater="a", value=2),
        row(id="b", indicator="pj.quality", rater="b", value=3),
        row(id="c", indicator="pj.quality", rater="c", value=4, evidence="plan.exe"),
        row(id="d", indicator="pj.quality", rater="d", value=4, evidence="plan.PDF"),
    ]
    found = read(strict, *levels)
    assert [(one.code, one.path, one.read, one.is_warning) for one in found.problems] == [
        ("D07", "observations[1]", "", True),
        ("D07", "observations[2]", "plan.exe", True),
    ]
    assert len(found.inputs.observations) == 4


def test_rows_outside_the_window_are_refused_with_the_window(worked: Framework) -> None:
    cycle = {"stage": "mid_year", "window": ["2026-06-01", "2026-06-30"]}
    rows = [row(at="2026-06-30T23:59"), row(id="o2", hub="H2", at="2026-07-01")]
    (found,) = read(worked, *rows, cycle=cycle).problems
    assert (found.code, found.read) == ("D11", "2026-07-01")
    assert found.sentence.en == "o2 is dated 2026-07-01, outside 2026-06-01 to 2026-06-30."


@pytest.mark.parametrize(
    ("cycle", "code", "nearest"),
    [
        ({"stage": "midyear"}, "D11", "mid_year"),
        ({"window": ["2026-06-30", "2026-06-01"]}, "D11", None),
        ({"window": "June"}, "D11", None),
        ({"seed": "x"}, "D01", None),
        ({"sede": 1}, "D00", "seed"),
        ("mid_year", "D00", None),
    ],
)
def test_a_cycle_that_makes_no_sense_is_told(
    worked: Framework, cycle: Any, code: str, nearest: str | None
) -> None:
    assert [(one.code, one.nearest) for one in read(worked, cycle=cycle).problems] == [(code, nearest)]


@pytest.mark.parametrize(("target", "codes"), [(90, []), (80, ["D12"]), (70, ["D12"]), ("more", ["D12"])])
def test_a_promise_is_better_than_where_it_starts(worked: Framework, target: Any, codes: list[str]) -> None:
    promise = {"hub": "H1", "indicator": "hw.area", "baseline": 80, "target": target}
    assert [one.code for one in read(worked, promises=[promise]).problems] == codes


@pytest.mark.parametrize(("reached", "labels"), [(100, ("kept",)), (70, ())])
def test_promises_kept_become_the_fact_that_labels_ask_for(reached: float, labels: tuple[str, ...]) -> None:
    """Half the weight is kept in full; the other half by 1, or by (70 - 60) / (100 - 60) = 0.25."""
    framework = framework_of(
        'framework: {id: f, version: "1"}\nparts:\n  - {id: p, points: 100}\nindicators:\n'
        "  - {id: area, part: p, points: 50, kind: auto, goalposts: [40, 120]}\n"
        "  - {id: hours, part: p, points: 50, kind: auto, goalposts: [10, 40]}\n"
        "labels:\n  kept: {when: fulfilment >= 0.8}\n"
    )
    promises = [
        {"hub": "H1", "indicator": "area", "baseline": 60, "target": 100},
        {"hub": "H1", "indicator": "hours", "baseline": 20, "target": 30},
    ]
    rows = [row(indicator="area", value=reached), row(id="o2", indicator="hours", value=40)]
    found = evaluation_of(framework, read(framework, *rows, promises=promises))
    assert found.scores[0].labels == labels


@pytest.mark.parametrize(
    ("hubs", "read_code"),
    [
        ([{"code": "H1", "name": "East"}, {"code": "H1", "name": "West"}], "H1"),
        ([{"code": "H1"}, {"code": "H1"}], "H1"),
        ([{"code": ""}], ""),
        ([{"code": 7}], "7"),
    ],
)
def test_hubs_are_named_once(worked: Framework, hubs: list[dict[str, Any]], read_code: str) -> None:
    assert [(one.code, one.read) for one in read(worked, hubs=hubs).problems] == [("D04", read_code)]


def test_a_closed_hub_takes_no_rows_and_has_no_score(worked: Framework) -> None:
    found = read(worked, row(), hubs=[{"code": "H1", "closed": True}, {"code": "H2"}])
    assert [one.sentence.en for one in found.problems] == ["The hub H1 is closed."]
    assert [hub.code for hub in found.inputs.hubs] == ["H2"]


def test_what_a_reader_must_know_beside_the_scores_is_noted(worked: Framework) -> None:
    answers = [
        row(id=f"{item}{n}", indicator=item, value=5 if n == 0 else 1 + (n + place) % 5, rater=f"p{n}")
        for n in range(6)
        for place, item in enumerate(("sv.activity", "sv.staff", "sv.venue", "sv.need"))
    ]
    few = replace(worked, survey=SurveyPlan(min_n=10))
    rows = [*answers, row(value=150), row(id="r", indicator="pj.quality", rater="a", value=2)]
    notes = evaluation_of(few, read(few, *rows)).notes
    assert {(one.code, one.path) for one in notes} == {
        ("D02", "H1.hw.area"),
        ("D08", "frame.H1"),
        *(("D09", f"H1.{name}") for name in ("sv.activity", "sv.staff", "sv.venue", "sv.need")),
        ("D10", "H1"),
        ("S02", "H1.pj.quality"),
    }
    assert all(one.is_warning and one.sentence.zh and one.sentence.en for one in notes)


def test_answers_that_all_agree_are_not_certain(worked: Framework) -> None:
    answers = [row(id=f"{n}", indicator="sv.venue", value=4, rater=f"p{n}", stratum="s") for n in range(30)]
    frame = [{"hub": "H1", "stratum": "s", "size": 60}]
    found = read(worked, *answers, frame=frame)
    measures = measure(worked, found.inputs)["H1"]
    (group,) = measures.errors
    assert group.covariance is not None
    low, _ = wilson(30, 30, size=60)
    assert float(group.covariance[0, 0]) ** 0.5 == pytest.approx((1 - low) / 4 / Z95)
    assert [one.code for one in evaluation_of(worked, found).notes] == ["S03"]


WORKED = framework_of((HERE / "worked.yaml").read_text(encoding="utf-8"))
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["H1", "hw.area", "", "é"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(sorted({key for keys in KEYS.values() for key in keys})), inner, max_size=5
        )
    ),
    max_leaves=25,
)


@given(anything)
@settings(max_examples=200, deadline=None)
def test_no_document_raises(document: Any) -> None:
    evaluation_of(WORKED, read_document(document, WORKED))


def test_more_answers_than_people_served_are_refused(worked: Framework) -> None:
    answers = [row(id=f"o{n}", indicator="sv.venue", value=4, stratum="young") for n in range(3)]
    frame = [{"hub": "H1", "stratum": "young", "size": 2}]
    assert [one.code for one in read(worked, *answers, frame=frame).problems] == ["D08"]


@pytest.mark.parametrize("size", [-1, 2.5, "12", None, True])
def test_a_frame_counts_people(worked: Framework, size: Any) -> None:
    frame = [{"hub": "H1", "stratum": "s", "size": size}]
    assert [one.code for one in read(worked, frame=frame).problems] == ["D08"]


@pytest.mark.parametrize(
    "document", [None, [], "text", {"hubs": "H1"}, {"hubs": [1]}, {"hubs": [{}]}, {"observations": {"a": 1}}]
)
def test_what_is_no_document_is_answered_with_sentences(worked: Framework, document: Any) -> None:
    assert read_document(document, worked).problems


def test_facts_are_found_for_the_gates() -> None:
    assert facts_in({"hubs": [{"code": "a", "facts": {"x": 1}}, {"code": "b", "facts": {"y": True}}]}) == {
        "x",
        "y",
    }
    assert facts_in("nonsense") == frozenset()
