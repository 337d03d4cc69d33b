"""A hub's commitments: promised, reported on and reported done by its coordinators."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from models.session import open_session, read_session
from models.states import CommitmentState
from portal.forms import Form, Posted, at_fields, day_in, decimal_in, number
from portal.pages import RowId, Visit
from portal.routes.hubs import Desk
from services import commitment_views, commitments
from services.commitments import Promise
from services.errors import HubError, NotFound
from services.queries import NO_SUCH_THING, id_of

router = APIRouter()


@router.get("/h/{token}/commitments")
def index(request: Request, token: str) -> Response:
    """List the hub's commitments, what still runs first."""
    visit = Visit.of(request)
    with read_session() as session:
        desk = Desk.of(session, visit, token)
        found = commitment_views.of_hub(session, desk.hub.hub_id, now=visit.now)
    return desk.page("commitments.html", "/commitments", commitments=found)


@router.get("/h/{token}/commitments/{commitment_id}")
def show(request: Request, token: str, commitment_id: RowId) -> Response:
    """Show one commitment with the form that it is ready for."""
    return _page(Visit.of(request), token, commitment_id, Form())


@router.post("/h/{token}/commitments/{commitment_id}")
def act(request: Request, token: str, commitment_id: RowId, form: Posted) -> Response:
    """Promise a draft, note progress, or report the result."""
    visit = Visit.of(request)
    try:
        with open_session() as session:
            desk = Desk.of(session, visit, token)
            by, value, note = desk.reader.person_id, decimal_in(form, "value"), form.get("note")
            if form.get("deed") == "promise":
                commitments.promise(session, commitment_id, _promise(form), by=by, now=visit.now)
            elif form.get("deed") == "report":
                commitments.report_result(session, commitment_id, value, note, by=by, now=visit.now)
            else:
                commitments.note_progress(session, commitment_id, value, note, by=by, now=visit.now)
    except HubError as error:
        if not any(refusal.field for refusal in error.refusals):
            raise
        return _page(visit, token, commitment_id, form, error)
    return visit.again()


def _promise(form: Form) -> Promise:
    owner = form.get("owner")
    return Promise(
        target=decimal_in(form, "target"),
        due_on=day_in(form, "due_on"),
        owner_id=number(owner),
        plan=form.get("plan"),
        evidence=form.get("evidence"),
    )


def _page(
    visit: Visit, token: str, commitment_id: int, form: Form, error: HubError | None = None
) -> Response:
    with read_session() as session:
        desk = Desk.of(session, visit, token)
        found = commitment_views.one_of(session, commitment_id, by=desk.reader.person_id, now=visit.now)
        if found.hub_id != desk.hub.hub_id:
            raise NotFound(NO_SUCH_THING)
        owners = [(str(id_of(one)), one.name) for one in commitments.owners_of(session, desk.hub.hub_id)]
    errors, general = at_fields(error, visit.language(desk.reader.language))
    return desk.page(
        "commitment.html",
        "/commitments",
        status=error.status if error else 200,
        one=found,
        owners=owners,
        is_draft=found.state == CommitmentState.DRAFT,
        form=form,
        errors=errors,
        general=general,
    )
