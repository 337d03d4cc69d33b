"""A browser without a screen: one connection that is kept, pages, and forms that are sent."""

from __future__ import annotations

from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from http.client import HTTPSConnection as TlsConnection
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from simulator.forms import Form, forms_of

TIMEOUT_SECONDS = 60.0
FORM_TYPE = {"Content-Type": "application/x-www-form-urlencoded"}
SUCCESS = range(200, 400)


class PageError(Exception):
    """A page answered that it cannot, or is not what it was expected to be."""


@dataclass(frozen=True)
class Page:
    """What came back for a request."""

    path: str
    status: int
    text: str
    location: str = ""

    @property
    def is_done(self) -> bool:
        """Say whether the portal did what was asked; a redirect to the thanks is a yes."""
        return self.status in SUCCESS

    def forms(self) -> list[Form]:
        """Return every form of the page."""
        return forms_of(self.text)

    def form(self, *, sends: str = "", to: str = "") -> Form:
        """Return the form that has a field `sends` and whose address ends with `to`."""
        for form in self.forms():
            if (not sends or sends in form.names) and form.action.partition("?")[0].endswith(to):
                return form
        raise PageError(
            f"no form for {sends or to or 'anything'} in {_without_token(self.path)} ({self.status})"
        )


class Browser:
    """Fetch pages and send forms of one site over one connection; not to be shared by threads."""

    def __init__(self, base_url: str) -> None:
        site = urlsplit(base_url)
        self._site = site.netloc
        self._kind = TlsConnection if site.scheme == "https" else HTTPConnection
        self._host, self._port = site.hostname or "", site.port
        self._connection: HTTPConnection | None = None
        self.requests = 0

    def get(self, url: str) -> Page:
        """Fetch a page; raise `PageError` when it is not there."""
        page = self._ask("GET", self._path(url))
        if not page.is_done:
            raise PageError(f"GET {_without_token(page.path)}: {page.status}")
        return page

    def send(self, page: Page, form: Form, **values: str) -> Page:
        """Send `form` of `page` with `values` filled in; it is for the caller to see what came of it."""
        address = urljoin(page.path, form.action) if form.action else page.path
        body = urlencode({**form.values, **values})
        return self._ask("POST", self._path(address), body=body, headers=FORM_TYPE)

    def follow(self, page: Page) -> Page:
        """Fetch the page to which `page` redirects, or return it as it is.

        Most people do not read the thanks; who wants to know what came of it does.
        """
        return self.get(urljoin(page.path, page.location)) if page.location else page

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _path(self, url: str) -> str:
        parts = urlsplit(url)
        if parts.netloc not in ("", self._site):
            raise PageError("a link to another site")
        return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"

    def _ask(self, method: str, path: str, **request: Any) -> Page:
        # A server may close a connection that was idle between two days: then ask once more.
        try:
            return self._ask_once(method, path, **request)
        except (HTTPException, ConnectionError):
            self.close()
            return self._ask_once(method, path, **request)

    def _ask_once(self, method: str, path: str, **request: Any) -> Page:
        if self._connection is None:
            self._connection = self._kind(self._host, self._port, timeout=TIMEOUT_SECONDS)
        self._connection.request(method, path, **request)
        response = self._connection.getresponse()
        text = response.read().decode("utf-8", "replace")
        self.requests += 1
        return Page(path, response.status, text, response.getheader("Location", ""))


def _without_token(path: str) -> str:
    # A token opens a page: it stays out of logs.
    first, _, rest = path.lstrip("/").partition("/")
    return f"/{first}/..." if len(first) == 1 and rest else f"/{first}"
