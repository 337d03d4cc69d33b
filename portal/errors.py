"""Pages for what did not work: each says what happened, what to do, and offers one way on."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.exc import OperationalError

from config.text import Text
from portal.pages import Visit
from services.errors import HubError, NotFound, NotYours, TooLate

LINK_BROKEN = (
    Text("链接不完整", "The link is not complete"),
    Text(
        "从邮件里再点一次；复制的话，把整行都复制上。",
        "Open it from the mail once more; if you copy it, copy the whole line.",
    ),
)
LINK_EXPIRED = (
    Text("这个链接过期了", "This link has expired"),
    Text(
        "事情过去一阵子了，链接就不再打开。要问什么，直接回复那封邮件，会有人看。",
        "It was for something that is over. If you want to ask about it, reply to the mail: a person reads it.",
    ),
)
NO_PAGE = (
    Text("没有这一页", "There is no such page"),
    Text("地址可能打错了，或者这一页已经撤下。", "The address may be mistyped, or the page was taken down."),
)
WRONG_DOOR = (
    Text("这一步要从页面上的按钮来做", "This step is taken with a button on a page"),
    Text("回到上一页，再按一次按钮。", "Go back and press the button again."),
)
OUR_FAULT = Text("这一步没办成，是我们的问题", "That did not work, and it is our fault")
NOTHING_CHANGED = Text(
    "抱歉，什么都没有改。再试一次；还不行，把编号{number}告诉你的社工。",
    "Sorry. Nothing was changed. Try once more; if it fails again, tell your social worker the number {number}.",
)
BUSY = (
    Text("现在连不上，过一会儿再来", "We cannot be reached just now"),
    Text("什么都没有改。过一两分钟再试一次。", "Nothing was changed. Try again in a minute or two."),
)
TITLES: dict[type[HubError], Text] = {
    NotFound: NO_PAGE[0],
    NotYours: Text("这一页不归你看", "This page is not yours to see"),
    TooLate: Text("现在办不了了", "It can no longer be done"),
}
HOME = Text("去首页看看", "Go to the first page")
BACK = Text("回到这一页", "Back to the page")
NO_WAY_BACK = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.GONE})


def link_broken(request: Request, _error: Exception) -> HTMLResponse:
    """Answer a link that is cut off, altered, or meant for another page."""
    return _problem(request, LINK_BROKEN, HTTPStatus.NOT_FOUND)


def link_expired(request: Request, _error: Exception) -> HTMLResponse:
    """Answer a link whose time is over."""
    return _problem(request, LINK_EXPIRED, HTTPStatus.GONE)


def not_routed(request: Request, error: Exception) -> Response:
    """Answer an address that is no page, or that takes no such request."""
    status = getattr(error, "status_code", HTTPStatus.NOT_FOUND)
    page = _problem(request, WRONG_DOOR if status == HTTPStatus.METHOD_NOT_ALLOWED else NO_PAGE, status)
    page.headers.update(getattr(error, "headers", None) or {})
    return page


def bad_address(request: Request, _error: Exception) -> Response:
    """Answer an address whose parts are not what they should be."""
    return _problem(request, NO_PAGE, HTTPStatus.NOT_FOUND)


def refused(request: Request, error: Exception) -> Response:
    """Answer a deed that a service refuses, with all its reasons."""
    assert isinstance(error, HubError)
    title = next((words for kind, words in TITLES.items() if isinstance(error, kind)), None)
    sentences = [refusal.sentence for refusal in error.refusals]
    return _problem(request, (title or Text("这样办不了", "That cannot be done"), *sentences), error.status)


def unforeseen(request: Request, error: Exception, number: str) -> Response:
    """Answer when we broke something, or when the database cannot be reached."""
    if isinstance(error, OperationalError):
        return _problem(request, BUSY, HTTPStatus.SERVICE_UNAVAILABLE)
    return _problem(
        request, (OUR_FAULT, NOTHING_CHANGED.format(number=number)), HTTPStatus.INTERNAL_SERVER_ERROR
    )


def _problem(request: Request, words: Sequence[Text], status: int) -> HTMLResponse:
    visit = Visit.of(request)
    title, *sentences = words
    # After a refused deed the page itself shows how things stand; a page that is not there leads home.
    leads_back = request.method == "POST" and status not in NO_WAY_BACK
    return visit.page(
        "problem.html",
        status=status,
        title=title,
        sentences=sentences,
        way_on=visit.path if leads_back else "/",
        way_on_words=BACK if leads_back else HOME,
    )
