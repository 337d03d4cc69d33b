"""A swap with both places as they are now: found, locked, judged, closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col

from config.text import Refusal, Text
from models import Activity, Offer, Swap
from models.states import ActivityState, OfferState, SwapState
from services import audit
from services.errors import TooLate
from services.queries import Placement, id_of, lock_needs, only, placements, required
from services.swap_finding import OPEN, may_swap

_GONE = Text(zh="这次换班已经不等人回答了。", en="This swap does not wait for an answer any more.")


@dataclass(frozen=True)
class Swapped:
    """Say how a swap stands after a step."""

    swap_id: int
    state: SwapState


@dataclass(frozen=True)
class Pair:
    """Hold a swap with both places; `mine` is that of who proposed it."""

    swap: Swap
    mine: Placement
    other: Placement

    @property
    def both(self) -> tuple[Placement, Placement]:
        """Return both places, that of who proposed first."""
        return self.mine, self.other

    @property
    def is_open(self) -> bool:
        """Say whether anybody's answer is still waited for."""
        return SwapState(self.swap.state) in OPEN

    @property
    def starts_at(self) -> datetime:
        """Return when the earlier of the two begins."""
        return min(one.occasion.activity.starts_at for one in self.both)

    @property
    def missing_hubs(self) -> tuple[int, ...]:
        """Return the hubs whose coordinators have not agreed yet."""
        said = (self.swap.yes_by_id, self.swap.other_yes_by_id)
        waits = zip(self.both, said, strict=True)
        return tuple(dict.fromkeys(id_of(one.occasion.hub) for one, by in waits if by is None))

    @property
    def said(self) -> Swapped:
        """Return how it stands."""
        return Swapped(id_of(self.swap), SwapState(self.swap.state))


def pair_of(session: Session, swap: Swap) -> Pair:
    """Return a swap with both places as they are now."""
    mine, other = (only(placements(session, col(Offer.id) == key)) for key in (swap.offer_id, swap.other_id))
    return Pair(swap, mine, other)


def locked(session: Session, swap_id: int) -> Pair:
    """Return a swap after everybody else who answers or fills one of the two activities is done."""
    swap = required(session, Swap, swap_id)
    ids = [one.offer.activity_id for one in pair_of(session, swap).both]
    lock_needs(session, col(Activity.id).in_(ids))
    session.refresh(swap)
    return pair_of(session, swap)


def is_place(placed: Placement) -> bool:
    """Say whether an offer is a place that its holder comes to, and that nobody else is sought for."""
    offer, activity = placed.offer, placed.occasion.activity
    is_own = not offer.is_reserve and offer.seeks_substitute_at is None
    return offer.state == OfferState.ACCEPTED and is_own and activity.state == ActivityState.PUBLISHED


def is_standing(pair: Pair, *, now: datetime) -> bool:
    """Say whether both places are still held, and are those that both people were told of."""
    known = zip(pair.both, (pair.swap.revision, pair.swap.other_revision), strict=True)
    return pair.starts_at > now and all(
        is_place(one) and one.occasion.activity.revision == revision for one, revision in known
    )


def is_possible(session: Session, pair: Pair, *, now: datetime) -> bool:
    """Say whether both could take the other's place by every rule, as things stand now."""
    return is_standing(pair, now=now) and may_swap(session, pair.mine, pair.other, now=now)


def require(pair: Pair, *states: SwapState, now: datetime) -> None:
    """Raise `TooLate` unless the swap is in one of the states and still waits."""
    if pair.swap.state not in states or pair.swap.expires_at <= now:
        raise TooLate(Refusal("swap_closed", _GONE))


def close(
    session: Session, pair: Pair, state: SwapState, *, now: datetime, by: int | None = None, reason: str = ""
) -> SwapState:
    """End a swap in `state`, and return the state in which it was."""
    before = SwapState(pair.swap.state)
    pair.swap.reason = reason
    values = {"state": state, "decided_at": now}
    audit.change(session, pair.swap, f"swap.{state}", now=now, by=by, reason=reason, **values)
    session.flush()
    return before
