"""A risk check: the hub answers the questions of a series or an activity, a manager says yes or sends it back."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from models.session import open_session, read_session
from portal.forms import Form, Posted, at_fields
from portal.pages import RowId, Visit
from portal.routes.branches import Branch
from portal.routes.hubs import Desk
from services import risk_checks
from services.errors import HubError
from services.risk_check_views import check_page, decision_page
from services.risk_checks import Subject, subject_of_activity, subject_of_series

router = APIRouter()
NOT_QUESTIONS = frozenset({"note", "deed"})


@router.get("/h/{token}/schedule/{code}/check")
def series(request: Request, token: str, code: str, done: str = "") -> Response:
    """Show the questions that a series must pass, and what was answered so far."""
    return _page(Visit.of(request), token, "schedule", code, done=done)


@router.get("/h/{token}/activities/{code}/check")
def activity(request: Request, token: str, code: str, done: str = "") -> Response:
    """Show the questions that one activity must pass, and what was answered so far."""
    return _page(Visit.of(request), token, "activities", code, done=done)


@router.post("/h/{token}/schedule/{code}/check")
def answer_series(request: Request, token: str, code: str, form: Posted) -> Response:
    """Keep the answers for a series and ask a manager for their yes."""
    return _answer(Visit.of(request), token, "schedule", code, form)


@router.post("/h/{token}/activities/{code}/check")
def answer_activity(request: Request, token: str, code: str, form: Posted) -> Response:
    """Keep the answers for one activity and ask a manager for their yes."""
    return _answer(Visit.of(request), token, "activities", code, form)


@router.get("/b/{token}/checks/{check_id}")
def check(request: Request, token: str, check_id: RowId) -> Response:
    """Show a check to its second person."""
    return _decision(Visit.of(request), token, check_id, Form())


@router.post("/b/{token}/checks/{check_id}")
def decide(request: Request, token: str, check_id: RowId, form: Posted) -> Response:
    """Let a check pass, or send it back with a reason."""
    visit = Visit.of(request)
    try:
        with open_session() as session:
            risk_checks.decide(
                session,
                check_id,
                is_cleared=form.get("deed") == "clear",
                reason=form.get("reason"),
                by=Branch.of(session, visit, token).desk.person_id,
                now=visit.now,
            )
    except HubError as error:
        if not any(refusal.field for refusal in error.refusals):
            raise
        return _decision(visit, token, check_id, form, error)
    return visit.again()


def _subject(session: Session, desk: Desk, where: str, code: str) -> Subject:
    found = subject_of_series if where == "schedule" else subject_of_activity
    return found(session, code, hub_id=desk.hub.hub_id)


def _answer(visit: Visit, token: str, where: str, code: str, form: Form) -> Response:
    try:
        with open_session() as session:
            desk = Desk.of(session, visit, token)
            said = risk_checks.answer(
                session,
                _subject(session, desk, where, code),
                {name: form.get(name) for name in form.fields if name not in NOT_QUESTIONS},
                note=form.get("note"),
                by=desk.reader.person_id,
                now=visit.now,
            )
    except HubError as error:
        return _page(visit, token, where, code, form=form, error=error)
    return visit.again(done=said.state)


def _page(
    visit: Visit,
    token: str,
    where: str,
    code: str,
    *,
    form: Form | None = None,
    error: HubError | None = None,
    done: str = "",
) -> Response:
    with read_session() as session:
        desk = Desk.of(session, visit, token)
        found = check_page(
            session, _subject(session, desk, where, code), by=desk.reader.person_id, now=visit.now
        )
    errors, general = at_fields(error, visit.language(desk.reader.language))
    return desk.page(
        "risk_check.html",
        f"/{where}",
        status=error.status if error else 200,
        one=found,
        form=form or Form(),
        done=done,
        errors=errors,
        general=general,
    )


def _decision(visit: Visit, token: str, check_id: int, form: Form, error: HubError | None = None) -> Response:
    with read_session() as session:
        branch = Branch.of(session, visit, token)
        found = decision_page(session, check_id, by=branch.desk.person_id, now=visit.now)
    return branch.page("branch_check.html", error=error, view=found, form=form)
