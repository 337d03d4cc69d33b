"""A network's own words for a passage: a small language, read by an allow-list and run in a sandbox.

`{{ field }}` and `{% if n == 1 %}...{% else %}...{% endif %}`, and nothing else: no attribute, no item, no
call, no filter, no loop, no arithmetic. What stands around the fields is text and is escaped, so the
words of a coordinator can hold no markup, and those of a volunteer's name no code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from config.text import Text
from notifications.headers import CONTROLS
from notifications.passages import Passage

LONGEST_SOURCE, LONGEST_LINE = 1000, 300
LONGEST_RESULT, LONGEST_RESULT_LINE = 2000, 200
ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.CondExpr,
    nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not,
)  # fmt: skip


class TooLong(Exception):  # noqa: N818 -- named after what it says
    """The filled-in words are longer than a mail should say there."""


@dataclass(frozen=True)
class Fault:
    """Say what is wrong with a source, in which line, and what to do."""

    line: int
    code: str
    sentence: Text


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's own sandbox, in which no attribute at all is safe; the allow-list stands before it."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:  # noqa: ARG002 -- the signature is Jinja's
        return False

    def is_safe_callable(self, obj: Any) -> bool:  # noqa: ARG002 -- the signature is Jinja's
        return False


def _sandbox(*, is_html: bool) -> _Sandbox:
    environment = _Sandbox(autoescape=is_html, undefined=StrictUndefined, keep_trailing_newline=True)
    environment.globals.clear()
    environment.filters.clear()
    return environment


_SANDBOXES = {False: _sandbox(is_html=False), True: _sandbox(is_html=True)}


def faults(source: str, passage: Passage) -> Iterator[Fault]:
    """Yield what is wrong with the words for a passage, each with its line."""
    most = LONGEST_LINE if passage.is_one_line else LONGEST_SOURCE
    if len(source) > most:
        sentence = Text(
            "写了{n}个字符，最多{most}个：写短一点。", "It has {n} characters, {most} at most: write less."
        )
        yield Fault(1, "letter_too_long", sentence.format(n=len(source), most=most))
        return
    bad = next((n for n, line in enumerate(source.split("\n"), 1) if CONTROLS.search(line)), 0)
    if bad or (passage.is_one_line and "\n" in source):
        sentence = Text(
            "这里只能写一行，也不能有看不见的控制字符：去掉换行。"
            if passage.is_one_line
            else "有看不见的控制字符：请删掉，直接打字。",
            "This is one line without control characters: remove the line end."
            if passage.is_one_line
            else "There are invisible control characters: remove them and type the words anew.",
        )
        yield Fault(bad or 2, "letter_line_end", sentence)
        return
    try:
        found = list(_of_nodes(_SANDBOXES[False].parse(source), passage))
        if not found:
            _compiled(source, is_html=False)
    except TemplateSyntaxError as error:
        yield Fault(error.lineno, "letter_syntax", _unreadable(error))
    except (RecursionError, SyntaxError):
        sentence = Text(
            "括号或条件套得太多层：写简单一点。",
            "Brackets or conditions are nested too deeply: write it simpler.",
        )
        yield Fault(1, "letter_syntax", sentence)
    else:
        yield from found


def _unreadable(error: TemplateSyntaxError) -> Text:
    return Text(
        "花括号没写对：字段写成{{ 名字 }}，条件写成{% if n == 1 %}…{% endif %}，都要成对收尾。",
        "The braces are not right: a field is {{ name }}, a condition {% if n == 1 %}…{% endif %}, and each must be "
        f"closed ({error.message}).",
    )


def _of_nodes(tree: nodes.Node, passage: Passage) -> Iterator[Fault]:
    known = "、".join(passage.fields) or "–", ", ".join(passage.fields) or "none"
    for node in tree.find_all(nodes.Node):
        if isinstance(node, nodes.Name) and node.name not in passage.fields:
            sentence = Text(
                f"这一句没有“{node.name}”这个字段。能用的是：{known[0]}。",
                f"This passage has no field “{node.name}”. It has: {known[1]}.",
            )
            yield Fault(node.lineno, "letter_field", sentence)
        elif not isinstance(node, ALLOWED):
            sentence = Text(
                "这里只能写文字、{{ 字段 }}和{% if %}条件，不能用点号、方括号、函数、过滤器、循环或运算：删掉它。",
                "Only words, {{ field }} and {% if %} conditions are possible here; no dots, brackets, calls, filters, "
                "loops or arithmetic: remove it.",
            )
            yield Fault(node.lineno, "letter_forbidden", sentence)


@dataclass(frozen=True)
class Chosen:
    """Hold a network's own sources for one mail in one language, by the template's Chinese sentence."""

    sources: Mapping[str, tuple[str, bool]]
    """Each with whether it is one line."""
    is_trial: bool = False
    """Whether a fault is raised, as in a preview; a mail that must leave falls back on the template's words."""


_CHOSEN: ContextVar[Chosen | None] = ContextVar("chosen", default=None)


@contextmanager
def using(chosen: Chosen | None) -> Iterator[None]:
    """Let the network's own words stand for the template's within this block."""
    token = _CHOSEN.set(chosen)
    try:
        yield
    finally:
        _CHOSEN.reset(token)


def own_words(default: str, fields: Mapping[str, Any], *, is_html: bool) -> str | None:
    """Return the network's own words for a sentence of the template, filled in; None where it has none."""
    chosen = _CHOSEN.get()
    if chosen is None or (found := chosen.sources.get(default)) is None:
        return None
    source, is_one_line = found
    try:
        words = _compiled(source, is_html).render(fields)
        read = Markup(words).striptags() if is_html else words  # noqa: S704 -- only counted
        if len(read) > (LONGEST_RESULT_LINE if is_one_line else LONGEST_RESULT):
            raise TooLong  # noqa: TRY301 -- falls back as any other fault does
    except (TemplateError, TooLong, TypeError):
        if chosen.is_trial:
            raise
        return None
    return Markup(words) if is_html else words  # noqa: S704 -- text was escaped as it was compiled, fields as they were filled in


@lru_cache(maxsize=512)
def _compiled(source: str, is_html: bool) -> Template:
    environment = _SANDBOXES[is_html]
    tree = environment.parse(source)
    if is_html:
        for node in tree.find_all(nodes.TemplateData):
            node.data = str(escape(node.data)).replace("\n", "<br>\n")
    return Template.from_code(environment, environment.compile(tree), {})
