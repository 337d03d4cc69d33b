"""From a framework and observations to each hub's score: nodes, total, interval, gates, band and labels.

Gates and bands see the unrounded total; rounding is the last thing that happens to it, where it is printed.
A hub's total hangs on its own observations alone: other hubs enter only the pooled error of assessors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import fsum

from evaluation.conditions import Situation
from evaluation.framework import Band, Effect, Framework, Gate
from evaluation.measures import Measure, Measures, measure
from evaluation.observations import Inputs
from evaluation.rounding import settle
from evaluation.tree import Tree, combine, value_of
from evaluation.uncertainty import band_probability, interval, standard_error

CODE_VERSION = "2"
"""Raised whenever the same inputs would give another score; a stored run names the one that made it."""


class Status(StrEnum):
    """How far a hub's score goes."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    """Something is missing, within the limit; its part is scaled from what is there, and says so."""
    PROVISIONAL = "provisional"
    """Too much is missing: no total, no band, no rank."""
    NOT_ASSESSED = "not_assessed"
    """A gate says that the hub is not assessed."""


@dataclass(frozen=True)
class Score:
    """Hold a hub's score; every value is unrounded."""

    hub: str
    status: Status
    total: float | None
    interval: tuple[float, float] | None
    error: float | None
    coverage: float
    nodes: Mapping[str, float | None]
    dimensions: Mapping[str, float | None]
    """Each dimension re-weighted to the scale; a view that adds nothing."""
    band: Band | None
    band_probability: Mapping[str, float]
    gates: tuple[Gate, ...]
    """The gates that bind, in their order."""
    unknown_gates: tuple[Gate, ...]
    """Gates that hang on facts which nobody reported."""
    labels: tuple[str, ...]
    measures: Mapping[str, Measure]
    share_errors: Mapping[str, float]
    """Standard error of each indicator's share, where it is rated or asked and its error is known."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the indicators without a value."""
        return tuple(name for name, measure in self.measures.items() if measure.share is None)


def score(framework: Framework, inputs: Inputs, *, apply_severity: bool = False) -> list[Score]:
    """Score every hub, in the order of their codes."""
    measured = measure(framework, inputs, apply_severity=apply_severity)
    return [score_hub(framework, hub, one) for hub, one in measured.items()]


def score_hub(framework: Framework, hub: str, measures: Measures) -> Score:
    """Score one hub from its measures."""
    tree = combine(framework, measures.shares)
    share, root = tree.shares[framework.root.id], framework.root
    is_enough = settle(1 - tree.coverage[root.id]) <= framework.max_missing_share
    total = value_of(framework, root, share) if share is not None and is_enough else None
    error = None if total is None else _error(framework, measures, tree)
    span = interval(total, error, framework.scale) if total is not None and error is not None else None
    situation = _situation(framework, measures.facts, tree, total, span)
    binding = _gates(framework, situation, holds=True)
    if any(gate.effect == Effect.NOT_ASSESSED for gate in binding):
        total, span, error = None, None, None
    cap = _lowest_cap(framework, binding)
    return Score(
        hub=hub,
        status=_status(binding, tree.coverage[root.id], total),
        total=total,
        interval=span,
        error=error,
        coverage=settle(tree.coverage[root.id]),
        nodes=_nodes(framework, tree, total),
        dimensions=_dimensions(framework, measures.shares),
        band=_band(framework, total, cap),
        band_probability={}
        if total is None or error is None
        else band_probability(total, error, framework.bands, cap),
        gates=binding,
        unknown_gates=_gates(framework, situation, holds=None),
        labels=_labels(framework, situation, binding) if total is not None else (),
        measures=measures.by_indicator,
        share_errors=measures.share_errors,
    )


def _error(framework: Framework, measures: Measures, tree: Tree) -> float | None:
    error = standard_error(measures.errors, tree.slopes)
    return None if error is None else error * framework.scale.width


def _situation(
    framework: Framework,
    facts: Mapping[str, float],
    tree: Tree,
    total: float | None,
    span: tuple[float, float] | None,
) -> Situation:
    parts = []
    for part in framework.parts:
        share = tree.shares[part.id]
        parts.append((None if share is None else settle(share * part.weight), part.weight))
    low, high = span if span is not None else (None, None)
    return Situation(facts, tuple(parts), None if total is None else settle(total), low, high)


def _gates(framework: Framework, situation: Situation, *, holds: bool | None) -> tuple[Gate, ...]:
    return tuple(gate for gate in framework.gates if gate.when.holds(situation) is holds)


def _lowest_cap(framework: Framework, binding: Sequence[Gate]) -> str | None:
    order = [band.id for band in framework.bands]
    caps = [gate.target for gate in binding if gate.effect == Effect.CAP]
    return min(caps, key=order.index, default=None)


def _band(framework: Framework, total: float | None, cap: str | None) -> Band | None:
    """Return the band of an unrounded total, no higher than the cap."""
    earned = None if total is None else framework.band_of(settle(total))
    if earned is None or cap is None:
        return earned
    capped = next(band for band in framework.bands if band.id == cap)
    return min(earned, capped, key=lambda band: band.start)


def _status(binding: Sequence[Gate], coverage: float, total: float | None) -> Status:
    if any(gate.effect == Effect.NOT_ASSESSED for gate in binding):
        return Status.NOT_ASSESSED
    if total is None:
        return Status.PROVISIONAL
    return Status.COMPLETE if settle(coverage) >= 1 else Status.PARTIAL


def _nodes(framework: Framework, tree: Tree, total: float | None) -> dict[str, float | None]:
    """Return every node's and indicator's value; without a total, a node that lacks too much has none."""
    found: dict[str, float | None] = {}
    for node in framework.nodes:
        share, lacking = tree.shares[node.id], settle(1 - tree.coverage[node.id])
        is_there = share is not None and (total is not None or lacking <= framework.max_missing_share)
        found[node.id] = value_of(framework, node, share) if is_there and share is not None else None
    found[framework.root.id] = total
    for indicator in framework.indicators:
        share = tree.shares[indicator.id]
        scale = framework.scale
        found[indicator.id] = None if share is None else scale.minimum + share * scale.width
    return found


def _dimensions(framework: Framework, shares: Mapping[str, float | None]) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for dimension in framework.dimensions:
        inside = [one for one in framework.indicators if one.dimension == dimension.id]
        weight = {one.id: framework.shares[one.id] for one in inside}
        known = {name: share for name in weight if (share := shares.get(name)) is not None}
        present, whole = fsum(weight[name] for name in known), fsum(weight.values())
        if not known or settle(1 - present / whole) > framework.max_missing_share:
            found[dimension.id] = None
        else:
            mean = fsum(weight[name] * share for name, share in known.items()) / present
            found[dimension.id] = framework.scale.minimum + mean * framework.scale.width
    return found


def _labels(framework: Framework, situation: Situation, binding: Sequence[Gate]) -> tuple[str, ...]:
    refused = {gate.target for gate in binding if gate.effect == Effect.NO_LABEL}
    seen = Situation(
        situation.facts, situation.parts, situation.total, situation.low, situation.high, len(binding)
    )
    return tuple(
        label.id for label in framework.labels if label.id not in refused and label.when.holds(seen) is True
    )
