"""Project applications as pages and commands show them: money, people, versions and what happened when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from config.text import Text
from models import AuditEntry, FundingApplication, FundingExpense, FundingLine, FundingVersion, Hub, Person
from models.states import FundingState
from services import funding, funding_people
from services.access import may_coordinate
from services.errors import NotYours
from services.frameworks import framework_today
from services.funding_base import FRAMEWORK, content_of, lines_of, seal_of
from services.funding_mails import serves_text
from services.funding_money import CATEGORIES, money
from services.funding_people import OPEN
from services.funding_review import NOT_YOURS, may_see
from services.funding_rules import funding_rules
from services.funding_spending import spent_by_line
from services.queries import batches, id_of, named, required

STATES = {
    FundingState.DRAFT: Text("草稿", "draft"),
    FundingState.SUBMITTED: Text("已提交", "handed in"),
    FundingState.UNDER_REVIEW: Text("审批中", "under review"),
    FundingState.RETURNED: Text("退回修改", "returned for change"),
    FundingState.APPROVED: Text("已批准", "approved"),
    FundingState.REJECTED: Text("未批准", "not approved"),
    FundingState.WITHDRAWN: Text("已撤回", "withdrawn"),
    FundingState.EXECUTING: Text("执行中", "being carried out"),
    FundingState.CLOSED: Text("已结项", "closed"),
}
VERBS = {
    "open": Text("开始写", "Begun"),
    "submit": Text("提交", "Handed in"),
    "review": Text("送审", "Sent to those who decide"),
    "answer.approve": Text("同意", "Agreed"),
    "answer.return": Text("要求修改", "Asked for a change"),
    "answer.reject": Text("不同意", "Said no"),
    "return": Text("退回修改", "Returned for change"),
    "approve": Text("批准", "Approved"),
    "reject": Text("未批准", "Not approved"),
    "withdraw": Text("撤回", "Withdrawn"),
    "escalate": Text("过期，报给上一级", "Overdue, told one level up"),
    "begin": Text("开始执行", "Project begun"),
    "spend": Text("记一笔支出", "Expense recorded"),
    "take_back": Text("冲销一笔支出", "Expense taken back"),
    "close": Text("结项", "Closed"),
}
"""What the audit trail says of an application; smaller edits of a draft are left to the trail itself."""


@dataclass(frozen=True)
class LineView:
    """Hold one budget line with what was spent on it."""

    line_id: int
    category: str
    name: Text
    fen: int
    reason: str
    spent_fen: int

    @property
    def amount(self) -> Text:
        """Return what the line holds."""
        return money(self.fen)

    @property
    def left(self) -> Text:
        """Return what is left of it, below nought where more was spent."""
        return money(self.fen - self.spent_fen)


@dataclass(frozen=True)
class ExpenseView:
    """Hold one expense; `is_open` where it can be taken back."""

    expense_id: int
    line: Text
    amount: Text
    spent_on: date
    what: str
    reason: str
    by: str
    receipt_name: str
    is_open: bool


@dataclass(frozen=True)
class VersionView:
    """Hold what was handed in once."""

    number: int
    by: str
    at: datetime
    title: str
    purpose: str
    amount: Text
    lines: tuple[tuple[Text, Text, str], ...]


@dataclass(frozen=True)
class StepView:
    """Hold one thing that happened, by whom and why."""

    what: Text
    by: str
    at: datetime
    reason: str


@dataclass(frozen=True)
class FundingLineView:
    """Hold an application as one row of a list."""

    application_id: int
    hub: Text
    title: str
    state: str
    state_text: Text
    fen: int
    spent_fen: int
    due_at: datetime | None
    starts_on: date | None
    ends_on: date | None

    @property
    def amount(self) -> Text:
        """Return what is asked for."""
        return money(self.fen)

    @property
    def spent(self) -> Text:
        """Return what was spent."""
        return money(self.spent_fen)


@dataclass(frozen=True)
class FundingView(FundingLineView):
    """Hold an application with everything that its page shows."""

    hub_id: int
    purpose: str
    serves: str
    serves_text: Text
    version: int
    needed: int
    agreed: tuple[str, ...]
    reason: str
    valid_until: datetime | None
    closing: str
    seal: str
    is_settled: bool
    """Whether an answer decides it that is still to be carried out."""
    may_hand_in: bool
    deciders: tuple[str, ...]
    lines: tuple[LineView, ...]
    expenses: tuple[ExpenseView, ...]
    versions: tuple[VersionView, ...]
    steps: tuple[StepView, ...]

    @property
    def left(self) -> Text:
        """Return what is left of the money."""
        return money(self.fen - self.spent_fen)


def list_of(session: Session, hub_ids: Sequence[int] | None, *states: str) -> list[FundingLineView]:
    """Return the applications of some hubs (None: of all) in some states (none: in any), the newest first."""
    question = select(FundingApplication, Hub).join(Hub, col(Hub.id) == FundingApplication.hub_id)
    if states:
        question = question.where(col(FundingApplication.state).in_(states))
    parts = [question]
    if hub_ids is not None:
        parts = [question.where(col(FundingApplication.hub_id).in_(batch)) for batch in batches(hub_ids)]
    rows = [row for part in parts for row in session.exec(part)]
    return [
        FundingLineView(**_row(session, found, hub))
        for found, hub in sorted(rows, key=lambda row: -id_of(row[0]))
    ]


def for_hub(session: Session, application_id: int, *, by: int, now: datetime) -> FundingView:
    """Return an application for one of its hub's coordinators; raises `NotYours`."""
    found = required(session, FundingApplication, application_id)
    if not may_coordinate(session, by, found.hub_id):
        raise NotYours(NOT_YOURS)
    return view_of(session, found, now=now)


