"""How tests read a page: its heading, its sentences, its forms."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

from simulator.forms import Form, forms_of

TAG = re.compile(r"<[^>]+>")
HEADING = re.compile(r"<h1>(.*?)</h1>", re.DOTALL)
ID = re.compile(r'\sid="([^"]+)"')
MAIN = re.compile(r"<main.*?</main>", re.DOTALL)
LANGUAGES = ("zh-Hans", "en")


def words(html: str) -> str:
    """The text of a piece of HTML, as it is read."""
    return " ".join(unescape(TAG.sub("", html)).split())


def heading(html: str) -> str:
    """The answer that the page gives: its only h1."""
    found = HEADING.findall(html)
    assert len(found) == 1
    ids = ID.findall(html)
    assert sorted(ids) == sorted(set(ids))
    return words(found[0])


def main(html: str) -> str:
    """The text of the page between header and footer."""
    found = MAIN.search(html)
    assert found is not None
    return words(found.group())


def own_forms(html: str) -> list[Form]:
    """The forms of a page itself, without the switch of its look that every page has."""
    return [one for one in forms_of(html) if one.action != "/look"]


def form(html: str, sends: str) -> Form:
    """The form that sends a field of this name."""
    return next(one for one in forms_of(html) if sends in one.names)


def answers(html: str) -> list[str]:
    """Every answer that the page offers as a button."""
    return [value for one in forms_of(html) for value in one.choices.get("answer", [])]


def unlabelled(html: str) -> list[str]:
    """The names of fields that no label names: nobody who listens to the page knows what they are."""
    reader = _Labels()
    reader.feed(html)
    return [name for name, key, is_inside in reader.fields if not is_inside and key not in reader.named]


class _Labels(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.depth = 0
        self.named: set[str] = set()
        self.fields: list[tuple[str, str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "label":
            self.depth += 1
            self.named.add(given.get("for", ""))
        elif tag in ("input", "select", "textarea") and given.get("type") != "hidden":
            self.fields.append((given["name"], given.get("id", ""), self.depth > 0))

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag == "label"
