"""A hub's project applications: written, handed in, withdrawn. What is handed in is kept word for word.

Handing in commits together with the request for the next step, so that no application is lost between two
processes; from then on a row waits for people, for months if need be, and no run does.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session, select

from config.text import Refusal, Text
from models import FundingApplication, FundingLine, FundingVersion
from models.states import FundingState
from services import audit, funding_people
from services.access import require_coordinator
from services.errors import HubError, TooLate
from services.evaluation_cycles import today_of
from services.frameworks import framework_today, newest_framework
from services.funding_base import (
    CHANGED,
    FRAMEWORK,
    LONGEST,
    MOVED_ON,
    Done,
    ask_next_step,
    content_of,
    lines_of,
    move,
    of_mine,
    require_reason,
    seal_of,
    tidy,
)
from services.funding_checks import LineGiven, read_lines, wrong_before_handing_in, wrong_title
from services.funding_rules import FundingRules, funding_rules
from services.queries import id_of

BEFORE_SPENDING = (
    FundingState.DRAFT,
    FundingState.SUBMITTED,
    FundingState.UNDER_REVIEW,
    FundingState.RETURNED,
    FundingState.APPROVED,
)


@dataclass(frozen=True)
class Given:
    """Hold an application as somebody typed it."""

    title: str
    purpose: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    serves: str = ""
    lines: tuple[LineGiven, ...] = ()


def save(
    session: Session,
    hub_id: int,
    given: Given,
    *,
    by: int,
    now: datetime,
    application_id: int | None = None,
    once: str = "",
) -> Done:
    """Keep a draft, a new one or one that can be edited; raises `HubError` with every wrong field.

    `once` tells a second press of the same button from another application.
    """
    require_coordinator(session, by, hub_id)
    lines, wrong = read_lines(given.lines)
    wrong = [*wrong_title(tidy(given.title)), *_wrong_fields(session, given), *wrong]
    if wrong:
        raise HubError(wrong)
    if application_id is None:
        found = _opened(session, hub_id, once, tidy(given.title), by=by, now=now)
    else:
        found = of_mine(session, application_id, by, FundingState.DRAFT, FundingState.RETURNED)
    _write(session, found, given, lines, by=by, now=now)
    return Done(id_of(found), Text("草稿存好了。", "The draft is kept."))


def submit(session: Session, application_id: int, *, seal: str, by: int, now: datetime) -> Done:
    """Hand an application in, and ask for its next step in the same transaction.

    `seal` is that of the content which somebody has looked at. Raises `HubError` with everything that is
    missing, and `TooLate` where it changed or moved on.
    """
    found = of_mine(session, application_id, by)
    if not may_hand_in(found, now):
        raise TooLate(MOVED_ON)
    content, rules = content_of(session, found), funding_rules(session, now=now)
    if seal_of(content) != seal:
        raise TooLate(CHANGED)
    wrong = wrong_before_handing_in(content, rules, today=today_of(now))
    wrong = wrong or funding_people.too_few(session, found, rules.needed(found.amount_fen), by=by)
    if wrong:
        raise HubError(wrong)
    _hand_in(session, found, content, rules, by=by, now=now)
    work = ask_next_step(session, found, "0", by=by, now=now)
    return Done(application_id, Text("交上去了。", "It is handed in."), work)


def withdraw(session: Session, application_id: int, reason: str, *, by: int, now: datetime) -> Done:
    """Take an application back before money is spent; raises `TooLate` once an answer waits to be carried out."""
    found = of_mine(session, application_id, by, *BEFORE_SPENDING)
    is_open = found.state in {FundingState.SUBMITTED, FundingState.UNDER_REVIEW}
    if is_open and funding_people.outcome(session, found) is not None:
        raise TooLate(MOVED_ON)
    why = require_reason(reason)
    move(session, found, "withdraw", FundingState.WITHDRAWN, now=now, by=by, reason=why)
    return Done(application_id, Text("撤回了，原因已记下。", "Withdrawn, and the reason is kept."))


def may_hand_in(found: FundingApplication, now: datetime) -> bool:
    """Say whether it can be handed in: a draft, a returned one, or one whose approval has lapsed."""
    if found.state == FundingState.APPROVED:
        return found.valid_until is not None and found.valid_until < now
    return found.state in {FundingState.DRAFT, FundingState.RETURNED}


def _wrong_fields(session: Session, given: Given) -> list[Refusal]:
    wrong = []
    if given.starts_on and given.ends_on and given.starts_on > given.ends_on:
        sentence = Text("结束的日期不能早于开始", "It cannot end before it begins")
        wrong.append(Refusal("period", sentence, "ends_on"))
    framework = framework_today(session, FRAMEWORK)
    known = {one.id for one in framework.dimensions} | set(framework.indicator)
    if given.serves and given.serves not in known:
        wrong.append(Refusal("serves", Text("从列表里选一项", "Choose one of the list"), "serves"))
    return wrong


def _opened(
    session: Session, hub_id: int, once: str, title: str, *, by: int, now: datetime
) -> FundingApplication:
    word = once[:40] or secrets.token_hex(8)
    question = select(FundingApplication).where(
        FundingApplication.hub_id == hub_id, FundingApplication.once == word
    )
    known = session.exec(question.with_for_update()).one_or_none()
    if known is not None:
        return of_mine(session, id_of(known), by, FundingState.DRAFT)
    found = FundingApplication(
        hub_id=hub_id,
        once=word,
        title=title,
        framework_id=id_of(newest_framework(session, FRAMEWORK, now=now)),
        created_by_id=by,
        created_at=now,
    )
    session.add(found)
    session.flush()
    audit.record(session, found, "open", now=now, by=by)
    return found


def _write(
    session: Session,
    found: FundingApplication,
    given: Given,
    lines: Sequence[FundingLine],
    *,
    by: int,
    now: datetime,
) -> None:
    before = content_of(session, found)["lines"]
    _replace_lines(session, found, lines)
    audit.change(
        session,
        found,
        "edit",
        now=now,
        by=by,
        title=tidy(given.title),
        purpose=given.purpose.strip()[:LONGEST],
        starts_on=given.starts_on,
        ends_on=given.ends_on,
        serves=given.serves,
        framework_id=id_of(newest_framework(session, FRAMEWORK, now=now)),
        amount_fen=sum(line.amount_fen for line in lines),
    )
    after = content_of(session, found)["lines"]
    if before != after:
        audit.record(session, found, "budget", now=now, by=by, changes={"lines": (before, after)})


def _replace_lines(session: Session, found: FundingApplication, lines: Sequence[FundingLine]) -> None:
    for old in lines_of(session, id_of(found)):
        session.delete(old)
    session.flush()
    for place, line in enumerate(lines, 1):
        line.application_id, line.place = id_of(found), place
        session.add(line)
    session.flush()


def _hand_in(
    session: Session,
    found: FundingApplication,
    content: dict[str, Any],
    rules: FundingRules,
    *,
    by: int,
    now: datetime,
) -> None:
    """Keep the content as the next version; what belonged to an earlier one starts anew."""
    number = found.version + 1
    version = FundingVersion(
        application_id=id_of(found), number=number, content=content, sha256=seal_of(content), by_id=by, at=now
    )
    session.add(version)
    move(
        session,
        found,
        "submit",
        FundingState.SUBMITTED,
        now=now,
        by=by,
        version=number,
        submitted_by_id=by,
        submitted_at=now,
        needed=rules.needed(found.amount_fen),
        due_at=now + timedelta(days=rules.answer_days),
        verdict="",
        decided_at=None,
        valid_until=None,
        reminded_at=None,
        escalated_at=None,
        escalated_unit_id=None,
    )
