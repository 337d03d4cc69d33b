"""What is due? The questions that the clock asks of rows, every few seconds, for next to nothing.

Nothing is remembered between two looks: due-ness follows from rows, so it never goes stale when an
activity moves. What is due is asked for by a dispatch row whose key is made of the due rows
themselves (how many, which, the latest moment): asked again, it is the same row, and work that
leaves its rows as they are is not started over and over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, or_
from sqlmodel import Session, col, select

from config.settings import settings
from models import Activity, Commitment, Cycle, Dispatch, Message, Offer, Participation, ScoreRun, Swap
from models.states import ActivityState, CycleState, MessageState, OfferState, ParticipationState
from notifications import outbox, smtp
from notifications.kinds import Lane
from services import (
    breaker,
    deadlines,
    digest_times,
    dispatch,
    funding_follow_up,
    over_inviting,
    seating,
    swaps,
)
from services.commitment_follow_up import due_soon, overdue
from services.evaluation_cycles import today_of
from services.offer_rules import may_leave, offer_rules
from services.reminder_rules import all_leads, reminder_rules

ASKING_HOURS = (time(8), time(21))
"""When people may be asked or reminded; whoever is asked at night is asked badly."""
OVERTAKES_AFTER = timedelta(seconds=20)
CHASE_AFTER = timedelta(days=3)


@dataclass(frozen=True)
class Due:
    """Work that rows call for now."""

    kind: str
    mark: str
    """Tells this set of due rows from every other."""
    params: dict[str, Any] = field(default_factory=dict)
    is_alone: bool = True
    """One at a time: a run that waits or works will do what has become due meanwhile as well."""

    @property
    def key(self) -> str:
        """Return the key under which it is asked for once."""
        return f"due:{self.kind}:{self.mark}"


Question = Callable[[Session, datetime], Iterable[Due]]


def ask(session: Session, question: Question, *, now: datetime) -> list[int]:
    """Ask for the work that a question finds due, and return the new dispatch rows."""
    return [
        _id_of(dispatch.request(session, due.kind, key=due.key, params=due.params, now=now))
        for due in question(session, now)
        if not _is_known(session, due)
    ]


def offers_to_send(session: Session, now: datetime) -> Iterable[Due]:
    """Offers that matching proposed a while ago, in the hours when people are asked."""
    if _is_asking_hour(now):
        rules = offer_rules(session, now=now)
        proposed = (
            _marks(Offer.id, Offer.proposed_at)
            .join(Activity, col(Activity.id) == Offer.activity_id)
            .where(col(Offer.state) == OfferState.PROPOSED, may_leave(rules, now=now))
        )
        minutes = max(1, rules.network.minutes_to_look)
        yield from _one(session, "send_offers", proposed, params={"waited_minutes": minutes})


def offers_to_follow_up(session: Session, now: datetime) -> Iterable[Due]:
    """Offers whose time to answer has passed, swaps that are late or impossible, and teams for which reserves may be asked."""
    late = _marks(Offer.id, Offer.expires_at).where(
        col(Offer.state) == OfferState.SENT, col(Offer.expires_at) <= now
    )
    swapped = _marks(Swap.id, Swap.expires_at).where(swaps.late(now))
    yield from _one(session, "follow_up_offers", late, swapped, *_teams_to_secure(session, now))


def volunteers_to_remind(session: Session, now: datetime) -> Iterable[Due]:
    """Accepted offers whose activity begins within a reminder's lead."""
    if _is_asking_hour(now):
        leads = all_leads(reminder_rules(session, now=now))
        soon = (_accepted_within(timedelta(hours=lead), now) for lead in leads)
        yield from _one(session, "remind_volunteers", *soon)


def activities_to_close(session: Session, now: datetime) -> Iterable[Due]:
    """Activities that are over, and closed ones whose attendance may have to be asked for again."""
    over = _marks(Activity.id, Activity.ends_at).where(
        col(Activity.state) == ActivityState.PUBLISHED, col(Activity.ends_at) <= now
    )
    yield from _one(session, "close_activities", over, _closed_days_ago(now))


