"""The tree of a framework file: parts, nodes and dimensions, with their names in both languages."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from config.text import Text
from evaluation.framework import ROOT, Combine, Dimension, Node, Scale
from evaluation.source import Section

ID = re.compile(r"\w[\w.-]*")
LANGUAGE_NAMES = {"zh": Text("中文", "Chinese"), "en": Text("英文", "English")}


@dataclass(frozen=True)
class Reading:
    """Hold what every part of the reading needs to know."""

    top: Section
    languages: tuple[str, ...]
    metrics: Collection[str] | None
    facts: frozenset[str]

    def name(self, section: Section) -> str:
        """Return a section's id, which later parts of the file point to."""
        name = section.string("id")
        if name and not ID.fullmatch(name):
            section.problems.add(
                "F03",
                f"“{name}”不能作编号：只用字母、数字、点、横线，不以点或横线开头。",
                f'"{name}" cannot be an id: use letters, digits, dots and dashes, and begin with a letter or digit.',
                read=name,
                **section.where("id"),
            )
        return name

    def text(self, section: Section, name: str) -> Text:
        """Return the name in both languages; a declared language that is missing is a fault."""
        return Text(self._in(section, "zh", name), self._in(section, "en", name))

    def _in(self, section: Section, language: str, name: str) -> str:
        if language in self.languages and not section.has(language):
            spelt = LANGUAGE_NAMES[language]
            section.problems.add(
                "F07",
                f"“{name}”缺{spelt.zh}名称。",
                f'"{name}" has no {spelt.en} text.',
                path=f"{section.path}.{language}",
                line=section.line,
                read=language,
            )
        return section.string(language, name)


def unique(sections: Iterable[tuple[str, Section]], what: Text) -> None:
    """Report every id that was given before."""
    seen: dict[str, int] = {}
    for name, section in sections:
        if name in seen:
            section.problems.add(
                "F03",
                f"{what.zh}“{name}”写了两次，第一次在第{seen[name]}行。",
                f'The {what.en} "{name}" is given twice, first on line {seen[name]}.',
                read=name,
                **section.where("id"),
            )
        seen.setdefault(name, section.line)


def read_nodes(reading: Reading, scale: Scale) -> tuple[Node, ...]:
    """Return the nodes, the root first; without `nodes` the root adds the points of the parts."""
    found = [(_node(reading, section), section) for section in reading.top.sections("nodes")]
    roots = [node.id for node, _ in found if node.parent is None]
    top = roots[0] if roots else ROOT
    found += [(_part(reading, section, top), section) for section in reading.top.sections("parts")]
    unique(((node.id, section) for node, section in found), Text("节点", "node"))
    if not roots:
        combine = Combine.POINTS if reading.top.has("parts") else Combine.ARITHMETIC
        root = Node(ROOT, None, combine, scale.width, Text("总分", "Total"))
        found.insert(0, (root, reading.top))
    return _in_order(found)


def _part(reading: Reading, section: Section, top: str) -> Node:
    name = reading.name(section)
    _no_direction(section, name)
    points = section.number("points")
    parent = section.string("parent", top)
    node = Node(name, parent, Combine.POINTS, points, reading.text(section, name), is_part=True)
    section.close()
    return node


def _node(reading: Reading, section: Section) -> Node:
    name = reading.name(section)
    _no_direction(section, name)
    node = Node(
        id=name,
        parent=section.string("parent", "") or None,
        combine=Combine(section.choice("combine", set(Combine), "arithmetic")),
        weight=section.number("points") if section.has("points") else section.number("weight", 1.0),
        text=reading.text(section, name),
        floor=section.number("floor", 0.0),
    )
    if section.has("floor") and not 0 < node.floor < 1:
        section.problems.add(
            "F10",
            f"节点“{name}”的下限是{node.floor:g}，要大于0、小于1。",
            f'The floor of node "{name}" is {node.floor:g}; it must be above 0 and below 1.',
            read=node.floor,
            **section.where("floor"),
        )
    section.close()
    return node


def _no_direction(section: Section, name: str) -> None:
    if section.raw("direction") is not None:
        section.problems.add(
            "F11",
            f"“{name}”不能有direction：方向只写在指标上。",
            f'"{name}" cannot have a direction: only indicators have one.',
            **section.where("direction"),
        )


def _in_order(found: list[tuple[Node, Section]]) -> tuple[Node, ...]:
    """Put parents before children; report an unknown parent, a circle, and a second root."""
    known = {node.id for node, _ in found}
    placed: dict[str | None, Node] = {}
    waiting = list(found)
    while waiting:
        ready = [(node, section) for node, section in waiting if node.parent is None or node.parent in placed]
        for node, section in ready:
            if node.parent is None and any(other.parent is None for other in placed.values()):
                _bad_parent(node, section, known, Text("是第二个总节点", "is a second top node"))
            placed.setdefault(node.id, node)
        waiting = [(node, section) for node, section in waiting if node.id not in placed]
        if not ready:
            for node, section in waiting:
                why = Text("自己在自己下面", "stands below itself")
                unknown = Text(f"的上级“{node.parent}”不存在", f'has an unknown parent "{node.parent}"')
                _bad_parent(node, section, known, why if node.parent in known else unknown)
            break
    return tuple(placed.values())


def _bad_parent(node: Node, section: Section, known: set[str], why: Text) -> None:
    section.problems.add(
        "F03",
        f"节点“{node.id}”{why.zh}。",
        f'The node "{node.id}" {why.en}.',
        read=node.parent or "",
        among=known - {node.id},
        **section.where("parent"),
    )


def read_dimensions(reading: Reading) -> tuple[Dimension, ...]:
    """Return the dimensions, which are a view only."""
    found = []
    for section in reading.top.sections("dimensions"):
        name = reading.name(section)
        _no_direction(section, name)
        found.append((Dimension(name, reading.text(section, name)), section))
        section.close()
    unique(((dimension.id, section) for dimension, section in found), Text("维度", "dimension"))
    return tuple(dimension for dimension, _ in found)
