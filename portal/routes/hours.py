"""Hours: a volunteer's own page, and a hub's desk where claims are confirmed and lines set right."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from models.session import open_session, read_session
from notifications.links import Purpose
from portal.forms import Form, Posted, at_fields, number
from portal.pages import PRIVATE, RowId, Visit
from portal.routes.hubs import Desk
from portal.stamps import require_stamp, stamp
from services import certificates, hours_claims, hours_corrections, hours_desk, hours_view, no_shows, views
from services.certificates import CertificateForm
from services.errors import HubError, TooLate
from services.hours_claims import CATEGORIES, ClaimForm
from services.hours_desk import LINK_SENT
from services.hours_words import STATES

router = APIRouter()
CERTIFICATE_FIELDS = tuple(CertificateForm.__dataclass_fields__)
LONGEST_NUMBER = 40
CLAIM_FIELDS = tuple(ClaimForm.__dataclass_fields__)
NOT_A_NUMBER = -1


@router.get("/v/{token}")
def show(request: Request, token: str, done: str = "") -> Response:
    """Show a volunteer their hours, stars and claims."""
    return _own_page(Visit.of(request), token, Form(), done=done)


@router.post("/v/{token}/claims")
def claim(request: Request, token: str, form: Posted) -> Response:
    """Claim hours that nobody had planned."""
    visit = Visit.of(request)
    (person_id,) = visit.ids(Purpose.VOLUNTEER, token)
    typed = ClaimForm(**{name: form.get(name) for name in CLAIM_FIELDS})
    try:
        with open_session() as session:
            hours_claims.claim_hours(session, person_id, typed, now=visit.now)
    except HubError as error:
        return _own_page(visit, token, form, error=error)
    return visit.again(f"/v/{token}", done="claimed")


@router.post("/v/{token}/claims/{claim_id}/withdraw")
def withdraw(request: Request, token: str, claim_id: RowId) -> Response:
    """Take one's own claim back."""
    visit = Visit.of(request)
    (person_id,) = visit.ids(Purpose.VOLUNTEER, token)
    # Where somebody has decided it meanwhile, the page says so better than an error would.
    with suppress(TooLate), open_session() as session:
        hours_claims.withdraw(session, claim_id, person_id=person_id, now=visit.now)
    return visit.again(f"/v/{token}")


@router.post("/v/{token}/certificate")
def certificate(request: Request, token: str, form: Posted) -> Response:
    """Issue a certificate over a period, as a PDF."""
    visit = Visit.of(request)
    (person_id,) = visit.ids(Purpose.VOLUNTEER, token)
    typed = CertificateForm(**{name: form.get(name) for name in CERTIFICATE_FIELDS})
    try:
        with open_session() as session:
            own = views.reader(session, person_id).language
            issued = certificates.issue(
                session, person_id, typed, language=visit.language(own), now=visit.now
            )
    except HubError as error:
        return _own_page(visit, token, form, error=error)
    headers = {"Content-Disposition": f'attachment; filename="{issued.number}.pdf"', **PRIVATE}
    return Response(issued.pdf, media_type="application/pdf", headers=headers)


@router.get("/certificates")
def look_up(request: Request, number: str = "") -> Response:
    """Ask for the number of a certificate."""
    visit = Visit.of(request)
    plain = "".join(number.split())[:LONGEST_NUMBER]
    if plain:
        return visit.again(f"/certificates/{quote(plain, safe='')}")
    return visit.page("certificate.html", found=None, number="")


@router.get("/certificates/{number}")
def verify(request: Request, number: str) -> Response:
    """Say whether a number is that of a certificate of ours, and for what."""
    visit = Visit.of(request)
    with read_session() as session:
        found = certificates.verify(session, number[:LONGEST_NUMBER], now=visit.now)
    return visit.page("certificate.html", found=found, number=found.number)


@router.get("/my-hours")
def ask_link(request: Request) -> Response:
    """Ask for the mail that opens one's own page."""
    visit = Visit.of(request)
    return visit.page("my_hours.html", form=Form(), stamp=stamp(visit.now), said=None, general=())


@router.post("/my-hours")
def send_link(request: Request, form: Posted) -> Response:
    """Send the mail that opens the page, and say the same whether the address is known or not."""
    visit = Visit.of(request)
    general: tuple[str, ...] = ()
    try:
        require_stamp(form, visit.now)
        with open_session() as session:
            hours_desk.send_link(session, form.get("address"), now=visit.now)
    except HubError as error:
        _, general = at_fields(error, visit.language())
    return visit.page(
        "my_hours.html",
        status=422 if general else 200,
        form=form,
        stamp=stamp(visit.now),
        said=None if general else LINK_SENT,
        general=general,
    )


