"""Templates in two languages: one environment each, with the sentences of both side by side.

In a template `t("我能来", "I can come")` is the reader's language; `t(value)` takes a `Text` or a name. Fields
are escaped, and a Chinese name inside an English page is marked as Chinese for whoever reads it aloud.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from config.settings import settings
from config.text import Language, Text, plural
from portal import charts

HERE = Path(__file__).parent
HAN = re.compile(r"[\u4e00-\u9fff]")
CLAUSE = re.compile(r"(?<=[，：；？！])(?=.)|(?<=[^，：；？！])(?=“)")
SHORT_NAME = 10
"""Names up to this length stay whole while they fit into a line."""


def template(language: Language, name: str) -> Template:
    """Return a template whose words are in `language`."""
    return _environment(language).get_template(name)


@lru_cache(maxsize=2)
def _environment(language: Language) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals |= {
        "t": _words(language),
        "language": language,
        "plural": plural,
        "network": Text(settings().network_name, settings().network_name_en),
        "css": f"/static/hub.css?v={_version('hub.css')}",
        "draft_js": f"/static/draft.js?v={_version('draft.js')}",
        "fill_strip": charts.fill_strip,
        "interval_strip": charts.interval_strip,
        "axis": charts.axis,
        "meter": charts.meter,
    }
    environment.filters |= {"phrases": phrases, "nb": whole, "one": _one_decimal}
    return environment


@lru_cache(maxsize=4)
def _version(name: str) -> str:
    return sha256((HERE / "static" / name).read_bytes()).hexdigest()[:10]


def _words(language: Language) -> Callable[..., Markup]:
    is_english = language == Language.EN

    def name(text: Text | str) -> Markup:
        words = text if isinstance(text, str) else text.en if is_english else text.zh
        if is_english and HAN.search(words) and not isinstance(words, Markup):
            return Markup('<span lang="zh-Hans">{}</span>').format(words)
        return escape(words)

    def t(words: str | Text, english: str = "", **fields: Any) -> Markup:
        if isinstance(words, Text):
            return name(words)
        if not english:
            return name(words)
        sentence = Markup(english if is_english else words)  # noqa: S704 -- a template's own words
        if not fields:
            return sentence
        return sentence.format(
            **{key: name(value) if isinstance(value, (Text, str)) else value for key, value in fields.items()}
        )

    return t


def phrases(heading: str) -> Markup:
    """Wrap each clause of a heading, so that its lines break at punctuation and before names."""
    clauses = CLAUSE.split(heading)
    if len(clauses) == 1 or (isinstance(heading, Markup) and "<" in heading):
        return escape(heading)
    return Markup("").join(Markup('<span class="ph">{}</span>').format(Markup(clause)) for clause in clauses)  # noqa: S704 -- pieces of what was escaped


def whole(name: str) -> Markup:
    """Keep a short name in one line."""
    return Markup('<span class="nb">{}</span>').format(name) if len(name) <= SHORT_NAME else escape(name)


def _one_decimal(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
