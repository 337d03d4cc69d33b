"""Emergency call-out: the nearest fitting people are asked at once, and the rest stood down when enough come.

In an emergency weekly hours, usual free times and how often somebody wants to be asked are not looked
at; what keeps people safe is: skills, checks, blocked times, other duties, and only adults are called.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from sqlmodel import Session, col, select

from config.text import Refusal, Text, plural
from matching.eligibility import Eligibility, Reason
from matching.inputs import ADULT_AGE
from matching.reasons import Why
from models import Activity, CallOut, CallOutAsk, Message, Need, Offer
from models.states import ActivityState, MessageState, OfferState
from notifications import kinds, outbox
from services import audit
from services.call_out_rules import call_out_rules
from services.describing import Describer
from services.errors import HubError, TooLate
from services.gate_rules import gate_rules, may_go
from services.matching_rules import matching_rules
from services.matchmaking_inputs import everybody, load_staffing
from services.matchmaking_people import MatchRules
from services.queries import Placement, claim, id_of, lock_needs, placements, required

WAIVED = Reason.AVAILABILITY | Reason.HOURS | Reason.ASKED_ENOUGH | Reason.DISTANCE
LEFT = (MessageState.SENT, MessageState.LEASED, MessageState.AMBIGUOUS)
MOST_AT_ONCE = 200
LONGEST_REASON = 120


@dataclass(frozen=True)
class Near:
    """Hold somebody who could be called, and how far away they live (None: unknown)."""

    person_id: int
    km: float | None


@dataclass(frozen=True)
class Called:
    """Say how many people were called."""

    call_out_id: int
    asked: int

    @property
    def sentence(self) -> Text:
        """Return the result in words."""
        return Text(
            f"已经写信给{self.asked}个人，最急的先发。",
            f"{self.asked} {plural(self.asked, 'person is', 'people are')} being asked, before all other mail.",
        )


def call_out(
    session: Session, need_id: int, *, people: int, reason: str, now: datetime, by: int | None = None
) -> Called:
    """Ask the nearest `people` who fit for a need's open places; asked again, the next nearest.

    Raises `HubError` with every wrong value, and `TooLate` when there is nothing to call for.
    """
    need, activity = _open_need(session, need_id, now)
    _check(people, reason)
    found = nearest(session, need, now=now)[:people]
    if not found:
        raise HubError(
            Refusal(
                "nobody_to_call",
                Text(
                    "附近合适的人都问过了，或者一个也没有。打电话找其他青年汇帮忙。",
                    "Everybody near who fits has been asked, or there is nobody. Ring other hubs for help.",
                ),
            )
        )
    running = running_for(session, need_id, now=now)
    if running is None:
        running = _begin(session, need, activity, reason, now=now, by=by)
    offers = _ask(session, running, need, found, now)
    audit.record(session, running, "call_out.asked", now=now, by=by, changes={"asked": (0, len(offers))})
    return Called(id_of(running), len(offers))


def call_off(session: Session, call_out_id: int, *, now: datetime, by: int | None = None) -> int:
    """End a call-out and stand down who has not answered; return how many hear of it. Again changes nothing."""
    row = required(session, CallOut, call_out_id)
    lock_needs(session, col(Need.id) == row.need_id)
    need = required(session, Need, row.need_id)
    return _end(session, row, now=now, has_enough=need.taken >= need.desired, by=by)


def end_when_enough(session: Session, need: Need, *, now: datetime) -> int:
    """End the call-out of a need once its places are taken; return how many are stood down."""
    row = running_for(session, id_of(need), now=now)
    if row is None or need.taken < need.desired:
        return 0
    return _end(session, row, now=now, has_enough=True)


def running_for(session: Session, need_id: int, *, now: datetime) -> CallOut | None:
    """Return the call-out of a need that is under way."""
    return session.exec(
        select(CallOut).where(
            CallOut.need_id == need_id, col(CallOut.ended_at).is_(None), col(CallOut.answer_by) > now
        )
    ).first()


def nearest(session: Session, need: Need, *, now: datetime) -> list[Near]:
    """Return everybody who fits and was never asked for this need, the nearest first; adults only."""
    staffing = load_staffing(
        session,
        col(Activity.id) == need.activity_id,
        everybody(),
        now=now,
        rules=MatchRules(notice=timedelta(0)),
        places={id_of(need): 1},
    )
    mine = next((one for one in staffing.needs if one.id == id_of(need)), None)
    if mine is None:
        return []
    activity = staffing.activities[0]
    judge = Eligibility(staffing, matching_rules(session, now=now).policy)
    fits = (judge.bits(mine) & ~int(WAIVED)) == 0
    fits &= judge.pool.ages_on(activity.first_day) >= ADULT_AGE
    km = judge.pool.distances_km(activity.lon, activity.lat)
    asked = set(session.exec(select(Offer.person_id).where(Offer.need_id == id_of(need))))
    limit = call_out_rules(session, now=now).farthest_km
    found = [
        Near(int(judge.pool.ids[place]), None if np.isnan(km[place]) else round(float(km[place]), 1))
        for place in np.flatnonzero(fits & ~(km > limit))
        if int(judge.pool.ids[place]) not in asked
    ]
    return sorted(found, key=lambda one: (one.km is None, one.km, one.person_id))


def _open_need(session: Session, need_id: int, now: datetime) -> tuple[Need, Activity]:
    lock_needs(session, col(Need.id) == need_id)
    need = required(session, Need, need_id)
    going = session.exec(
        select(Activity).where(
            Activity.id == need.activity_id,
            col(Activity.state) == ActivityState.PUBLISHED,
            col(Activity.starts_at) > now,
            may_go(gate_rules(session, now=now)),
        )
    ).first()
    if going is None or need.taken >= need.desired:
        raise TooLate(
            Refusal(
                "nothing_to_call_for",
                Text(
                    "不用再叫人了：位置满了，或者活动没有发布、已经开始、取消了。",
                    "There is nothing to call for: the places are taken, or the activity is not published, has begun or is cancelled.",
                ),
            )
        )
    return need, going


def _check(people: int, reason: str) -> None:
    faults = []
    if not 1 <= people <= MOST_AT_ONCE:
        faults.append(
            Refusal(
                "call_out_people",
                Text(
                    f"人数要在1到{MOST_AT_ONCE}之间，现在填的是{people}",
                    f"The number must be between 1 and {MOST_AT_ONCE}; it is now {people}",
                ),
                field="people",
            )
        )
    if not 1 <= len(reason.strip()) <= LONGEST_REASON:
        faults.append(
            Refusal(
                "call_out_reason",
                Text(
                    f"写明为什么急，{LONGEST_REASON}个字以内：收信的人先看这一句",
                    f"Say why it is urgent, in at most {LONGEST_REASON} characters: it is what people read first",
                ),
                field="reason",
            )
        )
    if faults:
        raise HubError(faults)


def _begin(
    session: Session, need: Need, activity: Activity, reason: str, *, now: datetime, by: int | None
) -> CallOut:
    minutes = timedelta(minutes=call_out_rules(session, now=now).answer_minutes)
    row = CallOut(
        need_id=id_of(need),
        wanted=need.desired - need.taken,
        reason=reason.strip().rstrip("。."),
        began_at=now,
        by_id=by,
        answer_by=min(activity.starts_at, now + minutes),
    )
    session.add(row)
    session.flush()
    return row


def _ask(session: Session, row: CallOut, need: Need, found: Sequence[Near], now: datetime) -> list[int]:
    offers = [
        Offer(
            need_id=id_of(need),
            activity_id=need.activity_id,
            person_id=one.person_id,
            state=OfferState.SENT,
            proposed_at=now,
            sent_at=now,
            expires_at=row.answer_by,
            reasons=[{"code": str(Why.NEAR), "value": one.km}] if one.km is not None else [],
        )
        for one in found
    ]
    session.add_all(offers)
    session.flush()
    asks = zip(offers, found, strict=True)
    session.add_all(
        CallOutAsk(offer_id=id_of(offer), call_out_id=id_of(row), km=one.km) for offer, one in asks
    )
    session.flush()
    ids = [id_of(offer) for offer in offers]
    km = {id_of(offer): one.km for offer, one in zip(offers, found, strict=True)}
    called = placements(session, col(Offer.id).in_(ids))
    known = Describer(session, called)
    mails = [
        (
            f"call_out:{id_of(one.offer)}",
            kinds.CallOutMail(
                **known.about_offer(one),
                reason=row.reason,
                wanted=row.wanted,
                expires_at=row.answer_by,
                km=km[id_of(one.offer)],
            ),
        )
        for one in called
    ]
    outbox.queue_many(session, mails, now=now, expires_at=row.answer_by)
    return ids


def _end(session: Session, row: CallOut, *, now: datetime, has_enough: bool, by: int | None = None) -> int:
    if not claim(session, row, col(CallOut.ended_at).is_(None), ended_at=now, has_enough=has_enough):
        return 0
    own = select(CallOutAsk.offer_id).where(CallOutAsk.call_out_id == id_of(row))
    silent = placements(session, col(Offer.id).in_(own), col(Offer.state) == OfferState.SENT)
    for one in silent:
        audit.change(session, one.offer, "offer.stood_down", now=now, by=by, state=OfferState.WITHDRAWN)
    session.flush()
    audit.record(session, row, "call_out.ended", now=now, by=by)
    return _stand_down(session, silent, now=now, has_enough=has_enough)


def _stand_down(session: Session, silent: Sequence[Placement], *, now: datetime, has_enough: bool) -> int:
    # Whose call has not left yet never hears of it: it is no longer true at its claim.
    keys = [f"call_out:{id_of(one.offer)}" for one in silent]
    left = set(
        session.exec(select(Message.key).where(col(Message.key).in_(keys), col(Message.state).in_(LEFT)))
    )
    told = [one for one, key in zip(silent, keys, strict=True) if key in left]
    known = Describer(session, told)
    mails = [
        (
            f"stand_down:{id_of(one.offer)}",
            kinds.StandDownMail(**known.about_offer(one), has_enough=has_enough),
        )
        for one in told
    ]
    return outbox.queue_many(session, mails, now=now)
