"""Who could trade places with somebody: both must fit the other's place as if neither held their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from matching.inputs import Index, Pairing, Staffing
from matching.swapping import broken_by_move, broken_by_swap
from models import Activity, Hub, Need, Offer, Swap, Volunteer
from models.states import ActivityState, OfferState, SwapState
from services.matching_rules import MatchingRules, matching_rules
from services.matchmaking_inputs import KM_PER_DEGREE, KM_PER_DEGREE_EAST, load_staffing
from services.queries import Placement, batches, id_of, placements

AHEAD = timedelta(days=28)
"""How far ahead a place may be that somebody would take instead."""
BEYOND_HUB_KM = 2.0
"""How far from its hub a venue may be and still be looked at; matching measures the way itself."""
OPEN = (SwapState.ASKED, SwapState.AGREED)
COUNTED = timedelta(days=7)


@dataclass(frozen=True)
class _Question:
    """Hold what the checker of plans is asked about some people and activities."""

    staffing: Staffing
    index: Index
    rules: MatchingRules

    @classmethod
    def of(
        cls, session: Session, activities: ColumnElement[bool], people: Sequence[int], *, now: datetime
    ) -> _Question:
        """Read the people and the activities, each role of them with one place open."""
        rules = matching_rules(session, now=now)
        roles = select(col(Need.id)).join(Activity, col(Activity.id) == Need.activity_id).where(activities)
        places = {need_id: 1 for need_id in session.scalars(roles) if need_id is not None}
        chosen = col(Volunteer.person_id).in_(people)
        staffing = load_staffing(session, activities, chosen, now=now, rules=rules.loading, places=places)
        return cls(staffing, Index.of(staffing), rules)

    def may_go(self, held: Pairing, need_id: int) -> bool:
        """Say whether somebody could fill a need instead of the place that they hold."""
        if not self._knows(held):
            return False
        wanted = self.index.needs[need_id]
        return not broken_by_move(self.staffing, self.index, self.rules.policy, held, wanted)

    def may_swap(self, one: Pairing, other: Pairing) -> bool:
        """Say whether two people could trade the places that they hold."""
        if not (self._knows(one) and self._knows(other)):
            return False
        return not broken_by_swap(self.staffing, self.index, self.rules.policy, one, other)

    def _knows(self, held: Pairing) -> bool:
        return held.volunteer_id in self.index.volunteers and held.need_id in self.index.needs


def may_swap(session: Session, mine: Placement, other: Placement, *, now: datetime) -> bool:
    """Say whether two people could trade their places as things stand now."""
    both = col(Activity.id).in_([id_of(one.occasion.activity) for one in (mine, other)])
    people = [id_of(one.person) for one in (mine, other)]
    question = _Question.of(session, both, people, now=now)
    return question.may_swap(_pairing(mine), _pairing(other))


def counterparts(
    session: Session, mine: Placement, *, now: datetime, activity_id: int | None = None
) -> list[Placement]:
    """Return the places, by time, whose holders could trade with one; of `activity_id` only, where given.

    Left out is who was asked the same before, is being asked by anybody, or was asked often enough this week.
    """
    there = _within_reach(session, mine, now)
    if activity_id is not None:
        there = and_(there, col(Activity.id) == activity_id)
    me, own = _pairing(mine), id_of(mine.occasion.activity)
    question = _Question.of(session, or_(there, col(Activity.id) == own), [me.volunteer_id], now=now)
    wanted = [need for need in question.staffing.needs if need.activity_id != own]
    fitting = [need.id for need in wanted if question.may_go(me, need.id)]
    held = _holders(session, mine, fitting)
    ids = {id_of(one.occasion.activity) for one in held} | {own}
    people = sorted({id_of(one.person) for one in held} | {me.volunteer_id})
    question = _Question.of(session, col(Activity.id).in_(ids), people, now=now)
    tired = _asked_enough(session, question.staffing, now)
    found = [one for one in held if id_of(one.person) not in tired and question.may_swap(me, _pairing(one))]
    return sorted(found, key=lambda one: (one.occasion.activity.starts_at, id_of(one.offer)))


def _pairing(placed: Placement) -> Pairing:
    return Pairing(id_of(placed.person), id_of(placed.need))


def _within_reach(session: Session, mine: Placement, now: datetime) -> ColumnElement[bool]:
    """Return the condition on coming activities near to somebody, at which others hold places."""
    other = aliased(Offer)
    held = exists().where(
        col(other.activity_id) == Activity.id,
        col(other.state) == OfferState.ACCEPTED,
        col(other.person_id) != id_of(mine.person),
    )
    return and_(
        col(Activity.state) == ActivityState.PUBLISHED,
        col(Activity.starts_at) > now,
        col(Activity.starts_at) <= now + AHEAD,
        col(Activity.id) != id_of(mine.occasion.activity),
        col(Activity.hub_id).in_(_hubs_near(session, mine)),
        held,
    )


def _hubs_near(session: Session, mine: Placement) -> list[int]:
    who = session.get(Volunteer, id_of(mine.person))
    own = col(Hub.id) == id_of(mine.occasion.hub)
    if who is not None:
        own = or_(own, col(Hub.id) == who.home_hub_id)
    if who is not None and who.lon is not None and who.lat is not None:
        reach = who.radius_km + BEYOND_HUB_KM
        in_box = and_(
            func.abs(col(Hub.lon) - who.lon) <= reach / KM_PER_DEGREE_EAST,
            func.abs(col(Hub.lat) - who.lat) <= reach / KM_PER_DEGREE,
        )
        own = or_(own, in_box)
    return [key for key in session.scalars(select(col(Hub.id)).where(own)) if key is not None]


def _holders(session: Session, mine: Placement, need_ids: Sequence[int]) -> list[Placement]:
    open_swap = exists().where(
        or_(col(Swap.offer_id) == Offer.id, col(Swap.other_id) == Offer.id), col(Swap.state).in_(OPEN)
    )
    before = exists().where(col(Swap.offer_id) == id_of(mine.offer), col(Swap.other_id) == Offer.id)
    conditions = (*free_to_swap(), col(Offer.person_id) != id_of(mine.person), ~open_swap, ~before)
    return [
        one
        for batch in batches(need_ids)
        for one in placements(session, col(Offer.need_id).in_(batch), *conditions)
    ]


def free_to_swap() -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on an offer that is a place of its own, which nobody else is looking to fill."""
    return (
        col(Offer.state) == OfferState.ACCEPTED,
        col(Offer.is_reserve).is_(False),
        col(Offer.seeks_substitute_at).is_(None),
    )


def _asked_enough(session: Session, staffing: Staffing, now: datetime) -> set[int]:
    """Return who is being asked to swap already, or was asked this week as often as they allow."""
    recent = or_(col(Swap.asked_at) > now - COUNTED, col(Swap.state) == SwapState.ASKED)
    question = (
        select(col(Offer.person_id), func.count())
        .join(Swap, col(Swap.other_id) == Offer.id)
        .where(recent)
        .group_by(col(Offer.person_id))
    )
    asked = dict(session.execute(question).tuples().all())
    being = select(col(Offer.person_id)).join(Swap, col(Swap.other_id) == Offer.id)
    busy = set(session.scalars(being.where(col(Swap.state) == SwapState.ASKED)))
    return busy | {
        who.id
        for who in staffing.volunteers
        if who.asks_left is not None and who.asks_left <= asked.get(who.id, 0)
    }
