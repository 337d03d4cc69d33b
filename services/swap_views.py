"""Swaps as pages show them: to a volunteer without names, to a coordinator with both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from config.text import Text
from models import Activity, Offer, Swap
from models.states import SwapState
from services import swaps
from services.errors import NotFound
from services.queries import NO_SUCH_THING, Placement, id_of, only, placements, required
from services.swap_decisions import require_say
from services.swap_finding import OPEN, counterparts
from services.swap_pairs import Pair, is_possible, pair_of


@dataclass(frozen=True)
class PlaceView:
    """Hold a place as both pages name it."""

    activity_code: str
    title: Text
    role: Text
    hub: Text
    place: str
    starts_at: datetime
    ends_at: datetime
    person_name: str = ""
    """Who holds it; for coordinators only."""


@dataclass(frozen=True)
class SwapView:
    """Hold the newest swap of a place: `is_mine` for who proposed it, `there` the other's place."""

    swap_id: int
    state: SwapState
    is_mine: bool
    there: PlaceView
    until: datetime
    reason: str
    new_offer: tuple[int, datetime] | None = None
    """The offer of the place that the reader got, and when that ends."""


@dataclass(frozen=True)
class SwapPage:
    """Hold a volunteer's page: the own place, the newest swap of it, and what could be had instead."""

    offer_id: int
    language: str
    time_zone: str
    called: str
    mine: PlaceView
    latest: SwapView | None
    may_propose: bool
    choices: tuple[PlaceView, ...]


@dataclass(frozen=True)
class SwapDesk:
    """Hold a coordinator's page: both places with names, and whether the reader's word is waited for."""

    swap_id: int
    state: SwapState
    one: PlaceView
    other: PlaceView
    until: datetime
    reason: str
    waits_for_me: bool
    waits_for: tuple[Text, ...]
    """The hubs whose yes is missing."""
    still_fits: bool


@dataclass(frozen=True)
class WaitingSwap:
    """Hold a swap that waits for the yes of a hub's coordinators."""

    swap_id: int
    hub_id: int
    until: datetime
    time_zone: str
    names: tuple[str, str]
    titles: tuple[Text, Text]


def latest(session: Session, offer_id: int) -> SwapView | None:
    """Return the newest swap that a place is or was in; a question that is over is nobody's news."""
    is_in_it = or_(col(Swap.offer_id) == offer_id, col(Swap.other_id) == offer_id)
    question = select(Swap).where(is_in_it).order_by(col(Swap.id).desc())
    found = session.scalars(question).first()
    return _of(session, pair_of(session, found), offer_id) if found is not None else None


def swap_page(session: Session, offer_id: int, *, now: datetime) -> SwapPage:
    """Return a volunteer's page of swaps; raises `NotFound`."""
    mine = only(placements(session, col(Offer.id) == offer_id))
    may_propose = swaps.can_propose(session, mine, now=now)
    found = counterparts(session, mine, now=now) if may_propose else []
    return SwapPage(
        offer_id=offer_id,
        language=mine.person.language,
        time_zone=mine.occasion.hub.time_zone,
        called=mine.person.form_of_address or mine.person.name,
        mine=_place(mine),
        latest=latest(session, offer_id),
        may_propose=may_propose,
        choices=tuple(_each_activity(found)),
    )


def swap_desk(session: Session, swap_id: int, *, hub_id: int, by: int, now: datetime) -> SwapDesk:
    """Return a coordinator's page of a swap; raises `NotFound` for one of other hubs, `NotYours`."""
    pair = pair_of(session, required(session, Swap, swap_id))
    if hub_id not in {id_of(one.occasion.hub) for one in pair.both}:
        raise NotFound(NO_SUCH_THING)
    is_waiting = pair.swap.state == SwapState.AGREED and pair.swap.expires_at > now
    if is_waiting:
        require_say(session, pair, by)
    names = {id_of(one.occasion.hub): one.occasion.hub_name for one in pair.both}
    return SwapDesk(
        swap_id=swap_id,
        state=SwapState(pair.swap.state),
        one=_place(pair.mine, is_named=True),
        other=_place(pair.other, is_named=True),
        until=pair.swap.expires_at,
        reason=pair.swap.reason,
        waits_for_me=is_waiting and hub_id in pair.missing_hubs,
        waits_for=tuple(names[key] for key in pair.missing_hubs),
        still_fits=is_waiting and is_possible(session, pair, now=now),
    )


