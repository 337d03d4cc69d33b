"""A volunteer answers an offer: two taps, no sign-in. The page always shows the present state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from config.text import Text
from models.session import open_session, read_session
from notifications.links import Purpose
from portal.forms import Form, Posted
from portal.pages import PRIVATE, Visit
from services import flexible_times, offers, swap_views, views
from services.errors import HubError, TooLate, refuse

router = APIRouter()
NO_ANSWER = refuse("no_answer", "先选“我能来”或“这次来不了”。", "Choose “I can come” or “Not this time”.")


@router.get("/o/{token}")
def show(request: Request, token: str, tried: str = "") -> Response:
    """Show an offer; `?answer=` of the mail's button makes that button the solid one."""
    return _page(Visit.of(request), token, tried=tried)


@router.get("/o/{token}/calendar.ics")
def calendar(request: Request, token: str) -> Response:
    """Return the calendar entry of a place that was accepted."""
    visit = Visit.of(request)
    (offer_id,) = visit.ids(Purpose.OFFER, token)
    with read_session() as session:
        entry = views.offer_calendar(session, offer_id, now=visit.now)
    return Response(entry, media_type="text/calendar; charset=utf-8", headers=PRIVATE)


@router.post("/o/{token}")
def answer(request: Request, token: str, form: Posted) -> Response:
    """Take an answer, and lead back to the page that shows what came of it."""
    visit = Visit.of(request)
    (offer_id,) = visit.ids(Purpose.OFFER, token)
    try:
        with open_session() as session:
            _answer(session, offer_id, form, visit.now)
    except TooLate:
        return visit.again()  # the page says why better than an error would
    except HubError as error:
        return _page(
            visit, token, general=[refusal.sentence for refusal in error.refusals], status=error.status
        )
    return visit.again()


def _answer(session: Session, offer_id: int, form: Form, now: datetime) -> None:
    reason = form.get("reason")
    deeds: dict[str, Callable[[], object]] = {
        "yes": lambda: offers.accept(session, offer_id, now=now),
        "no": lambda: offers.decline(session, offer_id, reason=reason, now=now),
        "withdraw": lambda: offers.withdraw_acceptance(session, offer_id, reason=reason, now=now),
        "standby": lambda: offers.join_standby(session, offer_id, now=now),
        "substitute": lambda: offers.find_substitute(session, offer_id, now=now),
        "come": lambda: offers.come_after_all(session, offer_id, now=now),
        "yes_at": lambda: flexible_times.accept_at(session, offer_id, _chosen(form), now=now),
    }
    deed = deeds.get(form.get("answer"))
    if deed is None:
        raise NO_ANSWER
    deed()


def _chosen(form: Form) -> datetime:
    try:
        return datetime.fromisoformat(form.get("at")).astimezone(UTC)
    except (ValueError, OverflowError):
        raise refuse("no_time", "先选一个时间。", "Choose a time first.", "at") from None


def _page(
    visit: Visit, token: str, *, general: list[Text] | None = None, status: int = 200, tried: str = ""
) -> Response:
    (offer_id,) = visit.ids(Purpose.OFFER, token)
    with read_session() as session:
        offer = offers.view(session, offer_id, now=visit.now, tried=tried)
        times = flexible_times.other_times(session, offer_id, now=visit.now)
        swap = swap_views.latest(session, offer_id)
    language = visit.language(offer.language)
    return visit.page(
        "offer.html",
        own=offer.language,
        zone=offer.time_zone,
        status=status,
        offer=offer,
        times=times,
        swap=swap,
        preset="no" if "answer=no" in visit.query else "yes",
        general=[sentence.in_(language) for sentence in general or ()],
        reasons=[(code, words.in_(language), "") for code, words in offers.DECLINE_REASONS.items()],
    )
