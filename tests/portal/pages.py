"""How tests read a page: its heading, its sentences, its forms."""

from __future__ import annotations

import re
from html import unescape

from simulator.forms import Form, forms_of

TAG = re.compile(r"<[^>]+>")
HEADING = re.compile(r"<h1>(.*?)</h1>", re.DOTALL)
MAIN = re.compile(r"<main.*?</main>", re.DOTALL)
LANGUAGES = ("zh-Hans", "en")


def words(html: str) -> str:
    """The text of a piece of HTML, as it is read."""
    return " ".join(unescape(TAG.sub("", html)).split())


def heading(html: str) -> str:
    """The answer that the page gives: its only h1."""
    found = HEADING.findall(html)
    assert len(found) == 1
    return words(found[0])


def main(html: str) -> str:
    """The text of the page between header and footer."""
    found = MAIN.search(html)
    assert found is not None
    return words(found.group())


def form(html: str, sends: str) -> Form:
    """The form that sends a field of this name."""
    return next(one for one in forms_of(html) if sends in one.names)


def answers(html: str) -> list[str]:
    """Every answer that the page offers as a button."""
    return [value for one in forms_of(html) for value in one.choices.get("answer", [])]