def for_branch(session: Session, application_id: int, *, by: int, now: datetime) -> tuple[FundingView, bool]:
    """Return an application for a manager above its hub, and whether they may decide it; raises `NotYours`."""
    found = required(session, FundingApplication, application_id)
    if not may_see(session, found, by):
        raise NotYours(NOT_YOURS)
    return view_of(session, found, now=now), funding_people.awaits(session, found, by)


def view_of(session: Session, found: FundingApplication, *, now: datetime) -> FundingView:
    """Return an application with everything that its page shows."""
    hub, number = required(session, Hub, found.hub_id), id_of(found)
    lines, given = lines_of(session, number), funding_people.answers(session, found)
    names = _names(session)
    is_open = found.state in OPEN
    may_hand_in = funding.may_hand_in(found, now)
    needed = funding_rules(session, now=now).needed(found.amount_fen) if may_hand_in else None
    asked = funding_people.to_ask(session, found, needed=needed) if is_open or may_hand_in else []
    return FundingView(
        **_row(session, found, hub),
        hub_id=found.hub_id,
        purpose=found.purpose,
        serves=found.serves,
        serves_text=serves_text(session, found.framework_id, found.serves),
        version=found.version,
        needed=needed or found.needed,
        agreed=tuple(names(one.by_id) for one in given if one.verdict == funding_people.APPROVE),
        reason=found.reason,
        valid_until=found.valid_until,
        closing=found.closing,
        seal=seal_of(content_of(session, found)),
        is_settled=is_open and funding_people.outcome(session, found) is not None,
        may_hand_in=may_hand_in,
        deciders=tuple(person.name for _, person in asked),
        lines=_lines(session, number, lines),
        expenses=_expenses(session, number, lines, names),
        versions=_versions(session, number, names),
        steps=_steps(session, number, names),
    )


def serving(session: Session) -> list[tuple[str, Text, tuple[tuple[str, Text], ...]]]:
    """Return each dimension of today's framework with its criteria, for the list to choose from."""
    framework = framework_today(session, FRAMEWORK)
    return [
        (
            one.id,
            one.text,
            tuple((item.id, item.text) for item in framework.indicators if item.dimension == one.id),
        )
        for one in framework.dimensions
    ]


def _row(session: Session, found: FundingApplication, hub: Hub) -> dict[str, Any]:
    return {
        "application_id": id_of(found),
        "hub": named(hub.name_zh, hub.name_en),
        "title": found.title,
        "state": found.state,
        "state_text": STATES[FundingState(found.state)],
        "fen": found.amount_fen,
        "spent_fen": sum(spent_by_line(session, id_of(found)).values()) if found.begun_at else 0,
        "due_at": found.due_at,
        "starts_on": found.starts_on,
        "ends_on": found.ends_on,
    }


def _names(session: Session) -> Any:
    known: dict[int, str] = {}

    def name(person_id: int | None) -> str:
        if person_id is None:
            return ""
        if person_id not in known:
            known[person_id] = required(session, Person, person_id).name
        return known[person_id]

    return name


def _lines(session: Session, number: int, lines: Sequence[FundingLine]) -> tuple[LineView, ...]:
    spent = spent_by_line(session, number)
    return tuple(
        LineView(
            id_of(one),
            one.category,
            CATEGORIES[one.category],
            one.amount_fen,
            one.reason,
            spent.get(id_of(one), 0),
        )
        for one in lines
    )


def _expenses(
    session: Session, number: int, lines: Sequence[FundingLine], names: Any
) -> tuple[ExpenseView, ...]:
    category = {id_of(one): CATEGORIES[one.category] for one in lines}
    question = select(FundingExpense).where(FundingExpense.application_id == number)
    rows = session.exec(question.order_by(col(FundingExpense.id))).all()
    back = {one.corrects_id for one in rows}
    return tuple(
        ExpenseView(
            id_of(one),
            category[one.line_id],
            money(one.amount_fen),
            one.spent_on,
            one.what,
            one.reason,
            names(one.by_id),
            one.receipt_name,
            one.amount_fen > 0 and one.id not in back,
        )
        for one in rows
    )


def _versions(session: Session, number: int, names: Any) -> tuple[VersionView, ...]:
    question = select(FundingVersion).where(FundingVersion.application_id == number)
    rows = session.exec(question.order_by(col(FundingVersion.number).desc())).all()
    return tuple(
        VersionView(
            one.number,
            names(one.by_id),
            one.at,
            one.content["title"],
            one.content["purpose"],
            money(sum(line["amount_fen"] for line in one.content["lines"])),
            tuple(
                (CATEGORIES[line["category"]], money(line["amount_fen"]), line["reason"])
                for line in one.content["lines"]
            ),
        )
        for one in rows
    )


def _steps(session: Session, number: int, names: Any) -> tuple[StepView, ...]:
    thing = str(FundingApplication.__tablename__)
    question = select(AuditEntry).where(
        AuditEntry.thing == thing, AuditEntry.thing_id == number, col(AuditEntry.verb).in_(VERBS)
    )
    rows = session.exec(question.order_by(col(AuditEntry.id).desc())).all()
    return tuple(StepView(VERBS[one.verb], names(one.by_id), one.at, one.reason) for one in rows)
