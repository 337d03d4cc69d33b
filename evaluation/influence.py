"""What decides the totals: nominal against effective weights, and how far ranks hang on weights and indicators.

The effective weight of a part is its squared correlation with the total, as shares that add to 1 (OECD and JRC,
Handbook on Constructing Composite Indicators, 2008; P. Paruolo, M. Saisana and A. Saltelli, JRSS A 176 (2013)
609-634). A part in which hubs hardly differ decides little, whatever its points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from config.text import Text
from evaluation.framework import Combine, Framework, Node
from evaluation.rounding import settle

Values = NDArray[np.float64]
LEAST_HUBS = 3
HALF, DOUBLE = 0.5, 2.0
SPREAD = 0.2
"""Weights are varied by this much up and down."""
WEIGHT_DRAWS = 500


@dataclass(frozen=True)
class PartWeight:
    """Hold what a part is worth on paper, and what it decides."""

    part: str
    name: Text
    nominal: float
    effective: float
    """Squared correlation with the total, as a share of all parts'."""
    correlation: float
    mean: float
    spread: float
    """Standard deviation between hubs, in points."""
    warning: Text | None


def weights(framework: Framework, parts: Mapping[str, Sequence[float | None]]) -> tuple[PartWeight, ...]:
    """Return nominal and effective weights from each part's points at every hub with a total.

    Nothing below three hubs, and nothing where no hub differs from another.
    """
    points = np.array([parts[node.id] for node in framework.parts], dtype=float)
    if points.ndim != 2 or points.shape[1] < LEAST_HUBS:  # noqa: PLR2004 -- parts by hubs
        return ()
    totals = points.sum(axis=0)
    squares = np.array([_correlation(row, totals) for row in points]) ** 2
    if settle(float(squares.sum())) <= 0:
        return ()
    whole = sum(node.weight for node in framework.parts)
    found = []
    for node, row, square in zip(framework.parts, points, squares, strict=True):
        nominal, effective = node.weight / whole, float(square / squares.sum())
        found.append(
            PartWeight(
                part=node.id,
                name=node.text,
                nominal=nominal,
                effective=effective,
                correlation=float(np.sqrt(square)),
                mean=float(row.mean()),
                spread=float(row.std(ddof=1)),
                warning=_warning(node, nominal, effective),
            )
        )
    return tuple(found)


def _correlation(first: Values, second: Values) -> float:
    if settle(float(np.ptp(first))) <= 0 or settle(float(np.ptp(second))) <= 0:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])


def _warning(node: Node, nominal: float, effective: float) -> Text | None:
    if HALF <= effective / nominal <= DOUBLE:
        return None
    less = effective < nominal
    return Text(
        f"“{node.text.zh}”名义上占{nominal:.0%}，实际只决定{effective:.0%}：各家在这里差别小，权重没有起作用。"
        if less
        else f"“{node.text.zh}”名义上占{nominal:.0%}，实际决定了{effective:.0%}：各家的高下主要由它拉开。",
        f"{node.text.en} weighs {nominal:.0%} on paper and decides {effective:.0%}: hubs hardly differ in it."
        if less
        else f"{node.text.en} weighs {nominal:.0%} on paper and decides {effective:.0%}: it is what tells hubs apart.",
    )


@dataclass(frozen=True)
class Sensitivity:
    """Hold how far ranks move: the mean shift in places over all hubs, and the largest of any hub."""

    what: str
    name: Text
    mean_shift: float
    largest_shift: float


def sensitivity(framework: Framework, shares: Values, *, seed: int) -> tuple[Sensitivity, ...]:
    """Return how ranks move under other weights, another mean, or one indicator less, the largest first.

    `shares` are hubs by indicators, NaN where one is missing.
    """
    if len(shares) < LEAST_HUBS:
        return ()
    plain = _ranks(totals(framework, shares))
    chance = np.random.Generator(np.random.PCG64(seed))
    moved = [
        _ranks(totals(framework, shares, factors=_factors(framework, chance))) for _ in range(WEIGHT_DRAWS)
    ]
    shifts = np.abs(np.array(moved) - plain)
    found = [
        Sensitivity(
            "weights",
            Text("各项权重在正负20%内变动", "weights varied by 20 % up and down"),
            float(shifts.mean()),
            float(np.quantile(shifts, 0.975)),
        )
    ]
    geometric = _ranks(totals(framework, shares, root=Combine.GEOMETRIC))
    found.append(
        _shift("geometric", Text("各部分改用几何平均", "a geometric mean of the parts"), plain, geometric)
    )
    for place, indicator in enumerate(framework.indicators):
        without = shares.copy()
        without[:, place] = np.nan
        name = Text(f"去掉“{indicator.text.zh}”", f"without {indicator.text.en}")
        found.append(_shift(f"without {indicator.id}", name, plain, _ranks(totals(framework, without))))
    return tuple(sorted(found, key=lambda one: (-settle(one.mean_shift), one.what)))


def _shift(what: str, name: Text, before: Values, after: Values) -> Sensitivity:
    moved = np.abs(after - before)
    return Sensitivity(what, name, float(moved.mean()), float(moved.max()))


def _ranks(values: Values) -> Values:
    """Return 1 + how many lie above, on settled values."""
    settled = -np.round(values, 9)
    return np.asarray(1.0 + np.searchsorted(np.sort(settled), settled, side="left"))


def _factors(framework: Framework, chance: np.random.Generator) -> dict[str, float]:
    names = [*(node.id for node in framework.nodes), *(one.id for one in framework.indicators)]
    return dict(zip(names, chance.uniform(1 - SPREAD, 1 + SPREAD, len(names)), strict=True))


def totals(
    framework: Framework,
    shares: Values,
    *,
    factors: Mapping[str, float] | None = None,
    root: Combine | None = None,
) -> Values:
    """Return every hub's total share from a table of hubs by indicators; `factors` change weights."""
    found = {one.id: shares[:, place] for place, one in enumerate(framework.indicators)}
    for node in reversed(framework.nodes):
        below = framework.children[node.id]
        weight = np.array([child.weight * (factors or {}).get(child.id, 1.0) for child in below])
        combine = root if root is not None and node is framework.root else node.combine
        found[node.id] = _combined(node, combine, np.array([found[child.id] for child in below]), weight)
    return np.nan_to_num(found[framework.root.id], nan=0.0)


def _combined(node: Node, combine: Combine, values: Values, weight: Values) -> Values:
    known = ~np.isnan(values)
    present = np.where(known, weight[:, None], 0.0)
    whole = present.sum(axis=0)
    some = whole > 0
    part = present / np.where(some, whole, 1.0)
    filled = np.where(known, values, 0.0)
    if combine == Combine.MINIMUM:
        mixed = np.where(known, values, np.inf).min(axis=0)
    elif combine == Combine.GEOMETRIC:
        floor = max(node.floor, 1e-6)
        mixed = np.exp((part * np.log(np.where(known, np.maximum(filled, floor), 1.0))).sum(axis=0))
    else:
        mixed = (part * filled).sum(axis=0)
    return np.asarray(np.where(some, mixed, np.nan))
