"""An assessor scores a hub: one page, one card a level, and a way to step aside."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from models.session import open_session, read_session
from notifications.links import Purpose
from portal.forms import Form, Posted, at_fields, numbers
from portal.pages import Visit
from portal.uploads import Uploaded
from services import evaluations, evidence
from services.errors import HubError, TooLate

router = APIRouter()


@router.get("/a/{token}")
def show(request: Request, token: str) -> Response:
    """Show an assessor's form, or what became of it."""
    return _page(Visit.of(request), token, Form())


@router.post("/a/{token}")
def submit(request: Request, token: str, form: Posted) -> Response:
    """Take an assessor's levels, or let them step aside; both once."""
    visit = Visit.of(request)
    (assessment_id,) = visit.ids(Purpose.ASSESSMENT, token)
    try:
        with open_session() as session:
            if form.get("conflict"):
                evaluations.declare_conflict(session, assessment_id, now=visit.now)
            else:
                levels = numbers(form, skip=("note",))
                note = form.get("note")
                evaluations.record_assessment(session, assessment_id, levels, note, now=visit.now)
    except TooLate:
        return visit.again()  # the page says why better than an error would
    except HubError as error:
        return _page(visit, token, form, error)
    return visit.again()


@router.post("/a/{token}/correct")
def correct(request: Request, token: str, form: Posted) -> Response:
    """Correct levels that were sent in, with a reason; what was given first is kept."""
    visit = Visit.of(request)
    (assessment_id,) = visit.ids(Purpose.ASSESSMENT, token)
    try:
        with open_session() as session:
            levels, reason = numbers(form, skip=("reason",)), form.get("reason")
            evaluations.correct_assessment(session, assessment_id, levels, reason, now=visit.now)
    except TooLate:
        return visit.again(f"/a/{token}")
    except HubError as error:
        return _page(visit, token, form, error)
    return visit.again(f"/a/{token}")


@router.post("/a/{token}/evidence")
def attach(request: Request, token: str, sent: Uploaded) -> Response:
    """Take a file that shows what a rating says."""
    visit = Visit.of(request)
    (assessment_id,) = visit.ids(Purpose.ASSESSMENT, token)
    indicator, given = sent
    try:
        with open_session() as session:
            evidence.attach(session, assessment_id, indicator, given, now=visit.now)
    except HubError as error:
        return _page(visit, token, Form({"indicator": [indicator]}), error)
    return visit.again(f"/a/{token}")


def _page(visit: Visit, token: str, form: Form, error: HubError | None = None) -> Response:
    (assessment_id,) = visit.ids(Purpose.ASSESSMENT, token)
    with read_session() as session:
        assessment = evaluations.assessment_view(session, assessment_id, now=visit.now)
    errors, general = at_fields(error, visit.language(assessment.language))
    return visit.page(
        "assessment.html",
        own=assessment.language,
        zone=assessment.time_zone,
        status=error.status if error else 200,
        assessment=assessment,
        here=f"/a/{token}",
        form=form,
        errors=errors,
        general=general,
    )
