"""What a framework is: a tree of nodes over indicators, gates, bands and labels, all frozen.

A node combines its children by points, by a weighted arithmetic or geometric mean, or by the minimum.
Parts are nodes that add to the total; dimensions are a second grouping of the same indicators and only a view,
so that nothing counts twice. Goalposts belong to the framework: a hub's score never depends on other hubs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from math import fsum

from config.text import Text
from evaluation.conditions import Condition

ROOT = "total"


class Kind(StrEnum):
    """Where an indicator's value comes from."""

    AUTO = "auto"
    RUBRIC = "rubric"
    SURVEY = "survey"
    DOCUMENT = "document"


class Combine(StrEnum):
    """How a node makes one value of its children's."""

    POINTS = "points"
    ARITHMETIC = "arithmetic"
    GEOMETRIC = "geometric"
    MINIMUM = "minimum"


@dataclass(frozen=True)
class Scale:
    """Hold the range of scores and how many decimals are shown; bands and gates see unrounded values."""

    minimum: float = 0.0
    maximum: float = 100.0
    decimals: int = 1

    @property
    def width(self) -> float:
        """Return the distance from the lowest to the highest score."""
        return self.maximum - self.minimum


@dataclass(frozen=True)
class Node:
    """Hold a node of the tree; `weight` is its points under a parent that adds points."""

    id: str
    parent: str | None
    combine: Combine
    weight: float
    text: Text
    is_part: bool = False
    floor: float = 0.0
    """Smallest share of the scale that counts in a geometric mean."""


@dataclass(frozen=True)
class Dimension:
    """Hold a second grouping of indicators, which adds nothing to the total."""

    id: str
    text: Text


@dataclass(frozen=True)
class EvidenceRule:
    """Hold from which level a value needs a file beside it, and which types of file count."""

    at_level: int = 0
    types: tuple[str, ...] = ()


@dataclass(frozen=True)
class Indicator:
    """Hold one thing that is measured, and how its value becomes a share of 0 to 1."""

    id: str
    node: str
    weight: float
    kind: Kind
    text: Text
    dimension: str | None = None
    metric: str | None = None
    unit: str = ""
    goalposts: tuple[float, float] = (0.0, 1.0)
    logarithmic: bool = False
    direction: int = 1
    levels: tuple[Text | None, ...] = (None,) * 5
    raters: int = 2
    item: str = ""
    answers: tuple[int, int] = (1, 5)
    evidence: EvidenceRule | None = None
    """None where a value needs no file beside it."""
    step: float | None = None
    """A change that a hub can reach in one go, in the indicator's own unit."""

    @property
    def top_level(self) -> int:
        """Return the highest level of a rubric."""
        return len(self.levels) - 1


@dataclass(frozen=True)
class SurveyPlan:
    """Hold how residents are drawn and how many answers a hub needs before they count."""

    strata: tuple[str, ...] = ()
    min_n: int = 1
    error: float | None = None
    confidence: float = 0.95


@dataclass(frozen=True)
class Band:
    """Hold a band that begins at `start` and ends where the next one begins."""

    id: str
    text: Text
    start: float


class Effect(StrEnum):
    """What a gate does when it binds."""

    NOT_ASSESSED = "not_assessed"
    CAP = "cap"
    NO_LABEL = "no_label"


@dataclass(frozen=True)
class Gate:
    """Hold a rule that limits what the points alone would give; `target` is a band or a label."""

    id: str
    text: Text
    when: Condition
    effect: Effect
    target: str = ""
    source: str = ""
    """The condition as the file has it."""


@dataclass(frozen=True)
class Label:
    """Hold a label that a hub can earn, and for how many years."""

    id: str
    text: Text
    when: Condition
    valid_years: int = 1
    source: str = ""
    """The condition as the file has it."""


@dataclass(frozen=True)
class Bridge:
    """Hold the indicators over which trends lead from an older version, under a name of their own."""

    id: str
    text: Text
    since: str
    """The older version."""
    indicators: tuple[str, ...]


@dataclass(frozen=True)
class Framework:
    """Hold one version of a framework, proven consistent by `loading.load`."""

    id: str
    version: str
    languages: tuple[str, ...]
    scale: Scale
    nodes: tuple[Node, ...]
    """The root first, parents before their children."""
    indicators: tuple[Indicator, ...]
    sha256: str
    dimensions: tuple[Dimension, ...] = ()
    survey: SurveyPlan = field(default_factory=SurveyPlan)
    max_missing_share: float = 0.1
    bands: tuple[Band, ...] = ()
    gates: tuple[Gate, ...] = ()
    labels: tuple[Label, ...] = ()
    supersedes: str = ""
    """The version before this one; empty where there is none."""
    bridge: Bridge | None = None

    @property
    def root(self) -> Node:
        """Return the node whose value is the total."""
        return self.nodes[0]

    @property
    def parts(self) -> tuple[Node, ...]:
        """Return the parts that add to the total, in the order of the file."""
        return tuple(node for node in self.nodes if node.is_part)

    @cached_property
    def indicator(self) -> dict[str, Indicator]:
        """Return the indicators by id."""
        return {indicator.id: indicator for indicator in self.indicators}

    @cached_property
    def children(self) -> dict[str, list[Node | Indicator]]:
        """Return what hangs directly under each node, in the order of the file."""
        below: dict[str, list[Node | Indicator]] = {node.id: [] for node in self.nodes}
        for node in self.nodes:
            if node.parent in below:
                below[node.parent].append(node)
        for indicator in self.indicators:
            if indicator.node in below:
                below[indicator.node].append(indicator)
        return below

    @cached_property
    def shares(self) -> dict[str, float]:
        """Return each indicator's nominal share of the total: the product of the shares on its way down."""
        found = {self.root.id: 1.0}
        for node in self.nodes:
            whole = fsum(child.weight for child in self.children[node.id]) or 1.0
            for child in self.children[node.id]:
                found[child.id] = found.get(node.id, 0.0) * child.weight / whole
        return {indicator.id: found.get(indicator.id, 0.0) for indicator in self.indicators}

    def points_of(self, node: Node) -> float:
        """Return what a node that adds points is worth: what stands under it, added up."""
        return fsum(child.weight for child in self.children[node.id])

    def of_kind(self, kind: Kind) -> tuple[Indicator, ...]:
        """Return the indicators of one kind, in the order of the file."""
        return tuple(indicator for indicator in self.indicators if indicator.kind == kind)

    def band_of(self, total: float) -> Band | None:
        """Return the band in which an unrounded total falls."""
        reached = [band for band in self.bands if band.start <= total]
        return reached[-1] if reached else None
