"""Leave a kind of mail: the link's page only asks, the button (or a mail program, RFC 8058) does it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from models.session import open_session, read_session
from notifications.kinds import REQUIRED, STREAM_NAMES, names_of
from notifications.links import Purpose
from portal.forms import Posted
from portal.pages import Visit
from services import preferences
from services.offer_view import masked

router = APIRouter()


@router.get("/u/{token}/{stream}")
def ask(request: Request, token: str, stream: str) -> Response:
    """Ask whether to stop a kind of mail, or say that it is stopped."""
    return _page(Visit.of(request), token, stream)


@router.post("/u/{token}/{stream}")
def change(request: Request, token: str, stream: str, form: Posted) -> Response:
    """Stop a kind of mail, or take that back with `undo`; a second click changes nothing."""
    visit = Visit.of(request)
    (mail,) = visit.ids(Purpose.UNSUBSCRIBE, token)
    with open_session() as session:
        address = preferences.address_of(session, mail)
        if form.get("undo"):
            preferences.resubscribe(session, address, stream)
        else:
            preferences.unsubscribe(session, address, stream, now=visit.now)
    # A mail program's own click must not be answered with a redirect (RFC 8058, section 3.1).
    is_ours = form.get("stop") or form.get("undo")
    return visit.again() if is_ours else _page(visit, token, stream)


def _page(visit: Visit, token: str, stream: str) -> Response:
    (mail,) = visit.ids(Purpose.UNSUBSCRIBE, token)
    streams = preferences.streams_of(stream)
    with read_session() as session:
        address = preferences.address_of(session, mail)
        is_stopped = preferences.is_unsubscribed(session, address, stream)
    return visit.page(
        "unsubscribe.html",
        name=names_of(streams),
        singly=[(f"/u/{token}/{one}", STREAM_NAMES[one]) for one in streams if len(streams) > 1],
        address=masked(address),
        is_stopped=is_stopped,
        is_required=not REQUIRED.isdisjoint(streams),
    )
