"""A guardian answers for a minor, and may change the answer later on the same page."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from models.session import open_session, read_session
from notifications.links import Purpose
from portal.forms import Posted
from portal.pages import Visit
from services import consents
from services.errors import refuse

router = APIRouter()
ANSWERS = {"yes": True, "no": False}


@router.get("/g/{token}")
def show(request: Request, token: str) -> Response:
    """Show what a guardian is asked, or what they answered."""
    visit = Visit.of(request)
    (consent_id,) = visit.ids(Purpose.CONSENT, token)
    with read_session() as session:
        consent = consents.view(session, consent_id, now=visit.now)
    return visit.page("consent.html", own=consent.language, zone=consent.time_zone, consent=consent)


@router.post("/g/{token}")
def answer(request: Request, token: str, form: Posted) -> Response:
    """Take a guardian's answer and lead back to the page."""
    visit = Visit.of(request)
    (consent_id,) = visit.ids(Purpose.CONSENT, token)
    granted = ANSWERS.get(form.get("answer"))
    if granted is None:
        raise refuse("no_answer", "先选“同意”或“不同意”。", "Choose “I agree” or “I do not agree”.")
    with open_session() as session:
        consents.answer(session, consent_id, granted, now=visit.now)
    return visit.again()
