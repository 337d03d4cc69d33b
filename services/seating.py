"""Places for participants: who has one, who waits, and who is offered what becomes free.

A place is counted under a lock on the activity's row, so that of fifty who want the last one a single
person gets it. A freed place is offered to the first in line, never given to somebody unasked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, exists, func, select
from sqlmodel import Session, col

from models import Activity, AuditEntry, Participation
from models.states import ActivityState, ParticipationState
from services import audit, mails
from services.queries import Seat, id_of, seats

HOLDS_A_PLACE = (ParticipationState.SIGNED_UP, ParticipationState.OFFERED)
OFFERED = "participation.offered"
# Asked while everybody else waits for the turn to write: built once, it costs SQLAlchemy no second thought.
_COUNTS = (
    select(col(Participation.state), func.count())
    .where(col(Participation.activity_id) == bindparam("activity"))
    .group_by(col(Participation.state))
)


@dataclass(frozen=True)
class SeatPolicy:
    """Hold how long the first in line may think about a freed place."""

    answer_within: timedelta = timedelta(hours=24)
    closes_before: timedelta = timedelta(hours=1)

    def answer_by(self, starts_at: datetime, now: datetime) -> datetime:
        """Return until when somebody who is offered a place now can take it."""
        return min(now + self.answer_within, starts_at - self.closes_before)


POLICY = SeatPolicy()


def lock(session: Session, activity: Activity) -> None:
    """Let everybody else who counts places of this activity wait until this transaction ends."""
    session.refresh(activity, with_for_update=True)


def counts(session: Session, activity_id: int) -> tuple[int, int]:
    """Return how many hold a place at an activity, and how many wait for one."""
    rows = session.execute(_COUNTS, {"activity": activity_id}).tuples()
    found: dict[str, int] = dict(rows.all())
    return sum(found.get(state, 0) for state in HOLDS_A_PLACE), found.get(ParticipationState.WAITING, 0)


def give_seat(session: Session, row: Participation, activity: Activity) -> int:
    """Give a place, or the last position in line; return 0 for a place. The activity is locked.

    Who comes new never overtakes those who wait.
    """
    taken, waiting = counts(session, id_of(activity))
    is_free = taken + waiting < activity.capacity
    row.state = ParticipationState.SIGNED_UP if is_free else ParticipationState.WAITING
    session.add(row)
    session.flush()
    return 0 if is_free else waiting + 1


def position(session: Session, row: Participation) -> int:
    """Return the position in line of somebody who waits, counted from 1."""
    before = (col(Participation.signed_up_at) < row.signed_up_at) | (
        (col(Participation.signed_up_at) == row.signed_up_at) & (col(Participation.id) < id_of(row))
    )
    question = (
        select(func.count())
        .select_from(Participation)
        .where(
            col(Participation.activity_id) == row.activity_id,
            col(Participation.state) == ParticipationState.WAITING,
            before,
        )
    )
    return 1 + int(session.execute(question).scalar_one())


def offer_free_places(
    session: Session, activity: Activity, *, now: datetime, policy: SeatPolicy = POLICY
) -> int:
    """Offer what is free to the first in line, and return to how many."""
    answer_by = policy.answer_by(activity.starts_at, now)
    if activity.state != ActivityState.PUBLISHED or answer_by <= now:
        return 0
    lock(session, activity)
    taken, _ = counts(session, id_of(activity))
    free = max(0, activity.capacity - taken)
    waiting = seats(
        session,
        col(Participation.activity_id) == id_of(activity),
        col(Participation.state) == ParticipationState.WAITING,
    )
    for seat in waiting[:free]:
        change_state(session, seat, ParticipationState.OFFERED, OFFERED, now=now)
        mails.queue_place_freed(session, seat, answer_by, now=now)
    return len(waiting[:free])


def pass_on_unanswered(session: Session, *, now: datetime, policy: SeatPolicy = POLICY) -> int:
    """Pass places that nobody took within the time on to the next in line; return how many were offered."""
    offered = seats(session, col(Participation.state) == ParticipationState.OFFERED)
    asked_at = _asked_at(session, [id_of(seat.participation) for seat in offered])
    lapsed = [
        seat
        for seat in offered
        if (asked := asked_at.get(id_of(seat.participation)))
        and policy.answer_by(seat.occasion.activity.starts_at, asked) <= now
    ]
    passed_on = 0
    for activity_id in sorted({seat.participation.activity_id for seat in lapsed}):
        own = [seat for seat in lapsed if seat.participation.activity_id == activity_id]
        activity = own[0].occasion.activity
        lock(session, activity)
        for seat in own:
            change_state(session, seat, ParticipationState.CANCELLED, "participation.lapsed", now=now)
        passed_on += offer_free_places(session, activity, now=now, policy=policy)
    return passed_on


def with_free_places(session: Session, *, now: datetime, policy: SeatPolicy = POLICY) -> list[Activity]:
    """Return the activities at which somebody waits beside a free place, as when the room got larger."""
    mine = col(Participation.activity_id) == Activity.id
    waits = exists().where(mine, col(Participation.state) == ParticipationState.WAITING)
    held = select(func.count()).where(mine, col(Participation.state).in_(HOLDS_A_PLACE)).correlate(Activity)
    question = (
        select(Activity)
        .where(
            col(Activity.state) == ActivityState.PUBLISHED,
            col(Activity.starts_at) > now + policy.closes_before,
            waits,
            col(Activity.capacity) > held.scalar_subquery(),
        )
        .order_by(col(Activity.id))
    )
    return list(session.execute(question).scalars())


def pass_on(session: Session, *, now: datetime) -> int:
    """Pass on what nobody took, and offer what is free elsewhere to who waits; return how many are offered one."""
    passed_on = pass_on_unanswered(session, now=now)
    return passed_on + sum(
        offer_free_places(session, one, now=now) for one in with_free_places(session, now=now)
    )


def change_state(
    session: Session, seat: Seat, state: ParticipationState, verb: str, *, now: datetime
) -> None:
    """Move a sign-up to another state and note it."""
    audit.change(session, seat.participation, verb, now=now, state=state)
    session.flush()


def _asked_at(session: Session, participation_ids: list[int]) -> dict[int, datetime]:
    """Return when each was last offered a place, which only the audit trail knows."""
    if not participation_ids:
        return {}
    question = (
        select(col(AuditEntry.thing_id), col(AuditEntry.at))
        .where(col(AuditEntry.verb) == OFFERED, col(AuditEntry.thing_id).in_(participation_ids))
        .order_by(col(AuditEntry.id))
    )
    return {thing_id: at for thing_id, at in session.execute(question) if thing_id is not None}
