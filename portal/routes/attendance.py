"""A coordinator records who came, in one form and one save."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from models.session import open_session, read_session
from models.states import Presence
from notifications.links import Purpose
from portal.forms import Form, Posted, at_fields, number
from portal.pages import Visit
from services import attendance, views
from services.errors import HubError

router = APIRouter()
MARKS = {str(mark): mark for mark in Presence}


@router.get("/t/{token}")
def show(request: Request, token: str, rest: str = "", saved: bool = False) -> Response:
    """Show the sheet; `?rest=present` fills the rest in and saves nothing."""
    return _page(Visit.of(request), token, preset=rest == Presence.PRESENT, saved=saved)


@router.post("/t/{token}")
def record(request: Request, token: str, form: Posted) -> Response:
    """Record the marks that were made; whom nobody marked stays unknown."""
    visit = Visit.of(request)
    activity_id, person_id = visit.ids(Purpose.ATTENDANCE, token)
    volunteers, participants = _marks(form, "offer-"), _marks(form, "participation-")
    try:
        with open_session() as session:
            attendance.record(
                session,
                activity_id,
                volunteers,
                participants,
                by=person_id,
                now=visit.now,
                reason=form.get("reason"),
            )
    except HubError as error:
        return _page(visit, token, form=form, error=error)
    return visit.again(saved="1")


@router.get("/t/{token}/everybody")
def ask_everybody(request: Request, token: str) -> Response:
    """Show whom one button would record as present; a mail scanner that opens it changes nothing."""
    visit = Visit.of(request)
    activity_id, person_id = visit.ids(Purpose.ATTENDANCE, token)
    with read_session() as session:
        reader = views.reader(session, person_id)
        sheet = attendance.sheet(session, activity_id, by=person_id, now=visit.now)
    return visit.page(
        "everybody.html", own=reader.language, zone=sheet.time_zone, sheet=sheet, base=f"/t/{token}"
    )


@router.post("/t/{token}/everybody")
def record_everybody(request: Request, token: str) -> Response:
    """Record everybody as present of whom nothing is known; pressing again changes nothing."""
    visit = Visit.of(request)
    activity_id, person_id = visit.ids(Purpose.ATTENDANCE, token)
    with open_session() as session:
        attendance.record_rest(session, activity_id, by=person_id, now=visit.now)
    return visit.again(f"/t/{token}", saved="1")


def _marks(form: Form, prefix: str) -> dict[int, Presence]:
    return {
        key: MARKS[form.get(name)]
        for name in form.fields
        if name.startswith(prefix)
        and (key := number(name.removeprefix(prefix))) is not None
        and form.get(name) in MARKS
    }


def _page(
    visit: Visit,
    token: str,
    *,
    preset: bool = False,
    saved: bool = False,
    form: Form | None = None,
    error: HubError | None = None,
) -> Response:
    activity_id, person_id = visit.ids(Purpose.ATTENDANCE, token)
    with read_session() as session:
        reader = views.reader(session, person_id)
        sheet = attendance.sheet(session, activity_id, by=person_id, now=visit.now)
    errors, general = at_fields(error, visit.language(reader.language))
    return visit.page(
        "attendance.html",
        own=reader.language,
        zone=sheet.time_zone,
        status=error.status if error else 200,
        sheet=sheet,
        preset=preset,
        saved=saved,
        form=form or Form(),
        errors=errors,
        general=general,
    )
