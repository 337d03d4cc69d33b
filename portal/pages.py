"""One request at the door: what time it is, in which language, and how its page is answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode

from fastapi import Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from config import clock
from config.settings import settings
from config.text import Language
from notifications import links
from notifications.dates import LocalTime
from notifications.links import Purpose
from portal import words

PRIVATE = {"Cache-Control": "no-store"}
LOOK = "look"
LOOKS = ("light", "dark")
RowId = Annotated[int, Path(ge=1, le=2**31 - 1)]
"""A row's id in an address: what PostgreSQL can compare, or there is no such page."""


@dataclass(frozen=True)
class Visit:
    """Hold what a page needs to know of its request."""

    now: datetime
    path: str
    query: str = ""
    accepts: str = ""
    """The browser's Accept-Language, for people whose own language we do not know."""
    look: str = ""
    """light or dark, where this browser's owner chose one; else the device decides."""

    @classmethod
    def of(cls, request: Request) -> Visit:
        """Return the visit that a request makes."""
        return cls(
            now=clock.now(),
            path=request.url.path,
            query=request.scope["query_string"].decode("latin-1"),
            accepts=request.headers.get("accept-language", ""),
            look=look if (look := request.cookies.get(LOOK, "")) in LOOKS else "",
        )

    def ids(self, purpose: Purpose, token: str) -> tuple[int, ...]:
        """Return the ids that a token opens; raises `LinkBroken` or `LinkExpired`."""
        return links.read(purpose, token, now=self.now).ids

    def language(self, own: str = "") -> Language:
        """Return the language that was asked for, else the person's own, else the browser's."""
        return _language(self._asked) or _language(own) or _language_of_browser(self.accepts)

    @property
    def kept(self) -> str:
        """Return the query that keeps a chosen language on the next page, or nothing."""
        asked = _language(self._asked)
        return f"?lang={asked}" if asked else ""

    @property
    def _asked(self) -> str:
        return dict(parse_qsl(self.query)).get("lang", "") if self.query else ""

    def page(
        self, name: str, /, *, own: str = "", zone: str = "", status: int = 200, **fields: Any
    ) -> HTMLResponse:
        """Answer with a page for one person: never stored on the way or in the browser."""
        return HTMLResponse(self.render(name, own=own, zone=zone, **fields), status, PRIVATE)

    def render(self, name: str, /, *, own: str = "", zone: str = "", **fields: Any) -> str:
        """Return a page's HTML in the reader's language, with times in `zone`."""
        language = self.language(own)
        other = Language.ZH if language == Language.EN else Language.EN
        return words.template(language, name).render(
            at=LocalTime.of(language, zone or settings().time_zone, self.now),
            now=self.now,
            path=self.path,
            look=self.look,
            kept=self.kept,
            switch=f"{self.path}?{urlencode({**dict(parse_qsl(self.query)), 'lang': other})}",
            **fields,
        )

    def again(self, path: str = "", **query: str) -> RedirectResponse:
        """Lead back to the page (or to `path`) after a deed: reloading does not repeat it."""
        asked = _language(self._asked)
        kept = ({"lang": asked.value} if asked else {}) | query
        return RedirectResponse(f"{path or self.path}{'?' if kept else ''}{urlencode(kept)}", 303, PRIVATE)


def _language(tag: str) -> Language | None:
    if tag.startswith("en"):
        return Language.EN
    return Language.ZH if tag.startswith("zh") else None


def _language_of_browser(accepts: str) -> Language:
    known = (_language(part.strip().lower()) for part in accepts.split(","))
    return next((language for language in known if language), Language.ZH)
