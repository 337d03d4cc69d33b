"""A hub's project applications: written, handed in, carried out and closed by its coordinators, often on a phone."""

from __future__ import annotations

import secrets

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from models.session import open_session, read_session
from portal.downloads import KINDS, download
from portal.forms import Form, Posted, at_fields, day_in, number
from portal.pages import RowId, Visit
from portal.routes.hubs import Desk
from portal.uploads import WithFile
from services import funding, funding_spending, funding_views
from services.errors import HubError, NotFound
from services.evidence_store import Given as File
from services.funding import Given
from services.funding_base import Done
from services.funding_checks import MOST_LINES, LineGiven
from services.funding_money import CATEGORIES, plain_yuan
from services.funding_spending import Spent
from services.funding_views import FundingView
from services.queries import NO_SUCH_THING

router = APIRouter()
ROWS, MORE_ROWS = 3, 3


@router.get("/h/{token}/funding")
def index(request: Request, token: str) -> Response:
    """List the hub's applications, the newest first."""
    visit = Visit.of(request)
    with read_session() as session:
        desk = Desk.of(session, visit, token)
        found = funding_views.list_of(session, [desk.hub.hub_id])
    return desk.page("funding_list.html", "/funding", found=found)


@router.get("/h/{token}/funding/new")
def new(request: Request, token: str) -> Response:
    """Show an empty application."""
    return _form_page(Visit.of(request), token, Form(), None)


@router.post("/h/{token}/funding/new")
def create(request: Request, token: str, form: Posted) -> Response:
    """Keep a new draft, or show more lines."""
    return _save(Visit.of(request), token, form, None)


@router.get("/h/{token}/funding/{application_id}/edit")
def edit(request: Request, token: str, application_id: RowId) -> Response:
    """Show an application that can be changed."""
    return _form_page(Visit.of(request), token, Form(), application_id)


@router.post("/h/{token}/funding/{application_id}/edit")
def change(request: Request, token: str, application_id: RowId, form: Posted) -> Response:
    """Keep a changed draft, or show more lines."""
    return _save(Visit.of(request), token, form, application_id)


@router.get("/h/{token}/funding/{application_id}")
def show(request: Request, token: str, application_id: RowId) -> Response:
    """Show an application with what can be done next."""
    return _page(Visit.of(request), token, application_id, Form())


@router.post("/h/{token}/funding/{application_id}")
def act(request: Request, token: str, application_id: RowId, form: Posted) -> Response:
    """Hand in, withdraw, begin, take an expense back, or close."""
    visit = Visit.of(request)
    try:
        with open_session() as session:
            desk = Desk.of(session, visit, token)
            _own(session, desk, application_id, visit)
            done = _deed(session, desk, application_id, form, visit)
    except HubError as error:
        return _page(visit, token, application_id, form, error)
    if done.work_id is not None and request.app.state.bell is not None:
        request.app.state.bell.ring(done.work_id)
    return visit.again()


@router.post("/h/{token}/funding/{application_id}/expenses")
def spend(request: Request, token: str, application_id: RowId, sent: WithFile) -> Response:
    """Record an expense with its receipt."""
    visit, (form, given) = Visit.of(request), sent
    try:
        with open_session() as session:
            desk = Desk.of(session, visit, token)
            _own(session, desk, application_id, visit)
            by, spent = desk.reader.person_id, _spent(form, given)
            funding_spending.spend(session, application_id, spent, by=by, now=visit.now)
    except HubError as error:
        return _page(visit, token, application_id, form, error)
    return visit.again(f"/h/{token}/funding/{application_id}")


@router.get("/h/{token}/funding/{application_id}/receipts/{expense_id}")
def receipt(request: Request, token: str, application_id: RowId, expense_id: RowId) -> Response:
    """Give a receipt to one of the hub's coordinators."""
    visit = Visit.of(request)
    with read_session() as session:
        _own(session, Desk.of(session, visit, token), application_id, visit)
        row, content = funding_spending.receipt(session, application_id, expense_id)
    return download(content, row.receipt_name, KINDS[row.receipt_kind])


def _own(session: Session, desk: Desk, application_id: int, visit: Visit) -> FundingView:
    found = funding_views.for_hub(session, application_id, by=desk.reader.person_id, now=visit.now)
    if found.hub_id != desk.hub.hub_id:
        raise NotFound(NO_SUCH_THING)
    return found


