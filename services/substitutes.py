"""Find me a substitute: others are asked one after the other, and whoever looks stays down until one says yes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from config.text import Refusal, Text
from models import Activity, Offer
from models.states import ActivityState, OfferState
from services import audit, mails, mails_exchanges, matchmaking
from services.errors import TooLate
from services.offer_rules import offer_rules
from services.offer_sending import send
from services.offer_view import Situation, situation_of
from services.queries import Placement, claim, id_of, lock_needs, only, placements
from services.reasons import SUBSTITUTED

OPEN = (OfferState.PROPOSED, OfferState.SENT)


@dataclass(frozen=True)
class Looking:
    """Say that substitutes are being asked; `asked` is how many at this moment."""

    offer_id: int
    asked: int
    sentence: Text
    again: bool = False


def find_substitute(session: Session, offer_id: int, *, now: datetime) -> Looking:
    """Look for somebody who takes an accepted place over; raises `TooLate` when there is nothing to take over.

    The place stays with its holder until a substitute has said yes.
    """
    placed = _locked(session, offer_id)
    _require_accepted(session, placed, now=now)
    if placed.offer.seeks_substitute_at is not None:
        return _looking(session, placed, again=True)
    audit.change(
        session,
        placed.offer,
        "offer.seeks_substitute",
        now=now,
        by=placed.offer.person_id,
        seeks_substitute_at=now,
    )
    session.flush()
    search_on(session, now=now, need_ids=[id_of(placed.need)])
    return _looking(session, placed)


def come_after_all(session: Session, offer_id: int, *, now: datetime) -> Looking:
    """Stop looking for a substitute; raises `TooLate` when the place has gone to one meanwhile."""
    placed = _locked(session, offer_id)
    _require_accepted(session, placed, now=now)
    again = placed.offer.seeks_substitute_at is None
    _withdraw_asked(session, placed, now=now)
    _stop(session, placed.offer, now=now)
    sentence = Text(zh="好，那就还是你来。", en="Good: then it is you who comes.")
    return Looking(offer_id, 0, sentence, again)


def search_on(session: Session, *, now: datetime, need_ids: Sequence[int] | None = None) -> int:
    """Ask the next substitute wherever somebody looks and nobody is being asked; return how many.

    Who looks and has nobody left to be asked hears it, once.
    """
    asked = 0
    for placed in _without_anybody_asked(session, now=now, need_ids=need_ids):
        need_id = id_of(placed.need)
        found = matchmaking.next_candidates(session, [need_id], now=now, places={need_id: 1})
        if not found:
            mails_exchanges.queue_substitute(session, placed, was_found=False, now=now)
            continue
        mine = col(Offer.id).in_(found)
        session.exec(
            update(Offer)
            .where(mine)
            .values(replaces_id=id_of(placed.offer))
            .execution_options(synchronize_session="fetch")
        )
        asked += send(session, [mine], now=now)
    return asked


def take_over(session: Session, placed: Placement, *, now: datetime) -> bool:
    """Give the place of who looks for a substitute to the one who says yes; the needs are locked."""
    assert placed.offer.replaces_id is not None
    (leaving,) = placements(session, col(Offer.id) == placed.offer.replaces_id)
    still_looks = (
        col(Offer.state) == OfferState.ACCEPTED,
        col(Offer.seeks_substitute_at).is_not(None),
    )
    values = {"state": OfferState.DECLINED, "answered_at": now, "decline_reason": SUBSTITUTED}
    if not claim(session, leaving.offer, *still_looks, **values, seeks_substitute_at=None):
        return False
    changes = {"state": (str(OfferState.ACCEPTED), str(OfferState.DECLINED))}
    audit.record(
        session, leaving.offer, "offer.substituted", now=now, by=placed.offer.person_id, changes=changes
    )
    _withdraw_asked(session, leaving, now=now, but=id_of(placed.offer))
    mails_exchanges.queue_substitute(session, leaving, was_found=True, now=now)
    return True


def stop_looking(session: Session, placed: Placement, *, now: datetime) -> None:
    """Turn the questions to substitutes into questions for the place that is free from now on."""
    if placed.offer.seeks_substitute_at is None:
        return
    session.exec(
        update(Offer)
        .where(col(Offer.replaces_id) == id_of(placed.offer), col(Offer.state).in_(OPEN))
        .values(replaces_id=None)
        .execution_options(synchronize_session=False)
    )
    _stop(session, placed.offer, now=now)


def asked_for(session: Session, offer_id: int) -> int:
    """Return how many people are being asked at this moment to take a place over."""
    question = (
        select(func.count())
        .select_from(Offer)
        .where(col(Offer.replaces_id) == offer_id, col(Offer.state) == OfferState.SENT)
    )
    return int(session.execute(question).scalar_one())


def _without_anybody_asked(
    session: Session, *, now: datetime, need_ids: Sequence[int] | None
) -> list[Placement]:
    asked = aliased(Offer)
    is_asked = exists().where(col(asked.replaces_id) == Offer.id, col(asked.state).in_(OPEN))
    conditions: list[ColumnElement[bool]] = [
        col(Offer.state) == OfferState.ACCEPTED,
        col(Offer.seeks_substitute_at).is_not(None),
        col(Activity.state) == ActivityState.PUBLISHED,
        col(Activity.starts_at) > now,
        ~is_asked,
    ]
    if need_ids is not None:
        conditions.append(col(Offer.need_id).in_(need_ids))
    rules = offer_rules(session, now=now)
    return [
        one
        for one in placements(session, *conditions)
        if one.occasion.activity.starts_at > now + rules.of(one.occasion.activity.hub_id).last_call
    ]


def _withdraw_asked(session: Session, leaving: Placement, *, now: datetime, but: int = 0) -> None:
    asked = placements(
        session,
        col(Offer.replaces_id) == id_of(leaving.offer),
        col(Offer.state).in_(OPEN),
        col(Offer.id) != but,
    )
    for one in asked:
        audit.change(session, one.offer, "offer.withdrawn", now=now, state=OfferState.WITHDRAWN)
    session.flush()
    mails.queue_place_taken(session, [one for one in asked if one.offer.sent_at], now=now)


def _stop(session: Session, offer: Offer, *, now: datetime) -> None:
    audit.change(
        session,
        offer,
        "offer.stopped_looking",
        now=now,
        by=offer.person_id,
        seeks_substitute_at=None,
    )
    session.flush()


def _locked(session: Session, offer_id: int) -> Placement:
    own = select(col(Offer.activity_id)).where(col(Offer.id) == offer_id).scalar_subquery()
    lock_needs(session, col(Activity.id) == own)
    return only(placements(session, col(Offer.id) == offer_id))


def _require_accepted(session: Session, placed: Placement, *, now: datetime) -> None:
    is_coming = situation_of(session, placed, now=now) == Situation.ACCEPTED
    if not is_coming or placed.occasion.activity.starts_at <= now:
        gone = Text(
            zh="这个位置现在不用找人替：它已经不是你的，或者活动开始了。",
            en="There is nothing to find a substitute for: the place is not yours any more, or it has begun.",
        )
        raise TooLate(Refusal("no_place_to_take_over", gone))


def _looking(session: Session, placed: Placement, *, again: bool = False) -> Looking:
    asked = asked_for(session, id_of(placed.offer))
    found = Text(
        zh="正在问别人，有人答应了就写信告诉你。",
        en="We are asking others and write to you when somebody says yes.",
    )
    nobody = Text(zh="眼下没有合适的人可问。", en="At the moment there is nobody who fits.")
    stays = Text(zh="在那之前，这个位置还是你的。", en=" Until then the place stays yours.")
    first = found if asked else nobody
    return Looking(id_of(placed.offer), asked, Text(first.zh + stays.zh, first.en + stays.en), again)
