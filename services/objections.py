"""A hub objects: to the facts of a draft, and within a window on stated grounds to what was released.

Somebody else decides, with a reason. A number changes only by an override (`services.overrides`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from config.settings import settings
from config.text import Refusal, Text
from models import Cycle, Hub, Objection, Report
from models.states import CycleState, ObjectionState
from notifications import kinds
from scheduling.holidays import working_days_after
from services import audit, decisions
from services.access import may_coordinate, may_release, require_coordinator
from services.errors import HubError, NotYours, TooLate
from services.evaluation_cycles import today_of
from services.frameworks import framework_of
from services.objection_mails import queue_decided, queue_shared
from services.queries import claim, id_of, named, required
from services.report_readers import NOT_YOUR_REPORT

ACCURACY, APPEAL = "accuracy", "appeal"
LONGEST = 1000
GROUNDS = {
    "fact": Text("事实有误", "a fact is wrong"),
    "evidence": Text("交过的材料没有算进去", "evidence that was handed in was left out"),
    "process": Text("没有按规定的程序评", "the procedure was not followed"),
    "conflict": Text("评估员有利害关系", "an assessor had an interest"),
}
DECIDED = Refusal("decided", Text("这个异议已经有结论了。", "This objection is decided already."))
SOMEBODY_ELSE = Refusal(
    "somebody_else",
    Text(
        "提异议的人、签发报告的人和这家青年汇的社工不能自己裁定，请另一位负责人来定。",
        "Who objected, who released the report and who runs the hub cannot decide it; ask another manager.",
    ),
)


@dataclass(frozen=True)
class Shared:
    """Hold until when hubs may object to a draft, and how many mails say so."""

    until: datetime
    mails: int
    sentence: Text


@dataclass(frozen=True)
class Answered:
    """Hold an objection that was made or decided."""

    objection_id: int
    sentence: Text


def share_draft(session: Session, report_id: int, *, by: int, now: datetime) -> Shared:
    """Show each hub its own part of a draft, so that it can say which facts are wrong; once a draft."""
    report, cycle = _reviewed(session, report_id, by)
    if cycle.state != CycleState.UNDER_REVIEW or report.accuracy_until is not None:
        raise TooLate(
            Refusal(
                "shared_already",
                Text(
                    "草稿已经发给各家，或者已不在复核中。",
                    "The hubs have the draft already, or it is no longer under review.",
                ),
            )
        )
    until = window_end(now, cycle.objection_days)
    audit.change(session, report, "share", now=now, by=by, accuracy_until=until)
    session.flush()
    mails = queue_shared(session, report, cycle, until, now=now)
    return Shared(
        until, mails, Text(f"发给了{mails}位社工核对。", f"{mails} social workers are asked to check.")
    )


def object_to(
    session: Session,
    report_id: int,
    hub_id: int,
    *,
    indicator: str,
    ground: str,
    words: str,
    by: int,
    now: datetime,
) -> Answered:
    """Take a hub's objection.

    Raises `NotYours` for others, A01 (`TooLate`) outside the window with its dates, and `HubError` with every
    wrong field (A01 for the ground).
    """
    report = required(session, Report, report_id)
    cycle = required(session, Cycle, report.cycle_id)
    require_coordinator(session, by, hub_id)
    stage = _stage(report, cycle, now)
    _check(session, cycle, indicator, ground, words)
    objection = Objection(
        report_id=report_id,
        hub_id=hub_id,
        stage=stage,
        indicator=indicator,
        ground=ground,
        words=words.strip(),
        by_id=by,
        made_at=now,
    )
    session.add(objection)
    session.flush()
    audit.record(session, objection, "object", now=now, by=by)
    hub = required(session, Hub, hub_id)
    title = named(hub.name_zh, hub.name_en)
    point = kinds.Point(title, framework_of(session, cycle).indicator[indicator].text)
    what = f"objection:{id_of(objection)}"
    decisions.tell_managers(session, cycle.unit_id, what, [point], now=now, but=(report.released_by_id, by))
    return Answered(
        id_of(objection),
        Text("异议收到了，由另一位负责人裁定。", "Your objection is in; another manager decides it."),
    )


def decide(
    session: Session, objection_id: int, *, is_upheld: bool, answer: str, by: int, now: datetime
) -> Answered:
    """Decide an objection with a reason; raises `NotYours` for who may not, `TooLate` when it is decided."""
    objection = required(session, Objection, objection_id)
    report, _ = _reviewed(session, objection.report_id, by)
    released_by = report.released_by_id if objection.stage == APPEAL else None
    if by in {objection.by_id, released_by} or may_coordinate(session, by, objection.hub_id):
        raise NotYours(SOMEBODY_ELSE)
    if not answer.strip() or len(answer) > LONGEST:
        sentence = Text(f"写明理由，最多{LONGEST}字。", f"Give the reason, in at most {LONGEST} characters.")
        raise HubError(Refusal("reason_missing", sentence, "answer"))
    state = ObjectionState.UPHELD if is_upheld else ObjectionState.REJECTED
    own = {"decided_by_id": by, "decided_at": now, "answer": answer.strip()}
    if not claim(session, objection, col(Objection.state) == ObjectionState.OPEN, state=state, **own):
        raise TooLate(DECIDED)
    audit.record(session, objection, str(state), now=now, by=by, reason=answer.strip())
    queue_decided(session, objection, now=now)
    return Answered(objection_id, Text("裁定记下了。", "The decision is on record."))


def require_settled(session: Session, report: Report, now: datetime) -> None:
    """Raise `HubError` while hubs may still object to a draft's facts, or an objection waits."""
    waiting = session.exec(
        select(Objection.id).where(Objection.report_id == report.id, Objection.state == ObjectionState.OPEN)
    ).all()
    if waiting:
        n = len(waiting)
        raise HubError(
            Refusal(
                "open_objections",
                Text(
                    f"还有{n}个异议没有裁定，定了再签发。",
                    f"{n} objections wait for a decision; decide first.",
                ),
            )
        )
    if report.accuracy_until is not None and now < report.accuracy_until:
        until = decisions.day_words(last_day(report.accuracy_until))
        raise HubError(
            Refusal(
                "accuracy_open",
                Text(
                    f"各家核对事实到{until.zh}为止，过了再签发。",
                    f"The hubs may check their facts through {until.en}; release it after that.",
                ),
            )
        )


