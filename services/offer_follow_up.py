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
from services import matchmaking
from services.offer_sending import POLICY, OfferPolicy, send
from services.queries import lock_needs
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


@dataclass(frozen=True)
class OpenNeed:
    """Hold how many places of a need nobody holds and nobody is being asked for."""

    need_id: int
    to_desired: int
    to_maximum: int


def follow_up(session: Session, *, now: datetime, policy: OfferPolicy = POLICY) -> FollowedUp:
    """Expire what went unanswered and ask the next people in the same transaction."""
    lock_needs(session, col(Activity.state) == ActivityState.PUBLISHED, col(Activity.starts_at) > now)
    expired = _expire(session, now)
    asked = ask_next(session, now=now, policy=policy)
    passed_on = pass_on_unanswered(session, now=now)
    left_open = sum(need.to_desired for need in open_needs(session, now=now, policy=policy))
    sentence = _sentence(expired, asked, left_open)
    return FollowedUp(expired, asked, left_open, passed_on, sentence)


def ask_next(
    session: Session,
    *,
    now: datetime,
    need_ids: list[int] | None = None,
    policy: OfferPolicy = POLICY,
) -> int:
    """Ask one person for each open place (of `need_ids`, or of all needs); return how many."""
    standby = _first_in_line(session, open_needs(session, now=now, need_ids=need_ids, policy=policy))
    in_line = col(Offer.id).in_(standby)
    asked = send(session, [in_line], now=now, policy=policy, state=OfferState.STANDBY) if standby else 0
    needs = open_needs(session, now=now, need_ids=need_ids, policy=policy)
    proposed = matchmaking.next_candidates(
        session, [need.need_id for need in needs if need.to_desired], now=now
    )
    if not proposed:
        return asked
    return asked + send(session, [col(Offer.id).in_(proposed)], now=now, policy=policy)


def open_needs(
    session: Session,
    *,
    now: datetime,
    need_ids: list[int] | None = None,
    policy: OfferPolicy = POLICY,
) -> list[OpenNeed]:
    """Return the needs of published activities that somebody could be asked for, soonest first."""
    held = Need.taken + _offers_in(OfferState.SENT, OfferState.PROPOSED)
    waiting = _offers_in(OfferState.STANDBY)
    question = (
        select(col(Need.id), Need.desired - held, Need.maximum - held)
        .join(Activity, col(Activity.id) == Need.activity_id)
        .where(
            col(Activity.state) == ActivityState.PUBLISHED,
            col(Activity.starts_at) > now + policy.last_call,
            or_(held < Need.desired, and_(held < Need.maximum, waiting > 0)),
        )
        .order_by(col(Activity.starts_at), col(Need.id))
    )
    if need_ids is not None:
        question = question.where(col(Need.id).in_(need_ids))
    return [OpenNeed(key, max(0, desired), maximum) for key, desired, maximum in session.execute(question)]


def _offers_in(*states: OfferState) -> ScalarSelect[int]:
    asked = select(func.count()).select_from(Offer)
    return asked.where(col(Offer.need_id) == Need.id, col(Offer.state).in_(states)).scalar_subquery()


def _first_in_line(session: Session, needs: list[OpenNeed]) -> list[int]:
    places = {need.need_id: need.to_maximum for need in needs}
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
        zh=f"{expired}个邀请过了回答时间，又问了{asked}个人，还有{left_open}个空位没人可问。",
        en=f"{expired} {plural(expired, 'offer', 'offers')} expired, {asked} more "
        f"{plural(asked, 'person was', 'people were')} asked, and for {left_open} "
        f"{plural(left_open, 'place', 'places')} there is nobody left to ask.",
    )
