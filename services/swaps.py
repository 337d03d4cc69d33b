"""Swaps: one place for another, asked of one volunteer at a time, and done with a coordinator's yes.

Who would like to swap names a day, never a person; who is asked learns the two places and no name. Names
are for coordinators (`swap_decisions.py`). Every step locks both activities and asks again whether both still
fit; what has become impossible meanwhile is closed and told, not refused.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from config.text import Refusal, Text
from models import Activity, Offer, Swap
from models.states import ActivityState, OfferState, SwapState
from notifications.kinds import SwapNews
from services import audit, swap_mails
from services.errors import HubError, NotFound, TooLate, refuse
from services.offer_rules import offer_rules
from services.queries import NO_SUCH_THING, Placement, id_of, lock_needs, only, placements
from services.swap_finding import OPEN, counterparts
from services.swap_pairs import (
    Pair,
    Swapped,
    close,
    is_place,
    is_possible,
    is_standing,
    locked,
    require,
)

_NOT_NOW = Text(
    zh="这个位置现在换不了：已经不是你的、在找人替、正在换，或者快开始了。",
    en="This place cannot be swapped now: it is not yours any more, a substitute is sought, "
    "a swap is under way, or it begins soon.",
)
_NOBODY = Text(
    zh="眼下没有人能和你换这一场，换一场试试。",
    en="At the moment nobody could swap with you for that one; try another.",
)


def propose(session: Session, offer_id: int, activity_code: str, *, now: datetime) -> Swapped:
    """Ask somebody who serves at an activity to take an accepted place for theirs.

    Raises `TooLate` where the place cannot be swapped now, `HubError` where nobody there could swap.
    """
    wanted = _activity_id(session, activity_code)
    own = only(placements(session, col(Offer.id) == offer_id)).offer.activity_id
    lock_needs(session, col(Activity.id).in_([own, wanted]))
    mine = only(placements(session, col(Offer.id) == offer_id))
    if not can_propose(session, mine, now=now):
        raise TooLate(Refusal("cannot_swap", _NOT_NOW))
    swap = _ask_next(session, mine, wanted, now=now)
    if swap is None:
        raise HubError(Refusal("nobody_to_swap", _NOBODY, field="activity"))
    return Swapped(id_of(swap), SwapState.ASKED)


def answer(session: Session, swap_id: int, offer_id: int, *, is_yes: bool, now: datetime) -> Swapped:
    """Take the answer of who was asked; a no asks the next, and may follow a yes until it is decided.

    Raises `TooLate` when no answer is waited for any more, `NotFound` for somebody else's question.
    """
    pair = locked(session, swap_id)
    if pair.swap.other_id != offer_id:
        raise NotFound(NO_SUCH_THING)
    if is_yes and pair.swap.state == SwapState.AGREED:
        return pair.said
    require(pair, *OPEN, now=now)
    if not is_yes:
        return _say_no(session, pair, now=now)
    return (
        _say_yes(session, pair, now=now)
        if is_possible(session, pair, now=now)
        else void(session, pair, now=now)
    )


def take_back(session: Session, swap_id: int, offer_id: int, *, now: datetime) -> Swapped:
    """Let who proposed a swap keep the own place after all; raises `TooLate` once it is decided."""
    pair = locked(session, swap_id)
    if pair.swap.offer_id != offer_id:
        raise NotFound(NO_SUCH_THING)
    require(pair, *OPEN, now=now)
    before = close(session, pair, SwapState.WITHDRAWN, now=now, by=id_of(pair.mine.person))
    swap_mails.tell(session, pair, pair.other, SwapNews.WITHDRAWN, now=now)
    if before == SwapState.AGREED:
        swap_mails.tell_coordinators(session, pair, SwapNews.WITHDRAWN, now=now)
    return pair.said


def can_propose(session: Session, mine: Placement, *, now: datetime) -> bool:
    """Say whether a place is one that its holder may try to swap now."""
    last_call = offer_rules(session, now=now).of(id_of(mine.occasion.hub)).last_call
    if not is_place(mine) or mine.occasion.activity.starts_at <= now + last_call:
        return False
    return open_swap(session, id_of(mine.offer)) is None


def open_swap(session: Session, offer_id: int) -> Swap | None:
    """Return the swap in which a place is at this moment, on whichever side."""
    is_in_it = or_(col(Swap.offer_id) == offer_id, col(Swap.other_id) == offer_id)
    return session.scalars(select(Swap).where(is_in_it, col(Swap.state).in_(OPEN))).first()


def late(now: datetime) -> ColumnElement[bool]:
    """Return the condition on open swaps whose time is over, or one of whose places has changed."""
    mine, other = (_has_changed(column, revision, now) for column, revision in _SIDES)
    return col(Swap.state).in_(OPEN) & or_(col(Swap.expires_at) <= now, mine, other)


def follow_up(session: Session, *, now: datetime) -> int:
    """Close the swaps that are late, ask the next where somebody only was silent; return how many."""
    found = session.scalars(select(col(Swap.id)).where(late(now)).order_by(col(Swap.id))).all()
    return sum(_close_late(session, swap_id, now=now) for swap_id in found if swap_id is not None)


def void(session: Session, pair: Pair, *, now: datetime) -> Swapped:
    """Close what has become impossible; while it is only asked, somebody else may still be found."""
    before = close(session, pair, SwapState.VOID, now=now)
    if before == SwapState.ASKED and is_place(pair.mine):
        swap_mails.tell(session, pair, pair.other, SwapNews.VOID, now=now)
        _go_on(session, pair, now=now)
        return pair.said
    swap_mails.tell_both(session, pair, SwapNews.VOID, now=now)
    if before == SwapState.AGREED:
        swap_mails.tell_coordinators(session, pair, SwapNews.VOID, now=now)
    return pair.said


_SIDES = ((Swap.offer_id, Swap.revision), (Swap.other_id, Swap.other_revision))


def _has_changed(offer_id: int, revision: int, now: datetime) -> ColumnElement[bool]:
    offer, activity = aliased(Offer), aliased(Activity)
    stands = (
        select(col(offer.id))
        .join(activity, col(activity.id) == col(offer.activity_id))
        .where(
            col(offer.id) == offer_id,
            col(offer.state) == OfferState.ACCEPTED,
            col(offer.seeks_substitute_at).is_(None),
            col(activity.state) == ActivityState.PUBLISHED,
            col(activity.revision) == revision,
            col(activity.starts_at) > now,
        )
    )
    return ~exists(stands)


def _close_late(session: Session, swap_id: int, *, now: datetime) -> bool:
    pair = locked(session, swap_id)
    if not pair.is_open:
        return False
    if not is_standing(pair, now=now):
        void(session, pair, now=now)
    elif pair.swap.expires_at <= now:
        _expire(session, pair, now=now)
    return not pair.is_open


def _expire(session: Session, pair: Pair, *, now: datetime) -> None:
    before = close(session, pair, SwapState.EXPIRED, now=now)
    if before == SwapState.ASKED:
        _go_on(session, pair, now=now)
        return
    swap_mails.tell_both(session, pair, SwapNews.LAPSED, now=now)
    swap_mails.tell_coordinators(session, pair, SwapNews.LAPSED, now=now)


def _say_yes(session: Session, pair: Pair, *, now: datetime) -> Swapped:
    rules = offer_rules(session, now=now).of(id_of(pair.mine.occasion.hub))
    values: dict[str, Any] = {
        "state": SwapState.AGREED,
        "answered_at": now,
        "expires_at": rules.expires_at(pair.starts_at, now),
    }
    audit.change(session, pair.swap, "swap.agreed", now=now, by=id_of(pair.other.person), **values)
    session.flush()
    swap_mails.tell(session, pair, pair.mine, SwapNews.AGREED, now=now)
    swap_mails.tell_coordinators(session, pair, SwapNews.AGREED, now=now)
    return pair.said


def _say_no(session: Session, pair: Pair, *, now: datetime) -> Swapped:
    before = close(session, pair, SwapState.DECLINED, now=now, by=id_of(pair.other.person))
    if before == SwapState.AGREED:
        swap_mails.tell_coordinators(session, pair, SwapNews.DECLINED, now=now)
    _go_on(session, pair, now=now)
    return pair.said


def _go_on(session: Session, pair: Pair, *, now: datetime) -> None:
    """Ask the next who serves there, or tell who proposed that nobody is left."""
    if _ask_next(session, pair.mine, pair.other.offer.activity_id, now=now) is None:
        swap_mails.tell(session, pair, pair.mine, SwapNews.NOBODY, now=now)


def _ask_next(session: Session, mine: Placement, activity_id: int, *, now: datetime) -> Swap | None:
    found = counterparts(session, mine, now=now, activity_id=activity_id)
    if not found:
        return None
    other = found[0]
    starts_at = min(one.occasion.activity.starts_at for one in (mine, other))
    until = offer_rules(session, now=now).of(id_of(other.occasion.hub)).expires_at(starts_at, now)
    if until <= now:
        return None
    swap = Swap(
        offer_id=id_of(mine.offer),
        other_id=id_of(other.offer),
        revision=mine.occasion.activity.revision,
        other_revision=other.occasion.activity.revision,
        asked_at=now,
        expires_at=until,
    )
    session.add(swap)
    session.flush()
    audit.record(session, swap, "swap.asked", now=now, by=id_of(mine.person))
    swap_mails.ask(session, Pair(swap, mine, other), now=now)
    return swap


def _activity_id(session: Session, code: str) -> int:
    found = session.scalars(select(col(Activity.id)).where(col(Activity.code) == code)).first()
    if found is None:
        raise refuse("no_such_date", "先选一场活动", "Choose an activity first", "activity")
    return found
