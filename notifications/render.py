"""From a message to its words: one template a kind, rendered once as HTML and once as text.

A template says each sentence once, in both languages side by side: `t("我能来", "I can come")`.
The building blocks (`heading`, `para`, `facts`, ...) exist twice, in `blocks.html` and `blocks.txt`, so
both forms of a mail say the same. There is one environment a language and form, and each is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from config.settings import settings
from config.text import Language, Text, plural
from notifications.dates import LocalTime
from notifications.kinds.base import Mail, names_of
from notifications.rewording import Chosen, own_words, using

TEMPLATES = Path(__file__).parent / "templates"
HAN = re.compile(r"[\u4e00-\u9fff]")
GAPS = re.compile(r"\n{3,}")
LINE_ENDS = re.compile(r"[ \t]+\n")
MARKED_CHINESE = Markup('<span lang="zh-Hans">{}</span>')
INDENTS = re.compile(r"\n\s+")


@dataclass(frozen=True)
class Rendered:
    """Hold the words of a mail: subject, text form, HTML form."""

    subject: str
    text: str
    html: str
    unsubscribe_url: str = ""


def render(mail: Mail, *, now: datetime, unsubscribe_url: str = "", chosen: Chosen | None = None) -> Rendered:
    """Return the words of `mail` for its recipient, in their language and zone.

    `chosen` are the network's own words for its passages; the frame around them is never reworded.
    """
    language = Language.EN if mail.to.language == Language.EN else Language.ZH
    at = LocalTime.of(language, mail.to.time_zone, now)
    fields = {"mail": mail, "at": at, "there": _there(mail, at, now)}
    with using(chosen):
        text = _template(language, "txt", mail.kind).make_module(fields)
        html = _template(language, "html", mail.kind).make_module(fields)
    subject = str(vars(text)["subject"])
    frame = {
        **fields,
        "subject": subject,
        "preheader": vars(html)["preheader"],
        "unsubscribe_url": unsubscribe_url,
        "leaves": names_of(mail.leaves),
        "network": Text(settings().network_name, settings().network_name_en),
    }
    return Rendered(
        subject=subject,
        text=_tidy_text(_template(language, "txt", "layout").render(frame, body=str(text))),
        html=INDENTS.sub("\n", _template(language, "html", "layout").render(frame, body=escape(html))),
        unsubscribe_url=unsubscribe_url,
    )


def _there(mail: Mail, at: LocalTime, now: datetime) -> LocalTime:
    # An activity happens in the zone of its hub, wherever its reader is.
    place = getattr(mail, "occasion", None) or mail
    zone = getattr(place, "time_zone", None)
    return at if zone is None else LocalTime.of(at.language, zone, now)


def _tidy_text(text: str) -> str:
    return GAPS.sub("\n\n", LINE_ENDS.sub("\n", text)).strip() + "\n"


@lru_cache(maxsize=256)
def _template(language: Language, form: str, name: str) -> Template:
    suffix = form if name == "layout" else "jinja"
    return _environment(language, form).get_template(f"{name}.{suffix}")


@lru_cache(maxsize=4)
def _environment(language: Language, form: str) -> Environment:
    is_html = form == "html"
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=is_html,  # noqa: S701 -- the other environment writes plain text
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals |= {
        "t": _html_words(language) if is_html else _plain_words(language),
        "language": language,
        "plural": plural,
    }
    for library in (f"blocks.{form}", "parts.jinja"):
        module = environment.get_template(library).module
        environment.globals |= {name: part for name, part in vars(module).items() if not name.startswith("_")}
    return environment


def _plain_words(language: Language) -> Callable[..., str]:
    def t(words: str | Text, english: str = "", **fields: Any) -> str:
        if isinstance(words, Text):
            return words.in_(language)
        filled = _in(language, fields) if fields else {}
        if (own := own_words(words, filled, is_html=False)) is not None:
            return own
        sentence = english if language == Language.EN else words
        return sentence.format_map(filled) if fields else sentence

    return t


def _html_words(language: Language) -> Callable[..., Markup]:
    def name(text: Text) -> Markup:
        words = text.in_(language)
        # A Chinese name in an English sentence is read aloud, and drawn, as Chinese.
        marked = language == Language.EN and HAN.search(words)
        return MARKED_CHINESE.format(words) if marked else escape(words)

    def t(words: str | Text, english: str = "", **fields: Any) -> Markup:
        if isinstance(words, Text):
            return name(words)
        filled = {key: name(value) if isinstance(value, Text) else value for key, value in fields.items()}
        if (own := own_words(words, filled, is_html=True)) is not None:
            return Markup(own)  # noqa: S704 -- escaped as it was filled in
        sentence = Markup(english if language == Language.EN else words)  # noqa: S704 -- a template's own words
        return sentence.format(**filled) if fields else sentence

    return t


def _in(language: Language, fields: dict[str, Any]) -> dict[str, Any]:
    return {key: value.in_(language) if isinstance(value, Text) else value for key, value in fields.items()}
