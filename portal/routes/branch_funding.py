"""A manager's pages of project applications: everything in the branch, and where each is decided."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from models.session import open_session, read_session
from portal.downloads import KINDS, download
from portal.forms import Form, Posted
from portal.pages import RowId, Visit
from portal.routes.branches import Branch
from services import funding_review, funding_spending, funding_views
from services.access import branch_hubs
from services.errors import HubError, TooLate

router = APIRouter()


@router.get("/b/{token}/funding")
def index(request: Request, token: str) -> Response:
    """List what the branch's hubs asked for, the newest first."""
    visit = Visit.of(request)
    with read_session() as session:
        branch = Branch.of(session, visit, token)
        found = funding_views.list_of(session, branch_hubs(session, branch.desk.unit_id))
    shown = [one for one in found if one.state != "draft"]
    return branch.page("branch_funding_list.html", found=shown)


@router.get("/b/{token}/funding/{application_id}")
def show(request: Request, token: str, application_id: RowId) -> Response:
    """Show an application to who decides it."""
    return _page(Visit.of(request), token, application_id, Form())


@router.post("/b/{token}/funding/{application_id}")
def decide(request: Request, token: str, application_id: RowId, form: Posted) -> Response:
    """Approve, return for change or reject what was read; the answer and the next step commit together."""
    visit = Visit.of(request)
    try:
        with open_session() as session:
            done = funding_review.answer(
                session,
                application_id,
                form.get("verdict"),
                form.get("reason"),
                seal=form.get("seal"),
                by=Branch.of(session, visit, token).desk.person_id,
                now=visit.now,
            )
    except HubError as error:
        if not isinstance(error, TooLate) and not any(refusal.field for refusal in error.refusals):
            raise
        return _page(visit, token, application_id, form, error)
    if done.work_id is not None and request.app.state.bell is not None:
        request.app.state.bell.ring(done.work_id)
    return visit.again()


@router.get("/b/{token}/funding/{application_id}/receipts/{expense_id}")
def receipt(request: Request, token: str, application_id: RowId, expense_id: RowId) -> Response:
    """Give a receipt to a manager above the hub."""
    visit = Visit.of(request)
    with read_session() as session:
        branch = Branch.of(session, visit, token)
        funding_views.for_branch(session, application_id, by=branch.desk.person_id, now=visit.now)
        row, content = funding_spending.receipt(session, application_id, expense_id)
    return download(content, row.receipt_name, KINDS[row.receipt_kind])


def _page(
    visit: Visit, token: str, application_id: int, form: Form, error: HubError | None = None
) -> Response:
    with read_session() as session:
        branch = Branch.of(session, visit, token)
        found, may_decide = funding_views.for_branch(
            session, application_id, by=branch.desk.person_id, now=visit.now
        )
    here = f"{branch.base}/funding/{application_id}"
    return branch.page(
        "branch_funding.html", error=error, one=found, may_decide=may_decide, here=here, form=form
    )
