"""Answers to offers: yes, no, "I can't after all", standby.

An answer locks the needs of its activity and then changes the place and the offer, each by a
conditional UPDATE: of fifty people who want the last place one gets it, and the others are told kindly.
Sending stands in `offer_sending.py`, expiry and the next person in `offer_follow_up.py`, the page in
`offer_view.py`; all of them are reached through this module.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from config.text import Refusal, Text
from models import Activity, Need, Offer
from models.states import ActivityState, OfferState
from services import audit, call_outs, mails
from services.background_checks import refuse_without_check
from services.errors import HubError, TooLate
from services.offer_follow_up import FollowedUp, ask_next, follow_up
from services.offer_places import ask_on, give_back, hold
from services.offer_results import CHANGED, CLOSED, Accepted, Declined, OnStandby, StandbyOffered
from services.offer_sending import Sent, send_offers
from services.offer_view import OfferView, Situation, situation_of, standby_position, view
from services.queries import Placement, claim, id_of, lock_needs, only, placements
from services.reasons import DECLINE_REASONS, decline_reason
from services.substitutes import Looking, come_after_all, find_substitute
from services.wording import moment_text, weekday_text

__all__ = [
    "DECLINE_REASONS",
    "Accepted",
    "Declined",
    "FollowedUp",
    "Looking",
    "OfferView",
    "OnStandby",
    "Sent",
    "Situation",
    "StandbyOffered",
    "accept",
    "ask_next",
    "come_after_all",
    "decline",
    "find_substitute",
    "follow_up",
    "join_standby",
    "send_offers",
    "view",
    "withdraw_acceptance",
]


def accept(session: Session, offer_id: int, *, now: datetime) -> Accepted | StandbyOffered:
    """Take a yes; when the last place has just gone, offer standby, which is never automatic.

    Raises `TooLate` when the offer is closed, `HubError` when the person serves elsewhere then, or has no
    background check for that day.
    """
    placed = _locked(session, offer_id)
    situation = situation_of(session, placed, now=now)
    if situation == Situation.ACCEPTED:
        return _accepted(placed, again=True)
    if situation == Situation.GONE:
        return _standby_offered(session, placed)
    _require(situation, Situation.OPEN)
    refuse_without_check(session, placed)
    _refuse_two_at_once(session, placed)
    if not hold(session, placed, now=now):
        return _standby_offered(session, placed)
    _move(session, placed.offer, OfferState.SENT, OfferState.ACCEPTED, now=now)
    _note(session, placed.offer, "offer.accepted", OfferState.SENT, now=now)
    mails.queue_confirmation(session, placed, now=now)
    call_outs.end_when_enough(session, placed.need, now=now)
    _tell_it_is_full(session, placed.need, now=now)
    return _accepted(placed)


def decline(session: Session, offer_id: int, *, reason: str = "", now: datetime) -> Declined:
    """Take a no, before or after a yes, and ask the next person at once.

    A second no changes nothing, but may add the reason that the first one left out. Raises `TooLate`
    when there is nothing to decline.
    """
    placed = _locked(session, offer_id)
    situation = situation_of(session, placed, now=now)
    if situation == Situation.DECLINED:
        _add_reason(session, placed.offer, reason, now=now)
        return _declined(offer_id, 0, again=True)
    if situation == Situation.ACCEPTED:
        return withdraw_acceptance(session, offer_id, reason=reason, now=now)
    _require(situation, Situation.OPEN, Situation.GONE, Situation.STANDBY, Situation.NEEDS_GUARDIAN)
    before = OfferState(placed.offer.state)
    return _say_no(session, placed, before, "offer.declined", reason=reason, now=now)


def withdraw_acceptance(session: Session, offer_id: int, *, reason: str = "", now: datetime) -> Declined:
    """Give an accepted place back and ask the next person at once; raises `TooLate` once it began."""
    placed = _locked(session, offer_id)
    situation = situation_of(session, placed, now=now)
    if situation == Situation.DECLINED:
        return _declined(offer_id, 0, again=True)
    _require(situation, Situation.ACCEPTED)
    if placed.occasion.activity.starts_at <= now:
        raise TooLate(Refusal("offer_begun", Text(zh="活动已经开始了。", en="The activity has begun.")))
    return _say_no(session, placed, OfferState.ACCEPTED, "offer.withdrawn_acceptance", reason=reason, now=now)


def join_standby(session: Session, offer_id: int, *, now: datetime) -> OnStandby:
    """Put somebody in line for a place that is gone; raises `TooLate` when the offer is closed."""
    placed = _locked(session, offer_id)
    situation = situation_of(session, placed, now=now)
    if situation != Situation.STANDBY:
        _require(situation, Situation.GONE)
        _move(session, placed.offer, OfferState.SENT, OfferState.STANDBY, now=now)
        _note(session, placed.offer, "offer.standby", OfferState.SENT, now=now)
    position = standby_position(session, placed.offer)
    return OnStandby(
        offer_id,
        position,
        Text(
            zh=f"你排在候补第{position}位。有了空位，我们先问你。",
            en=f"You are number {position} in line. When a place opens, we ask you first.",
        ),
    )


def _locked(session: Session, offer_id: int) -> Placement:
    """Return an offer after everybody else who answers or fills the same activity is done."""
    own = select(col(Offer.activity_id)).where(col(Offer.id) == offer_id).scalar_subquery()
    lock_needs(session, col(Need.activity_id) == own)
    return only(placements(session, col(Offer.id) == offer_id))


def _move(
    session: Session, offer: Offer, before: OfferState, after: OfferState, *, now: datetime, **noted: str
) -> None:
    if not claim(session, offer, col(Offer.state) == before, state=after, answered_at=now, **noted):
        raise TooLate(Refusal("offer_changed", CHANGED))


def _require(situation: Situation, *fine: Situation) -> None:
    if situation not in fine:
        raise TooLate(Refusal(f"offer_{situation}", CLOSED[situation]))


def _refuse_two_at_once(session: Session, placed: Placement) -> None:
    # The lock makes two answers of one person wait for each other, or both could pass this check.
    session.refresh(placed.person, with_for_update=True)
    activity = placed.occasion.activity
    others = placements(
        session,
        col(Offer.person_id) == id_of(placed.person),
        col(Offer.state) == OfferState.ACCEPTED,
        col(Activity.state) == ActivityState.PUBLISHED,
        col(Activity.starts_at) < activity.ends_at,
        col(Activity.ends_at) > activity.starts_at,
    )
    if others:
        other = others[0].occasion
        sentence = Text(
            zh="你那时已经答应了“{title}”（{hub}，{when}）。来不了那边的话，先在那封邀请里说一声。",
            en="You have already said yes to “{title}” ({hub}, {when}). If you cannot go there, say so in that offer first.",
        )
        when = moment_text(other.activity.starts_at, other.hub.time_zone)
        raise HubError(
            Refusal("offer_overlaps", sentence.format(title=other.title, hub=other.hub_name, when=when))
        )


def _tell_it_is_full(session: Session, need: Need, *, now: datetime) -> None:
    if need.taken < need.maximum:
        return
    open_still = (
        col(Offer.need_id) == id_of(need),
        col(Offer.state) == OfferState.SENT,
        col(Offer.is_reserve).is_(False),
        col(Offer.replaces_id).is_(None),
        col(Offer.expires_at) > now,
    )
    late = placements(session, *open_still)
    if late:
        mails.queue_place_taken(session, late, now=now)


def _say_no(
    session: Session, placed: Placement, before: OfferState, verb: str, *, reason: str, now: datetime
) -> Declined:
    offer = placed.offer
    _move(session, offer, before, OfferState.DECLINED, now=now, decline_reason=decline_reason(reason))
    if before == OfferState.ACCEPTED:
        give_back(session, placed, now=now)
    _note(session, offer, verb, before, now=now)
    return _declined(id_of(offer), ask_on(session, placed, now=now))


def _add_reason(session: Session, offer: Offer, reason: str, *, now: datetime) -> None:
    if not offer.decline_reason and decline_reason(reason):
        audit.change(session, offer, "offer.reason_given", now=now, by=offer.person_id, decline_reason=reason)
        session.flush()


def _note(session: Session, offer: Offer, verb: str, before: OfferState, *, now: datetime) -> None:
    changes = {"state": (str(before), str(offer.state))}
    audit.record(
        session, offer, verb, now=now, by=offer.person_id, changes=changes, reason=offer.decline_reason
    )
    session.flush()


def _accepted(placed: Placement, *, again: bool = False) -> Accepted:
    day = weekday_text(placed.occasion.activity.starts_at, placed.occasion.hub.time_zone)
    sentence = Text(zh="说好了，{day}见！", en="See you on {day}!").format(day=day)
    return Accepted(id_of(placed.offer), sentence, again)


def _standby_offered(session: Session, placed: Placement) -> StandbyOffered:
    position = standby_position(session, placed.offer)
    return StandbyOffered(
        id_of(placed.offer),
        position,
        Text(
            zh=f"刚刚满员了，谢谢你愿意来。要排候补第{position}位吗？",
            en=f"It has just filled up. Thank you. Shall we put you in line, as number {position}?",
        ),
    )


def _declined(offer_id: int, asked_next: int, *, again: bool = False) -> Declined:
    sentence = Text(
        zh="知道了，谢谢你告诉我们。没空也没关系，我们再问别人。",
        en="Thank you for telling us. It is quite all right; we will ask somebody else.",
    )
    return Declined(offer_id, asked_next, sentence, again)