def places_to_pass_on(session: Session, now: datetime) -> Iterable[Due]:
    """Places that young people were offered and have not taken, looked at each quarter of an hour.

    Until when they could answer follows from the audit trail, which is no question for every tick.
    """
    offered = select(func.count(col(Participation.id)), func.sum(Participation.id)).where(
        col(Participation.state) == ParticipationState.OFFERED
    )
    count, total = session.execute(offered).one()
    if count:
        quarter = now.replace(minute=now.minute // 15 * 15, second=0)
        yield Due("pass_on_places", f"{count}-{total}-{_stamp(quarter)}")
    if free := seating.with_free_places(session, now=now):
        places = "-".join(f"{one.id}.{one.capacity}" for one in free[:9])
        yield Due("pass_on_places", f"free-{places}-{_stamp(now.replace(second=0, microsecond=0))}")


def mail_to_deliver(session: Session, now: datetime) -> Iterable[Due]:
    """Mails that may leave, doubtful ones to look into, and mails whose sender died with them in hand."""
    waiting = col(Message.state).in_((MessageState.QUEUED, MessageState.DEFERRED))
    waits = and_(or_(waiting, outbox.is_doubtful()), col(Message.next_at) <= now)
    dropped = and_(col(Message.state) == MessageState.LEASED, col(Message.lease_until) < now)
    gate = breaker.gate(session, smtp.relay_name())
    if not gate.rests(now):
        # A relay that failed is asked for again, though the same mails wait.
        marks = _marks(Message.id, Message.next_at).where(or_(waits, dropped))
        yield from _one(session, "deliver_mail", marks, mark=gate.mark)
        yield from _overtaking(session, now)


def _overtaking(session: Session, now: datetime) -> Iterable[Due]:
    """Urgent mail that a run in progress has not taken within seconds: that run is stuck."""
    left = _marks(Message.id, Message.next_at).where(
        col(Message.state).in_((MessageState.QUEUED, MessageState.DEFERRED)),
        col(Message.lane) == Lane.URGENT,
        col(Message.next_at) <= now - OVERTAKES_AFTER,
    )
    for due in _one(session, "deliver_mail", left, params={"urgent_only": True}):
        yield replace(due, mark=f"urgent-{due.mark}", is_alone=False)


def cycles_to_score(session: Session, now: datetime) -> Iterable[Due]:
    """Evaluation cycles that are past their closing time."""
    closing = select(Cycle.code, Cycle.closes_at).where(
        col(Cycle.state).in_((CycleState.COLLECTING, CycleState.CLOSED)), col(Cycle.closes_at) <= now
    )
    for code, closes_at in session.exec(closing.order_by(col(Cycle.code))):
        yield Due("score_hubs", f"{code}:{_stamp(closes_at)}", {"cycle": code}, is_alone=False)


def reports_to_draft(session: Session, _now: datetime) -> Iterable[Due]:
    """Cycles that are scored; drafting takes them under review, a returned one is scored anew."""
    scored = (
        select(Cycle.code, func.max(ScoreRun.id))
        .join(ScoreRun, col(ScoreRun.cycle_id) == Cycle.id)
        .where(col(Cycle.state) == CycleState.SCORED)
        .group_by(Cycle.code)
    )
    for code, run in session.exec(scored.order_by(col(Cycle.code))):
        yield Due("draft_report", f"{code}:{run}", {"cycle": code}, is_alone=False)


def commitments_to_follow_up(session: Session, now: datetime) -> Iterable[Due]:
    """Promises that are due soon, and commitments that nobody answered in time."""
    if _is_asking_hour(now):
        rows = select(Commitment.id).where(or_(due_soon(now), overdue(now)))
        if session.exec(rows.limit(1)).first() is not None:
            yield Due("follow_up_commitments", f"{today_of(now)}")


def fundings_to_follow_up(session: Session, now: datetime) -> Iterable[Due]:
    """Project applications that nobody has answered, and projects that are over and not closed."""
    if _is_asking_hour(now) and funding_follow_up.is_due(session, now=now):
        yield Due("follow_up_funding", f"{today_of(now)}")


def digests_to_send(session: Session, now: datetime) -> Iterable[Due]:
    """Digests whose readers' own hour has come, keyed by the period and never by the firing."""
    for slot in digest_times.slots(session, now=now):
        if slot.is_due(now):
            period = slot.period(slot.last(now)).key
            yield Due(
                "send_digests",
                f"{slot.code}:{period}",
                {"audience": str(slot.audience), "slot": slot.code},
                is_alone=False,
            )


def deadlines_to_tell(session: Session, now: datetime) -> Iterable[Due]:
    """Evaluations that close, and checks and consents that lapse soon: once a day, and as soon as one is near."""
    if _is_asking_hour(now) and (near := deadlines.near(session, now=now)):
        yield Due("remind_of_deadlines", ":".join((f"{today_of(now)}", *near)))


def collecting(session: Session) -> list[str]:
    """Return the codes of the cycles that take answers and count what the hubs do."""
    return list(
        session.exec(select(Cycle.code).where(Cycle.state == CycleState.COLLECTING).order_by(col(Cycle.code)))
    )


QUESTIONS: tuple[Question, ...] = (
    offers_to_send,
    offers_to_follow_up,
    volunteers_to_remind,
    activities_to_close,
    places_to_pass_on,
    mail_to_deliver,
    cycles_to_score,
    reports_to_draft,
    commitments_to_follow_up,
    fundings_to_follow_up,
    deadlines_to_tell,
    digests_to_send,
)


def _accepted_within(lead: timedelta, now: datetime) -> Select[Any]:
    return (
        _marks(Offer.id, Activity.starts_at)
        .join(Activity, col(Activity.id) == Offer.activity_id)
        .where(
            col(Offer.state) == OfferState.ACCEPTED,
            col(Activity.state) == ActivityState.PUBLISHED,
            col(Activity.starts_at) > now,
            col(Activity.starts_at) <= now + lead,
        )
    )


def _teams_to_secure(session: Session, now: datetime) -> list[Select[Any]]:
    """Return the question for the yeses of the coming week, where rules ask for reserves beside them."""
    if not over_inviting.is_asked_for(offer_rules(session, now=now)):
        return []
    return [_accepted_within(over_inviting.AHEAD, now)]


def _closed_days_ago(now: datetime) -> Select[Any]:
    # A window of a day: who was chased once and still says nothing is not asked every minute.
    return _marks(Activity.id, Activity.closed_at).where(
        col(Activity.state) == ActivityState.DONE,
        col(Activity.closed_at) <= now - CHASE_AFTER,
        col(Activity.closed_at) > now - CHASE_AFTER - timedelta(days=1),
    )


def _marks(thing_id: Any, moment: Any) -> Select[Any]:
    return select(func.count(thing_id), func.sum(thing_id), func.max(moment))


def _one(
    session: Session,
    kind: str,
    *questions: Select[Any],
    params: dict[str, Any] | None = None,
    mark: str = "",
) -> Iterable[Due]:
    marks = [session.execute(question).one() for question in questions]
    if any(count for count, _, _ in marks):
        parts = (f"{count}-{total}-{_stamp(latest)}" for count, total, latest in marks if count)
        yield Due(kind, ":".join(parts) + mark, params or {})


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%SZ}"


def _is_asking_hour(now: datetime) -> bool:
    start, end = ASKING_HOURS
    return start <= now.astimezone(ZoneInfo(settings().time_zone)).time() < end


def _is_known(session: Session, due: Due) -> bool:
    same: ColumnElement[bool] = col(Dispatch.key) == due.key
    if due.is_alone:
        same = or_(same, and_(col(Dispatch.kind) == due.kind, col(Dispatch.done_at).is_(None)))
    return session.exec(select(Dispatch.id).where(same).limit(1)).first() is not None


def _id_of(row: Dispatch) -> int:
    assert row.id is not None
    return row.id
