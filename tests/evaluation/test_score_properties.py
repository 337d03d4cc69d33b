"""What holds for every score, whatever the observations."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.framework import Kind
from evaluation.observations import HubFacts, Inputs, Observation
from evaluation.rounding import half_up, settle
from evaluation.sampling import Plan, Served, draw
from evaluation.scoring import score
from tests.evaluation.builders import HERE, framework_of

FRAMEWORK = framework_of((HERE / "worked.yaml").read_text(encoding="utf-8"))
STRATA = {"under_18": 40, "over_18": 60}


def inputs_of(seed: int, hubs: int = 2, facts: dict[str, float] | None = None) -> Inputs:
    chance = random.Random(seed)
    codes = [f"H{number}" for number in range(hubs)]
    rows = [row for code in codes for row in rows_of(code, chance)]
    frame = {(code, stratum): size for code, (stratum, size) in product(codes, STRATA.items())}
    return Inputs(tuple(HubFacts(code, facts or {}) for code in codes), tuple(rows), frame)


def rows_of(code: str, chance: random.Random) -> list[Observation]:
    rows = []
    for indicator in FRAMEWORK.indicators:
        name = f"{code}.{indicator.id}"
        if indicator.kind == Kind.AUTO:
            low, high = indicator.goalposts
            rows.append(Observation(name, code, indicator.id, chance.uniform(low * 0.9, high * 1.0)))
        elif indicator.kind == Kind.RUBRIC:
            rows += [
                Observation(f"{name}.{r}", code, indicator.id, chance.randint(0, 4), r) for r in ("a", "b")
            ]
        else:
            rows += [
                Observation(f"{name}.{n}", code, indicator.id, chance.randint(1, 5), f"p{n}", stratum)
                for n, stratum in enumerate(["under_18", "over_18"] * 4)
            ]
    return rows


seeds = st.integers(0, 10_000)


@given(seeds, st.data())
@settings(max_examples=60, deadline=None)
def test_raising_an_indicator_never_lowers_the_total_or_the_band(seed: int, data: st.DataObject) -> None:
    inputs = inputs_of(seed, hubs=1)
    place = data.draw(st.integers(0, len(inputs.observations) - 1))
    row = inputs.observations[place]
    indicator = FRAMEWORK.indicator[row.indicator]
    tops = {Kind.AUTO: indicator.goalposts[1], Kind.RUBRIC: 4.0, Kind.SURVEY: 5.0}
    higher = replace(row, value=max(tops[indicator.kind], row.value))
    rows = (*inputs.observations[:place], higher, *inputs.observations[place + 1 :])
    (before,), (after,) = score(FRAMEWORK, inputs), score(FRAMEWORK, replace(inputs, observations=rows))
    assert before.total is not None
    assert after.total is not None
    assert before.band is not None
    assert after.band is not None
    assert settle(after.total) >= settle(before.total)
    assert after.band.start >= before.band.start


@given(seeds)
@settings(max_examples=30, deadline=None)
def test_points_add_to_the_total_which_lies_in_its_interval(seed: int) -> None:
    for one in score(FRAMEWORK, inputs_of(seed)):
        assert one.total == pytest.approx(sum(one.nodes[part.id] or 0 for part in FRAMEWORK.parts))
        assert one.interval is not None
        assert 0 <= one.interval[0] <= (one.total or 0) <= one.interval[1] <= 100
        assert sum(one.band_probability.values()) == pytest.approx(1)


@given(seeds)
@settings(max_examples=30, deadline=None)
def test_the_order_of_rows_and_hubs_changes_nothing(seed: int) -> None:
    inputs = inputs_of(seed, hubs=3)
    shuffled = random.Random(seed)
    rows, hubs = list(inputs.observations), list(inputs.hubs)
    shuffled.shuffle(rows)
    shuffled.shuffle(hubs)
    frame = dict(reversed(list(inputs.frame.items())))
    assert repr(score(FRAMEWORK, Inputs(tuple(hubs), tuple(rows), frame))) == repr(score(FRAMEWORK, inputs))


@given(seeds)
@settings(max_examples=30, deadline=None)
def test_another_hub_changes_no_hubs_score(seed: int) -> None:
    alone, together = inputs_of(seed, hubs=1), inputs_of(seed, hubs=4)
    (one,), (first, *_) = score(FRAMEWORK, alone), score(FRAMEWORK, together)
    assert (first.total, first.nodes, first.band) == (one.total, one.nodes, one.band)


@given(seeds)
@settings(max_examples=30, deadline=None)
def test_a_gate_never_raises_a_band(seed: int) -> None:
    free = score(FRAMEWORK, inputs_of(seed, facts={"open_audit_finding": 0.0}))
    capped = score(FRAMEWORK, inputs_of(seed, facts={"open_audit_finding": 1.0}))
    for one, other in zip(free, capped, strict=True):
        assert one.band is not None
        assert other.band is not None
        assert other.band.start <= min(one.band.start, 60)
        assert other.total == one.total
        assert other.band_probability["good"] == other.band_probability["best"] == 0


@pytest.mark.parametrize(("points", "band"), [(0.1, "pass"), (0.0999, "fail")])
def test_the_noise_of_binary_sums_decides_no_band(points: float, band: str) -> None:
    framework = framework_of(
        'framework: {id: f, version: "1"}\nscale: {min: 0, max: 1}\nparts:\n'
        "  - {id: p, points: 1}\nindicators:\n"
        + "".join(
            f"  - {{id: i{n}, part: p, points: 0.{n}, kind: auto, metric: m, goalposts: [0, 1]}}\n"
            for n in (1, 2, 7)
        )
        + "bands:\n  - {id: fail, from: 0}\n  - {id: pass, from: 0.3}\n"
    )
    values = {"i1": points * 10, "i2": 1.0, "i7": 0.0}
    rows = tuple(Observation(name, "H", name, value) for name, value in values.items())
    (found,) = score(framework, Inputs((HubFacts("H"),), rows))
    assert found.band is not None
    assert found.band.id == band


@pytest.mark.parametrize("mean", ["arithmetic", "geometric", "minimum"])
def test_nodes_combine_as_they_say(mean: str) -> None:
    framework = framework_of(
        f'framework: {{id: f, version: "1"}}\nnodes:\n  - {{id: top, combine: {mean}, floor: 0.001}}\nindicators:\n'
        "  - {id: a, part: top, weight: 1, kind: auto, metric: a, goalposts: [0, 100]}\n"
        "  - {id: b, part: top, weight: 3, kind: auto, metric: b, goalposts: [0, 100]}\n"
    )
    rows = (Observation("1", "H", "a", 16), Observation("2", "H", "b", 81))
    (found,) = score(framework, Inputs((HubFacts("H"),), rows))
    expected = {"arithmetic": (16 + 3 * 81) / 4, "geometric": (16 * 81**3) ** 0.25, "minimum": 16}
    assert found.total == pytest.approx(expected[mean])


@pytest.mark.parametrize(
    ("value", "printed"), [(74.95, 75.0), (74.9499, 74.9), (0.05, 0.1), (-0.05, -0.1), (2.675, 2.7)]
)
def test_rounding_is_half_up_and_last(value: float, printed: float) -> None:
    assert half_up(value) == printed


@pytest.mark.slow
def test_stated_intervals_cover_the_truth_in_two_thousand_cycles() -> None:
    """Residents drawn from a real population and assessors of differing severity: 93 to 97 in a hundred."""
    chance = np.random.default_rng(2026)
    hit = sum(_covered(chance, number) for number in range(2000))
    assert 0.93 <= hit / 2000 <= 0.97


COVERAGE = framework_of(
    'framework: {id: c, version: "1"}\nparts:\n  - {id: p, points: 100}\nindicators:\n'
    "  - {id: r, part: p, points: 50, kind: rubric}\n"
    "  - {id: q, part: p, points: 50, kind: survey, item: q}\n"
)


def _covered(chance: np.random.Generator, cycle: int) -> bool:
    """Simulate one cycle of 20 hubs and say whether the first hub's interval holds its true score."""
    rows, frame, hubs = [], {}, []
    severity = chance.normal(0, 0.15, 10)
    truth = 0.0
    for number in range(20):
        code = f"H{number:02}"
        hubs.append(HubFacts(code))
        people = [(f"{i}", "young" if i < 30 else "old") for i in range(80)]
        opinions = np.clip(np.round(chance.normal(3.8 if number % 2 else 3.5, 0.9, 80)), 1, 5)
        quality = chance.uniform(1.2, 2.8)
        served = [Served(i, code, stratum) for i, (_, stratum) in enumerate(people)]
        (drawn,) = draw(served, seed=cycle, plan=Plan(30))
        frame.update({(code, stratum): size for stratum, size in drawn.frame.items()})
        rows += [
            Observation(f"{code}q{one.id}", code, "q", opinions[one.id], f"{one.id}", one.stratum)
            for one in drawn.drawn
        ]
        for rater in chance.choice(10, 2, replace=False):
            level = quality + severity[rater] + chance.normal(0, 0.5)
            rows.append(Observation(f"{code}r{rater}", code, "r", level, str(rater)))
        if number == 0:
            truth = 50 * quality / 4 + 50 * (opinions.mean() - 1) / 4
    first = score(COVERAGE, Inputs(tuple(hubs), tuple(rows), frame))[0]
    assert first.interval is not None
    return bool(first.interval[0] <= truth <= first.interval[1])
