"""A manager reads a report and releases or returns it; a hub reads its own score; both take them home as files."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response

from models.session import open_session, read_session
from notifications.links import Purpose
from portal.downloads import KINDS, ZIP, download, pdf, xlsx
from portal.forms import Form, Posted, at_fields
from portal.pages import RowId, Visit
from services import objections, reports
from services.errors import HubError
from services.evidence import read_evidence
from services.report_audit import audit_file
from services.report_hub_paper import hub_paper
from services.report_paper import report_paper
from services.report_sources import source_view

router = APIRouter()


@router.get("/r/{token}")
def show(request: Request, token: str) -> Response:
    """Show a report: figures, every hub with its interval, and what is left before release."""
    return _page(Visit.of(request), token, Form())


@router.post("/r/{token}/release")
def release(request: Request, token: str) -> Response:
    """Release a report to all its hubs, once, and lead back to it."""
    visit = Visit.of(request)
    report_id, person_id = visit.ids(Purpose.REPORT, token)
    with open_session() as session:
        reports.release_report(session, report_id, by=person_id, now=visit.now)
    return visit.again(f"/r/{token}")


@router.post("/r/{token}/share")
def share(request: Request, token: str) -> Response:
    """Show every hub its own part of a draft, so that it can check the facts."""
    visit = Visit.of(request)
    report_id, person_id = visit.ids(Purpose.REPORT, token)
    with open_session() as session:
        objections.share_draft(session, report_id, by=person_id, now=visit.now)
    return visit.again(f"/r/{token}")


@router.post("/r/{token}/return")
def give_back(request: Request, token: str, form: Posted) -> Response:
    """Return a draft with a reason."""
    visit = Visit.of(request)
    report_id, person_id = visit.ids(Purpose.REPORT, token)
    try:
        with open_session() as session:
            reports.return_report(session, report_id, reason=form.get("reason"), by=person_id, now=visit.now)
    except HubError as error:
        if not any(refusal.field for refusal in error.refusals):
            raise
        return _page(visit, token, form, error)
    return visit.again(f"/r/{token}")


@router.get("/r/{token}/report.{kind}")
def report_file(request: Request, token: str, kind: Literal["pdf", "xlsx"]) -> Response:
    """Give a report as a PDF or a workbook, as far as its reader may see it."""
    visit = Visit.of(request)
    report_id, person_id = visit.ids(Purpose.REPORT, token)
    with read_session() as session:
        found = report_paper(session, report_id, person_id=person_id, now=visit.now)
    return (pdf if kind == "pdf" else xlsx)(found, visit.language(found.language))


@router.get("/r/{token}/audit.zip")
def report_rows(request: Request, token: str) -> Response:
    """Give an auditor every row, hash and decision behind a report."""
    visit = Visit.of(request)
    report_id, person_id = visit.ids(Purpose.REPORT, token)
    with read_session() as session:
        found = audit_file(session, report_id, person_id=person_id)
    return download(found.content, found.file_name, ZIP)


@router.get("/r/{token}/evidence/{evidence_id}")
def evidence_file(request: Request, token: str, evidence_id: RowId) -> Response:
    """Give an auditor a file that shows what a rating says."""
    visit = Visit.of(request)
    report_id, person_id = visit.ids(Purpose.REPORT, token)
    with read_session() as session:
        row, content = read_evidence(session, report_id, evidence_id, person_id=person_id)
        return download(content, f"{row.sha256[:16]}.{row.kind}", KINDS[row.kind])


@router.get("/k/{token}/report.{kind}")
def hub_file(request: Request, token: str, kind: Literal["pdf", "xlsx"]) -> Response:
    """Give a hub its own report as a PDF or a workbook."""
    visit = Visit.of(request)
    report_id, hub_id, person_id = visit.ids(Purpose.HUB_SCORE, token)
    with read_session() as session:
        found = hub_paper(session, report_id, hub_id, person_id=person_id, now=visit.now)
    return (pdf if kind == "pdf" else xlsx)(found, visit.language(found.language))


@router.get("/k/{token}")
def hub_score(request: Request, token: str) -> Response:
    """Show a hub its own score, what the interval means, what would raise it, and where it can object."""
    return _score_page(Visit.of(request), token, Form())


@router.get("/k/{token}/from/{indicator}")
def source(request: Request, token: str, indicator: str) -> Response:
    """Show the rows behind one number of a hub's score."""
    visit = Visit.of(request)
    report_id, hub_id, person_id = visit.ids(Purpose.HUB_SCORE, token)
    with read_session() as session:
        found = source_view(session, report_id, hub_id, indicator, person_id=person_id, now=visit.now)
    return visit.page("source.html", own=found.language, source=found, back=f"/k/{token}")


@router.post("/k/{token}/object")
def object_to(request: Request, token: str, form: Posted) -> Response:
    """Take a hub's objection to one criterion, on a stated ground."""
    visit = Visit.of(request)
    report_id, hub_id, person_id = visit.ids(Purpose.HUB_SCORE, token)
    try:
        with open_session() as session:
            objections.object_to(
                session,
                report_id,
                hub_id,
                indicator=form.get("indicator"),
                ground=form.get("ground"),
                words=form.get("words"),
                by=person_id,
                now=visit.now,
            )
    except HubError as error:
        if not any(refusal.field for refusal in error.refusals):
            raise
        return _score_page(visit, token, form, error)
    return visit.again(f"/k/{token}")


def _score_page(visit: Visit, token: str, form: Form, error: HubError | None = None) -> Response:
    report_id, hub_id, person_id = visit.ids(Purpose.HUB_SCORE, token)
    with read_session() as session:
        score = reports.hub_view(session, report_id, hub_id, person_id=person_id, now=visit.now)
    errors, general = at_fields(error, visit.language(score.language))
    return visit.page(
        "hub_score.html",
        own=score.language,
        status=error.status if error else 200,
        score=score,
        here=f"/k/{token}",
        form=form,
        errors=errors,
        general=general,
    )


def _page(visit: Visit, token: str, form: Form, error: HubError | None = None) -> Response:
    report_id, person_id = visit.ids(Purpose.REPORT, token)
    with read_session() as session:
        report = reports.report_view(session, report_id, person_id=person_id)
    errors, general = at_fields(error, visit.language(report.language))
    return visit.page(
        "report.html",
        own=report.language,
        status=error.status if error else 200,
        report=report,
        here=f"/r/{token}",
        form=form,
        errors=errors,
        general=general,
    )