def _deed(session: Session, desk: Desk, application_id: int, form: Form, visit: Visit) -> Done:
    by, now, deed = desk.reader.person_id, visit.now, form.get("deed")
    if form.get("seal"):
        return funding.submit(session, application_id, seal=form.get("seal"), by=by, now=now)
    if deed == "begin":
        return funding_spending.begin(session, application_id, by=by, now=now)
    if deed == "close":
        return funding_spending.close(session, application_id, form.get("closing"), by=by, now=now)
    if form.get("back"):
        expense = number(form.get("back")) or 0
        why = form.get("why")
        return funding_spending.take_back(session, application_id, expense, why, by=by, now=now)
    return funding.withdraw(session, application_id, form.get("reason"), by=by, now=now)


def _spent(form: Form, given: File) -> Spent:
    return Spent(
        line_id=number(form.get("line")),
        yuan=form.get("amount"),
        spent_on=day_in(form, "spent_on"),
        what=form.get("what"),
        reason=form.get("reason"),
        receipt=given,
        once=form.get("once"),
    )


def _given(form: Form) -> Given:
    return Given(
        title=form.get("title"),
        purpose=form.get("purpose"),
        starts_on=day_in(form, "starts_on"),
        ends_on=day_in(form, "ends_on"),
        serves=form.get("serves"),
        lines=tuple(
            LineGiven(form.get(f"category_{n}"), form.get(f"amount_{n}"), form.get(f"reason_{n}"))
            for n in range(1, _rows(form) + 1)
        ),
    )


def _rows(form: Form) -> int:
    return min(number(form.get("rows")) or ROWS, MOST_LINES)


def _save(visit: Visit, token: str, form: Form, application_id: int | None) -> Response:
    if form.get("deed") == "more":
        more = Form({**form.fields, "rows": [str(min(_rows(form) + MORE_ROWS, MOST_LINES))]})
        return _form_page(visit, token, more, application_id)
    try:
        with open_session() as session:
            desk = Desk.of(session, visit, token)
            if application_id is not None:
                _own(session, desk, application_id, visit)
            hub_id, by, once = desk.hub.hub_id, desk.reader.person_id, form.get("once")
            given = _given(form)
            done = funding.save(
                session, hub_id, given, by=by, now=visit.now, application_id=application_id, once=once
            )
    except HubError as error:
        return _form_page(visit, token, form, application_id, error)
    return visit.again(f"/h/{token}/funding/{done.application_id}")


def _typed(one: FundingView) -> Form:
    """Return an application as its own form would send it."""
    fields = {
        "title": one.title,
        "purpose": one.purpose,
        "starts_on": one.starts_on.isoformat() if one.starts_on else "",
        "ends_on": one.ends_on.isoformat() if one.ends_on else "",
        "serves": one.serves,
        "rows": str(max(ROWS, len(one.lines) + 1)),
    }
    for n, line in enumerate(one.lines, 1):
        fields |= {
            f"category_{n}": line.category,
            f"amount_{n}": plain_yuan(line.fen),
            f"reason_{n}": line.reason,
        }
    return Form({name: [value] for name, value in fields.items()})


def _form_page(
    visit: Visit, token: str, form: Form, application_id: int | None, error: HubError | None = None
) -> Response:
    with read_session() as session:
        desk = Desk.of(session, visit, token)
        if application_id is not None:
            own = _own(session, desk, application_id, visit)
            form = form if form.fields else _typed(own)
        serving = funding_views.serving(session)
    errors, general = at_fields(error, visit.language(desk.reader.language))
    return desk.page(
        "funding_form.html",
        "/funding",
        status=error.status if error else 200,
        form=form,
        rows=_rows(form),
        most=MOST_LINES,
        once=form.get("once") or secrets.token_hex(8),
        categories=tuple(CATEGORIES.items()),
        serving=serving,
        is_new=application_id is None,
        errors=errors,
        general=general,
    )


def _page(
    visit: Visit, token: str, application_id: int, form: Form, error: HubError | None = None
) -> Response:
    with read_session() as session:
        desk = Desk.of(session, visit, token)
        found = _own(session, desk, application_id, visit)
    errors, general = at_fields(error, visit.language(desk.reader.language))
    return desk.page(
        "funding.html",
        "/funding",
        status=error.status if error else 200,
        one=found,
        here=f"{desk.base}/funding/{application_id}",
        form=form,
        once=secrets.token_hex(8),
        errors=errors,
        general=general,
    )
