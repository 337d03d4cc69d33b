"""Everything behind a report for its auditor: every row, every decision, hashes, and the file that scores it again.

Residents stay unknown: an answer has a random id, groups below the framework's smallest number are put together,
and a hub with fewer answers than that shows none. The same report gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from config.text import Refusal, Text
from documents.archives import csv_of, json_of, zipped
from evaluation.framework import Framework, Kind
from evaluation.observations import Inputs
from evaluation.observations import Observation as Row
from models import (
    Assessment,
    AuditEntry,
    Cycle,
    Evidence,
    FrameworkVersion,
    Objection,
    Observation,
    Override,
    Report,
    ScoreRun,
)
from services.errors import NotYours
from services.evaluation_collecting import inputs_of
from services.evaluation_scoring import hash_of
from services.frameworks import framework_of
from services.queries import id_of, required
from services.report_privacy import REST, coarse
from services.report_readers import NOT_RELEASED, reader
from services.report_scores import scores_of

NOT_AN_AUDITOR = Refusal(
    "not_an_auditor",
    Text(
        "全部原始数据只给审计员，和能签发这份报告的负责人。",
        "The rows behind a report are for its auditors and for those who may release it.",
    ),
)
README = Text(
    "framework.yaml和inputs.json可以重新算一遍：youthhub evaluate --framework framework.yaml --observations inputs.json\n"
    "问卷少于{least}份的青年汇不列答案；少于{least}人的分层合并为“rest”，合并过的青年汇重算会有小出入。\n"
    "manifest.json写明每个文件的SHA-256、标准体系和输入的哈希；输入之后有没有变过，也写在里面。\n",
    "Score it again: youthhub evaluate --framework framework.yaml --observations inputs.json\n"
    'Hubs with fewer than {least} answers show none; strata below {least} people are put together as "rest", and hubs '
    "with such strata come out slightly different.\n"
    "manifest.json has the SHA-256 of every file and the hashes of framework and inputs, and says whether the inputs "
    "have changed since.\n",
)


@dataclass(frozen=True)
class AuditFile:
    """Hold an archive and the name of its file."""

    content: bytes
    file_name: str


def audit_file(session: Session, report_id: int, *, person_id: int) -> AuditFile:
    """Return the archive of a report; raises `NotYours` for who may not audit it."""
    report = required(session, Report, report_id)
    cycle = required(session, Cycle, report.cycle_id)
    manager = reader(session, cycle, person_id)
    if not manager.may_audit:
        raise NotYours(NOT_AN_AUDITOR)
    if report.released_at is None and not manager.may_release:
        raise NotYours(NOT_RELEASED)
    framework, run = framework_of(session, cycle), required(session, ScoreRun, report.run_id)
    inputs = inputs_of(session, cycle, framework, report.drafted_at)
    shown = coarse(framework, inputs)
    about = {
        "cycle": cycle.code,
        "revision": report.revision,
        "framework_hash": run.framework_hash,
        "inputs_hash": run.inputs_hash,
        "inputs_unchanged": hash_of(inputs) == run.inputs_hash,
        "code_version": run.code_version,
        "withheld_answers": len(inputs.observations) - len(shown.observations),
        "hubs_with_strata_put_together": sorted({hub for hub, stratum in shown.frame if stratum == REST}),
    }
    files = _files(session, report, cycle, framework, shown)
    return AuditFile(zipped(files, about), f"audit-{cycle.code}-r{report.revision}.zip")


def _files(
    session: Session, report: Report, cycle: Cycle, framework: Framework, shown: Inputs
) -> dict[str, bytes]:
    codes = {one.hub.id: one.hub.code for one in scores_of(session, report).hubs}
    readme = f"{README.zh}\n{README.en}".replace("{least}", str(framework.survey.min_n))
    return {
        "README.txt": readme.encode(),
        "framework.yaml": required(session, FrameworkVersion, cycle.framework_id).text.encode(),
        "inputs.json": json_of(_document(cycle, shown)),
        "observations.csv": _observations(session, cycle, codes),
        "answers.csv": _answers(framework, shown),
        "evidence.csv": _evidence(session, cycle, codes),
        "scores.csv": _scores(session, report, framework),
        "decisions.csv": _decisions(session, cycle, report),
    }


def _document(cycle: Cycle, inputs: Inputs) -> dict[str, Any]:
    """Return inputs as `youthhub evaluate` reads them."""
    return {
        "cycle": {"stage": cycle.stage, "seed": cycle.seed},
        "hubs": [{"code": hub.code, "facts": dict(sorted(hub.facts.items()))} for hub in inputs.hubs],
        "frame": [
            {"hub": hub, "stratum": stratum, "size": size}
            for (hub, stratum), size in sorted(inputs.frame.items())
        ],
        "observations": [
            {name: value for name, value in vars(row).items() if value != ""} for row in _ordered(inputs)
        ],
    }


def _ordered(inputs: Inputs) -> list[Row]:
    """Return rows by hub, criterion and id; the ids of answers are random, and so is their order."""
    return sorted(inputs.observations, key=lambda row: (row.hub, row.indicator, row.id))


def _observations(session: Session, cycle: Cycle, codes: Mapping[int | None, str]) -> bytes:
    question = select(Observation).where(Observation.cycle_id == cycle.id).order_by(col(Observation.id))
    head = ("id", "hub", "indicator", "value", "source", "rater", "observed_at", "corrects", "reason")
    return csv_of(
        head,
        (
            (
                one.id,
                codes.get(one.hub_id, ""),
                one.indicator,
                one.value,
                one.source,
                one.rater_id,
                one.observed_at.isoformat(),
                one.corrects_id,
                one.reason,
            )
            for one in session.exec(question)
        ),
    )


def _evidence(session: Session, cycle: Cycle, codes: Mapping[int | None, str]) -> bytes:
    question = (
        select(Evidence, Assessment.hub_id)
        .join(Assessment, col(Assessment.id) == Evidence.assessment_id)
        .where(Assessment.cycle_id == cycle.id)
        .order_by(col(Evidence.id))
    )
    head = ("id", "hub", "indicator", "kind", "size", "sha256", "by", "added_at")
    rows = (
        (
            one.id,
            codes.get(hub, ""),
            one.indicator,
            one.kind,
            one.size,
            one.sha256,
            one.by_id,
            one.added_at.isoformat(),
        )
        for one, hub in session.exec(question)
    )
    return csv_of(head, rows)


def _answers(framework: Framework, inputs: Inputs) -> bytes:
    surveys = {one.id for one in framework.of_kind(Kind.SURVEY)}
    rows = (row for row in _ordered(inputs) if row.indicator in surveys)
    return csv_of(
        ("id", "hub", "stratum", "indicator", "value"),
        ((row.id, row.hub, row.stratum, row.indicator, row.value) for row in rows),
    )


def _scores(session: Session, report: Report, framework: Framework) -> bytes:
    nodes = [node.id for node in framework.nodes]
    head = ("hub", "total", "low", "high", "standard_error", "coverage", "band", "status", "gates", *nodes)
    return csv_of(
        head,
        (
            (
                one.hub.code,
                one.score.total,
                one.score.low,
                one.score.high,
                one.score.detail["standard_error"],
                one.score.coverage,
                one.score.band,
                one.score.status,
                " ".join(one.score.detail["gates"]),
                *(one.score.detail["nodes"].get(name) for name in nodes),
            )
            for one in scores_of(session, report).hubs
        ),
    )


def _decisions(session: Session, cycle: Cycle, report: Report) -> bytes:
    """Return the audit trail of the cycle, its report, its assessments, objections and corrections."""
    things = {("cycle", id_of(cycle)), ("report", id_of(report))}
    for table, own in ((Objection, Objection.report_id), (Override, Override.report_id)):
        ids = session.exec(select(table.id).where(own == report.id)).all()
        things |= {(str(table.__tablename__), key) for key in ids if key is not None}
    asked = session.exec(select(Assessment.id).where(Assessment.cycle_id == cycle.id)).all()
    things |= {("assessment", key) for key in asked if key is not None}
    head = ("id", "at", "by", "verb", "thing", "thing_id", "changes", "reason")
    return csv_of(head, _entries(session, things))


def _entries(session: Session, things: set[tuple[str, int]]) -> Iterable[tuple[Any, ...]]:
    names = sorted({name for name, _ in things})
    question = select(AuditEntry).where(col(AuditEntry.thing).in_(names)).order_by(col(AuditEntry.id))
    for one in session.exec(question):
        if (one.thing, one.thing_id) in things:
            changes = json_of(one.changes).decode().strip() if one.changes else ""
            yield (
                one.id,
                one.at.isoformat(),
                one.by_id,
                one.verb,
                one.thing,
                one.thing_id,
                changes,
                one.reason,
            )
