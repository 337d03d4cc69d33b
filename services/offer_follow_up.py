"""Follow up offers: close what went unanswered, and ask the next person for what is open.

A place is asked for again when nobody holds it and nobody is being asked for it. People on standby
come first, then the next candidates of matching.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ScalarSelect, and_, func, or_, select, update
from sqlmodel import Session, col

from config.text import Text, plural
from models import Activity, Need, Offer
from models.states import ActivityState, OfferState
from services import matchmaking, over_inviting, substitutes, swaps
from services.offer_rules import offer_rules, sends_by_itself
from services.offer_sending import send
from services.queries import AFRESH, id_of, lock_needs
from services.seating import pass_on_unanswered


@dataclass(frozen=True)
class FollowedUp:
    """Say how many offers expired, how many people were asked next, and what stays open.

    `seats_passed_on` counts the places of participants that went to the next in line.
    """

    expired: int
    asked_next: int
    left_open: int
    seats_passed_on: int
    sentence: Text
    reserves: int = 0
    """Reserves proposed where not everybody is likely to come."""
    swaps_closed: int = 0
    """Swaps whose time was over, or that had become impossible."""


@dataclass(frozen=True)
class OpenNeed:
    """Hold how many more people may be asked for a need.

    `to_desired` counts places that nobody holds and nobody is being asked for, `to_maximum` likewise
    up to the most that it takes; `to_ask` is how many the hub's rules ask at once.
    """

    need_id: int
    to_desired: int
    to_maximum: int
    to_ask: int


def follow_up(session: Session, *, now: datetime) -> FollowedUp:
    """Expire what went unanswered and ask the next people in the same transaction."""
    lock_needs(session, col(Activity.state) == ActivityState.PUBLISHED, col(Activity.starts_at) > now)
    expired = _expire(session, now)
    swaps_closed = swaps.follow_up(session, now=now)
    asked = ask_next(session, now=now) + substitutes.search_on(session, now=now)
    reserves = over_inviting.propose_reserves(session, now=now)
    passed_on = pass_on_unanswered(session, now=now)
    left_open = sum(need.to_desired for need in open_needs(session, now=now))
    sentence = _sentence(expired, asked, left_open)
    return FollowedUp(expired, asked, left_open, passed_on, sentence, reserves, swaps_closed)


def ask_next(session: Session, *, now: datetime, need_ids: list[int] | None = None) -> int:
    """Ask for each open place (of `need_ids`, or of all needs) as the hub's rules say; return how many.

    Where a coordinator sends, the next people are only proposed.
    """
    needs = open_needs(session, now=now, need_ids=need_ids)
    standby = _first_in_line(session, needs)
    asked = 0
    if standby:
        asked = send(session, [col(Offer.id).in_(standby)], now=now, state=OfferState.STANDBY)
        needs = open_needs(session, now=now, need_ids=need_ids)
    places = {need.need_id: need.to_ask for need in needs if need.to_ask}
    proposed = matchmaking.next_candidates(session, sorted(places), now=now, places=places)
    if not proposed:
        return asked
    leaves = sends_by_itself(offer_rules(session, now=now))
    return asked + send(session, [col(Offer.id).in_(proposed), leaves], now=now)


def open_needs(session: Session, *, now: datetime, need_ids: list[int] | None = None) -> list[OpenNeed]:
    """Return the needs of published activities that somebody could be asked for, soonest first."""
    rules = offer_rules(session, now=now)
    at_once = max(one.asks_per_place for one in (rules.network, *rules.hubs.values()))
    asked = _offers_in(OfferState.SENT, OfferState.PROPOSED)
    waiting = _offers_in(OfferState.STANDBY)
    question = (
        select(Need, asked, col(Activity.hub_id), col(Activity.starts_at))
        .join(Activity, col(Activity.id) == Need.activity_id)
        .where(
            col(Activity.state) == ActivityState.PUBLISHED,
            col(Activity.starts_at) > now,
            or_(
                asked < (Need.desired - Need.taken) * at_once,
                and_(Need.taken + asked < Need.maximum, waiting > 0),
            ),
        )
        .order_by(col(Activity.starts_at), col(Need.id))
        .execution_options(**AFRESH)
    )
    if need_ids is not None:
        question = question.where(col(Need.id).in_(need_ids))
    return [
        _open(need, count, rules.of(hub_id).asks_per_place)
        for need, count, hub_id, starts_at in session.execute(question).tuples()
        if starts_at > now + rules.of(hub_id).last_call
    ]


def _open(need: Need, asked: int, at_once: int) -> OpenNeed:
    return OpenNeed(
        need_id=id_of(need),
        to_desired=max(0, need.desired - need.taken - asked),
        to_maximum=max(0, need.maximum - need.taken - asked),
        to_ask=max(0, (need.desired - need.taken) * at_once - asked),
    )


def _offers_in(*states: OfferState) -> ScalarSelect[int]:
    # Reserves and substitutes are asked for beside the places.
    asked = select(func.count()).select_from(Offer)
    return asked.where(
        col(Offer.need_id) == Need.id,
        col(Offer.state).in_(states),
        col(Offer.is_reserve).is_(False),
        col(Offer.replaces_id).is_(None),
    ).scalar_subquery()


def _first_in_line(session: Session, needs: list[OpenNeed]) -> list[int]:
    places = {need.need_id: need.to_maximum for need in needs if need.to_maximum}
    if not places:
        return []
    line = (
        select(col(Offer.id), col(Offer.need_id))
        .where(col(Offer.state) == OfferState.STANDBY, col(Offer.need_id).in_(places))
        .order_by(col(Offer.answered_at), col(Offer.id))
    )
    first: list[int] = []
    for offer_id, need_id in session.execute(line):
        if offer_id is not None and places[need_id] > 0:
            places[need_id] -= 1
            first.append(offer_id)
    return first


def _expire(session: Session, now: datetime) -> int:
    statement = (
        update(Offer)
        .where(col(Offer.state) == OfferState.SENT, col(Offer.expires_at) <= now)
        .values(state=OfferState.EXPIRED)
        .execution_options(synchronize_session=False)
    )
    return session.exec(statement).rowcount


def _sentence(expired: int, asked: int, left_open: int) -> Text:
    return Text(
        zh=f"{expired}个邀请过了回答时间，又问了{asked}个人，还空着{left_open}个位置。",
        en=f"{expired} {plural(expired, 'offer', 'offers')} expired, {asked} more "
        f"{plural(asked, 'person was', 'people were')} asked, and {left_open} "
        f"{plural(left_open, 'place is', 'places are')} still open.",
    )
