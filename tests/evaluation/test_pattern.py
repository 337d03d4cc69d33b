"""The pattern of the demonstration hubs, told to another hub in its own terms."""

from __future__ import annotations

import pytest

from config.text import Text
from evaluation.framework import Framework
from evaluation.observations import HubFacts, Inputs, Observation
from evaluation.pattern import gaps, pattern
from evaluation.scoring import Score, score
from tests.evaluation.builders import framework_of

FRAMEWORK = framework_of(
    'framework: {id: f, version: "1", languages: [zh, en]}\n'
    "parts:\n  - {id: p, points: 100, zh: 总, en: All}\n"
    "indicators:\n"
    "  - {id: hours, part: p, points: 40, kind: auto, metric: m, unit: h, goalposts: [10, 40], zh: 开放, en: Open}\n"
    "  - {id: wait, part: p, points: 20, kind: auto, metric: w, unit: h, goalposts: [0, 48], direction: -1, zh: 等待, en: Wait}\n"
    "  - id: quality\n    part: p\n    points: 40\n    kind: rubric\n    raters: {min: 1}\n    zh: 质量\n    en: Quality\n"
    "    levels: {0: {zh: 没有, en: none}, 1: {zh: 有, en: some}, 2: {zh: 有依据, en: evidence}}\n"
)


def hubs(**values: tuple[float, float, float]) -> dict[str, Score]:
    rows = tuple(
        Observation(f"{code}.{name}", code, name, value, "r" if name == "quality" else "")
        for code, three in values.items()
        for name, value in zip(FRAMEWORK.indicator, three, strict=True)
    )
    found = score(FRAMEWORK, Inputs(tuple(HubFacts(code) for code in values), rows))
    return {one.hub: one for one in found}


@pytest.fixture
def network() -> dict[str, Score]:
    return hubs(
        a=(36, 12, 2), b=(38, 12, 2), c=(30, 24, 2), own=(25, 6, 1), other=(10, 24, 1), third=(16, 48, 0)
    )


def test_a_hub_is_told_what_half_of_the_demonstration_hubs_reach(network: dict[str, Score]) -> None:
    found = gaps(FRAMEWORK, network["own"], [network[name] for name in "abc"])
    assert [(one.indicator, one.points) for one in found] == [
        ("quality", pytest.approx(20)),
        ("hours", pytest.approx(40 * 11 / 30)),
    ]
    assert [one.sentence for one in found] == [
        Text(
            "示范青年汇有一半达到“有依据”或更好，我们是“有”。",
            'Half of the demonstration hubs reach "evidence" or better; we reach "some".',
        ),
        Text(
            "示范青年汇有一半达到36小时或更好，我们是25小时。",
            "Half of the demonstration hubs reach 36 hours or better; we reach 25 hours.",
        ),
    ]


def test_fewer_than_three_examples_or_oneself_would_name_a_hub(network: dict[str, Score]) -> None:
    assert gaps(FRAMEWORK, network["own"], [network["a"], network["b"]]) == ()
    assert gaps(FRAMEWORK, network["c"], [network[name] for name in "abc"]) == ()


def test_levels_that_sound_alike_are_told_by_their_means() -> None:
    assert framework_words(FRAMEWORK, 1.8, 1.2) == Text(
        "示范青年汇有一半达到平均1.8分（满分2分）或更好，我们是平均1.2分（满分2分）。",
        "Half of the demonstration hubs reach 1.8 of 2 on average or better; we reach 1.2 of 2 on average.",
    )


def framework_words(framework: Framework, usual: float, own: float) -> Text:
    rows = [
        Observation(f"{code}{n}", code, "quality", level, f"r{n}")
        for code, mean in (("a", usual), ("b", usual), ("c", usual), ("own", own))
        for n, level in enumerate([2] * round(5 * (mean - 1)) + [1] * round(5 * (2 - mean)))
    ]
    rows += [
        Observation(f"{code}{name}", code, name, 20)
        for code in ("a", "b", "c", "own")
        for name in ("hours", "wait")
    ]
    found = score(framework, Inputs(tuple(HubFacts(code) for code in ("a", "b", "c", "own")), tuple(rows)))
    (gap,) = gaps(framework, found[3], found[:3])
    return gap.sentence


def test_the_network_learns_in_what_demonstration_hubs_differ(network: dict[str, Score]) -> None:
    found = pattern(FRAMEWORK, [network[n] for n in "abc"], [network[n] for n in ("own", "other", "third")])
    assert [(one.indicator, round(one.examples, 2), round(one.others, 2)) for one in found] == [
        ("hours", 0.87, 0.2),
        ("quality", 1.0, 0.5),
        ("wait", 0.75, 0.5),
    ]
    assert found[0].points == pytest.approx((26 / 30 - 0.2) * 40)
    assert pattern(FRAMEWORK, [network["a"]], [network["b"]]) == ()
