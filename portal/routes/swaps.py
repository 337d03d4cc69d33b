"""Swaps: a volunteer proposes or answers without a sign-in and without names, a coordinator decides."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from models.session import open_session, read_session
from notifications import links
from notifications.links import Purpose
from portal.forms import Form, Posted, at_fields, number
from portal.pages import RowId, Visit
from portal.routes.hubs import Desk
from services import swap_decisions, swap_views, swaps
from services.errors import HubError, TooLate, refuse
from services.swap_views import SwapPage

router = APIRouter()
LINK_DAYS = timedelta(days=3)
NO_ANSWER = refuse("no_answer", "先选换还是不换。", "Choose whether you swap.")


@router.get("/o/{token}/swap")
def show(request: Request, token: str) -> Response:
    """Show what became of a swap of this place, or what could be had instead."""
    return _page(Visit.of(request), token)


@router.post("/o/{token}/swap")
def change(request: Request, token: str, form: Posted) -> Response:
    """Propose a swap, answer one, or take it back; the page then shows how it stands."""
    visit = Visit.of(request)
    (offer_id,) = visit.ids(Purpose.OFFER, token)
    try:
        with open_session() as session:
            _do(session, offer_id, form, visit)
    except TooLate:
        return visit.again()  # the page says why better than an error would
    except HubError as error:
        return _page(visit, token, error)
    return visit.again()


def _do(session: Session, offer_id: int, form: Form, visit: Visit) -> None:
    swap_id, deed = number(form.get("swap")) or 0, form.get("answer")
    if deed == "propose":
        swaps.propose(session, offer_id, form.get("activity"), now=visit.now)
    elif deed in {"yes", "no"}:
        swaps.answer(session, swap_id, offer_id, is_yes=deed == "yes", now=visit.now)
    elif deed == "back":
        swaps.take_back(session, swap_id, offer_id, now=visit.now)
    else:
        raise NO_ANSWER


@router.get("/h/{token}/swaps/{swap_id}")
def desk(request: Request, token: str, swap_id: RowId) -> Response:
    """Show a swap to a coordinator, with both names."""
    return _desk_page(Visit.of(request), token, swap_id, Form())


@router.post("/h/{token}/swaps/{swap_id}")
def decide(request: Request, token: str, swap_id: RowId, form: Posted) -> Response:
    """Take a coordinator's yes, or their no with a reason."""
    visit = Visit.of(request)
    try:
        with open_session() as session:
            by = Desk.of(session, visit, token).reader.person_id
            is_yes, reason = form.get("deed") == "agree", form.get("reason")
            swap_decisions.decide(session, swap_id, is_yes=is_yes, reason=reason, by=by, now=visit.now)
    except TooLate:
        return visit.again()
    except HubError as error:
        if not any(refusal.field for refusal in error.refusals):
            raise
        return _desk_page(visit, token, swap_id, form, error)
    return visit.again()


def _page(visit: Visit, token: str, error: HubError | None = None) -> Response:
    (offer_id,) = visit.ids(Purpose.OFFER, token)
    with read_session() as session:
        found = swap_views.swap_page(session, offer_id, now=visit.now)
    errors, general = at_fields(error, visit.language(found.language))
    return visit.page(
        "swap.html",
        own=found.language,
        zone=found.time_zone,
        status=error.status if error else 200,
        one=found,
        offer_path=f"/o/{token}",
        new_path=_new_path(found),
        errors=errors,
        general=general,
    )


def _new_path(found: SwapPage) -> str:
    """Return the page of the place that the reader got, where a swap is done."""
    new = found.latest.new_offer if found.latest else None
    if new is None:
        return ""
    return f"/o/{links.make(Purpose.OFFER, new[0], expires_at=new[1] + LINK_DAYS)}"


def _desk_page(visit: Visit, token: str, swap_id: int, form: Form, error: HubError | None = None) -> Response:
    with read_session() as session:
        desk = Desk.of(session, visit, token)
        by = desk.reader.person_id
        found = swap_views.swap_desk(session, swap_id, hub_id=desk.hub.hub_id, by=by, now=visit.now)
    errors, general = at_fields(error, visit.language(desk.reader.language))
    return desk.page(
        "hub_swap.html",
        "/activities",
        status=error.status if error else 200,
        one=found,
        form=form,
        errors=errors,
        general=general,
    )
