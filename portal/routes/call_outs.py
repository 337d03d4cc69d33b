"""Emergency call-out of a hub: call the nearest people, watch the answers come, stand the rest down."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from models.session import open_session, read_session
from portal.forms import Form, Posted, at_fields
from portal.pages import Visit
from portal.routes.hubs import Desk
from services import call_outs
from services.call_out_view import CallableNeed, callable_needs
from services.errors import HubError, NotFound, refuse
from services.roster import Roster, roster

router = APIRouter()


@router.get("/h/{token}/activities/{code}/call-out")
def show(request: Request, token: str, code: str) -> Response:
    """Show who could be called, or how a call stands; while it runs the page looks again by itself."""
    return _page(Visit.of(request), token, code, Form())


@router.post("/h/{token}/activities/{code}/call-out")
def change(request: Request, token: str, code: str, form: Posted) -> Response:
    """Call people for a role (`call`), or end what runs (`end`)."""
    visit = Visit.of(request)
    try:
        with open_session() as session:
            desk, found = _open(session, visit, token, code)
            need = _chosen(session, desk, found, form)
            by, now = desk.reader.person_id, visit.now
            if form.get("end"):
                latest = need.latest
                call_outs.call_off(session, latest.call_out_id if latest else 0, now=now, by=by)
            else:
                people = int(typed) if (typed := form.get("people")[:6]).isdecimal() else 0
                reason = form.get("reason") or _running_reason(need)
                call_outs.call_out(session, need.need_id, people=people, reason=reason, now=now, by=by)
    except HubError as error:
        return _page(visit, token, code, form, error)
    return visit.again()


def _open(session: Session, visit: Visit, token: str, code: str) -> tuple[Desk, Roster]:
    desk = Desk.of(session, visit, token)
    return desk, roster(session, code, hub_id=desk.hub.hub_id, by=desk.reader.person_id, now=visit.now)


def _chosen(session: Session, desk: Desk, found: Roster, form: Form) -> CallableNeed:
    for need in callable_needs(session, found.activity_id, now=desk.visit.now):
        if str(need.need_id) == form.get("need"):
            return need
    raise NotFound(
        refuse("no_such_need", "这场活动没有这个空位。", "This activity has no such place.").refusals
    )


def _running_reason(need: CallableNeed) -> str:
    return need.latest.reason if need.latest is not None and need.latest.is_running else ""


def _page(visit: Visit, token: str, code: str, form: Form, error: HubError | None = None) -> Response:
    with read_session() as session:
        desk, found = _open(session, visit, token, code)
        needs = callable_needs(session, found.activity_id, now=visit.now)
    errors, general = at_fields(error, visit.language(desk.reader.language))
    return desk.page(
        "call_out.html",
        "/activities",
        status=error.status if error else 200,
        one=found,
        needs=needs,
        is_running=any(need.latest is not None and need.latest.is_running for need in needs),
        form=form,
        errors=errors,
        general=general,
    )
