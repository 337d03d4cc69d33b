"""The last word on a swap: a coordinator of each hub concerned, who alone sees both names."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session, col

from config.text import Refusal, Text
from models import Offer
from models.states import OfferState, SwapState
from notifications.kinds import SwapNews
from services import audit, swap_mails
from services.access import may_coordinate, require_coordinator
from services.errors import NotYours, refuse
from services.queries import Placement, claim, id_of, only, placements
from services.reasons import SWAPPED
from services.swap_pairs import Pair, Swapped, close, is_possible, locked, require
from services.swaps import void

LONGEST_REASON = 300
OWN = Text(
    zh="这里面有你自己的位置，请另一位社工来定。",
    en="One of the places is your own: another social worker decides.",
)


def decide(
    session: Session, swap_id: int, *, is_yes: bool, reason: str = "", by: int, now: datetime
) -> Swapped:
    """Take a coordinator's word; with a yes for each hub concerned both places change hands at once.

    Raises `TooLate` when it is no longer waited for, `NotYours` for who runs neither hub or holds one of
    the places, `HubError` for a no without a reason.
    """
    pair = locked(session, swap_id)
    require_say(session, pair, by)
    require(pair, SwapState.AGREED, now=now)
    if not is_yes:
        return _refuse(session, pair, reason, by=by, now=now)
    if not is_possible(session, pair, now=now):
        return void(session, pair, now=now)
    _note_yes(session, pair, by=by, now=now)
    if not pair.missing_hubs:
        _exchange(session, pair, by=by, now=now)
    return pair.said


def require_say(session: Session, pair: Pair, by: int) -> None:
    """Raise `NotYours` unless somebody runs one of the two hubs and holds neither place."""
    hubs = [id_of(one.occasion.hub) for one in pair.both]
    if not any(may_coordinate(session, by, hub_id) for hub_id in hubs):
        require_coordinator(session, by, hubs[0])
    if by in (id_of(one.person) for one in pair.both):
        raise NotYours(Refusal("own_swap", OWN))


def _refuse(session: Session, pair: Pair, reason: str, *, by: int, now: datetime) -> Swapped:
    words = " ".join(reason.split())[:LONGEST_REASON]
    if not words:
        raise refuse("reason", "写一句为什么，两个人都会看到", "Say why; both of them will read it", "reason")
    close(session, pair, SwapState.REFUSED, now=now, by=by, reason=words)
    swap_mails.tell_both(session, pair, SwapNews.REFUSED, now=now)
    return pair.said


def _note_yes(session: Session, pair: Pair, *, by: int, now: datetime) -> None:
    fields = ("yes_by_id", "other_yes_by_id")
    said: dict[str, Any] = {
        name: by
        for name, one in zip(fields, pair.both, strict=True)
        if getattr(pair.swap, name) is None and may_coordinate(session, by, id_of(one.occasion.hub))
    }
    audit.change(session, pair.swap, "swap.yes", now=now, by=by, **said)
    session.flush()


def _exchange(session: Session, pair: Pair, *, by: int, now: datetime) -> None:
    """Give each the other's place: two offers end and two begin, and no place is open in between."""
    close(session, pair, SwapState.DONE, now=now, by=by)
    for leaving, coming in (pair.both, pair.both[::-1]):
        _leave(session, leaving, now=now, by=by)
        _place(session, coming, leaving, now=now, by=by)
    swap_mails.tell_both(session, pair, SwapNews.DONE, now=now)


def _leave(session: Session, leaving: Placement, *, now: datetime, by: int) -> None:
    values = {"state": OfferState.DECLINED, "answered_at": now, "decline_reason": SWAPPED}
    won = claim(session, leaving.offer, col(Offer.state) == OfferState.ACCEPTED, **values)
    assert won, "both activities are locked"
    changes = {"state": (str(OfferState.ACCEPTED), str(OfferState.DECLINED))}
    audit.record(session, leaving.offer, "offer.swapped", now=now, by=by, changes=changes)


def _place(session: Session, coming: Placement, leaving: Placement, *, now: datetime, by: int) -> None:
    offer = Offer(
        need_id=id_of(leaving.need),
        activity_id=leaving.offer.activity_id,
        person_id=id_of(coming.person),
        state=OfferState.ACCEPTED,
        proposed_at=now,
        sent_at=now,
        answered_at=now,
    )
    session.add(offer)
    session.flush()
    audit.record(session, offer, "offer.by_swap", now=now, by=by)
    swap_mails.confirm(session, only(placements(session, col(Offer.id) == id_of(offer))), now=now)
