"""A coordinator asks why somebody is, or is not, placed at an activity; asking changes nothing."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from models.session import read_session
from portal.forms import at_fields
from portal.pages import Visit
from portal.routes.hubs import Desk
from services.errors import HubError
from services.match_explanations import Explanation, explain, volunteer_of
from services.roster import roster

router = APIRouter()


@router.get("/h/{token}/activities/{code}/why")
def why(request: Request, token: str, code: str, person: str = "") -> Response:
    """Show how one of the hub's volunteers stands to an activity, and what placing them would change."""
    visit = Visit.of(request)
    answer: Explanation | None = None
    error: HubError | None = None
    with read_session() as session:
        desk = Desk.of(session, visit, token)
        one = roster(session, code, hub_id=desk.hub.hub_id, by=desk.reader.person_id, now=visit.now)
        if person.strip():
            try:
                who = volunteer_of(session, desk.hub.hub_id, person)
                answer = explain(session, who, code, now=visit.now, hub_ids=[desk.hub.hub_id])
            except HubError as refused:
                error = refused
    errors, general = at_fields(error, visit.language(desk.reader.language))
    return desk.page(
        "why.html",
        "/activities",
        status=error.status if error else 200,
        one=one,
        person=person,
        answer=answer,
        errors=errors,
        general=general,
    )
