"""A call-out as its page counts it: who comes, who cannot, who has not answered, at this moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from config.text import Text
from models import CallOut, CallOutAsk, Need, Offer
from models.states import OfferState
from services.call_out_rules import call_out_rules
from services.call_outs import MOST_AT_ONCE, nearest
from services.queries import id_of, named, placements

NO = (OfferState.DECLINED, OfferState.EXPIRED)


@dataclass(frozen=True)
class Coming:
    """Hold somebody who was called and comes."""

    name: str
    phone: str
    km: float | None


@dataclass(frozen=True)
class CallOutView:
    """Hold the newest call-out of a need, counted at this moment."""

    call_out_id: int
    reason: str
    wanted: int
    asked: int
    coming: tuple[Coming, ...]
    declined: int
    silent: int
    answer_by: datetime
    is_running: bool
    has_enough: bool


@dataclass(frozen=True)
class CallableNeed:
    """Hold a role of an activity that people can be called for."""

    need_id: int
    role: Text
    missing: int
    near: int
    """People who fit and have not been asked for it."""
    suggested: int
    """How many to call at first."""
    farthest_km: float | None
    """How far away the last of them lives."""
    latest: CallOutView | None


def callable_needs(session: Session, activity_id: int, *, now: datetime) -> tuple[CallableNeed, ...]:
    """Return the roles of an activity with their call-outs; roles that were never short are left out."""
    rows = session.exec(select(Need).where(Need.activity_id == activity_id).order_by(col(Need.id))).all()
    shown = []
    for need in rows:
        missing, latest = max(0, need.desired - need.taken), _latest(session, id_of(need), now)
        if missing or latest is not None:
            shown.append(_callable(session, need, missing, latest, now))
    return tuple(shown)


def _callable(
    session: Session, need: Need, missing: int, latest: CallOutView | None, now: datetime
) -> CallableNeed:
    found = nearest(session, need, now=now) if missing else []
    suggested = min(call_out_rules(session, now=now).asks_per_place * missing, len(found), MOST_AT_ONCE)
    return CallableNeed(
        need_id=id_of(need),
        role=named(need.role_zh, need.role_en),
        missing=missing,
        near=len(found),
        suggested=suggested,
        farthest_km=found[suggested - 1].km if suggested else None,
        latest=latest,
    )


def _latest(session: Session, need_id: int, now: datetime) -> CallOutView | None:
    row = session.exec(
        select(CallOut).where(CallOut.need_id == need_id).order_by(col(CallOut.id).desc()).limit(1)
    ).first()
    if row is None:
        return None
    asks = session.exec(
        select(CallOutAsk.offer_id, CallOutAsk.km).where(CallOutAsk.call_out_id == id_of(row))
    ).all()
    km = dict(asks)
    called = placements(session, col(Offer.id).in_(km))
    states = [OfferState(one.offer.state) for one in called]
    return CallOutView(
        call_out_id=id_of(row),
        reason=row.reason,
        wanted=row.wanted,
        asked=len(called),
        coming=tuple(
            Coming(one.person.name, one.person.phone, km[id_of(one.offer)])
            for one in called
            if one.offer.state == OfferState.ACCEPTED
        ),
        declined=sum(state in NO for state in states),
        silent=sum(state == OfferState.SENT for state in states),
        answer_by=row.answer_by,
        is_running=row.ended_at is None and row.answer_by > now,
        has_enough=row.has_enough,
    )
