"""A hub's schedule: change or end a series, close for some days, and undo; who is affected is shown first."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from documents.cells import Wrong
from documents.weekly import read_recurrence
from models.session import open_session, read_session
from portal.forms import Form, Posted, at_fields, day_in
from portal.pages import RowId, Visit
from portal.routes.hubs import Desk
from services import bulk_changes, closing_days, series_changes
from services.coverage import COLUMNS, neighbours
from services.coverage import coverage as coverage_of
from services.errors import HubError, NotFound, refuse
from services.schedule_view import ScheduleView, SeriesLine, schedule_view
from services.series_effects import NO_SUCH_SERIES, series_effect

router = APIRouter()
HERE = "/schedule"


@router.get("/h/{token}/schedule")
def index(request: Request, token: str, done: str = "") -> Response:
    """List the hub's series, and the changes that can be undone."""
    return _index(Visit.of(request), token, Form(), done=done)


@router.get("/h/{token}/coverage")
def coverage(request: Request, token: str) -> Response:
    """Show who gets nothing in the coming weeks from the hubs of this hub's unit."""
    visit = Visit.of(request)
    with read_session() as session:
        desk = Desk.of(session, visit, token)
        found = coverage_of(session, neighbours(session, desk.hub.hub_id), now=visit.now)
    return desk.page("hub_coverage.html", HERE, found=found, columns=COLUMNS)


@router.get("/h/{token}/schedule/{code}")
def show(request: Request, token: str, code: str) -> Response:
    """Show the form that changes or ends a series."""
    return _form(Visit.of(request), token, code, Form())


@router.post("/h/{token}/schedule/{code}")
def change(request: Request, token: str, code: str, form: Posted) -> Response:
    """Show whom a change affects; with the seal of what was shown, do it."""
    visit = Visit.of(request)
    try:
        if not form.get("seal"):
            return _effect(visit, token, code, form)
        with open_session() as session:
            desk = Desk.of(session, visit, token)
            line = _line(
                schedule_view(session, desk.hub.hub_id, by=desk.reader.person_id, now=visit.now), code
            )
            said = series_changes.change_series(
                session,
                code,
                _values(form, line),
                seal=form.get("seal"),
                reason=form.get("reason"),
                hub_id=desk.hub.hub_id,
                by=desk.reader.person_id,
                now=visit.now,
            )
    except HubError as error:
        return _form(visit, token, code, form, error)
    return visit.again(f"{desk.base}{HERE}", done=str(said.change_id))


@router.post("/h/{token}/closing")
def close(request: Request, token: str, form: Posted) -> Response:
    """Show what falls out if the hub is closed; with the seal of what was shown, do it."""
    visit = Visit.of(request)
    first, last = day_in(form, "first"), day_in(form, "last")
    try:
        if first is None or last is None:
            raise refuse(
                "no_days", "选好停办的第一天和最后一天。", "Choose the first and the last day.", "first"
            )
        with open_session() as session:
            desk = Desk.of(session, visit, token)
            hub_id, by = desk.hub.hub_id, desk.reader.person_id
            effect = closing_days.closing_effect(session, hub_id, first, last, now=visit.now)
            if not form.get("seal"):
                return desk.page("closing_effect.html", HERE, effect=effect, form=form)
            said = closing_days.close_days(
                session,
                hub_id,
                first,
                last,
                seal=form.get("seal"),
                reason=form.get("reason"),
                by=by,
                now=visit.now,
            )
    except HubError as error:
        return _index(visit, token, form, error)
    return visit.again(f"{desk.base}{HERE}", done=str(said.change_id))


@router.post("/h/{token}/undo/{change_id}")
def undo(request: Request, token: str, change_id: RowId) -> Response:
    """Undo a change of many in one step."""
    visit = Visit.of(request)
    try:
        with open_session() as session:
            desk = Desk.of(session, visit, token)
            bulk_changes.undo(
                session, change_id, hub_id=desk.hub.hub_id, by=desk.reader.person_id, now=visit.now
            )
    except HubError as error:
        return _index(visit, token, Form(), error)
    return visit.again(f"{desk.base}{HERE}", done="undone")


def _index(
    visit: Visit, token: str, form: Form, error: HubError | None = None, *, done: str = ""
) -> Response:
    with read_session() as session:
        desk = Desk.of(session, visit, token)
        found = schedule_view(session, desk.hub.hub_id, by=desk.reader.person_id, now=visit.now)
    return _page(desk, "schedule.html", error, view=found, form=form, done=done)


def _form(visit: Visit, token: str, code: str, form: Form, error: HubError | None = None) -> Response:
    with read_session() as session:
        desk = Desk.of(session, visit, token)
        found = schedule_view(session, desk.hub.hub_id, by=desk.reader.person_id, now=visit.now)
    return _page(desk, "series.html", error, view=found, one=_line(found, code), form=form)


def _effect(visit: Visit, token: str, code: str, form: Form) -> Response:
    with read_session() as session:
        desk = Desk.of(session, visit, token)
        hub_id = desk.hub.hub_id
        line = _line(schedule_view(session, hub_id, by=desk.reader.person_id, now=visit.now), code)
        values = _values(form, line)
        effect = series_effect(session, code, values, hub_id=hub_id, now=visit.now)
    if effect.problems:
        raise HubError(effect.problems)
    return desk.page("series_effect.html", HERE, effect=effect, form=form)


def _page(desk: Desk, name: str, error: HubError | None, **fields: object) -> Response:
    errors, general = at_fields(error, desk.visit.language(desk.reader.language))
    known = {"recurrence", "duration_minutes", "venue", "ends_on", "reason", "first", "last"}
    elsewhere = tuple(sentence for field, sentence in errors.items() if field not in known)
    return desk.page(
        name,
        HERE,
        status=error.status if error else 200,
        errors={field: sentence for field, sentence in errors.items() if field in known},
        general=(*general, *elsewhere),
        **fields,
    )


def _line(view: ScheduleView, code: str) -> SeriesLine:
    found = next((line for line in view.series if line.code == code), None)
    if found is None:
        raise NotFound(NO_SUCH_SERIES)
    return found


def _values(form: Form, line: SeriesLine) -> dict[str, Any]:
    """Return the fields of a series that the form changes."""
    values: dict[str, Any] = {}
    if form.get("recurrence") not in {"", line.words}:
        read = read_recurrence(form.get("recurrence"))
        if isinstance(read, Wrong):
            raise refuse("bad_rule", f"{read.sentence.zh}。", f"{read.sentence.en}.", "recurrence")
        values["rrule"] = read[0]
        values |= {} if read[1] is None else {"start_time": read[1]}
    minutes, venue = form.get("duration_minutes"), form.get("venue")
    if minutes and minutes != str(line.minutes):
        values["duration_minutes"] = int(minutes) if minutes.isdecimal() else 0
    if venue.isdecimal() and int(venue) != line.venue_id:
        values["venue_id"] = int(venue)
    if day_in(form, "ends_on") != line.ends_on:
        values["ends_on"] = day_in(form, "ends_on")
    return values
