"""The passages of a mail that a network may word itself: read from the template, so none can be forgotten.

A passage is a sentence of the subject, the preview line, a heading, a paragraph or a note. Facts (the
reasons for asking among them), buttons, links and the frame with sender and unsubscribe line are none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from jinja2 import Environment, nodes

from config.text import Language, Text

TEMPLATES = Path(__file__).parent / "templates"
PARTS: Mapping[str, Text] = MappingProxyType(
    {
        "subject": Text("主题", "Subject"),
        "preheader": Text("预览行（收件箱里主题后面那句）", "Preview line (after the subject in the inbox)"),
        "heading": Text("大标题", "Heading"),
        "section": Text("小标题", "Section heading"),
        "para": Text("正文", "Paragraph"),
        "note": Text("小字说明", "Small print"),
    }
)
ONE_LINE = frozenset({"subject", "preheader", "heading", "section"})
KEPT = frozenset({"consent", "news"})
"""Kinds that stay as they are: what a guardian agrees to is law, and a gathered mail has others' words."""
PROMISES = frozenset({(kind, part) for kind in ("survey", "survey_reminder") for part in ("para", "note")})
"""Why somebody was drawn, and that nobody sees their answers: nobody may promise less, or more."""


@dataclass(frozen=True)
class Passage:
    """Hold one passage as it stands in the template: what it is, its words, and which fields it may name."""

    key: str
    part: str
    default: str
    """The Chinese sentence of the template, by which rendering finds the passage."""
    sources: Mapping[str, str]
    """The words of each language as somebody would edit them, with `{{ field }}`."""
    fields: tuple[str, ...]

    @property
    def label(self) -> Text:
        """Return what part of the mail it is."""
        return PARTS[self.part]

    @property
    def is_one_line(self) -> bool:
        """Say whether a line end has no place in it."""
        return self.part in ONE_LINE


@lru_cache(maxsize=64)
def passages_of(kind: str) -> tuple[Passage, ...]:
    """Return the passages of a kind in the order of its template; none where it stays as it is."""
    if kind in KEPT:
        return ()
    source = (TEMPLATES / f"{kind}.jinja").read_text(encoding="utf-8")
    tree = Environment(autoescape=True).parse(source)
    found = {one.default: one for one in _passages(tree, "") if (kind, one.part) not in PROMISES}
    order = list(PARTS)[:2]  # what stands in the inbox comes first
    return tuple(sorted(found.values(), key=lambda one: order.index(one.part) if one.part in order else 2))


def _passages(node: nodes.Node, part: str) -> Iterator[Passage]:
    for child in node.iter_child_nodes():
        name = _name_of(child)
        if name == "t" and part and isinstance(child, nodes.Call):
            yield from _passage(child, part)
        # What stands in a button, a table or a link is no passage, nor is anything within it.
        elif name is None or name in PARTS or name in {"strong", "t"}:
            yield from _passages(child, name if name is not None and name in PARTS else part)


def _name_of(node: nodes.Node) -> str | None:
    """Return what a node calls, or what it sets; None for any other."""
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name):
        return node.node.name
    if isinstance(node, nodes.Assign) and isinstance(node.target, nodes.Name):
        return node.target.name
    return None


def _passage(call: nodes.Call, part: str) -> Iterator[Passage]:
    if call.args and isinstance(call.args[0], nodes.Const):
        default, fields = call.args[0].value, {pair.key: pair.value for pair in call.kwargs}
        english = _source(call.args[1], fields) if len(call.args) > 1 else ""
        yield Passage(
            key=hashlib.blake2b(default.encode(), digest_size=6).hexdigest(),
            part=part,
            default=default,
            sources={Language.ZH: _with_fields(default, fields), Language.EN: english},
            fields=tuple(fields),
        )
    for pair in call.kwargs:
        yield from _passages(pair, part)


def _source(words: nodes.Node, fields: Mapping[str, nodes.Node]) -> str:
    """Return English words as a source; "one" and "many" become an {% if %} where a field tells them apart."""
    if isinstance(words, nodes.Const):
        return _with_fields(words.value, fields)
    assert isinstance(words, nodes.CondExpr)
    many = _source(words.expr1, fields)
    test = words.test
    if words.expr2 is not None and isinstance(test, nodes.Compare) and len(test.ops) == 1:
        field = next((name for name, value in fields.items() if value == test.expr), None)
        number, operand = test.ops[0].expr, test.ops[0].op
        if field and operand == "ne" and isinstance(number, nodes.Const):
            one = _source(words.expr2, fields)
            return f"{{% if {field} != {number.value} %}}{many}{{% else %}}{one}{{% endif %}}"
    return many


def _with_fields(words: str, fields: Mapping[str, nodes.Node]) -> str:
    return words.format_map({name: f"{{{{ {name} }}}}" for name in fields}) if fields else words
