"""Project applications in time: who decides is reminded before the day, and what nobody answered goes up the tree.

Projects that are over are to be closed. A step whose work was given up is taken once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlmodel import Session, col, select

from config.text import Text
from models import FundingAnswer, FundingApplication, FundingVersion, Person, Unit
from models.states import FundingState
from services import audit, funding_mails, funding_people, funding_review
from services.commitment_mails import queue_hub_notice
from services.evaluation_cycles import today_of
from services.funding_rules import FundingRules, funding_rules
from services.queries import id_of

STUCK_AFTER = timedelta(hours=1)
OPEN_PAGE = Text("打开项目", "Open the project")


@dataclass(frozen=True)
class FollowedUp:
    """Hold what following up did."""

    reminded: int
    escalated: int
    to_close: int
    stepped: int
    sentences: tuple[Text, ...] = ()


def follow_up(session: Session, *, now: datetime) -> FollowedUp:
    """Remind, escalate, ask for closing, and take steps that were left."""
    rules = funding_rules(session, now=now)
    stepped = [funding_review.next_step(session, id_of(one), now=now) for one in _found(session, _stuck(now))]
    reminded, late = _found(session, _due_soon(now, rules)), _found(session, _overdue(now, rules))
    over = _found(session, _to_close(now, rules))
    for one in reminded:
        _remind(session, one, now)
    for one in late:
        _escalate(session, one, now)
    for one in over:
        _ask_for_closing(session, one, now)
    sentence = Text(
        f"提醒了{len(reminded)}份申请的审批人，{len(late)}份过期的报给了上一级，{len(over)}个项目该结项。",
        f"{len(reminded)} applications were brought to mind, {len(late)} overdue ones went up the tree, "
        f"{len(over)} projects are to be closed.",
    )
    return FollowedUp(len(reminded), len(late), len(over), len(stepped), (sentence,))


def is_due(session: Session, *, now: datetime) -> bool:
    """Say whether there is anything to follow up; cheap, since the clock asks it at every look."""
    rules = funding_rules(session, now=now)
    any_of = or_(_stuck(now), _due_soon(now, rules), _overdue(now, rules), _to_close(now, rules))
    return session.exec(select(FundingApplication.id).where(any_of).limit(1)).first() is not None


def _due_soon(now: datetime, rules: FundingRules) -> ColumnElement[bool]:
    return and_(
        col(FundingApplication.state) == FundingState.UNDER_REVIEW,
        col(FundingApplication.reminded_at).is_(None),
        col(FundingApplication.due_at) > now,
        col(FundingApplication.due_at) <= now + timedelta(days=rules.remind_days),
    )


def _overdue(now: datetime, rules: FundingRules) -> ColumnElement[bool]:
    rested = col(FundingApplication.escalated_at) <= now - timedelta(days=rules.next_level_days)
    return and_(
        col(FundingApplication.state) == FundingState.UNDER_REVIEW,
        col(FundingApplication.due_at) <= now,
        or_(col(FundingApplication.escalated_at).is_(None), rested),
    )


def _to_close(now: datetime, rules: FundingRules) -> ColumnElement[bool]:
    return and_(
        col(FundingApplication.state) == FundingState.EXECUTING,
        col(FundingApplication.closing_reminded_at).is_(None),
        col(FundingApplication.ends_on) < today_of(now) - timedelta(days=rules.closing_days),
    )


def _stuck(now: datetime) -> ColumnElement[bool]:
    """Return the condition for a step that was asked for, and that no work has taken for an hour."""
    answered = exists().where(
        col(FundingAnswer.version_id) == col(FundingVersion.id),
        col(FundingVersion.application_id) == col(FundingApplication.id),
        col(FundingVersion.number) == col(FundingApplication.version),
        col(FundingAnswer.at) <= now - STUCK_AFTER,
    )
    waits = and_(
        col(FundingApplication.state) == FundingState.SUBMITTED,
        col(FundingApplication.submitted_at) <= now - STUCK_AFTER,
    )
    return or_(waits, and_(col(FundingApplication.state) == FundingState.UNDER_REVIEW, answered))


def _found(session: Session, condition: ColumnElement[bool]) -> Sequence[FundingApplication]:
    return session.exec(
        select(FundingApplication).where(condition).order_by(col(FundingApplication.id))
    ).all()


def _remind(session: Session, found: FundingApplication, now: datetime) -> None:
    people = funding_people.to_ask(session, found)
    funding_mails.queue_asked(session, found, people, what="reminder", now=now, is_reminder=True)
    found.reminded_at = now
    session.add(found)


def _escalate(session: Session, found: FundingApplication, now: datetime) -> None:
    """Tell the next unit up: the nearest with somebody who may decide first; the top stays the top."""
    answered = {one.by_id for one in funding_people.answers(session, found)}
    levels = list(funding_people.deciders(session, found))
    if not levels:
        return
    unit, people = _next_level(levels, found.escalated_unit_id)
    audit.change(session, found, "escalate", now=now, escalated_unit_id=id_of(unit), escalated_at=now)
    left = [(unit, person) for person in people if id_of(person) not in answered]
    what = f"overdue:{today_of(now)}"
    funding_mails.queue_asked(session, found, left, what=what, now=now, is_overdue=True)


def _next_level(levels: list[tuple[Unit, list[Person]]], last: int | None) -> tuple[Unit, list[Person]]:
    ids = [id_of(unit) for unit, _ in levels]
    place = ids.index(last) + 1 if last in ids else 0
    return levels[min(place, len(levels) - 1)]


def _ask_for_closing(session: Session, found: FundingApplication, now: datetime) -> None:
    words = (
        Text("“{title}”该结项了", "{title} is to be closed").format(title=found.title),
        Text("补齐票据，写结项说明。", "Add what receipts are missing, and say what came of it."),
        (),
        "",
    )
    key, path = f"funding:{id_of(found)}:close", f"/funding/{id_of(found)}"
    hub = found.hub_id
    queue_hub_notice(session, [hub], {hub: words}, key, path=path, action=OPEN_PAGE, now=now)
    found.closing_reminded_at = now
    session.add(found)
