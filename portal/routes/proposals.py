"""A coordinator sees when a series can be staffed once more, and plans one of the times with a tap."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from models.session import open_session, read_session
from portal.forms import Form, Posted, at_fields, number
from portal.pages import Visit
from portal.routes.hubs import Desk
from services import proposal_planning, proposals
from services.errors import HubError, refuse

router = APIRouter()
WEEKS = ("2", "3", "4", "8")
USUAL = "3"


@router.get("/h/{token}/schedule/{code}/propose")
def show(request: Request, token: str, code: str, weeks: str = USUAL, done: str = "") -> Response:
    """Show the best free times for one more date of a series."""
    return _page(Visit.of(request), token, code, weeks, done=done)


@router.post("/h/{token}/schedule/{code}/propose")
def plan(request: Request, token: str, code: str, form: Posted) -> Response:
    """Plan one of the times; a second tap changes nothing."""
    visit = Visit.of(request)
    try:
        with open_session() as session:
            desk = Desk.of(session, visit, token)
            said = proposal_planning.plan_extra_date(
                session,
                code,
                _moment(form),
                number(form.get("venue")) if form.get("venue") else None,
                hub_id=desk.hub.hub_id,
                by=desk.reader.person_id,
                now=visit.now,
            )
    except HubError as error:
        return _page(visit, token, code, form.get("weeks", USUAL), error=error)
    return visit.again(done=said.activity_code)


def _moment(form: Form) -> datetime:
    try:
        return datetime.fromisoformat(form.get("starts_at")).astimezone(UTC)
    except (ValueError, OverflowError):
        raise refuse("bad_time", "选一个时间。", "Choose a time.", "starts_at") from None


def _page(
    visit: Visit, token: str, code: str, weeks: str, *, error: HubError | None = None, done: str = ""
) -> Response:
    chosen = weeks if weeks in WEEKS else USUAL
    with read_session() as session:
        desk = Desk.of(session, visit, token)
        found = proposals.propose(session, code, hub_id=desk.hub.hub_id, now=visit.now, weeks=int(chosen))
    errors, general = at_fields(error, visit.language(desk.reader.language))
    return desk.page(
        "proposals.html",
        "/schedule",
        status=error.status if error else 200,
        found=found,
        weeks=chosen,
        choices=WEEKS,
        done=done[:60],
        general=(*general, *errors.values()),
    )
