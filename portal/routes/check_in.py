"""Check in on the spot: digits on one's own page, or the picture at the door."""

from __future__ import annotations

import io
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Protocol

import segno
from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from models.session import open_session, read_session
from notifications import links
from notifications.links import Purpose
from portal.forms import Form, Posted
from portal.pages import PRIVATE, Visit
from services import attendance, check_in, check_in_view, views
from services.check_in import CheckedIn
from services.errors import HubError

router = APIRouter()
QUIET_ZONE = 4
"""White modules round the picture, which readers need."""
SCALE = 8
OPENS_AFTER = timedelta(hours=1)
"""How long after the end a scanned picture still leads to a page that says it is over."""


@router.post("/o/{token}/check-in")
def volunteer(request: Request, token: str, form: Posted) -> Response:
    """Check a volunteer in by the digits shown at the venue."""
    visit = Visit.of(request)
    (offer_id,) = visit.ids(Purpose.OFFER, token)
    return _by_code(visit, f"/o/{token}", check_in.volunteer_by_code, offer_id, form)


@router.post("/o/{token}/leave")
def leave(request: Request, token: str) -> Response:
    """Note that a volunteer leaves before the end."""
    visit = Visit.of(request)
    (offer_id,) = visit.ids(Purpose.OFFER, token)
    # Where there is nothing to leave, the page says why better than an error would.
    with suppress(HubError), open_session() as session:
        check_in.leave(session, offer_id, now=visit.now)
    return visit.again(f"/o/{token}")


@router.post("/p/{token}/check-in")
def participant(request: Request, token: str, form: Posted) -> Response:
    """Check a participant in by the digits shown at the venue."""
    visit = Visit.of(request)
    (participation_id,) = visit.ids(Purpose.PARTICIPATION, token)
    return _by_code(visit, f"/p/{token}", check_in.participant_by_code, participation_id, form)


@router.get("/i/{token}")
def scanned(request: Request, token: str) -> Response:
    """Ask who scanned the picture at the door."""
    return _door_page(Visit.of(request), token, Form())


@router.post("/i/{token}")
def by_address(request: Request, token: str, form: Posted) -> Response:
    """Check in whoever scanned the picture and says their address."""
    visit = Visit.of(request)
    (activity_id,) = visit.ids(Purpose.CHECK_IN, token)
    try:
        with open_session() as session:
            done = check_in.by_address(
                session, activity_id, form.get("address"), form.get("name"), now=visit.now
            )
    except HubError:
        return visit.again()  # the page says what time it is for checking in
    return _door_page(visit, token, form, done)


@router.get("/t/{token}/door")
def door(request: Request, token: str) -> Response:
    """Show the picture and the digits alone, to stand at the door; no name is on it."""
    visit = Visit.of(request)
    activity_id, person_id = visit.ids(Purpose.ATTENDANCE, token)
    with read_session() as session:
        reader = views.reader(session, person_id)
        sheet = attendance.sheet(session, activity_id, by=person_id, now=visit.now)
    return visit.page("door.html", own=reader.language, zone=sheet.time_zone, sheet=sheet, back=f"/t/{token}")


@router.get("/t/{token}/qr.png")
def picture(request: Request, token: str) -> Response:
    """Return the picture that leads to the page of this activity's door."""
    visit = Visit.of(request)
    activity_id, person_id = visit.ids(Purpose.ATTENDANCE, token)
    with read_session() as session:
        sheet = attendance.sheet(session, activity_id, by=person_id, now=visit.now)
    url = links.link(Purpose.CHECK_IN, activity_id, expires_at=sheet.ends_at + OPENS_AFTER)
    picture = io.BytesIO()
    segno.make(url, error="m", micro=False).save(picture, kind="png", scale=SCALE, border=QUIET_ZONE)
    return Response(picture.getvalue(), media_type="image/png", headers=PRIVATE)


class _ByCode(Protocol):
    def __call__(self, session: Session, key: int, code: str, /, *, now: datetime) -> CheckedIn: ...


def _by_code(visit: Visit, path: str, deed: _ByCode, key: int, form: Form) -> Response:
    try:
        with open_session() as session:
            done = deed(session, key, form.get("code"), now=visit.now)
    except HubError:
        return visit.again(path)  # the page says how things stand better than an error would
    return visit.again(path) if done.is_in else visit.again(path, tried=done.outcome)


def _door_page(visit: Visit, token: str, form: Form, done: CheckedIn | None = None) -> Response:
    (activity_id,) = visit.ids(Purpose.CHECK_IN, token)
    with read_session() as session:
        found = check_in_view.door(session, activity_id, now=visit.now)
    is_wrong = done is not None and not done.is_in
    return visit.page(
        "check_in.html",
        zone=found.time_zone,
        status=422 if is_wrong else 200,
        door=found,
        done=done,
        form=form,
    )
