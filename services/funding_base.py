"""What all verbs of project applications share: the locked row, the allowed moves, the content and its seal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from config.text import Refusal, Text
from models import FundingApplication, FundingLine, FundingVersion
from models.states import FundingState, may_move
from services import audit, dispatch
from services.access import require_coordinator
from services.errors import NotFound, TooLate, refuse
from services.queries import NO_SUCH_THING, id_of

FRAMEWORK = "youth-hub"
"""The framework whose dimensions and criteria a project can serve."""
LONGEST = 1000
MOVED_ON = Refusal(
    "moved_on",
    Text("这份申请已经到了下一步，刷新页面看看。", "This application has moved on; look at the page again."),
)
CHANGED = Refusal(
    "changed_since",
    Text("你看过以后它改过了，请再看一遍。", "It has changed since you looked; please look once more."),
)


@dataclass(frozen=True)
class Done:
    """Say what a verb did; `work_id` is the next step that it asked for, if any."""

    application_id: int
    sentence: Text
    work_id: int | None = None


def locked(session: Session, application_id: int) -> FundingApplication:
    """Return an application that nobody else changes before we are done; raises `NotFound`."""
    question = select(FundingApplication).where(FundingApplication.id == application_id)
    fresh = question.with_for_update().execution_options(populate_existing=True)
    found = session.exec(fresh).one_or_none()
    if found is None:
        raise NotFound(NO_SUCH_THING)
    return found


def of_mine(session: Session, application_id: int, by: int, *states: FundingState) -> FundingApplication:
    """Return an application of a hub that this person runs, locked; raises `NotYours`, `TooLate` in other states."""
    found = locked(session, application_id)
    require_coordinator(session, by, found.hub_id)
    if states and found.state not in states:
        raise TooLate(MOVED_ON)
    return found


def move(
    session: Session,
    found: FundingApplication,
    verb: str,
    state: FundingState,
    *,
    now: datetime,
    by: int | None = None,
    reason: str = "",
    **values: Any,
) -> None:
    """Take an application into its next state, on the audit trail; raises `TooLate` where that is not allowed."""
    if not may_move(FundingState(found.state), state):
        raise TooLate(MOVED_ON)
    found.reason = reason
    audit.change(session, found, verb, now=now, by=by, reason=reason, **values, state=str(state))
    session.flush()


def tidy(raw: str) -> str:
    """Return one line without signs that cannot be shown; Chinese punctuation stays as it was typed."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in raw).split())


def require_reason(reason: str) -> str:
    """Return a reason as it is kept; raises `HubError` without one."""
    why = tidy(reason)[:LONGEST]
    if not why:
        raise refuse("reason_missing", "写明原因", "Say why", "reason")
    return why


def lines_of(session: Session, application_id: int) -> Sequence[FundingLine]:
    """Return the budget as it stands now, in its order."""
    question = select(FundingLine).where(FundingLine.application_id == application_id)
    return session.exec(question.order_by(col(FundingLine.place))).all()


def version_of(session: Session, found: FundingApplication) -> FundingVersion:
    """Return the version that was handed in last."""
    question = select(FundingVersion).where(
        FundingVersion.application_id == found.id, FundingVersion.number == found.version
    )
    return session.exec(question).one()


def content_of(session: Session, found: FundingApplication) -> dict[str, Any]:
    """Return what would be handed in, as plain data."""
    return {
        "title": found.title,
        "purpose": found.purpose,
        "starts_on": found.starts_on.isoformat() if found.starts_on else "",
        "ends_on": found.ends_on.isoformat() if found.ends_on else "",
        "serves": found.serves,
        "lines": [
            {"category": line.category, "amount_fen": line.amount_fen, "reason": line.reason}
            for line in lines_of(session, id_of(found))
        ],
    }


def seal_of(content: dict[str, Any]) -> str:
    """Return a word that stands for exactly this content."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def ask_next_step(
    session: Session, found: FundingApplication, mark: str, *, by: int | None, now: datetime
) -> int:
    """Ask for the next step in the transaction of the deed that calls for it; return the request's id."""
    row = dispatch.request(
        session,
        "decide_funding",
        key=f"funding:{id_of(found)}:{found.version}:{mark}",
        params={"application": id_of(found)},
        now=now,
        by=by,
    )
    return id_of(row)
