"""A project application is decided by people: who is asked, what they answer, and the next step that follows.

An answer commits together with the request for the next step. The step itself looks at rows only, so it can
be run any number of times, by any process, months after the question.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from config.text import Refusal, Text
from models import FundingAnswer, FundingApplication, Hub
from models.states import FundingState
from services import audit, funding_mails, funding_people
from services.access import may_release
from services.errors import HubError, NotYours, TooLate
from services.funding_base import (
    CHANGED,
    LONGEST,
    MOVED_ON,
    Done,
    ask_next_step,
    locked,
    move,
    tidy,
    version_of,
)
from services.funding_people import APPROVE, OPEN, REJECT, RETURN, VERDICTS
from services.funding_rules import funding_rules
from services.queries import id_of, required

NOT_YOURS = Refusal(
    "not_your_branch",
    Text(
        "这家青年汇不归你管，请找它所在街道的负责人。",
        "This hub is not in your branch; ask the managers of its own.",
    ),
)
TOO_CLOSE = Refusal(
    "too_close",
    Text(
        "申请人和这家青年汇的人不能自己批，请另一位负责人来看。",
        "Who asks, and who belongs to the hub, cannot decide; ask another manager.",
    ),
)
ANSWERED = Refusal(
    "answered",
    Text("你已经答过了。还要一位别的负责人来批。", "You have answered already. It takes another manager."),
)


@dataclass(frozen=True)
class Stepped:
    """Say how far an application has come after one step."""

    asked: int
    awaiting: int
    """1 while it awaits a decision."""
    sentence: Text


def answer(
    session: Session, application_id: int, verdict: str, reason: str, *, seal: str, by: int, now: datetime
) -> Done:
    """Keep what somebody answers, and ask for the next step in the same transaction.

    Raises `NotYours` for who is too close to it, `TooLate` where it changed, moved on or was answered by
    the same person, `HubError` without a reason for a no.
    """
    found = locked(session, application_id)
    _require_decider(session, found, by)
    given = funding_people.answers(session, found)
    if found.state not in OPEN or funding_people.outcome(session, found) is not None:
        raise TooLate(MOVED_ON)
    if any(one.by_id == by for one in given):
        raise TooLate(ANSWERED)
    version = version_of(session, found)
    if version.sha256 != seal:
        raise TooLate(CHANGED)
    why = _checked(verdict, reason)
    session.add(
        FundingAnswer(
            application_id=application_id,
            version_id=id_of(version),
            by_id=by,
            verdict=verdict,
            reason=why,
            at=now,
        )
    )
    audit.record(session, found, f"answer.{verdict}", now=now, by=by, reason=why)
    session.flush()
    work = ask_next_step(session, found, f"{len(given) + 1}", by=by, now=now)
    return Done(application_id, Text("记下了，马上办理。", "It is kept and being carried out."), work)


def next_step(session: Session, application_id: int, *, now: datetime) -> Stepped:
    """Take an application as far as its rows allow: ask, or carry out what was decided.

    Run again, it finds nothing left to do.
    """
    found = locked(session, application_id)
    if found.state == FundingState.SUBMITTED:
        move(session, found, "review", FundingState.UNDER_REVIEW, now=now)
    if found.state != FundingState.UNDER_REVIEW:
        return Stepped(0, 0, Text("没有要办的。", "Nothing is left to do."))
    decided = funding_people.outcome(session, found)
    if decided is None:
        asked = funding_mails.queue_asked(session, found, funding_people.to_ask(session, found), now=now)
        return Stepped(asked, 1, Text("等待决定。", "Awaiting decision."))
    _carry_out(session, found, decided, now)
    funding_mails.queue_decided(session, found, now=now)
    return Stepped(0, 0, SAID[decided.verdict])


SAID = {
    APPROVE: Text("批准了。", "Approved."),
    RETURN: Text("退回修改。", "Returned for change."),
    REJECT: Text("没有批准。", "Rejected."),
}


def may_see(session: Session, found: FundingApplication, by: int) -> bool:
    """Say whether somebody answers for the branch in which the hub stands."""
    return may_release(session, by, required(session, Hub, found.hub_id).unit_id)


def _carry_out(session: Session, found: FundingApplication, decided: FundingAnswer, now: datetime) -> None:
    by, reason = decided.by_id, decided.reason
    if decided.verdict == RETURN:
        move(session, found, "return", FundingState.RETURNED, now=now, by=by, reason=reason)
        return
    if decided.verdict == REJECT:
        about = {"verdict": "rejected", "decided_at": now}
        move(session, found, "reject", FundingState.REJECTED, now=now, by=by, reason=reason, **about)
        return
    until = now + timedelta(days=funding_rules(session, now=now).valid_days)
    about = {"verdict": "approved", "decided_at": now, "valid_until": until}
    move(session, found, "approve", FundingState.APPROVED, now=now, by=by, reason=reason, **about)


def _require_decider(session: Session, found: FundingApplication, by: int) -> None:
    if not may_see(session, found, by):
        raise NotYours(NOT_YOURS)
    if not funding_people.may_decide(session, found, by):
        raise NotYours(TOO_CLOSE)


def _checked(verdict: str, reason: str) -> str:
    if verdict not in VERDICTS:
        sentence = Text("选批准、退回修改或不批准", "Choose to approve, to return or to reject")
        raise HubError(Refusal("verdict", sentence, "verdict"))
    why = tidy(reason)[:LONGEST]
    if verdict != APPROVE and not why:
        sentence = Text("写一下为什么，青年汇会看到", "Say why; the hub reads it")
        raise HubError(Refusal("reason_missing", sentence, "reason"))
    return why
