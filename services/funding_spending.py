"""Money spent against an approved budget: each expense on its line with day and receipt, then the closing statement.

Nothing is overwritten: a mistake is taken back by a line beside it. More than a line holds needs an
explanation; more than was approved in all is refused.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, func, select

from config.text import Refusal, Text
from models import FundingApplication, FundingExpense, FundingLine
from models.states import FundingState
from services import audit, evidence_store
from services.errors import HubError, NotFound, TooLate
from services.evaluation_cycles import today_of
from services.evidence_store import Given as File
from services.funding_base import LONGEST, Done, lines_of, move, of_mine, require_reason, tidy
from services.funding_money import fen_of, money
from services.queries import NO_SUCH_THING, id_of, required

LONGEST_WHAT = 120
LAPSED = Refusal(
    "approval_lapsed",
    Text(
        "批准以后太久没有开始，批准过期了。请再交一次申请。",
        "The project did not begin in time, so the approval has lapsed. Please hand it in once more.",
    ),
)
NOT_TAKEN_BACK = Refusal(
    "taken_back", Text("这一笔已经冲销了。", "This expense has been taken back already.")
)


@dataclass(frozen=True)
class Spent:
    """Hold an expense as somebody typed it."""

    line_id: int | None
    yuan: str
    spent_on: date | None
    what: str
    reason: str = ""
    receipt: File | None = None
    once: str = ""


def begin(session: Session, application_id: int, *, by: int, now: datetime) -> Done:
    """Begin an approved project; raises `TooLate` once its approval has lapsed."""
    found = of_mine(session, application_id, by, FundingState.APPROVED)
    if found.valid_until is None or found.valid_until < now:
        raise TooLate(LAPSED)
    move(session, found, "begin", FundingState.EXECUTING, now=now, by=by, begun_at=now)
    return Done(application_id, Text("开始了，可以记支出。", "It has begun; expenses can be recorded."))


def spend(session: Session, application_id: int, given: Spent, *, by: int, now: datetime) -> Done:
    """Record an expense with its receipt; raises `HubError` with every wrong field.

    The same form sent twice (`once`) is one expense.
    """
    found = of_mine(session, application_id, by, FundingState.EXECUTING)
    said = Text("记下了。", "It is recorded.")
    if given.once and _known(session, application_id, given.once):
        return Done(application_id, said)
    line, fen, (kind, content) = _checked(session, found, given, now)
    assert given.spent_on is not None
    assert given.receipt is not None
    expense = FundingExpense(
        once=given.once[:40] or secrets.token_hex(8),
        application_id=application_id,
        line_id=id_of(line),
        amount_fen=fen,
        spent_on=given.spent_on,
        what=tidy(given.what)[:LONGEST_WHAT],
        reason=tidy(given.reason)[:LONGEST],
        receipt_name=evidence_store.plain_name(given.receipt.name),
        receipt_kind=kind,
        receipt_size=len(content),
        receipt_sha256=evidence_store.keep(content, kind),
        by_id=by,
        at=now,
    )
    _add(session, found, expense, "spend", by=by, now=now)
    return Done(application_id, said)


def take_back(
    session: Session, application_id: int, expense_id: int, reason: str, *, by: int, now: datetime
) -> Done:
    """Take an expense back with a reason, by a line of the same amount below nought."""
    found = of_mine(session, application_id, by, FundingState.EXECUTING)
    old = _own(session, application_id, expense_id)
    taken = select(FundingExpense.id).where(FundingExpense.corrects_id == expense_id)
    if old.amount_fen < 0 or session.exec(taken).first() is not None:
        raise TooLate(NOT_TAKEN_BACK)
    why = require_reason(reason)
    expense = FundingExpense(
        once=f"back:{expense_id}",
        application_id=application_id,
        line_id=old.line_id,
        amount_fen=-old.amount_fen,
        spent_on=old.spent_on,
        what=old.what,
        reason=why,
        corrects_id=expense_id,
        by_id=by,
        at=now,
    )
    _add(session, found, expense, "take_back", by=by, now=now, reason=why)
    return Done(application_id, Text("冲销了，原来那笔还留着。", "Taken back; the old line stays."))


def close(session: Session, application_id: int, statement: str, *, by: int, now: datetime) -> Done:
    """Close a project with a statement of what came of it; what is left is stated beside it."""
    found = of_mine(session, application_id, by, FundingState.EXECUTING)
    words = statement.strip()
    if not words or len(words) > LONGEST:
        sentence = Text(
            f"写明办成了什么、余款怎么处理，最多{LONGEST}字",
            f"Say what came of it and what happens to the money left, in {LONGEST} characters",
        )
        raise HubError(Refusal("closing_missing", sentence, "closing"))
    left = money(found.amount_fen - spent_in_all(session, application_id))
    state = FundingState.CLOSED
    move(session, found, "close", state, now=now, by=by, closing=words, closed_at=now, closed_by_id=by)
    return Done(application_id, Text("结项了，结余{left}。", "Closed; {left} is left.").format(left=left))


def receipt(session: Session, application_id: int, expense_id: int) -> tuple[FundingExpense, bytes]:
    """Return an expense with its receipt; raises `NotFound` where there is none or the file was altered."""
    found = _own(session, application_id, expense_id)
    if not found.receipt_sha256:
        raise NotFound(NO_SUCH_THING)
    return found, evidence_store.read(found.receipt_sha256, found.receipt_kind)


def spent_by_line(session: Session, application_id: int) -> dict[int, int]:
    """Return what was spent on each line, in fen."""
    question = (
        select(col(FundingExpense.line_id), func.sum(col(FundingExpense.amount_fen)))
        .where(FundingExpense.application_id == application_id)
        .group_by(col(FundingExpense.line_id))
    )
    return {line: int(fen) for line, fen in session.exec(question)}


def spent_in_all(session: Session, application_id: int) -> int:
    """Return what was spent on all lines, in fen."""
    return sum(spent_by_line(session, application_id).values())


def _own(session: Session, application_id: int, expense_id: int) -> FundingExpense:
    found = required(session, FundingExpense, expense_id)
    if found.application_id != application_id:
        raise NotFound(NO_SUCH_THING)
    return found


def _known(session: Session, application_id: int, once: str) -> bool:
    question = select(FundingExpense.id).where(
        FundingExpense.application_id == application_id, FundingExpense.once == once[:40]
    )
    return session.exec(question).first() is not None


def _add(
    session: Session,
    found: FundingApplication,
    expense: FundingExpense,
    verb: str,
    *,
    by: int,
    now: datetime,
    reason: str = "",
) -> None:
    before = spent_in_all(session, id_of(found))
    session.add(expense)
    session.flush()
    changes = {"spent_fen": (before, before + expense.amount_fen)}
    audit.record(session, found, verb, now=now, by=by, changes=changes, reason=reason or expense.reason)


def _checked(
    session: Session, found: FundingApplication, given: Spent, now: datetime
) -> tuple[FundingLine, int, tuple[str, bytes]]:
    """Return the line, the amount and the receipt's kind and bytes; raises `HubError` with every wrong field."""
    line = next((one for one in lines_of(session, id_of(found)) if one.id == given.line_id), None)
    fen, wrong = fen_of(given.yuan), []
    if line is None:
        wrong.append(Refusal("line", Text("选它属于哪一行预算", "Choose the budget line"), "line"))
    if fen is None:
        sentence = Text("金额写成多少元，比如86或86.50", "Write the amount in yuan, as 86 or 86.50")
        wrong.append(Refusal("amount", sentence, "amount"))
    wrong += _wrong_words(found, given, now)
    receipt = evidence_store.checked(given.receipt.content if given.receipt else b"")
    if isinstance(receipt, Refusal):
        wrong.append(receipt if given.receipt and given.receipt.content else NO_RECEIPT)
    if line is not None and fen is not None:
        wrong += _over(session, found, line, fen, given.reason)
    if wrong:
        raise HubError(wrong)
    assert line is not None
    assert fen is not None
    assert not isinstance(receipt, Refusal)
    return line, fen, receipt


