"""A resident drawn at random answers a few questions, or says that they would rather not."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from models.session import open_session, read_session
from notifications.links import Purpose
from portal.forms import Form, Posted, at_fields, numbers
from portal.pages import Visit
from services import evaluations
from services.errors import HubError, TooLate

router = APIRouter()


@router.get("/s/{token}")
def show(request: Request, token: str) -> Response:
    """Show the questions, or that they were answered."""
    return _page(Visit.of(request), token, Form())


@router.post("/s/{token}")
def submit(request: Request, token: str, form: Posted) -> Response:
    """Take the answers without the person, or a refusal; both once."""
    visit = Visit.of(request)
    (invitation_id,) = visit.ids(Purpose.SURVEY, token)
    try:
        with open_session() as session:
            if form.get("refuse"):
                evaluations.refuse_survey(session, invitation_id, now=visit.now)
            else:
                evaluations.record_survey(session, invitation_id, numbers(form), now=visit.now)
    except TooLate:
        return visit.again()  # the page says why better than an error would
    except HubError as error:
        return _page(visit, token, form, error)
    return visit.again()


def _page(visit: Visit, token: str, form: Form, error: HubError | None = None) -> Response:
    (invitation_id,) = visit.ids(Purpose.SURVEY, token)
    with read_session() as session:
        survey = evaluations.survey_view(session, invitation_id, now=visit.now)
    errors, general = at_fields(error, visit.language(survey.language))
    return visit.page(
        "survey.html",
        own=survey.language,
        zone=survey.time_zone,
        status=error.status if error else 200,
        survey=survey,
        form=form,
        errors=errors,
        general=general,
    )
