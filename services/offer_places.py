"""What a yes takes and what a no frees: a place, a substitute's promise, or a reserve's."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col

from models import Need, Offer
from models.states import OfferState
from services import audit, mails_exchanges, substitutes
from services.offer_follow_up import ask_next
from services.queries import Placement, claim, id_of, placements


def hold(session: Session, placed: Placement, *, now: datetime) -> bool:
    """Take what an offer promises, and say whether it was still to be had; the needs are locked."""
    if placed.offer.is_reserve:
        return True
    if placed.offer.replaces_id is not None:
        return substitutes.take_over(session, placed, now=now)
    return claim(session, placed.need, col(Need.taken) < Need.maximum, taken=Need.taken + 1)


def give_back(session: Session, placed: Placement, *, now: datetime) -> None:
    """Free what an accepted offer held; a reserve who has already said yes moves up to the place."""
    if placed.offer.is_reserve:
        return
    substitutes.stop_looking(session, placed, now=now)
    if not _move_reserve_up(session, placed, now=now):
        claim(session, placed.need, col(Need.taken) > 0, taken=Need.taken - 1)


def ask_on(session: Session, placed: Placement, *, now: datetime) -> int:
    """Ask the next people after a no; return how many."""
    need_ids = [id_of(placed.need)]
    if placed.offer.replaces_id is not None:
        return substitutes.search_on(session, now=now, need_ids=need_ids)
    return 0 if placed.offer.is_reserve else ask_next(session, now=now, need_ids=need_ids)


def _move_reserve_up(session: Session, placed: Placement, *, now: datetime) -> bool:
    waiting = placements(
        session,
        col(Offer.need_id) == id_of(placed.need),
        col(Offer.state) == OfferState.ACCEPTED,
        col(Offer.is_reserve).is_(True),
    )
    if not waiting:
        return False
    first = min(waiting, key=lambda one: (one.offer.answered_at or now, id_of(one.offer)))
    audit.change(session, first.offer, "offer.reserve_needed", now=now, is_reserve=False)
    session.flush()
    mails_exchanges.queue_reserve_needed(session, first, now=now)
    return True
