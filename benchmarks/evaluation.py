"""How long scoring takes at the size of the district and at ten times that, on one core.

`python -m benchmarks.evaluation` makes up hubs with 60 indicators each, scores three stages with all that stands
beside the scores (2,000 draws of ranks, 500 of weights), and prints the processor's seconds, all threads added up:
what one core would take. 20,000 residents answer every question of
their hub's survey at the year's end. The baseline is the district: ten times the hubs should cost at most eleven
times as much.
"""

from __future__ import annotations

import argparse
import random
import resource
import time

from evaluation.evaluating import evaluate
from evaluation.framework import Framework, Kind
from evaluation.loading import load
from evaluation.observations import HubFacts, Inputs, Observation

SIZES = (177, 1_770)
ANSWERS = 113
"""Residents who answer at each hub: 20,000 at 177."""
STRATA = {"under_18": 260, "over_18": 350}
KINDS = (("auto", 40), ("rubric", 12), ("survey", 8))
STAGES = ("promise", "mid_year", "year_end")
HEADS = ("hubs", "observations", *STAGES, "all three", "times", "peak MiB")


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evaluation", description=__doc__)
    parser.add_argument("--hubs", type=int, nargs="*", default=SIZES)
    print("  ".join(f"{head:>12}" for head in HEADS))
    baseline: float | None = None
    for hubs in parser.parse_args(argv).hubs:
        seconds, observations = measure(hubs)
        whole = sum(seconds)
        baseline = baseline or whole
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        cells = [f"{hubs:,}", f"{observations:,}", *(f"{one:.2f} s" for one in seconds)]
        cells += [f"{whole:.2f} s", f"{whole / baseline:.1f}", f"{peak}"]
        print("  ".join(f"{cell:>12}" for cell in cells))


def measure(hubs: int) -> tuple[list[float], int]:
    """Return the seconds of each stage, and how many observations there were in all."""
    framework, spent, rows = made_up_framework(), [], 0
    for stage in STAGES:
        inputs = made_up_inputs(framework, hubs, stage)
        rows += len(inputs.observations)
        begun = time.process_time()
        evaluate(framework, inputs, seed=2026)
        spent.append(time.process_time() - begun)
    return spent, rows


def made_up_framework() -> Framework:
    """Return a framework of 60 indicators in three parts, one a kind."""
    lines = ['framework: {id: bench, version: "1"}', "parts:"]
    lines += [
        f"  - {{id: {kind}, points: {share}}}" for (kind, _), share in zip(KINDS, (40, 10, 50), strict=True)
    ]
    lines.append("indicators:")
    for (kind, number), share in zip(KINDS, (40, 10, 50), strict=True):
        for n in range(number):
            more = {
                "auto": f"metric: m{n}, goalposts: [0, 100]",
                "survey": f"item: q{n}",
                "rubric": "raters: {min: 2}",
            }
            points = share / number
            lines.append(
                f"  - {{id: {kind}{n}, part: {kind}, points: {points!r}, kind: {kind}, {more[kind]}}}"
            )
    bands = ("bands:", *(f"  - {{id: b{start}, from: {start}}}" for start in (0, 60, 75, 90)))
    loaded = load("\n".join((*lines, *bands)))
    assert loaded.framework is not None, loaded.problems
    return loaded.framework


def made_up_inputs(framework: Framework, hubs: int, stage: str) -> Inputs:
    """Return what hubs report, assessors rate and, at the year's end, residents answer."""
    chance = random.Random(stage)
    codes = [f"H{number:05}" for number in range(hubs)]
    raters = [f"r{number:04}" for number in range(max(hubs // 6, 4))]
    rows: list[Observation] = []
    for code in codes:
        quality, judges = chance.uniform(0.4, 0.9), chance.sample(raters, 2)
        for indicator in framework.indicators:
            name = f"{code}.{indicator.id}"
            if indicator.kind == Kind.AUTO:
                value = min(max(chance.gauss(100 * quality, 10), 0), 100)
                rows.append(Observation(name, code, indicator.id, value))
            elif indicator.kind == Kind.RUBRIC:
                for judge in judges:
                    level = min(max(round(chance.gauss(4 * quality, 0.7)), 0), 4)
                    rows.append(Observation(f"{name}.{judge}", code, indicator.id, level, judge))
            else:
                rows += _answers(chance, code, indicator.id, quality, ANSWERS if stage == "year_end" else 4)
    frame = {(code, stratum): size for code in codes for stratum, size in STRATA.items()}
    return Inputs(tuple(HubFacts(code) for code in codes), tuple(rows), frame)


def _answers(chance: random.Random, code: str, item: str, quality: float, people: int) -> list[Observation]:
    strata = list(STRATA)
    return [
        Observation(
            f"{code}.{item}.{n}",
            code,
            item,
            min(max(round(chance.gauss(1 + 4 * quality, 0.9)), 1), 5),
            f"p{n}",
            strata[n % 2],
        )
        for n in range(people)
    ]


if __name__ == "__main__":
    main()
