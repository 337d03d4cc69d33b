"""The tree: from shares of indicators to the value of every node, with the slope of the total.

Missing is missing: a node is made of the children that are there, its coverage says how much of it that is,
and beyond the framework's limit it has no value. The slopes carry the errors of the inputs to the total.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum, prod

from evaluation.framework import Combine, Framework, Node


@dataclass(frozen=True)
class Leaf:
    """A value in the tree: its share of 0 to 1, how much of it is known, and the slope by indicator."""

    share: float | None
    coverage: float
    slopes: Mapping[str, float]


@dataclass(frozen=True)
class Tree:
    """Hold every node's share and coverage, and how the total moves with each indicator's share."""

    shares: Mapping[str, float | None]
    coverage: Mapping[str, float]
    slopes: Mapping[str, float]
    """Change of the total's share for a change of the indicator's share."""


def combine(framework: Framework, shares: Mapping[str, float | None]) -> Tree:
    """Combine indicator shares upwards; None is a missing value."""
    found: dict[str, Leaf] = {}
    for indicator in framework.indicators:
        share = shares.get(indicator.id)
        known = share is not None
        found[indicator.id] = Leaf(share, float(known), {indicator.id: 1.0} if known else {})
    for node in reversed(framework.nodes):
        found[node.id] = _of_node(
            node, [(child.weight, found[child.id]) for child in framework.children[node.id]]
        )
    return Tree(
        shares={name: leaf.share for name, leaf in found.items()},
        coverage={name: leaf.coverage for name, leaf in found.items()},
        slopes=found[framework.root.id].slopes,
    )


def value_of(framework: Framework, node: Node, share: float) -> float:
    """Return a node's share as it is told: in points where points are added, else on the scale."""
    if node.combine == Combine.POINTS and node is not framework.root:
        return share * framework.points_of(node)
    return framework.scale.minimum + share * framework.scale.width


def _of_node(node: Node, below: list[tuple[float, Leaf]]) -> Leaf:
    whole = fsum(weight for weight, _ in below)
    coverage = fsum(weight * leaf.coverage for weight, leaf in below) / whole if whole else 0.0
    known = [(weight, leaf, leaf.share) for weight, leaf in below if leaf.share is not None]
    if not known:
        return Leaf(None, coverage, {})
    present = fsum(weight for weight, _, _ in known)
    floor = node.floor if node.combine == Combine.GEOMETRIC else 0.0
    parts = [(weight / present, max(share, floor)) for weight, _, share in known]
    share, factors = _mean(node.combine, parts)
    slopes: dict[str, float] = {}
    for factor, (_, leaf, _) in zip(factors, known, strict=True):
        for name, slope in leaf.slopes.items():
            slopes[name] = slopes.get(name, 0.0) + factor * slope
    return Leaf(share, coverage, slopes)


def _mean(combine: Combine, parts: list[tuple[float, float]]) -> tuple[float, list[float]]:
    """Return the combined share of (weight, share) pairs whose weights add to 1, and its slope for each."""
    if combine == Combine.GEOMETRIC:
        share = prod(value**weight for weight, value in parts)
        return share, [weight * share / value if value else 0.0 for weight, value in parts]
    if combine == Combine.MINIMUM:
        share = min(value for _, value in parts)
        least = [value for _, value in parts].index(share)
        return share, [float(place == least) for place in range(len(parts))]
    return fsum(weight * value for weight, value in parts), [weight for weight, _ in parts]