NO_RECEIPT = Refusal(
    "receipt", Text("附上票据的照片或文件", "Add a photo or file of the receipt"), "evidence"
)


def _wrong_words(found: FundingApplication, given: Spent, now: datetime) -> list[Refusal]:
    wrong = []
    first = today_of(found.decided_at) if found.decided_at else today_of(now)
    if given.spent_on is None or not first <= given.spent_on <= today_of(now):
        sentence = Text(
            "选花钱的日期：批准以后，今天以前", "Choose the day: after the approval, today at the latest"
        )
        wrong.append(Refusal("spent_on", sentence, "spent_on"))
    if not tidy(given.what):
        wrong.append(Refusal("what", Text("写明买了什么", "Say what it was for"), "what"))
    return wrong


def _over(
    session: Session, found: FundingApplication, line: FundingLine, fen: int, reason: str
) -> list[Refusal]:
    """Return why it is too much: beyond everything approved, or beyond its line without an explanation."""
    by_line = spent_by_line(session, id_of(found))
    left = found.amount_fen - sum(by_line.values())
    if fen > left:
        sentence = Text("超过了批准的总额，只剩{left}", "This is more than was approved; {left} is left")
        return [Refusal("over_total", sentence.format(left=money(left)), "amount")]
    left_of_line = line.amount_fen - by_line.get(id_of(line), 0)
    if fen > left_of_line and not tidy(reason):
        sentence = Text(
            "这一行只剩{left}，超出要写明原因", "This line has {left} left; say why it takes more"
        )
        return [Refusal("over_line", sentence.format(left=money(left_of_line)), "reason")]
    return []
