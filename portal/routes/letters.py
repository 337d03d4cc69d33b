"""Managers of the whole network word its mails: list, edit, try, keep, go back."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from models.session import open_session, read_session
from notifications.kind_names import FIELD_NAMES
from portal.forms import Form, Posted, number
from portal.pages import PRIVATE, Visit
from portal.routes.branches import Branch
from services import letters
from services.errors import HubError
from services.letters_preview import Preview

router = APIRouter()
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
"""A mail carries its own styles, and nothing in it may run, send or load."""


@dataclass(frozen=True)
class Shown:
    """What a page of a letter shows besides its words."""

    form: Form
    previews: tuple[Preview, ...] = ()
    error: HubError | None = None
    saved: str = ""


def _branch(session: Session, visit: Visit, token: str) -> Branch:
    branch = Branch.of(session, visit, token)
    letters.require_editor(session, branch.desk.person_id, branch.desk.unit_id)
    return branch


@router.get("/b/{token}/letters")
def listed(request: Request, token: str) -> Response:
    """List every kind of mail, and which the network has worded itself."""
    visit = Visit.of(request)
    with read_session() as session:
        branch = _branch(session, visit, token)
        lines = letters.letters(session)
    return branch.page("letters.html", lines=lines)


@router.get("/b/{token}/letters/{kind}")
def show(request: Request, token: str, kind: str, saved: str = "") -> Response:
    """Show the words of one kind, passage by passage, and their history."""
    return _page(Visit.of(request), token, kind, Shown(Form(), saved=saved))


@router.post("/b/{token}/letters/{kind}")
def decide(request: Request, token: str, kind: str, form: Posted) -> Response:
    """Try words, keep them, or go back to earlier ones."""
    visit = Visit.of(request)
    deed = form.get("deed")
    typed = {name: form.get(name) for name in form.fields}
    try:
        if deed == "try" or deed.startswith("look-"):
            return _tried(visit, token, kind, form, deed)
        with open_session() as session:
            by = _branch(session, visit, token).desk.person_id
            version, reason = number(form.get("version")), form.get("reason")
            if deed == "keep":
                is_new = letters.reword(session, kind, typed, by=by, now=visit.now, reason=reason)
            else:
                is_new = letters.go_back(session, kind, version, by=by, now=visit.now, reason=reason)
    except HubError as error:
        if error.status != HubError.status:
            raise
        return _page(visit, token, kind, Shown(form, error=error))
    return visit.again(saved="1" if is_new else "same")


def _tried(visit: Visit, token: str, kind: str, form: Form, deed: str) -> Response:
    with read_session() as session:
        by = _branch(session, visit, token).desk.person_id
        typed = {name: form.get(name) for name in form.fields}
        found = letters.try_words(session, kind, typed, by=by, now=visit.now)
    for one in found:
        if deed == f"look-{one.language}":
            return HTMLResponse(one.html, headers={**PRIVATE, "content-security-policy": MAIL_POLICY})
    return _page(visit, token, kind, Shown(form, previews=found))


def _page(visit: Visit, token: str, kind: str, shown: Shown) -> Response:
    with read_session() as session:
        branch = _branch(session, visit, token)
        letter = letters.letter(session, kind)
    return branch.page(
        "letter.html", error=shown.error, letter=letter, shown=shown, form=shown.form, field_names=FIELD_NAMES
    )
