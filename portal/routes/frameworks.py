"""A manager takes a framework home as a workbook, sends it back, reads what would change, and keeps it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from models.session import open_session, read_session
from portal.downloads import XLSX, download
from portal.forms import Posted
from portal.pages import Visit
from portal.routes.branches import Branch
from portal.uploads import SentFramework
from services import framework_uploads as uploads
from services.errors import HubError

router = APIRouter()


@router.get("/b/{token}/frameworks")
def show(request: Request, token: str, saved: bool = False) -> Response:
    """List the versions of all frameworks, each as a workbook, with the form that takes one in."""
    return _page(Visit.of(request), token, saved=saved)


@router.get("/b/{token}/frameworks/file")
def version_file(request: Request, token: str, code: str = "", version: str = "") -> Response:
    """Give a version as a workbook to edit."""
    visit = Visit.of(request)
    with read_session() as session:
        Branch.of(session, visit, token)
        content = uploads.version_file(session, code, version)
    return download(content, f"{code}-{version}.xlsx", XLSX)


@router.post("/b/{token}/frameworks")
def take(request: Request, token: str, sent: SentFramework) -> Response:
    """Take a file in and lead to what it says; nothing is kept as a version yet."""
    visit = Visit.of(request)
    with read_session() as session:
        Branch.of(session, visit, token)
    try:
        key = uploads.take(sent.content, sent.name, now=visit.now)
    except HubError as error:
        return _page(visit, token, error=error)
    return visit.again(f"/b/{token}/frameworks/uploads/{key}")


@router.get("/b/{token}/frameworks/uploads/{key}")
def look(request: Request, token: str, key: str) -> Response:
    """Show everything that is wrong with an uploaded framework, or what keeping it would change."""
    return _upload_page(Visit.of(request), token, key)


@router.get("/b/{token}/frameworks/uploads/{key}/checked.xlsx")
def checked(request: Request, token: str, key: str) -> Response:
    """Give the uploaded workbook back with every bad cell marked."""
    visit = Visit.of(request)
    with read_session() as session:
        Branch.of(session, visit, token)
    return download(uploads.marked(key), "framework-checked.xlsx", XLSX)


@router.post("/b/{token}/frameworks/uploads/{key}")
def confirm(request: Request, token: str, key: str, form: Posted) -> Response:
    """Keep what was shown as a version for the evaluations to come."""
    visit = Visit.of(request)
    try:
        with open_session() as session:
            desk = Branch.of(session, visit, token).desk
            uploads.confirm(
                session,
                key,
                against=form.get("against"),
                unit_id=desk.unit_id,
                by=desk.person_id,
                now=visit.now,
            )
    except uploads.Stale as error:
        return _upload_page(visit, token, key, error=error)
    return visit.again(f"/b/{token}/frameworks", saved="1")


def _page(visit: Visit, token: str, *, saved: bool = False, error: HubError | None = None) -> Response:
    with read_session() as session:
        branch = Branch.of(session, visit, token)
        found = uploads.versions(session)
    return branch.page("branch_frameworks.html", error=error, versions=found, saved=saved)


def _upload_page(visit: Visit, token: str, key: str, error: HubError | None = None) -> Response:
    with read_session() as session:
        branch = Branch.of(session, visit, token)
        found = uploads.look(session, key)
        may_keep = uploads.may_keep(session, branch.desk.unit_id, branch.desk.person_id)
    return branch.page("branch_framework.html", error=error, found=found, may_keep=may_keep)