@router.get("/h/{token}/hours")
def desk(request: Request, token: str, done: str = "") -> Response:
    """Show a hub the claims that wait, and who served how long this year."""
    return _desk_page(Visit.of(request), token, done=done)


@router.post("/h/{token}/hours/claims/{claim_id}")
def decide(request: Request, token: str, claim_id: RowId, form: Posted) -> Response:
    """Confirm a claim or refuse it with a reason."""
    visit = Visit.of(request)
    is_right = form.get("answer") == "yes"
    try:
        with open_session() as session:
            desk = Desk.of(session, visit, token)
            hours_claims.decide(
                session,
                claim_id,
                is_right=is_right,
                by=desk.reader.person_id,
                reason=form.get("reason"),
                now=visit.now,
            )
    except HubError as error:
        return _desk_page(visit, token, error=error, claim_id=claim_id)
    return visit.again(f"/h/{token}/hours", done="confirmed" if is_right else "refused")


@router.get("/h/{token}/hours/{code}")
def person(request: Request, token: str, code: str, done: bool = False) -> Response:
    """Show a hub one volunteer's lines."""
    return _person_page(Visit.of(request), token, code, Form(), done=done)


@router.post("/h/{token}/hours/{code}")
def correct(request: Request, token: str, code: str, form: Posted) -> Response:
    """Set a line right: the old one stays, with a correction beside it."""
    visit = Visit.of(request)
    minutes, entry_id = number(form.get("minutes")), number(form.get("entry")) or 0
    try:
        with open_session() as session:
            desk = Desk.of(session, visit, token)
            hours_corrections.correct(
                session,
                entry_id,
                NOT_A_NUMBER if minutes is None else minutes,
                reason=form.get("reason"),
                by=desk.reader.person_id,
                now=visit.now,
            )
    except HubError as error:
        return _person_page(visit, token, code, form, error=error)
    return visit.again(done="1")


@router.post("/h/{token}/hours/{code}/ask-again")
def ask_again(request: Request, token: str, code: str, form: Posted) -> Response:
    """End a volunteer's pause before its date."""
    visit = Visit.of(request)
    try:
        with open_session() as session:
            desk = Desk.of(session, visit, token)
            by = desk.reader.person_id
            found = hours_desk.person_hours(session, desk.hub.hub_id, code, by=by, now=visit.now)
            no_shows.lift(session, found.person_id, by=by, reason=form.get("reason"), now=visit.now)
    except HubError as error:
        return _person_page(visit, token, code, Form({"entry": ["pause"]}), error=error)
    return visit.again(f"/h/{token}/hours/{quote(code, safe='')}")


def _own_page(
    visit: Visit, token: str, form: Form, *, done: str = "", error: HubError | None = None
) -> Response:
    (person_id,) = visit.ids(Purpose.VOLUNTEER, token)
    with read_session() as session:
        found = hours_view.hours_page(session, person_id, now=visit.now)
    language = visit.language(found.language)
    errors, general = at_fields(error, language)
    return visit.page(
        "hours.html",
        own=found.language,
        zone=found.time_zone,
        status=error.status if error else 200,
        base=f"/v/{token}",
        page=found,
        form=form,
        done=done,
        categories=CATEGORIES,
        options=[(str(code), words.in_(language), "") for code, words in CATEGORIES.items()],
        states=STATES,
        id_kinds=[(code, words.in_(language), "") for code, words in certificates.ID_KINDS.items()],
        errors=errors,
        general=general,
    )


def _desk_page(
    visit: Visit, token: str, *, done: str = "", error: HubError | None = None, claim_id: int = 0
) -> Response:
    with read_session() as session:
        desk = Desk.of(session, visit, token)
        found = hours_desk.hub_hours(session, desk.hub.hub_id, by=desk.reader.person_id, now=visit.now)
    by_field, general = at_fields(error, visit.language(desk.reader.language))
    return desk.page(
        "hub_hours.html",
        "",
        status=error.status if error else 200,
        found=found,
        done=done,
        categories=CATEGORIES,
        errors={f"{field}-{claim_id}": sentence for field, sentence in by_field.items()},
        general=general,
    )


def _person_page(
    visit: Visit, token: str, code: str, form: Form, *, done: bool = False, error: HubError | None = None
) -> Response:
    with read_session() as session:
        desk = Desk.of(session, visit, token)
        found = hours_desk.person_hours(
            session, desk.hub.hub_id, code, by=desk.reader.person_id, now=visit.now
        )
    by_field, general = at_fields(error, visit.language(desk.reader.language))
    return desk.page(
        "hub_hours_person.html",
        "",
        status=error.status if error else 200,
        found=found,
        form=form,
        done=done,
        categories=CATEGORIES,
        errors={f"{field}-{form.get('entry')}": sentence for field, sentence in by_field.items()},
        general=general,
    )
