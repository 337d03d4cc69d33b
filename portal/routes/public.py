"""Pages for everybody: what this is, the hubs and their programmes, sign-up, registration, privacy."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from models.session import open_session, read_session
from portal.forms import Form, Posted, at_fields
from portal.pages import Visit
from portal.stamps import require_stamp, seal, stamp, unseal
from services import participation, views
from services.errors import HubError
from services.participation import SignUpForm

router = APIRouter()
SIGN_UP_FIELDS = tuple(SignUpForm.__dataclass_fields__)


@router.get("/")
def home(request: Request) -> Response:
    """Say what this is, with two ways on."""
    visit = Visit.of(request)
    with read_session() as session:
        network_now = views.network_now(session, now=visit.now)
    return visit.page("home.html", network_now=network_now)


@router.get("/hubs")
def hubs(request: Request) -> Response:
    """List all hubs by sub-district."""
    with read_session() as session:
        units = participation.directory(session)
    return Visit.of(request).page("hubs.html", units=units, count=sum(len(unit.hubs) for unit in units))


@router.get("/hubs/{code}")
def programme(request: Request, code: str) -> Response:
    """Show what a hub offers next, with a link to sign up for each activity."""
    visit = Visit.of(request)
    with read_session() as session:
        found = participation.programme(session, code, now=visit.now)
    return visit.page("programme.html", zone=found.time_zone, hub=found)


@router.get("/activities/{code}/sign-up")
def sign_up_form(request: Request, code: str, done: str = "") -> Response:
    """Show the form to sign up, or after it what came of it."""
    visit = Visit.of(request)
    return _signed_up(visit, code, done) if done else _sign_up_page(visit, code, Form())


@router.post("/activities/{code}/sign-up")
def sign_up(request: Request, code: str, form: Posted) -> Response:
    """Sign somebody up and lead to the page that says what came of it."""
    visit = Visit.of(request)
    typed = SignUpForm(**{name: form.get(name) for name in SIGN_UP_FIELDS})
    try:
        require_stamp(form, visit.now)
        with open_session() as session:
            result = participation.sign_up(session, code, typed, now=visit.now)
    except HubError as error:
        if not any(refusal.field for refusal in error.refusals) and error.refusals[0].code != "stamp_old":
            raise
        return _sign_up_page(visit, code, form, error)
    return visit.again(done=seal(result.state, result.position))


def _sign_up_page(visit: Visit, code: str, form: Form, error: HubError | None = None) -> Response:
    with read_session() as session:
        entry = participation.entry(session, code, now=visit.now)
    errors, general = at_fields(error, visit.language())
    return visit.page(
        "sign_up.html",
        zone=entry.time_zone,
        status=error.status if error else 200,
        entry=entry,
        form=form,
        stamp=stamp(visit.now),
        errors=errors,
        general=general,
    )


def _signed_up(visit: Visit, code: str, done: str) -> Response:
    facts = unseal(done)
    if not facts:
        return visit.again()
    with read_session() as session:
        entry = participation.entry(session, code, now=visit.now)
    state, position = facts
    return visit.page("signed_up.html", zone=entry.time_zone, entry=entry, state=state, position=position)


@router.get("/privacy")
def privacy(request: Request) -> Response:
    """Say what is kept, who sees it, and how to see, correct or delete it."""
    return Visit.of(request).page("privacy.html")


@router.get("/healthz")
def healthz() -> dict[str, str]:
    """Say that the portal answers and reaches its database."""
    with read_session() as session:
        views.count_hubs(session)
    return {"status": "ok"}
