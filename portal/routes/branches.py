"""A manager's page: everything in a branch of the tree that waits for a decision, and where it is decided."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from models.session import open_session, read_session
from notifications.links import Purpose
from portal.forms import Form, Posted, at_fields, decimal_in
from portal.pages import RowId, Visit
from services import commitment_views, commitments, decisions, objection_views, objections, overrides
from services.access import branch_hubs
from services.breaker import trouble
from services.coverage import COLUMNS
from services.coverage import coverage as coverage_of
from services.errors import HubError

router = APIRouter()


@dataclass(frozen=True)
class Branch:
    """A manager before one of the branch's pages."""

    visit: Visit
    base: str
    desk: decisions.BranchDesk

    @classmethod
    def of(cls, session: Session, visit: Visit, token: str) -> Branch:
        """Open the branch of a link; raises `NotYours` for who manages it no longer."""
        unit_id, person_id = visit.ids(Purpose.BRANCH, token)
        desk = decisions.branch_desk(session, unit_id, by=person_id, now=visit.now)
        return cls(visit, f"/b/{token}", desk)

    def page(self, name: str, /, *, error: HubError | None = None, **fields: object) -> Response:
        """Answer with one of the branch's pages."""
        errors, general = at_fields(error, self.visit.language(self.desk.language))
        return self.visit.page(
            name,
            own=self.desk.language,
            zone=self.desk.time_zone,
            status=error.status if error else 200,
            desk=self.desk,
            base=self.base,
            errors=errors,
            general=general,
            **fields,
        )


@router.get("/b/{token}")
def show(request: Request, token: str) -> Response:
    """List what waits for a decision, the overdue first."""
    visit = Visit.of(request)
    with read_session() as session:
        branch = Branch.of(session, visit, token)
        mail_trouble = trouble(session)
    return branch.page("branch.html", mail_trouble=mail_trouble)


@router.get("/b/{token}/coverage")
def coverage(request: Request, token: str) -> Response:
    """Show who gets nothing in the coming weeks, unit by unit."""
    visit = Visit.of(request)
    with read_session() as session:
        branch = Branch.of(session, visit, token)
        hubs = branch_hubs(session, branch.desk.unit_id)
        found = coverage_of(session, hubs, now=visit.now)
    return branch.page("branch_coverage.html", found=found, columns=COLUMNS)


@router.get("/b/{token}/commitments/{commitment_id}")
def commitment(request: Request, token: str, commitment_id: RowId) -> Response:
    """Show a commitment to who confirms it."""
    return _commitment_page(Visit.of(request), token, commitment_id, Form())


@router.post("/b/{token}/commitments/{commitment_id}")
def decide_commitment(request: Request, token: str, commitment_id: RowId, form: Posted) -> Response:
    """Confirm what a hub reported, send it back, or drop what makes no sense any more."""
    visit = Visit.of(request)
    try:
        with open_session() as session:
            by, reason = Branch.of(session, visit, token).desk.person_id, form.get("reason")
            if form.get("deed") == "confirm":
                commitments.confirm(session, commitment_id, by=by, now=visit.now)
            elif form.get("deed") == "back":
                commitments.send_back(session, commitment_id, reason, by=by, now=visit.now)
            else:
                commitments.drop(session, commitment_id, reason, by=by, now=visit.now)
    except HubError as error:
        if not any(refusal.field for refusal in error.refusals):
            raise
        return _commitment_page(visit, token, commitment_id, form, error)
    return visit.again()


@router.get("/b/{token}/objections/{objection_id}")
def objection(request: Request, token: str, objection_id: RowId) -> Response:
    """Show an objection with the values behind the criterion."""
    return _objection_page(Visit.of(request), token, objection_id, Form())


@router.post("/b/{token}/objections/{objection_id}")
def decide_objection(request: Request, token: str, objection_id: RowId, form: Posted) -> Response:
    """Decide an objection, or propose the correction that follows from it."""
    visit = Visit.of(request)
    try:
        with open_session() as session:
            by = Branch.of(session, visit, token).desk.person_id
            if form.get("deed") == "correct":
                view = objection_views.objection_view(session, objection_id, by=by)
                overrides.propose(session, view.report_id, _correction(view, form), by=by, now=visit.now)
            else:
                is_upheld, answer = form.get("deed") == "uphold", form.get("answer")
                objections.decide(
                    session, objection_id, is_upheld=is_upheld, answer=answer, by=by, now=visit.now
                )
    except HubError as error:
        if not any(refusal.field for refusal in error.refusals):
            raise
        return _objection_page(visit, token, objection_id, form, error)
    return visit.again(f"/b/{token}" if form.get("deed") == "correct" else "")


@router.get("/b/{token}/overrides/{override_id}")
def override(request: Request, token: str, override_id: RowId) -> Response:
    """Show a correction to the second person."""
    return _override_page(Visit.of(request), token, override_id, Form())


@router.post("/b/{token}/overrides/{override_id}")
def settle_override(request: Request, token: str, override_id: RowId, form: Posted) -> Response:
    """Confirm or refuse a correction as the second person."""
    visit = Visit.of(request)
    try:
        with open_session() as session:
            by = Branch.of(session, visit, token).desk.person_id
            if form.get("deed") == "confirm":
                overrides.confirm(session, override_id, by=by, now=visit.now)
            else:
                overrides.refuse_override(session, override_id, form.get("answer"), by=by, now=visit.now)
    except HubError as error:
        if not any(refusal.field for refusal in error.refusals):
            raise
        return _override_page(visit, token, override_id, form, error)
    return visit.again()


def _correction(view: objection_views.ObjectionView, form: Form) -> overrides.Correction:
    chosen = form.get("observation")
    return overrides.Correction(
        hub_id=view.hub_id,
        indicator=view.indicator,
        value=decimal_in(form, "value"),
        reason=form.get("reason"),
        observation_id=int(chosen) if chosen.isdecimal() else None,
        objection_id=view.line.objection_id,
    )


def _objection_page(
    visit: Visit, token: str, objection_id: int, form: Form, error: HubError | None = None
) -> Response:
    with read_session() as session:
        branch = Branch.of(session, visit, token)
        found = objection_views.objection_view(session, objection_id, by=branch.desk.person_id)
    return branch.page("branch_objection.html", error=error, view=found, form=form)


def _override_page(
    visit: Visit, token: str, override_id: int, form: Form, error: HubError | None = None
) -> Response:
    with read_session() as session:
        branch = Branch.of(session, visit, token)
        found = objection_views.override_view(session, override_id, by=branch.desk.person_id)
    return branch.page("branch_override.html", error=error, one=found, form=form)


def _commitment_page(
    visit: Visit, token: str, commitment_id: int, form: Form, error: HubError | None = None
) -> Response:
    with read_session() as session:
        branch = Branch.of(session, visit, token)
        found = commitment_views.one_of(session, commitment_id, by=branch.desk.person_id, now=visit.now)
    return branch.page("branch_commitment.html", error=error, one=found, form=form)
