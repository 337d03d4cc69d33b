"""A coordinator decides how their hub asks: rules as a form, each with what it means."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from models.session import open_session, read_session
from portal.forms import Form, Posted, at_fields
from portal.pages import Visit
from portal.routes.hubs import Desk
from services import rulebook
from services.errors import HubError

router = APIRouter()


@router.get("/h/{token}/rules")
def show(request: Request, token: str, saved: bool = False) -> Response:
    """Show the rules that a hub may decide itself, and what counts today."""
    return _page(Visit.of(request), token, Form(), saved=saved)


@router.post("/h/{token}/rules")
def decide(request: Request, token: str, form: Posted) -> Response:
    """Keep the rules from today on; what was decided before stays on record."""
    visit = Visit.of(request)
    try:
        with open_session() as session:
            desk = Desk.of(session, visit, token)
            rulebook.decide(
                session,
                form.get("kind"),
                {name: form.get(name) for name in form.fields if name not in ("kind", "reason")},
                hub_id=desk.hub.hub_id,
                now=visit.now,
                by=desk.reader.person_id,
                reason=form.get("reason"),
            )
    except HubError as error:
        return _page(visit, token, form, error=error)
    return visit.again(saved="1")


def _page(
    visit: Visit, token: str, form: Form, *, saved: bool = False, error: HubError | None = None
) -> Response:
    with read_session() as session:
        desk = Desk.of(session, visit, token)
        pages = rulebook.pages(session, desk.hub.hub_id, now=visit.now, kinds=rulebook.HUBS_OWN)
    errors, general = at_fields(error, visit.language(desk.reader.language))
    return desk.page(
        "rules.html",
        "",
        status=error.status if error else 200,
        pages=pages,
        form=form,
        saved=saved,
        errors=errors,
        general=general,
    )
