"""A participant sees their place, takes one that became free, or gives it up."""

from __future__ import annotations

from contextlib import suppress

from fastapi import APIRouter, Request
from fastapi.responses import Response

from models.session import open_session, read_session
from notifications.links import Purpose
from portal.forms import Posted
from portal.pages import Visit
from services import participation
from services.errors import TooLate, refuse

router = APIRouter()
ANSWERS = ("take", "cancel")


@router.get("/p/{token}")
def show(request: Request, token: str, tried: str = "") -> Response:
    """Show a participant's place at an activity."""
    visit = Visit.of(request)
    (participation_id,) = visit.ids(Purpose.PARTICIPATION, token)
    with read_session() as session:
        place = participation.view(session, participation_id, now=visit.now, tried=tried)
    return visit.page("participation.html", own=place.language, zone=place.time_zone, place=place)


@router.post("/p/{token}")
def answer(request: Request, token: str, form: Posted) -> Response:
    """Take an offered place or give one up, and lead back to the page."""
    visit = Visit.of(request)
    (participation_id,) = visit.ids(Purpose.PARTICIPATION, token)
    what = form.get("answer")
    if what not in ANSWERS:
        raise refuse("no_answer", "按页面上的按钮回答。", "Answer with a button on the page.")
    # When it is too late, the page says why better than an error would.
    with suppress(TooLate), open_session() as session:
        participation.answer(session, participation_id, what, now=visit.now)
    return visit.again()
