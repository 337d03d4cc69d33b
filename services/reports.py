"""The report of a scored cycle: drafted, held, and released once by a manager whose branch covers it.

Nothing leaves before the release: no hub and no manager below sees a score of a draft.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from config.text import Refusal, Text, plural
from models import Cycle, Report
from models.states import CycleState
from services import audit
from services.access import may_release
from services.commitment_mails import queue_opened
from services.commitments import open_drafts
from services.errors import HubError, NotYours, TooLate
from services.evaluation_cycles import cycle_called
from services.evaluation_scoring import newest_run
from services.evidence import lacking
from services.objections import require_settled
from services.queries import claim, id_of, required
from services.report_hub_view import DimensionLine, HubView, NextStep, hub_view
from services.report_mails import queue_drafted, queue_hub_scores, queue_released
from services.report_paper import printable
from services.report_readers import NOT_YOUR_REPORT
from services.report_scores import scores_of
from services.report_views import Check, HubGroup, HubRow, ReportView, report_view

__all__ = [
    "Check",
    "DimensionLine",
    "Drafted",
    "HubGroup",
    "HubRow",
    "HubView",
    "NextStep",
    "Released",
    "ReportView",
    "Returned",
    "draft_report",
    "hub_view",
    "release_report",
    "report_view",
    "return_report",
]

RELEASED_ALREADY = Refusal(
    "released_already",
    Text("报告已经签发，不能再退回。", "The report is released and cannot be returned any more."),
)
MOST_NAMED = 10
REASON_MISSING = Refusal("reason_missing", Text("写明哪里要改。", "Say what must change."), "reason")


@dataclass(frozen=True)
class Drafted:
    """Hold what drafting did; `mails` are managers who are told that it waits."""

    report_id: int
    hubs: int
    mails: int
    sentences: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Released:
    """Hold what a release sent; all zero when it was released before."""

    report_id: int
    hubs: int = 0
    hub_mails: int = 0
    manager_mails: int = 0
    commitments: int = 0
    """Drafts that were opened for criteria that hubs missed."""
    sentences: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Returned:
    """Hold that a draft went back, with its reason on the audit trail."""

    report_id: int
    sentences: tuple[Text, ...] = ()


def draft_report(session: Session, code: str, *, now: datetime) -> Drafted:
    """Draft the report of a scored cycle and tell who may release it; drafting again changes nothing."""
    cycle = cycle_called(session, code)
    report = session.exec(select(Report).where(Report.cycle_id == cycle.id)).first()
    if cycle.state != CycleState.SCORED:
        return _drafted_before(cycle, report)
    run = newest_run(session, cycle)
    assert run is not None
    if report is None:
        report = Report(cycle_id=id_of(cycle), run_id=id_of(run), drafted_at=now)
        session.add(report)
        session.flush()
        audit.record(session, report, "draft", now=now)
    else:
        audit.change(
            session,
            report,
            "draft",
            now=now,
            run_id=id_of(run),
            drafted_at=now,
            returned_reason="",
            accuracy_until=None,
        )
    audit.change(session, cycle, "review", now=now, state=CycleState.UNDER_REVIEW)
    session.flush()
    scores = scores_of(session, report)
    mails = queue_drafted(session, scores, now=now)
    told = Text(
        f"{cycle.name_zh}的报告起草好了，{len(scores.hubs)}家，等{mails}位负责人签发。",
        f"The report of the {cycle.name_en} is drafted: {len(scores.hubs)} hubs; it waits for "
        f"{mails} {plural(mails, 'manager', 'managers')}.",
    )
    nobody = Text(
        "没有人能签发：先给一位负责人这个单位的管理权。",
        "Nobody may release it: make somebody manager of the unit.",
    )
    return Drafted(id_of(report), len(scores.hubs), mails, (told,) if mails else (told, nobody))


def release_report(session: Session, report_id: int, *, by: int, now: datetime) -> Released:
    """Release a report and send each hub its own score; releasing again sends nothing.

    Raises `NotYours` unless `by` manages the cycle's unit or a unit above it.
    """
    report = required(session, Report, report_id)
    cycle = required(session, Cycle, report.cycle_id)
    if not may_release(session, by, cycle.unit_id):
        raise NotYours(NOT_YOUR_REPORT)
    if cycle.state not in {CycleState.UNDER_REVIEW, CycleState.RELEASED}:
        raise TooLate(
            Refusal(
                "not_drafted",
                Text("报告已退回，等重新起草。", "The report was returned and waits for a new draft."),
            )
        )
    if report.released_at is None:
        require_settled(session, report, now)
        _require_evidence(session, cycle)
        _require_printable(session, report, now)
    if not claim(session, report, col(Report.released_at).is_(None), released_at=now, released_by_id=by):
        return Released(report_id, sentences=(Text("报告早已签发。", "The report is released already."),))
    audit.record(session, report, "release", now=now, by=by)
    audit.change(session, cycle, "release", now=now, by=by, state=CycleState.RELEASED)
    session.flush()
    scores = scores_of(session, report)
    hub_mails = queue_hub_scores(session, scores, now=now)
    manager_mails = queue_released(session, scores, now=now)
    opened = open_drafts(session, scores, now=now)
    queue_opened(session, opened, id_of(cycle), now=now)
    told = Text(
        f"{cycle.name_zh}的报告签发了：{hub_mails}位社工、{manager_mails}位负责人收到邮件。",
        f"The report of the {cycle.name_en} is released: {hub_mails} "
        f"{plural(hub_mails, 'social worker', 'social workers')} and {manager_mails} "
        f"{plural(manager_mails, 'manager', 'managers')} get a mail.",
    )
    return Released(
        report_id, len(scores.hubs), hub_mails, manager_mails, sum(opened.values()), (told, *_opened(opened))
    )


def return_report(session: Session, report_id: int, *, reason: str, by: int, now: datetime) -> Returned:
    """Send a draft back with a reason: the cycle is closed again and can be collected and scored anew."""
    report = required(session, Report, report_id)
    cycle = required(session, Cycle, report.cycle_id)
    if not may_release(session, by, cycle.unit_id):
        raise NotYours(NOT_YOUR_REPORT)
    if report.released_at is not None:
        raise TooLate(RELEASED_ALREADY)
    if not reason.strip():
        raise HubError(REASON_MISSING)
    audit.change(
        session, report, "return", now=now, by=by, reason=reason.strip(), returned_reason=reason.strip()
    )
    if cycle.state != CycleState.CLOSED:
        audit.change(session, cycle, "return", now=now, by=by, reason=reason.strip(), state=CycleState.CLOSED)
    session.flush()
    return Returned(
        report_id, (Text("报告退回了，原因已记下。", "The report went back, and the reason is kept."),)
    )


def _require_evidence(session: Session, cycle: Cycle) -> None:
    """Stop a release while a level stands without the evidence that the framework asks for (D07)."""
    without = lacking(session, cycle)
    if without:
        few, n = without[:MOST_NAMED], len(without)
        zh, en = "、".join(one.zh for one in few), "; ".join(one.en for one in few)
        raise HubError(
            Refusal(
                "D07",
                Text(
                    f"{n}项评分还缺材料，补上或改正再签发：{zh}。",
                    f"{n} ratings lack their evidence; add it or correct them first: {en}.",
                ),
            )
        )


def _require_printable(session: Session, report: Report, now: datetime) -> None:
    """Stop before anything is mailed where a name cannot be printed (R01): its PDF would come out with holes."""
    found = printable(session, scores_of(session, report), now=now)
    if found:
        raise HubError(list(found))


def _opened(opened: dict[int, int]) -> list[Text]:
    n, hubs = sum(opened.values()), len(opened)
    return (
        [Text(f"给{hubs}家开了{n}项承诺草稿。", f"{n} draft commitments were opened for {hubs} hubs.")]
        if n
        else []
    )


def _drafted_before(cycle: Cycle, report: Report | None) -> Drafted:
    if report is None or cycle.state == CycleState.CLOSED:
        raise HubError(
            Refusal(
                "not_scored",
                Text(f"评估{cycle.code}还没有算分。", f"Evaluation {cycle.code} is not scored yet."),
            )
        )
    return Drafted(id_of(report), 0, 0, (Text("报告早已起草。", "The report is drafted already."),))
