"""What people are told when places change hands: substitutes, reserves, swaps."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from notifications import kinds, outbox
from services.describing import Describer
from services.queries import Placement, id_of


def queue_substitute(session: Session, leaving: Placement, *, was_found: bool, now: datetime) -> int:
    """Tell who looks for a substitute that one was found, or (once a search) that nobody is left to ask."""
    mail = kinds.SubstituteMail(**Describer(session, [leaving]).about_offer(leaving), was_found=was_found)
    since = leaving.offer.seeks_substitute_at
    what = "found" if was_found else f"nobody:{since:%Y%m%dT%H%M%SZ}" if since else "nobody"
    return outbox.queue_many(session, [(f"substitute:{id_of(leaving.offer)}:{what}", mail)], now=now)


def queue_reserve_needed(session: Session, placed: Placement, *, now: datetime) -> int:
    """Tell a reserve that a place is theirs for certain."""
    mail = kinds.ReserveNeededMail(**Describer(session, [placed]).about_offer(placed))
    return outbox.queue_many(session, [(f"reserve_needed:{id_of(placed.offer)}", mail)], now=now)
