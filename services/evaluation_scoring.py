"""Score a cycle: plain inputs in, a run and a score for each hub out; the same inputs give the same run."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, col, select

from config.text import Text, plural
from evaluation.evaluating import Evaluation, evaluate
from evaluation.framework import Framework
from evaluation.observations import Inputs
from evaluation.scoring import CODE_VERSION, Status
from models import Cycle, HubScore, ScoreRun
from models.states import CycleState
from services import audit
from services.evaluation_beside import beside_of, details_of
from services.evaluation_collecting import collect, inputs_of, require_closed
from services.evaluation_cycles import cycle_called, hubs_in
from services.frameworks import framework_of
from services.queries import id_of


@dataclass(frozen=True)
class Scored:
    """Hold what scoring did; a second run over the same inputs is not new."""

    cycle: str
    run_id: int
    is_new: bool
    hubs: int
    complete: int
    partial: int
    provisional: int
    not_assessed: int
    sentences: tuple[Text, ...] = ()


def score(session: Session, code: str, *, now: datetime) -> Scored:
    """Score a closed cycle; one whose time is over is closed and collected on the way."""
    cycle = cycle_called(session, code)
    collect(session, code, now=now)
    require_closed(cycle)
    framework = framework_of(session, cycle)
    known = _frozen_run(session, cycle)
    if known is not None:
        return _told(cycle, known, is_new=False)
    inputs = inputs_of(session, cycle, framework, now)
    run, is_new = _run(session, cycle, framework, inputs, now)
    if cycle.state == CycleState.CLOSED:
        audit.change(session, cycle, "score", now=now, state=CycleState.SCORED)
        session.flush()
    return _told(cycle, run, is_new=is_new)


def newest_run(session: Session, cycle: Cycle) -> ScoreRun | None:
    """Return the last run of a cycle."""
    question = select(ScoreRun).where(ScoreRun.cycle_id == cycle.id).order_by(col(ScoreRun.id).desc())
    return session.exec(question).first()


def score_again(session: Session, cycle: Cycle, *, now: datetime) -> ScoreRun:
    """Score the rows as they stand, in whatever state the cycle is; nothing is recounted."""
    framework = framework_of(session, cycle)
    return _run(session, cycle, framework, inputs_of(session, cycle, framework, now), now)[0]


def _frozen_run(session: Session, cycle: Cycle) -> ScoreRun | None:
    """Return the run of a cycle that is scored: what people look at does not change under their eyes."""
    return None if cycle.state == CycleState.CLOSED else newest_run(session, cycle)


def _run(
    session: Session, cycle: Cycle, framework: Framework, inputs: Inputs, now: datetime
) -> tuple[ScoreRun, bool]:
    inputs_hash = hash_of(inputs)
    known = session.exec(
        select(ScoreRun).where(
            ScoreRun.cycle_id == cycle.id,
            ScoreRun.inputs_hash == inputs_hash,
            ScoreRun.code_version == CODE_VERSION,
        )
    ).first()
    if known is not None:
        return known, False
    hubs = [hub for hub, _ in hubs_in(session, cycle)]
    examples = frozenset(hub.code for hub in hubs if hub.is_demonstration)
    found = evaluate(framework, inputs, seed=cycle.seed, apply_severity=cycle.applies_severity)
    run = ScoreRun(
        cycle_id=id_of(cycle),
        created_at=now,
        framework_hash=framework.sha256,
        inputs_hash=inputs_hash,
        code_version=CODE_VERSION,
        summary=dict(Counter(str(one.status) for one in found.scores)) | {"hubs": len(found.scores)},
        beside=beside_of(found, examples),
    )
    session.add(run)
    session.flush()
    ids = {hub.code: id_of(hub) for hub in hubs}
    session.execute(insert(HubScore), list(_rows(run, found, ids, examples)))
    return run, True


def hash_of(inputs: Inputs) -> str:
    """Return the hash of inputs, whatever their order."""
    plain = {
        "hubs": sorted((hub.code, sorted(hub.facts.items())) for hub in inputs.hubs),
        "observations": sorted(tuple(vars(row).values()) for row in inputs.observations),
        "frame": sorted((*key, size) for key, size in inputs.frame.items()),
    }
    return hashlib.sha256(json.dumps(plain, ensure_ascii=False).encode()).hexdigest()


def _rows(
    run: ScoreRun, found: Evaluation, ids: dict[str, int], examples: frozenset[str]
) -> Iterable[dict[str, Any]]:
    for one, detail in details_of(found, examples):
        low, high = one.interval or (None, None)
        yield {
            "run_id": id_of(run),
            "hub_id": ids[one.hub],
            "total": one.total,
            "low": low,
            "high": high,
            "coverage": one.coverage,
            "band": one.band.id if one.band else None,
            "status": str(one.status),
            "detail": detail,
        }


def _told(cycle: Cycle, run: ScoreRun, *, is_new: bool) -> Scored:
    counts = [int(run.summary.get(str(status), 0)) for status in Status]
    complete, partial, provisional, not_assessed = counts
    hubs, whole = int(run.summary["hubs"]), complete + partial
    again = (
        Text("", "")
        if is_new
        else Text("数据没有变，沿用上次的结果。", "Nothing has changed; the last run stands. ")
    )
    sentence = Text(
        f"{again.zh}{hubs}家里{whole}家有总分，{provisional}家数据不够，{not_assessed}家不予评估。",
        f"{again.en}{whole} of {hubs} {plural(hubs, 'hub', 'hubs')} have a total, {provisional} lack data, "
        f"{not_assessed} are not assessed.",
    )
    return Scored(
        cycle.code, id_of(run), is_new, hubs, complete, partial, provisional, not_assessed, (sentence,)
    )
