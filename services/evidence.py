"""Evidence of assessors: checked by its content, and kept in the store of files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from config.text import Refusal, Text
from evaluation.framework import Kind
from models import Assessment, Cycle, Evidence, Hub, Observation, Report
from models.states import AssessmentState
from services import audit, evidence_store
from services.errors import HubError, NotFound, NotYours, TooLate
from services.evaluation_cycles import require_open
from services.evidence_store import Given, plain_name
from services.frameworks import framework_of
from services.queries import NO_SUCH_THING, id_of, named, required
from services.report_audit import NOT_AN_AUDITOR
from services.report_readers import NOT_RELEASED, reader

MOST_FILES = 20
TOO_MANY = Refusal(
    "too_many_files",
    Text(f"一份评分最多{MOST_FILES}个材料。", f"An assessment takes at most {MOST_FILES} files."),
    "evidence",
)
NO_MORE = Refusal("assessment_over", Text("这份评分不用再交材料了。", "This assessment takes no more files."))


@dataclass(frozen=True)
class EvidenceLine:
    """Hold a file as its assessor sees it."""

    evidence_id: int
    title: Text
    name: str
    kilobytes: int


def attach(session: Session, assessment_id: int, indicator: str, given: Given, *, now: datetime) -> int:
    """Keep a file beside one criterion of an assessment and return its id; the same file again is the same row.

    Raises `TooLate` after closing, `HubError` with why the file is not taken.
    """
    assessment = required(session, Assessment, assessment_id)
    cycle = required(session, Cycle, assessment.cycle_id)
    require_open(cycle, now)
    if assessment.state not in {AssessmentState.ASKED, AssessmentState.SUBMITTED}:
        raise TooLate(NO_MORE)
    kind, content = _checked(session, cycle, indicator, given)
    digest = hashlib.sha256(content).hexdigest()
    known = session.exec(select(Evidence).where(Evidence.assessment_id == assessment_id)).all()
    for one in known:
        if (one.indicator, one.sha256) == (indicator, digest):
            return id_of(one)
    if len(known) >= MOST_FILES:
        raise HubError(TOO_MANY)
    evidence_store.keep(content, kind)
    row = Evidence(
        assessment_id=assessment_id,
        indicator=indicator,
        name=plain_name(given.name),
        kind=kind,
        size=len(content),
        sha256=digest,
        by_id=assessment.assessor_id,
        added_at=now,
    )
    session.add(row)
    session.flush()
    audit.record(session, row, "attach", now=now, by=assessment.assessor_id)
    return id_of(row)


def of_assessment(session: Session, assessment: Assessment) -> list[EvidenceLine]:
    """Return the files of an assessment in the order in which they came."""
    framework = framework_of(session, required(session, Cycle, assessment.cycle_id))
    question = select(Evidence).where(Evidence.assessment_id == assessment.id).order_by(col(Evidence.id))
    return [
        EvidenceLine(id_of(one), framework.indicator[one.indicator].text, one.name, -(-one.size // 1000))
        for one in session.exec(question)
    ]


def read_evidence(
    session: Session, report_id: int, evidence_id: int, *, person_id: int
) -> tuple[Evidence, bytes]:
    """Return a file of a report's cycle for who may audit it; raises `NotYours`, or `NotFound` where it is gone or altered."""
    report = required(session, Report, report_id)
    cycle = required(session, Cycle, report.cycle_id)
    auditor = reader(session, cycle, person_id)
    if not auditor.may_audit:
        raise NotYours(NOT_AN_AUDITOR)
    if report.released_at is None and not auditor.may_release:
        raise NotYours(NOT_RELEASED)
    row = required(session, Evidence, evidence_id)
    if required(session, Assessment, row.assessment_id).cycle_id != cycle.id:
        raise NotFound(NO_SUCH_THING)
    content = evidence_store.read(row.sha256, row.kind)
    return row, content


def lacking(session: Session, cycle: Cycle) -> list[Text]:
    """Return each rating whose level needs evidence that nobody sent, by hub and criterion (D07)."""
    framework = framework_of(session, cycle)
    rules = {one.id: rule for one in framework.of_kind(Kind.RUBRIC) if (rule := one.evidence) is not None}
    if not rules:
        return []
    there = {
        (one.hub_id, evidence.indicator)
        for one, evidence in session.exec(
            select(Assessment, Evidence)
            .join(Evidence, col(Evidence.assessment_id) == Assessment.id)
            .where(Assessment.cycle_id == cycle.id)
        )
        if not (rule := rules.get(evidence.indicator)) or not rule.types or evidence.kind in rule.types
    }
    hubs = {id_of(hub): named(hub.name_zh, hub.name_en) for hub in session.exec(select(Hub))}
    return [
        Text(
            f"{hubs[hub_id].zh}的{framework.indicator[name].text.zh}",
            f"{framework.indicator[name].text.en} of {hubs[hub_id].en}",
        )
        for hub_id, name in _rated(session, cycle, {name: rule.at_level for name, rule in rules.items()})
        if (hub_id, name) not in there
    ]


def _rated(session: Session, cycle: Cycle, levels: dict[str, int]) -> Iterable[tuple[int, str]]:
    corrected = select(Observation.corrects_id).where(
        Observation.cycle_id == cycle.id, col(Observation.corrects_id).is_not(None)
    )
    question = (
        select(Observation.hub_id, Observation.indicator, Observation.value)
        .where(
            Observation.cycle_id == cycle.id,
            col(Observation.rater_id).is_not(None),
            col(Observation.indicator).in_(levels),
            col(Observation.id).not_in(corrected),
        )
        .order_by(col(Observation.hub_id), col(Observation.indicator))
    )
    found = [(hub, name) for hub, name, value in session.exec(question) if value >= levels[name]]
    return dict.fromkeys(found)


def _checked(session: Session, cycle: Cycle, indicator: str, given: Given) -> tuple[str, bytes]:
    framework = framework_of(session, cycle)
    if indicator not in {one.id for one in framework.of_kind(Kind.RUBRIC)}:
        raise HubError(Refusal("unknown_item", Text("选一项指标。", "Choose a criterion."), "indicator"))
    found = evidence_store.checked(given.content)
    if isinstance(found, Refusal):
        raise HubError(found)
    kind, _ = found
    rule = framework.indicator[indicator].evidence
    if rule is not None and rule.types and kind not in rule.types:
        types = "、".join(rule.types)
        raise HubError(
            Refusal(
                "D07",
                Text(
                    f"这一项只收{types}，传的是{kind}。",
                    f"This criterion takes {types}, and {kind} was sent.",
                ),
                "evidence",
            )
        )
    return found
