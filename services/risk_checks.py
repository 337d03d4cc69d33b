"""Answer the checklist for a series or an activity, and let a second person decide.

Each submission is a row that stays: who answered what by which version of the questions, who decided and
why. Answers that forbid the activity are kept too, and nobody is asked to approve them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from config.text import Refusal, Text
from models import Activity, Hub, RiskCheck, Series
from models.states import ActivityState, RiskCheckState
from scheduling.risks import judge
from services import audit, gate, risk_mails
from services.access import may_release, require_coordinator
from services.checklists import kept_checklist
from services.errors import HubError, NotFound, NotYours, TooLate, refuse
from services.forms import plain
from services.gate import FACTS
from services.gate_rules import gate_rules
from services.programme import NO_SUCH_ACTIVITY
from services.queries import claim, id_of, named, required
from services.series_effects import NO_SUCH_SERIES
from services.wording import day_text, local_day

LONGEST = 500
NOT_YOURS = Refusal(
    "not_your_branch",
    Text(
        "这家青年汇不归你管，请找它所在街道的负责人。",
        "This hub is not in your branch; ask the managers of its own.",
    ),
)
SECOND_PERSON = Refusal(
    "second_person",
    Text(
        "回答的人不能自己点头，请另一位负责人来看。",
        "Who answered cannot agree too; ask another manager.",
    ),
)


@dataclass(frozen=True)
class Subject:
    """Hold what a check is about: a series, or one activity."""

    hub_id: int
    thing: Series | Activity

    @property
    def title(self) -> Text:
        """Return its title."""
        return named(self.thing.title_zh, self.thing.title_en)

    @property
    def series_id(self) -> int | None:
        """Return its id, if it is a series."""
        return id_of(self.thing) if isinstance(self.thing, Series) else None

    @property
    def activity_id(self) -> int | None:
        """Return its id, if it is a single activity."""
        return None if isinstance(self.thing, Series) else id_of(self.thing)

    @property
    def is_mine(self) -> ColumnElement[bool]:
        """Return the condition for checks about it."""
        if self.series_id is not None:
            return col(RiskCheck.series_id) == self.series_id
        return col(RiskCheck.activity_id) == self.activity_id

    @property
    def path(self) -> str:
        """Return the check's page below the hub's own."""
        where = "schedule" if isinstance(self.thing, Series) else "activities"
        return f"/{where}/{self.thing.code}/check"


@dataclass(frozen=True)
class Answered:
    """Hold a check that was answered: what stands in the way, or how many were asked for their yes."""

    check_id: int
    state: str
    asked: int
    to_mend: tuple[Text, ...]
    sentence: Text


@dataclass(frozen=True)
class Decided:
    """Hold a decision, and how many activities it published."""

    check_id: int
    published: int
    sentence: Text


def subject_of_series(session: Session, code: str, *, hub_id: int) -> Subject:
    """Return a series of the hub; raises `NotFound`."""
    found = session.exec(select(Series).where(Series.code == code, Series.hub_id == hub_id)).first()
    if found is None:
        raise NotFound(NO_SUCH_SERIES)
    return Subject(hub_id, found)


def subject_of_activity(session: Session, code: str, *, hub_id: int) -> Subject:
    """Return an activity of the hub; raises `NotFound`."""
    found = session.exec(select(Activity).where(Activity.code == code, Activity.hub_id == hub_id)).first()
    if found is None:
        raise NotFound(NO_SUCH_ACTIVITY)
    return Subject(hub_id, found)


def subject_of(session: Session, check: RiskCheck) -> Subject:
    """Return what a check is about."""
    if check.series_id is not None:
        return Subject(check.hub_id, required(session, Series, check.series_id))
    assert check.activity_id is not None
    return Subject(check.hub_id, required(session, Activity, check.activity_id))


def answer(
    session: Session,
    subject: Subject,
    answers: Mapping[str, str],
    *,
    note: str = "",
    by: int,
    now: datetime,
) -> Answered:
    """Keep what the hub answered; without a no-go the managers above are asked for their yes.

    Raises `NotYours`, and `HubError` where it needs no check, for each question left open, and where nobody
    is there to be the second person.
    """
    require_coordinator(session, by, subject.hub_id)
    risks = gate_rules(session, now=now).risks(subject.thing)
    if not risks:
        raise refuse("no_risk", "这项活动不用检查。", "This activity needs no check.")
    version, checklist = kept_checklist(session, now=now)
    verdict = judge(checklist, risks, answers)
    if verdict.missing:
        raise HubError(verdict.missing)
    _replace(session, subject, by=by, now=now)
    answered = {one.code: answers[one.code] for one in checklist.asked(risks)}
    check = _keep(
        session,
        subject,
        answered,
        checklist_id=id_of(version),
        state=RiskCheckState.BLOCKED if verdict.no_goes else RiskCheckState.ASKED,
        note=note,
        by=by,
        now=now,
    )
    if verdict.no_goes:
        return Answered(id_of(check), check.state, 0, verdict.to_mend, _blocked_sentence(verdict.to_mend))
    asked = risk_mails.queue_asked(session, check, subject.title, risks, now=now)
    if not asked:
        raise HubError(_nobody())
    sentence = Text(f"交上去了，{asked}位负责人在看。", f"Handed in; managers who look at it: {asked}.")
    return Answered(id_of(check), check.state, asked, (), sentence)


def _keep(
    session: Session,
    subject: Subject,
    answered: dict[str, str],
    *,
    checklist_id: int,
    state: RiskCheckState,
    note: str,
    by: int,
    now: datetime,
) -> RiskCheck:
    check = RiskCheck(
        hub_id=subject.hub_id,
        series_id=subject.series_id,
        activity_id=subject.activity_id,
        checklist_id=checklist_id,
        answers=answered,
        state=state,
        asked_by_id=by,
        asked_at=now,
        note=plain(note)[:LONGEST],
    )
    for name in FACTS:
        setattr(check, name, getattr(subject.thing, name))
    session.add(check)
    session.flush()
    changes = {code: (None, value) for code, value in answered.items()}
    audit.record(session, check, f"risk_check.{state}", now=now, by=by, changes=changes)
    return check


def decide(
    session: Session, check_id: int, *, is_cleared: bool, reason: str = "", by: int, now: datetime
) -> Decided:
    """Let a check pass, or send it back with a reason; what waited for it is published.

    Raises `NotYours` for who does not manage the hub's branch and for who answered, `HubError` without a
    reason, and `TooLate` once it is decided or answered anew.
    """
    check = required(session, RiskCheck, check_id)
    hub = required(session, Hub, check.hub_id)
    if not may_release(session, by, hub.unit_id):
        raise NotYours(NOT_YOURS)
    if by == check.asked_by_id:
        raise NotYours(SECOND_PERSON)
    why = plain(reason)[:LONGEST]
    if not is_cleared and not why:
        raise refuse("reason_missing", "写一下为什么退回。", "Say why it is sent back.", "reason")
    days = timedelta(days=gate_rules(session, now=now).valid_days)
    state = RiskCheckState.CLEARED if is_cleared else RiskCheckState.RETURNED
    own = {"decided_by_id": by, "decided_at": now, "reason": "" if is_cleared else why}
    own["valid_until"] = now + days if is_cleared else None
    if not claim(session, check, col(RiskCheck.state) == RiskCheckState.ASKED, state=state, **own):
        raise TooLate(_decided(check))
    audit.record(session, check, f"risk_check.{state}", now=now, by=by, reason=check.reason)
    published = _publish(session, check, by=by, now=now) if is_cleared else 0
    subject = subject_of(session, check)
    risk_mails.queue_decided(session, check, subject.title, subject.path, published, now=now)
    return Decided(check_id, published, _decided_sentence(check, hub, published))


def _replace(session: Session, subject: Subject, *, by: int, now: datetime) -> None:
    """Answered anew: what nobody has decided yet is decided no more."""
    waiting = select(RiskCheck).where(RiskCheck.state == RiskCheckState.ASKED, subject.is_mine)
    for check in session.exec(waiting.with_for_update()).all():
        if claim(session, check, col(RiskCheck.state) == RiskCheckState.ASKED, state=RiskCheckState.REPLACED):
            audit.record(session, check, "risk_check.replaced", now=now, by=by)


def _publish(session: Session, check: RiskCheck, *, by: int, now: datetime) -> int:
    mine = (
        col(Activity.series_id) == check.series_id
        if check.series_id is not None
        else col(Activity.id) == check.activity_id
    )
    planned = session.exec(
        select(Activity).where(mine, Activity.state == ActivityState.PLANNED, col(Activity.starts_at) > now)
    ).all()
    ids = [id_of(one) for one in planned]
    waiting = gate.open_up(session, ids, now=now)
    opened = [one for one in planned if one.id not in waiting]
    for one in opened:
        changes = {"state": (str(ActivityState.PLANNED), str(ActivityState.PUBLISHED))}
        audit.record(session, one, "activity.published", now=now, by=by, changes=changes)
    return len(opened)


def _blocked_sentence(to_mend: tuple[Text, ...]) -> Text:
    todo = Text("；".join(one.zh for one in to_mend), "; ".join(one.en for one in to_mend))
    sentence = Text(
        "记下了，但现在还不能办：{todo}。做好以后再答一次。",
        "Kept, and it cannot go ahead yet: {todo}. Answer again once that is done.",
    )
    return sentence.format(todo=todo)


def _nobody() -> Refusal:
    return Refusal(
        "no_second_person",
        Text(
            "这家青年汇上面没有别的负责人，没人能点头。请网络管理员先加一位负责人。",
            "There is no other manager above this hub who could agree. Ask the network's administrator to name one.",
        ),
    )


def _decided(check: RiskCheck) -> Refusal:
    words = {
        RiskCheckState.REPLACED: Text(
            "那边重新答过了，请看新的一份。", "The hub has answered anew; look at the new one."
        ),
        RiskCheckState.CLEARED: Text("已经有人点头了。", "Somebody has agreed to it already."),
    }
    other = Text("已经退回了。", "It has been sent back already.")
    return Refusal("decided", words.get(RiskCheckState(check.state), other))


def _decided_sentence(check: RiskCheck, hub: Hub, published: int) -> Text:
    if check.valid_until is None:
        return Text("退回了，会写信告诉他们。", "Sent back; they are told by mail.")
    last = day_text(local_day(check.valid_until, hub.time_zone))
    return Text(
        f"通过了，有效到{last.zh}，发布了{published}场活动。",
        f"It passes and holds through {last.en}; activities published: {published}.",
    )
