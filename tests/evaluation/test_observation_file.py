"""Documents of observations: every bad row at once, with its code, and never a guess."""

from __future__ import annotations

from typing import Any

import pytest

from evaluation.framework import Framework
from evaluation.observation_file import Read, facts_in, read_document


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
