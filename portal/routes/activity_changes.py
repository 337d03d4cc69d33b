"""One activity is moved or cancelled by its hub; who counts on it is shown beside the form."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from models.session import open_session, read_session
from portal.forms import Form, Posted, at_fields, day_in
from portal.pages import Visit
from portal.routes.hubs import Desk
from services import schedule
from services.errors import HubError, refuse
from services.roster import Roster, roster
from services.schedule_view import Counting, counting_on

router = APIRouter()
FIELDS = frozenset({"day", "clock", "minutes", "venue", "reason", "why"})
AT_FORM = {"starts_at": "clock", "ends_at": "minutes"}


@router.get("/h/{token}/activities/{code}/change")
def show(request: Request, token: str, code: str) -> Response:
    """Show who counts on an activity, and the forms that move and cancel it."""
    return _page(Visit.of(request), token, code, Form())


@router.post("/h/{token}/activities/{code}/change")
def change(request: Request, token: str, code: str, form: Posted) -> Response:
    """Move an activity, or with `deed`=cancel cancel it, and lead back to its roster."""
    visit = Visit.of(request)
    try:
        with open_session() as session:
            desk = Desk.of(session, visit, token)
            found = roster(session, code, hub_id=desk.hub.hub_id, by=desk.reader.person_id, now=visit.now)
            if form.get("deed") == "cancel":
                _cancel(session, desk, found, form)
            else:
                _move(session, desk, found, form)
    except HubError as error:
        return _page(visit, token, code, form, error)
    return visit.again(f"{desk.base}/activities/{code}")


def _cancel(session: Session, desk: Desk, found: Roster, form: Form) -> None:
    by, now = desk.reader.person_id, desk.visit.now
    try:
        schedule.cancel_activity(session, found.activity_id, reason=form.get("why"), by=by, now=now)
    except HubError as error:
        # The two forms of the page have a reason each.
        if error.refusals[0].field != "reason":
            raise
        sentence = error.refusals[0].sentence
        raise refuse(error.refusals[0].code, sentence.zh, sentence.en, "why") from None


def _move(session: Session, desk: Desk, found: Roster, form: Form) -> None:
    starts_at, minutes = _start(form, desk.hub.time_zone), form.get("minutes")
    if not minutes.isdecimal() or not 0 < int(minutes) <= 24 * 60:
        raise refuse(
            "bad_length", "时长要在1到1440分钟之间。", "The length must be 1 to 1440 minutes.", "minutes"
        )
    venue = form.get("venue")
    schedule.move_activity(
        session,
        found.activity_id,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=int(minutes)),
        venue_id=int(venue) if venue.isdecimal() else None,
        reason=form.get("reason"),
        by=desk.reader.person_id,
        now=desk.visit.now,
    )


def _start(form: Form, zone: str) -> datetime:
    day = day_in(form, "day")
    if day is None:
        raise refuse("bad_day", "选好是哪天。", "Choose the day.", "day")
    try:
        clock = time.fromisoformat(form.get("clock"))
    except ValueError:
        raise refuse(
            "bad_clock", "写上几点，比如14:00。", "Enter the time, such as 14:00.", "clock"
        ) from None
    return datetime.combine(day, clock.replace(tzinfo=None), ZoneInfo(zone))


def _page(visit: Visit, token: str, code: str, form: Form, error: HubError | None = None) -> Response:
    with read_session() as session:
        desk = Desk.of(session, visit, token)
        found = roster(session, code, hub_id=desk.hub.hub_id, by=desk.reader.person_id, now=visit.now)
        people: Counting = counting_on(session, found.activity_id)
    errors, general = at_fields(error, visit.language(desk.reader.language))
    named = {AT_FORM.get(field, field): sentence for field, sentence in errors.items()}
    return desk.page(
        "activity_change.html",
        "/activities",
        status=error.status if error else 200,
        one=found,
        people=people,
        local=found.starts_at.astimezone(ZoneInfo(desk.hub.time_zone)),
        minutes=round((found.ends_at - found.starts_at) / timedelta(minutes=1)),
        form=form,
        errors={field: sentence for field, sentence in named.items() if field in FIELDS},
        general=(*general, *(sentence for field, sentence in named.items() if field not in FIELDS)),
    )
