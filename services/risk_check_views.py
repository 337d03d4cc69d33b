"""What the pages of a risk check show: the questions with their answers, who answered and who decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from config.text import Text
from models import Hub, Person, RiskCheck, Venue
from models.states import RiskCheckState
from scheduling.risks import Checklist, Question
from services import gate
from services.access import may_release, require_coordinator
from services.checklists import checklist_of, current_checklist
from services.errors import NotYours
from services.gate_rules import gate_rules, risk_words
from services.queries import id_of, named, required
from services.risk_checks import NOT_YOURS, Subject, subject_of


@dataclass(frozen=True)
class AnswerLine:
    """Hold one question, what can be answered, and what was."""

    code: str
    question: Text
    choices: tuple[tuple[str, Text], ...]
    answer: str
    answer_text: Text
    to_mend: Text | None
    """What has to be done first, where the answer forbids the activity."""


@dataclass(frozen=True)
class CheckLine:
    """Hold one check as it stands on record."""

    check_id: int
    state: RiskCheckState
    asked_by: str
    asked_at: datetime
    decided_by: str
    decided_at: datetime | None
    valid_until: datetime | None
    note: str
    reason: str
    lines: tuple[AnswerLine, ...]


@dataclass(frozen=True)
class CheckPage:
    """Hold a check's page: what it is about, the questions of today, and the checks so far, newest first."""

    title: Text
    hub: Text
    risks: Text
    """Why it needs a check; empty where it needs none."""
    place: str
    capacity: int
    is_held: bool
    """Whether coming dates wait for it."""
    held: int
    first: datetime | None
    version: str
    lines: tuple[AnswerLine, ...]
    history: tuple[CheckLine, ...]

    @property
    def latest(self) -> CheckLine | None:
        """Return the newest check."""
        return self.history[0] if self.history else None


@dataclass(frozen=True)
class DecisionPage:
    """Hold a check as its second person sees it."""

    page: CheckPage
    one: CheckLine
    may_decide: bool


def check_page(session: Session, subject: Subject, *, by: int, now: datetime) -> CheckPage:
    """Return the page of a check for one of the hub's coordinators; raises `NotYours`."""
    require_coordinator(session, by, subject.hub_id)
    return _page(session, subject, now)


def decision_page(session: Session, check_id: int, *, by: int, now: datetime) -> DecisionPage:
    """Return a check for who decides it; raises `NotYours` for who does not manage the hub's branch."""
    check = required(session, RiskCheck, check_id)
    if not may_release(session, by, required(session, Hub, check.hub_id).unit_id):
        raise NotYours(NOT_YOURS)
    page = _page(session, subject_of(session, check), now)
    one = next(line for line in page.history if line.check_id == check_id)
    return DecisionPage(page, one, one.state == RiskCheckState.ASKED and check.asked_by_id != by)


def _page(session: Session, subject: Subject, now: datetime) -> CheckPage:
    thing, hub = subject.thing, required(session, Hub, subject.hub_id)
    risks = gate_rules(session, now=now).risks(thing)
    _, checklist = current_checklist(session, now=now)
    history = _history(session, subject)
    former = {one.code: one.answer for one in history[0].lines} if history else {}
    waiting = [one for one in gate.held(session, [subject.hub_id], now=now) if one.path == subject.path]
    venue = session.get(Venue, thing.venue_id) if thing.venue_id is not None else None
    return CheckPage(
        title=subject.title,
        hub=named(hub.name_zh, hub.name_en),
        risks=risk_words(risks),
        place=venue.name if venue else "",
        capacity=thing.capacity,
        is_held=bool(waiting),
        held=sum(len(one.activity_ids) for one in waiting),
        first=waiting[0].first.activity.starts_at if waiting else None,
        version=checklist.version,
        lines=tuple(_line(question, former.get(question.code, "")) for question in checklist.asked(risks)),
        history=history,
    )


def _history(session: Session, subject: Subject) -> tuple[CheckLine, ...]:
    question = (
        select(RiskCheck, Person)
        .join(Person, col(Person.id) == RiskCheck.asked_by_id)
        .where(subject.is_mine)
        .order_by(col(RiskCheck.id).desc())
    )
    return tuple(_check_line(session, check, person) for check, person in session.exec(question))


def _check_line(session: Session, check: RiskCheck, person: Person) -> CheckLine:
    decided_by = session.get(Person, check.decided_by_id) if check.decided_by_id is not None else None
    return CheckLine(
        id_of(check),
        RiskCheckState(check.state),
        person.name,
        check.asked_at,
        decided_by.name if decided_by else "",
        check.decided_at,
        check.valid_until,
        check.note,
        check.reason,
        _answers(checklist_of(session, check.checklist_id), check),
    )


def _answers(checklist: Checklist, check: RiskCheck) -> tuple[AnswerLine, ...]:
    return tuple(
        _line(question, check.answers[question.code])
        for question in checklist.questions
        if question.code in check.answers
    )


def _line(question: Question, answer: str) -> AnswerLine:
    choice = question.choice(answer)
    return AnswerLine(
        question.code,
        question.text.text,
        tuple((one.code, one.text.text) for one in question.answers),
        choice.code if choice else "",
        choice.text.text if choice else Text("", ""),
        choice.mend.text if choice and choice.no_go and choice.mend else None,
    )
