"""A whole evaluation from what was read: scores, and everything that a reader should know beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from evaluation.comparison import Comparison, compare
from evaluation.framework import Framework
from evaluation.influence import PartWeight, Sensitivity, sensitivity, weights
from evaluation.measures import ratings_of
from evaluation.notes import notes
from evaluation.observation_checks import careless
from evaluation.observation_file import Read
from evaluation.observations import HubFacts, Inputs, Observation, uncorrected
from evaluation.problems import Problem
from evaluation.promises import Kept, fulfilment, mean_fulfilment
from evaluation.ranks import Rank, ranks
from evaluation.reliability import Reliability, reliability
from evaluation.scoring import Score, score
from evaluation.severity import Severity, severities


@dataclass(frozen=True)
class Evaluation:
    """Hold the scores of a cycle and what stands beside them."""

    framework: Framework
    scores: tuple[Score, ...]
    notes: tuple[Problem, ...]
    without_careless: Mapping[str, float | None]
    """By hub with flagged answers, the total that the others alone would give (D10)."""
    ranks: tuple[Rank, ...] = ()
    comparison: Comparison | None = None
    weights: tuple[PartWeight, ...] = ()
    sensitivity: tuple[Sensitivity, ...] = ()
    reliability: tuple[Reliability, ...] = ()
    severities: tuple[Severity, ...] = ()
    severity_applied: bool = False


def evaluation_of(framework: Framework, read: Read) -> Evaluation:
    """Score what was read from a file, with the fulfilment of the promises in it."""
    inputs = _with_fulfilment(framework, read)
    return evaluate(framework, inputs, seed=read.seed, apply_severity=read.apply_severity)


def evaluate(framework: Framework, inputs: Inputs, *, seed: int, apply_severity: bool = False) -> Evaluation:
    """Score every hub, and set beside the scores all that says how far they can be trusted."""
    scores = score(framework, inputs, apply_severity=apply_severity)
    flagged = careless(framework, inputs.observations)
    return Evaluation(
        framework=framework,
        scores=tuple(scores),
        notes=tuple(notes(framework, inputs, scores, flagged)),
        without_careless=_without(framework, inputs, flagged, apply_severity=apply_severity),
        **beside(framework, scores, inputs.observations, seed=seed),
        severity_applied=apply_severity,
    )


def beside(
    framework: Framework, scores: Sequence[Score], observations: Sequence[Observation], *, seed: int
) -> dict[str, Any]:
    """Return everything that an `Evaluation` holds beside the scores of single hubs."""
    placed = [
        (one.hub, one.total, one.error) for one in scores if one.total is not None and one.error is not None
    ]
    standing = uncorrected(observations)
    return {
        "ranks": tuple(ranks(placed, seed=seed)),
        "comparison": compare(placed),
        "weights": _weights(framework, scores),
        "sensitivity": _sensitivity(framework, scores, seed),
        "reliability": reliability(framework, standing),
        "severities": severities(ratings_of(framework, standing)),
    }


def _weights(framework: Framework, scores: Sequence[Score]) -> tuple[PartWeight, ...]:
    whole = [one for one in scores if one.total is not None]
    return weights(framework, {part.id: [one.nodes[part.id] for one in whole] for part in framework.parts})


def _sensitivity(framework: Framework, scores: Sequence[Score], seed: int) -> tuple[Sensitivity, ...]:
    names = list(framework.indicator)
    rows = [[one.measures[name].share for name in names] for one in scores if one.total is not None]
    return sensitivity(framework, np.array(rows, dtype=float).reshape(len(rows), len(names)), seed=seed)


def _with_fulfilment(framework: Framework, read: Read) -> Inputs:
    """Add each hub's fulfilment to its facts, where promises were read and nobody reported it."""
    if not read.promises:
        return read.inputs
    found = []
    raw = {
        one.hub: {name: each.raw for name, each in one.measures.items()}
        for one in score(framework, read.inputs)
    }
    for hub in read.inputs.hubs:
        kept = [
            Kept(fulfilment(one.baseline, one.target, value), framework.shares[one.indicator])
            for one in read.promises
            if one.hub == hub.code and (value := raw[hub.code][one.indicator]) is not None
        ]
        share = mean_fulfilment(kept)
        known = {} if share is None else {"fulfilment": share}
        found.append(HubFacts(hub.code, {**known, **hub.facts}))
    return replace(read.inputs, hubs=tuple(found))


def _without(
    framework: Framework,
    inputs: Inputs,
    flagged: Mapping[str, Mapping[str, str]],
    *,
    apply_severity: bool,
) -> dict[str, float | None]:
    if not flagged:
        return {}
    rows = tuple(row for row in inputs.observations if row.rater not in flagged.get(row.hub, {}))
    hubs = tuple(one for one in inputs.hubs if one.code in flagged)
    others = replace(inputs, observations=rows, hubs=hubs)
    return {one.hub: one.total for one in score(framework, others, apply_severity=apply_severity)}
