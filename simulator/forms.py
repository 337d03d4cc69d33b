"""Forms and links of a page, read as a browser reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser

FORM = re.compile(r"<form\b.*?</form>", re.DOTALL | re.IGNORECASE)
LINK = re.compile(r'<a\b[^>]*?\bhref="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL | re.IGNORECASE)
TAG = re.compile(r"<[^>]*>")


@dataclass
class Form:
    """A form: where it goes, what it sends untouched, and what one may choose."""

    action: str
    values: dict[str, str] = field(default_factory=dict)
    """What is sent when nobody touches anything."""
    choices: dict[str, list[str]] = field(default_factory=dict)
    """Values of each radio group, select and set of buttons, in the order of the page."""
    names: set[str] = field(default_factory=set)
    """Every field that can be filled."""

    def offers(self, name: str, value: str) -> bool:
        """Say whether `value` is among the choices of `name`."""
        return value in self.choices.get(name, ())


def forms_of(html: str) -> list[Form]:
    """Return the forms of a page, in order.

    Only the forms are parsed: a page has much around them, and a town reads thousands of pages.
    """
    return [_Reader.read(match.group()) for match in FORM.finditer(html)]


def links_of(html: str) -> list[tuple[str, str]]:
    """Return (href, words) of every link of a page, in order."""
    return [
        (unescape(href), " ".join(unescape(TAG.sub(" ", words)).split()))
        for href, words in LINK.findall(html)
    ]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.form = Form(action="")
        self.select = ""
        self.textarea = ""

    @classmethod
    def read(cls, html: str) -> Form:
        reader = cls()
        reader.feed(html)
        reader.close()
        return reader.form

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            self.form.action = given.get("action", "")
        elif tag == "option":
            self._choice(self.select, given.get("value", ""), chosen="selected" in given)
        elif not name or "disabled" in given:
            return
        elif tag == "input":
            self._input(name, given)
        elif tag == "button":
            self._choice(name, given.get("value", ""), chosen=False)
        elif tag == "select":
            self.select = name
        elif tag == "textarea":
            self.textarea = name
            self.form.names.add(name)
            self.form.values[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = ""
        elif tag == "textarea":
            self.textarea = ""

    def handle_data(self, data: str) -> None:
        if self.textarea:
            self.form.values[self.textarea] += data

    def _input(self, name: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text").lower()
        if kind in ("radio", "checkbox", "submit"):
            self._choice(name, given.get("value", "on"), chosen="checked" in given)
            return
        self.form.values[name] = given.get("value", "")
        if kind != "hidden":
            self.form.names.add(name)

    def _choice(self, name: str, value: str, *, chosen: bool) -> None:
        self.form.names.add(name)
        self.form.choices.setdefault(name, []).append(value)
        if chosen:
            self.form.values[name] = value
