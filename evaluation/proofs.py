"""Proofs that a framework is whole: its points add up, its bands cover the scale, no weight dictates the rest."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import fsum, isfinite
from typing import Any

from ruamel.yaml.comments import CommentedSeq

from evaluation.framework import Combine, Effect, Framework, Indicator, Node
from evaluation.loading_rules import PrintedBand
from evaluation.loading_tree import Reading
from evaluation.problems import Problems
from evaluation.rounding import settle

MOST_WEIGHT = 0.5
"""OECD and JRC, Handbook on Constructing Composite Indicators (2008), p. 111."""


def prove(framework: Framework, bands: Sequence[PrintedBand], reading: Reading) -> None:
    """Note everything about the framework as a whole that does not hold."""
    problems = reading.top.problems
    for node in framework.nodes:
        _prove_node(framework, node, reading)
    _prove_bands(framework, bands, problems)
    _prove_caps(framework, reading)
    for indicator, share in framework.shares.items():
        if share > MOST_WEIGHT and isfinite(share) and len(framework.indicators) > 1:
            problems.add(
                "F09",
                f"指标“{indicator}”占总分的{share:.0%}，超过一半，结果几乎由它决定。",
                f'The indicator "{indicator}" weighs {share:.0%} of the total, more than half: it dictates the result.',
                line=_line(reading, "indicators", indicator),
                path=f"indicators.{indicator}.points",
                read=f"{share:.0%}",
                is_warning=True,
            )


def _prove_node(framework: Framework, node: Node, reading: Reading) -> None:
    below = framework.children[node.id]
    where: dict[str, Any] = {
        "path": node.id,
        "line": _line(reading, "parts", node.id) or _line(reading, "nodes", node.id) or _first(reading),
    }
    if not below:
        reading.top.problems.add(
            "F01", f"“{node.id}”下面没有指标。", f'Nothing stands under "{node.id}".', **where
        )
    for child in below:
        if child.weight <= 0:
            reading.top.problems.add(
                "F01",
                f"“{child.id}”的权重是{child.weight:g}，要大于0。",
                f'The weight of "{child.id}" is {child.weight:g}; it must be above 0.',
                read=child.weight,
                **where,
            )
    if node.combine == Combine.POINTS:
        _prove_sum(_worth(framework, node), node, below, reading, where)
    if node.combine == Combine.GEOMETRIC and not node.floor:
        reading.top.problems.add(
            "F10",
            f"节点“{node.id}”用几何平均，下面有一项为零就全为零；请写大于0的floor。",
            f'The node "{node.id}" takes a geometric mean, so one zero below makes it zero; give it a floor above 0.',
            is_warning=True,
            **where,
        )


def _worth(framework: Framework, node: Node) -> float | None:
    """Return what the children's points must add to; None where the node's weight is not in points."""
    if node is framework.root:
        return framework.scale.width
    above = next((other for other in framework.nodes if other.id == node.parent), None)
    is_in_points = above is not None and above.combine == Combine.POINTS and isfinite(node.weight)
    return node.weight if is_in_points else None


def _prove_sum(
    worth: float | None,
    node: Node,
    below: list[Node | Indicator],
    reading: Reading,
    where: dict[str, Any],
) -> None:
    listed = settle(fsum(child.weight for child in below))
    if worth is None or not below or not isfinite(listed) or listed == settle(worth):
        return
    wanted, difference = f"{worth:g}", f"{listed - worth:+g}"
    reading.top.problems.add(
        "F01",
        f"“{node.id}”权重合计{listed:g}，应为{wanted}（差{difference}）。",
        f'The points under "{node.id}" add to {listed:g}, and must add to {wanted} ({difference}).',
        read=f"{listed:g}",
        **where,
    )


def _prove_bands(framework: Framework, bands: Sequence[PrintedBand], problems: Problems) -> None:
    if not bands:
        return
    starts = sorted((band for band in bands if isfinite(band.plain.start)), key=lambda band: band.plain.start)
    low, high = framework.scale.minimum, framework.scale.maximum
    if starts and starts[0].plain.start != low:
        start = starts[0].plain.start
        zh, en = (
            f"最低的等级从{start:g}起，{low:g}没有等级",
            f"The lowest band begins at {start:g}, so {low:g} has none",
        )
        _band_fault(problems, starts[0], zh, en, start)
    for lower, upper in pairwise(starts):
        _prove_edge(problems, lower, upper)
    for band in starts:
        if band.plain.start >= high:
            zh, en = f"等级“{band.plain.id}”够不着", f'The band "{band.plain.id}" is out of reach'
            _band_fault(problems, band, zh, en, band.plain.start)
    if starts and starts[-1].end is not None and starts[-1].end < high:
        zh, en = f"{high:g}没有等级", f"{high:g} has no band"
        _band_fault(problems, starts[-1], zh, en, starts[-1].end)


def _prove_caps(framework: Framework, reading: Reading) -> None:
    """Warn of a gate that caps at the highest band, which limits nobody."""
    for gate in framework.gates:
        if gate.effect == Effect.CAP and framework.bands and gate.target == framework.bands[-1].id:
            reading.top.problems.add(
                "F05",
                f"门槛“{gate.id}”以最高的等级“{gate.target}”为上限，限制不了谁。",
                f'The gate "{gate.id}" caps at the highest band, "{gate.target}", and so limits nobody.',
                path=f"gates.{gate.id}.effect",
                line=_line(reading, "gates", gate.id),
                read=gate.target,
                is_warning=True,
            )


def _prove_edge(problems: Problems, lower: PrintedBand, upper: PrintedBand) -> None:
    """Compare where one band ends with where the next begins; bands are half-open."""
    end, start = upper.plain.start if lower.end is None else lower.end, upper.plain.start
    middle = (end + start) / 2
    names = f"“{lower.plain.id}”和“{upper.plain.id}”", f'"{lower.plain.id}" and "{upper.plain.id}"'
    if lower.plain.start == start:
        _band_fault(
            problems, upper, f"{names[0]}都从{start:g}起", f"{names[1]} both begin at {start:g}", start
        )
    elif end < start:
        zh, en = f"{middle:g}在{names[0]}之间，没有等级", f"{middle:g} falls between {names[1]}, in neither"
        _band_fault(problems, upper, zh, en, middle)
    elif end > start:
        zh, en = f"{middle:g}同时在{names[0]}里", f"{middle:g} falls in both {names[1]}"
        _band_fault(problems, upper, zh, en, middle)


def _band_fault(problems: Problems, band: PrintedBand, zh: str, en: str, read: float) -> None:
    problems.add("F02", f"{zh}。", f"{en}.", read=f"{read:g}", **band.section.where("from"))


def _first(reading: Reading) -> int:
    """Return the line where the tree of a file begins that names no root."""
    top = reading.top
    return next((top.where(key)["line"] for key in ("parts", "nodes", "indicators") if top.has(key)), 1)


def _line(reading: Reading, key: str, name: str) -> int | None:
    things = reading.top.data.get(key)
    if isinstance(things, CommentedSeq):
        for place, thing in enumerate(things):
            if isinstance(thing, dict) and thing.get("id") == name:
                return int(things.lc.item(place)[0]) + 1
    return None
