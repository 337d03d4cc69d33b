"""Two versions of a framework: what changed in words, and trends over a bridge of what measures the same."""

from __future__ import annotations

import pytest

from config.text import Text
from evaluation.bridging import Known, bridge_problems, could_bridge, trend
from evaluation.framework import Framework
from evaluation.loading import load
from evaluation.versions import differences
from tests.evaluation.builders import FRAMEWORKS, framework_of

OLD = (FRAMEWORKS / "youth-hub-2026.yaml").read_text(encoding="utf-8")
BRIDGE = (
    "bridge: {{id: core, from: {since}, zh: 可比指标, en: Comparable indicators, indicators: [{names}]}}\n"
)


def edited(*edits: tuple[str, str], bridge: str = "", since: str = '"2026.1"') -> Framework:
    text = OLD.replace('version: "2026.1"', 'version: "2027.1", supersedes: "2026.1"')
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    loaded = load(text + (BRIDGE.format(since=since, names=bridge) if bridge else ""))
    assert [problem.told.en for problem in loaded.problems] == []
    assert loaded.framework is not None
    return loaded.framework


@pytest.fixture
def old() -> Framework:
    loaded = load(OLD)
    assert loaded.framework is not None
    return loaded.framework


CASES = {
    "weight": (
        ("dimension: effect,   points: 20", "dimension: effect,   points: 18"),
        ("dimension: staffing, points: 10, kind: survey", "dimension: staffing, points: 12, kind: survey"),
        "指标“对活动满意”（sv.activity）的权重从20改为18。",
        'The weight of the indicator "Satisfied with the activities" (sv.activity) changed from 20 to 18.',
    ),
    "goalposts": (
        ("goalposts: [40, 120]", "goalposts: [50, 150]"),
        None,
        "指标“场地面积”（hw.area）的端点从40、120改为50、150。",
        'The goalposts of the indicator "Floor area" (hw.area) changed from 40 and 120 to 50 and 150.',
    ),
    "level": (
        ("en: no case records", "en: no records of cases"),
        None,
        "指标“个案评审”（st.case）第0级从“没有个案记录”改为“没有个案记录”。",
        'Level 0 of the indicator "Case review" (st.case) changed from "no case records" to "no records of cases".',
    ),
    "band": (
        ("from: 75", "from: 78"),
        None,
        "等级“良好”（good）的起点从75改为78。",
        'The start of the band "Good" (good) changed from 75 to 78.',
    ),
    "gate": (
        ("days_without_social_worker >= 90", "days_without_social_worker >= 60"),
        None,
        "门槛“专职社工空缺90天以上”（staff）的条件从“days_without_social_worker >= 90”改为“days_without_social_worker >= 60”。",
        (
            'The condition of the gate "no full-time social worker for 90 days" (staff) changed from '
            '"days_without_social_worker >= 90" to "days_without_social_worker >= 60".'
        ),
    ),
    "survey": (
        ("min_n: 6", "min_n: 8"),
        None,
        "最少样本从6改为8。",
        "The fewest answers changed from 6 to 8.",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_change_is_told_in_words_of_both_languages(old: Framework, name: str) -> None:
    *edits, zh, en = CASES[name]
    new = edited(*(one for one in edits if one is not None))
    assert Text(zh, en) in [one.sentence for one in differences(old, new)]


def test_what_came_and_what_went_is_named(old: Framework) -> None:
    new = edited(("id: sv.open,", "id: sv.clear,"))
    found = [(one.path, one.sentence.en) for one in differences(old, new)]
    assert found == [
        ("indicators.sv.clear", 'Added the indicator "Spending is open and clear" (sv.clear).'),
        ("indicators.sv.open", 'Removed the indicator "Spending is open and clear" (sv.open).'),
    ]


def test_the_same_file_differs_in_nothing(old: Framework) -> None:
    assert differences(old, old) == ()
    assert could_bridge(old, old) == tuple(old.indicator)


def test_only_what_measures_the_same_can_be_bridged(old: Framework) -> None:
    new = edited(
        ("goalposts: [40, 120]", "goalposts: [50, 150]"),
        ("dimension: effect,   points: 20", "dimension: effect,   points: 18"),
        ("dimension: staffing, points: 10, kind: survey", "dimension: staffing, points: 12, kind: survey"),
        bridge="hw.hours, sv.activity",
    )
    assert set(old.indicator) - set(could_bridge(old, new)) == {"hw.area"}
    assert bridge_problems(old, new) == ()


@pytest.mark.parametrize(
    ("names", "since", "zh", "nearest"),
    [
        (
            "hw.area",
            '"2026.1"',
            "“hw.area”在两版里量的不是一回事，不能桥接：指标“场地面积”（hw.area）的端点从40、120改为50、150。",
            None,
        ),
        ("sv.clear", '"2026.1"', "2026.1版没有指标“sv.clear”，不能桥接。", "st.cert"),
        ("hw.hours", '"2025.2"', "桥接的是2025.2版，比的是“youth-hub”的2026.1版。", "2026.1"),
    ],
)
def test_f06_a_bridge_over_something_else_is_refused(
    old: Framework, names: str, since: str, zh: str, nearest: str | None
) -> None:
    new = edited(
        ("goalposts: [40, 120]", "goalposts: [50, 150]"),
        ("id: sv.open,", "id: sv.clear,"),
        bridge=names,
        since=since,
    )
    (problem,) = bridge_problems(old, new)
    assert (problem.code, problem.sentence.zh, problem.nearest) == ("F06", zh, nearest)


def test_f03_a_bridge_names_indicators_of_its_own_version() -> None:
    (problem,) = load(OLD + BRIDGE.format(since='"2025.2"', names="hw.aria")).problems
    assert (problem.code, problem.nearest, problem.path) == ("F03", "hw.area", "bridge.indicators")


TWO = framework_of(
    'framework: {id: f, version: "2", supersedes: "1", languages: [zh, en]}\n'
    "parts:\n  - {id: p, points: 100, zh: 总, en: All}\nindicators:\n"
    "  - {id: a, part: p, points: 60, kind: auto, metric: a, goalposts: [0, 1], zh: 甲, en: A}\n"
    "  - {id: r, part: p, points: 20, kind: rubric, zh: 乙, en: R}\n"
    "  - {id: s, part: p, points: 20, kind: rubric, zh: 丙, en: S}\n"
    'bridge: {id: b, from: "1", zh: 桥, en: Bridge, indicators: [r, s]}\n'
)


def test_a_trend_leads_over_the_bridge_alone_and_says_whether_it_is_clear() -> None:
    before = Known({"a": 0.1, "r": 0.5, "s": 0.5}, {"r": 0.03, "s": 0.03})
    after = Known({"a": 0.9, "r": 0.7, "s": 0.5}, {"r": 0.04, "s": 0.04})
    found = trend(TWO, before, after)
    assert found is not None
    assert (found.indicators, found.change) == (("r", "s"), pytest.approx(10))
    assert found.error == pytest.approx(100 * (0.03**2 + 0.04**2) ** 0.5)
    assert found.is_clear is True


def test_a_trend_takes_only_what_is_known_in_both_years() -> None:
    found = trend(TWO, Known({"r": 0.5, "s": None}, {"r": 0.2}), Known({"r": 0.6, "s": 0.9}, {"r": 0.2}))
    assert found is not None
    assert (found.indicators, found.change, found.is_clear) == (("r",), pytest.approx(10), False)
    assert trend(TWO, Known({"a": 1.0}, {}), Known({"a": 1.0}, {})) is None
