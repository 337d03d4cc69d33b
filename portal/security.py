"""Headers of every answer, and the page for what we did not foresee; a plain ASGI layer, for speed."""

from __future__ import annotations

import logging
import secrets
import traceback
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)
ErrorPage = Callable[[Request, Exception, str], Response]
logger = logging.getLogger(__name__)


class Shield:
    """Put the headers on every answer and turn an unforeseen error into a page with a number."""

    def __init__(self, app: ASGIApp, error_page: ErrorPage) -> None:
        self.app = app
        self.error_page = error_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, is_head = False, scope["method"] == "HEAD"
        # Link checkers and mail programs ask with HEAD first: a page that is there must not look broken.
        asked = {**scope, "method": "GET"} if is_head else scope

        async def with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                # A mail that is looked at brings a policy of its own: its styles are inline, and nothing in it may run.
                own = {name for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(header for header in HEADERS if header[0] not in own),
                ]
            elif is_head:
                message = {**message, "body": b""}
            await send(message)

        try:
            await self.app(asked, receive, with_headers)
        except Exception as error:
            if started:
                raise
            response = self.error_page(Request(asked), error, _note(asked, error))
            await response(asked, receive, with_headers)


def _note(scope: Scope, error: Exception) -> str:
    # A database error's own text holds the row, so only its kind and place are kept.
    number = secrets.token_hex(2).upper()
    route = getattr(scope.get("route"), "path", "an unknown path")
    where = "".join(traceback.format_tb(error.__traceback__))
    logger.error("error %s: %s at %s\n%s", number, type(error).__name__, route, where)
    return number
