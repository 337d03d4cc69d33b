"""Commitments in time: owners are reminded before the day, and what is overdue goes up the tree, unit by unit."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, select

from config.text import Text
from models import Commitment, Hub, Unit
from models.states import CommitmentState
from notifications import kinds
from services import audit, commitment_views, decisions, managers
from services.commitment_mails import queue_hub_notice
from services.evaluation_cycles import today_of
from services.queries import id_of, required

REMIND_BEFORE = timedelta(days=14)
PROMISE_WITHIN = timedelta(days=30)
"""How long a draft may wait for the hub's promise."""
NEXT_LEVEL_AFTER = timedelta(days=14)
"""How long a level of the tree has before the one above is told."""


@dataclass(frozen=True)
class FollowedUp:
    """Hold what following up did."""

    reminded: int
    escalated: int
    mails: int
    sentences: tuple[Text, ...] = ()


def follow_up(session: Session, *, now: datetime) -> FollowedUp:
    """Remind hubs of promises due soon, and tell the next unit up of what is overdue."""
    reminded, notices = _remind(session, now)
    escalated, told = _escalate(session, now)
    sentence = Text(
        f"承诺快到期的提醒了{reminded}项，过期的{escalated}项报给了上一级。",
        f"{reminded} commitments due soon were brought to mind, {escalated} overdue ones went up the tree.",
    )
    return FollowedUp(reminded, escalated, notices + told, (sentence,))


def due_soon(now: datetime) -> ColumnElement[bool]:
    """Return the condition on promises that want a reminder."""
    return and_(
        col(Commitment.state) == CommitmentState.PROMISED,
        col(Commitment.reminded_at).is_(None),
        col(Commitment.due_on) >= today_of(now),
        col(Commitment.due_on) <= today_of(now) + REMIND_BEFORE,
    )


def overdue(now: datetime) -> ColumnElement[bool]:
    """Return the condition on commitments of which the next level has to be told."""
    late = and_(col(Commitment.state) == CommitmentState.PROMISED, col(Commitment.due_on) < today_of(now))
    ignored = and_(
        col(Commitment.state) == CommitmentState.DRAFT, col(Commitment.opened_at) <= now - PROMISE_WITHIN
    )
    rested = or_(
        col(Commitment.escalated_at).is_(None), col(Commitment.escalated_at) <= now - NEXT_LEVEL_AFTER
    )
    return and_(or_(late, ignored), rested)


def _remind(session: Session, now: datetime) -> tuple[int, int]:
    rows = session.exec(select(Commitment).where(due_soon(now)).order_by(col(Commitment.id))).all()
    by_hub: dict[int, list[Commitment]] = defaultdict(list)
    for row in rows:
        by_hub[row.hub_id].append(row)
    words: dict[int, Any] = {}
    for hub_id, own in by_hub.items():
        views = [commitment_views.view_of(session, id_of(row), now=now) for row in own]
        words[hub_id] = (
            Text(f"{len(own)}项承诺快到期了", f"{len(own)} due soon"),
            Text(
                "做完了就上报结果，由负责人确认。",
                "When it is done, report the result; a manager confirms it.",
            ),
            tuple(kinds.Point(view.title, decisions.point_of(view).sentence) for view in views),
            "",
        )
    mails = queue_hub_notice(session, list(words), words, f"commitments:due:{today_of(now)}", now=now)
    for row in rows:
        row.reminded_at = now
        session.add(row)
    return len(rows), mails


def _escalate(session: Session, now: datetime) -> tuple[int, int]:
    question = select(Commitment, Hub).join(Hub, col(Hub.id) == Commitment.hub_id).where(overdue(now))
    by_unit: dict[int, list[kinds.Point]] = defaultdict(list)
    rows = session.exec(question.order_by(col(Commitment.due_on), col(Commitment.id))).all()
    for row, hub in rows:
        unit = _next_unit(session, row, hub)
        audit.change(session, row, "escalate", now=now, escalated_unit_id=id_of(unit), escalated_at=now)
        view = commitment_views.view_of(session, id_of(row), now=now)
        by_unit[id_of(unit)].append(decisions.point_of(view))
    mails = 0
    for unit_id, points in sorted(by_unit.items()):
        unit = required(session, Unit, unit_id)
        people = managers.managers_of(session, unit_id)
        what = f"overdue:{today_of(now)}"
        mails += decisions.tell(session, unit, people, what, points, now=now, is_overdue=True)
    return len(rows), mails


def _next_unit(session: Session, row: Commitment, hub: Hub) -> Unit:
    """Return the unit that is told next: the hub's own first, then each above; the top stays the top."""
    if row.escalated_unit_id is None:
        start = required(session, Unit, hub.unit_id)
    else:
        last = required(session, Unit, row.escalated_unit_id)
        start = last if last.parent_id is None else required(session, Unit, last.parent_id)
    return managers.nearest_managers(session, start)[0]