def window_of(report: Report, cycle: Cycle) -> tuple[str, datetime] | None:
    """Return which objections a report takes, and until when; None while hubs have not seen it."""
    if report.released_at is not None:
        return APPEAL, window_end(report.released_at, cycle.objection_days)
    if report.accuracy_until is not None and cycle.state == CycleState.UNDER_REVIEW:
        return ACCURACY, report.accuracy_until
    return None


def window_end(start: datetime, days: int) -> datetime:
    """Return the midnight that ends the last of `days` working days after `start`."""
    last = working_days_after(today_of(start), days)
    return datetime.combine(last + timedelta(days=1), time(), ZoneInfo(settings().time_zone))


def last_day(until: datetime) -> date:
    """Return the last day of a window."""
    return today_of(until - timedelta(seconds=1))


def _stage(report: Report, cycle: Cycle, now: datetime) -> str:
    window = window_of(report, cycle)
    if window is None:
        raise TooLate(
            Refusal("A01", Text("结果还没有发出来，不能提异议。", "There is no result to object to yet."))
        )
    stage, until = window
    if now >= until:
        day = decisions.day_words(last_day(until))
        raise TooLate(
            Refusal(
                "A01",
                Text(
                    f"提异议的时间到{day.zh}为止，已经过了。",
                    f"Objections were taken through {day.en}; that time is over.",
                ),
            )
        )
    return stage


def _check(session: Session, cycle: Cycle, indicator: str, ground: str, words: str) -> None:
    wrong = []
    if indicator not in framework_of(session, cycle).indicator:
        wrong.append(Refusal("indicator", Text("选一项指标。", "Choose an indicator."), "indicator"))
    if ground not in GROUNDS:
        choices = Text(
            "、".join(text.zh for text in GROUNDS.values()), "; ".join(text.en for text in GROUNDS.values())
        )
        wrong.append(
            Refusal(
                "A01",
                Text("选一个理由：{choices}。", "Choose a ground: {choices}.").format(choices=choices),
                "ground",
            )
        )
    if not words.strip() or len(words) > LONGEST:
        sentence = Text(
            f"写明哪里不对、该是什么，最多{LONGEST}字。",
            f"Say what is wrong and what it should be, in at most {LONGEST} characters.",
        )
        wrong.append(Refusal("words_missing", sentence, "words"))
    if wrong:
        raise HubError(wrong)


def _reviewed(session: Session, report_id: int, by: int) -> tuple[Report, Cycle]:
    report = required(session, Report, report_id)
    cycle = required(session, Cycle, report.cycle_id)
    if not may_release(session, by, cycle.unit_id):
        raise NotYours(NOT_YOUR_REPORT)
    return report, cycle
