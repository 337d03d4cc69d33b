"""Register as a volunteer, by a form that anybody may open."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from models.session import open_session, read_session
from portal.forms import Form, Posted, at_fields
from portal.pages import Visit
from portal.stamps import require_stamp, seal, stamp, unseal
from services import participation, registration
from services.errors import HubError
from services.registration import PARTS, TIMES, VolunteerForm
from services.wording import WEEKDAYS

router = APIRouter()
LISTS = ("skills", "availability")
FIELDS = tuple(name for name in VolunteerForm.__dataclass_fields__ if name not in LISTS)


@router.get("/volunteer")
def show(request: Request, done: str = "", hub: str = "") -> Response:
    """Show the form to register, or after it what happens next."""
    visit = Visit.of(request)
    facts = unseal(done) if done else []
    if facts:
        return visit.page("registered.html", guardian_asked=bool(facts[1]))
    return _page(visit, Form({"hub": [hub]}))


@router.post("/volunteer")
def register(request: Request, form: Posted) -> Response:
    """Register somebody and say what happens next; the answer never tells who is known here."""
    visit = Visit.of(request)
    typed = VolunteerForm(**_typed(form))
    try:
        require_stamp(form, visit.now)
        with open_session() as session:
            result = registration.register_volunteer(session, typed, now=visit.now)
    except HubError as error:
        return _page(visit, form, error)
    return visit.again(done=seal("registered", int(result.guardian_asked)))


def _typed(form: Form) -> dict[str, Any]:
    lists = {name: tuple(form.all(name)) for name in LISTS}
    return {name: form.get(name) for name in FIELDS} | lists


def _page(visit: Visit, form: Form, error: HubError | None = None) -> Response:
    with read_session() as session:
        units = participation.directory(session)
        skills = registration.skill_choices(session)
    errors, general = at_fields(error, visit.language())
    return visit.page(
        "volunteer.html",
        status=error.status if error else 200,
        form=form,
        units=units,
        skills=skills,
        days=WEEKDAYS,
        parts={part: words for part, (words, _, _) in PARTS.items()},
        times=TIMES,
        stamp=stamp(visit.now),
        errors=errors,
        general=general,
    )