def waiting_swaps(session: Session, hub_ids: Sequence[int], *, now: datetime) -> list[WaitingSwap]:
    """Return the swaps that wait for the coordinators of these hubs, the most pressing first."""
    first, second = aliased(Offer), aliased(Offer)
    here, there = aliased(Activity), aliased(Activity)
    question = (
        select(Swap)
        .join(first, col(first.id) == Swap.offer_id)
        .join(second, col(second.id) == Swap.other_id)
        .join(here, col(here.id) == first.activity_id)
        .join(there, col(there.id) == second.activity_id)
        .where(
            col(Swap.state) == SwapState.AGREED,
            col(Swap.expires_at) > now,
            or_(col(here.hub_id).in_(hub_ids), col(there.hub_id).in_(hub_ids)),
        )
        .order_by(col(Swap.expires_at), col(Swap.id))
    )
    pairs = [pair_of(session, swap) for swap in session.scalars(question)]
    return [_waiting(pair, hub_id) for pair in pairs for hub_id in pair.missing_hubs if hub_id in hub_ids]


def in_a_swap(session: Session, offer_ids: Sequence[int]) -> set[int]:
    """Return which of these offers are in an open swap."""
    question = select(col(Swap.offer_id), col(Swap.other_id)).where(
        col(Swap.state).in_(OPEN), or_(col(Swap.offer_id).in_(offer_ids), col(Swap.other_id).in_(offer_ids))
    )
    return {offer_id for row in session.execute(question) for offer_id in row}


def _waiting(pair: Pair, hub_id: int) -> WaitingSwap:
    mine, other = pair.both
    return WaitingSwap(
        swap_id=id_of(pair.swap),
        hub_id=hub_id,
        until=pair.swap.expires_at,
        time_zone=mine.occasion.hub.time_zone,
        names=(mine.person.name, other.person.name),
        titles=(mine.occasion.title, other.occasion.title),
    )


def _of(session: Session, pair: Pair, offer_id: int) -> SwapView:
    is_mine = pair.swap.offer_id == offer_id
    own, there = pair.both if is_mine else pair.both[::-1]
    return SwapView(
        swap_id=id_of(pair.swap),
        state=SwapState(pair.swap.state),
        is_mine=is_mine,
        there=_place(there),
        until=pair.swap.expires_at,
        reason=pair.swap.reason,
        new_offer=_new_offer(session, own, there) if pair.swap.state == SwapState.DONE else None,
    )


def _new_offer(session: Session, own: Placement, there: Placement) -> tuple[int, datetime] | None:
    got = (col(Offer.need_id) == id_of(there.need), col(Offer.person_id) == id_of(own.person))
    found = placements(session, *got)
    return (id_of(found[0].offer), found[0].occasion.activity.ends_at) if found else None


def _each_activity(found: Iterable[Placement]) -> Iterable[PlaceView]:
    """Yield each activity once: how many hold a place there is nobody's business."""
    seen: set[int] = set()
    for one in found:
        if one.offer.activity_id not in seen:
            seen.add(one.offer.activity_id)
            yield _place(one)


def _place(placed: Placement, *, is_named: bool = False) -> PlaceView:
    activity = placed.occasion.activity
    return PlaceView(
        activity_code=activity.code,
        title=placed.occasion.title,
        role=placed.role,
        hub=placed.occasion.hub_name,
        place=placed.occasion.place,
        starts_at=activity.starts_at,
        ends_at=activity.ends_at,
        person_name=placed.person.name if is_named else "",
    )
