"""What a person sets for themselves: the time of each digest, and a calendar to subscribe to."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from models.session import open_session, read_session
from notifications.links import Purpose
from portal.forms import Form, Posted, at_fields
from portal.pages import PRIVATE, Visit
from services import digest_times, views
from services.calendar_feed import calendar_feed
from services.errors import HubError
from services.wording import WEEKDAYS
from services.work import Audience

router = APIRouter()


@router.get("/m/{token}")
def show(request: Request, token: str, saved: str = "") -> Response:
    """Show how often and when each digest comes."""
    return _page(Visit.of(request), token, Form(), saved=saved)


@router.get("/c/{token}")
@router.get("/c/{token}/calendar.ics")
def feed(request: Request, token: str) -> Response:
    """Return a volunteer's own calendar, for a calendar program that looks again by itself."""
    visit = Visit.of(request)
    (person_id,) = visit.ids(Purpose.FEED, token)
    with read_session() as session:
        entries = calendar_feed(session, person_id, now=visit.now)
    return Response(entries, media_type="text/calendar; charset=utf-8", headers=PRIVATE)


@router.post("/m/{token}")
def change(request: Request, token: str, form: Posted) -> Response:
    """Keep the time of one digest."""
    visit = Visit.of(request)
    (person_id,) = visit.ids(Purpose.MAIL, token)
    typed = {name: form.get(name) for name in ("audience", "cadence", "weekday", "hour")}
    try:
        with open_session() as session:
            digest_times.choose(session, person_id, typed, now=visit.now)
    except HubError as error:
        return _page(visit, token, form, error=error)
    return visit.again(saved=typed["audience"])


def _page(
    visit: Visit, token: str, form: Form, *, saved: str = "", error: HubError | None = None
) -> Response:
    (person_id,) = visit.ids(Purpose.MAIL, token)
    with read_session() as session:
        reader = views.reader(session, person_id)
        choices = digest_times.choices(session, person_id, now=visit.now)
    errors, general = at_fields(error, visit.language(reader.language))
    return visit.page(
        "mail_times.html",
        own=reader.language,
        status=error.status if error else 200,
        choices=choices,
        saved=saved if saved in list(Audience) else "",
        days=WEEKDAYS,
        form=form,
        errors=errors,
        general=general,
    )
