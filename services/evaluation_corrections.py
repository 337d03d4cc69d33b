"""An assessor corrects a slip until the window closes: a new row names the old one and says why; nothing is changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from config.text import Refusal, Text
from evaluation.framework import Kind
from models import Assessment, Cycle, Observation
from models.states import AssessmentState
from services import audit
from services.errors import HubError, TooLate
from services.evaluation_answers import ASSESSOR, LONGEST_NOTE, Recorded, check_levels
from services.evaluation_cycles import require_open
from services.frameworks import framework_of
from services.queries import id_of, required

NOT_SENT = Refusal(
    "not_submitted", Text("这份还没有交，直接填就行。", "This was not sent in yet: just fill it in.")
)
REASON_MISSING = Refusal("reason_missing", Text("写明为什么改。", "Say why it changes."), "reason")
REASON_TOO_LONG = Refusal(
    "reason_too_long",
    Text(f"原因最多{LONGEST_NOTE}字。", f"A reason has at most {LONGEST_NOTE} characters."),
    "reason",
)
NOTHING_NEW = Refusal("nothing_new", Text("没有一项和原来不同。", "Nothing differs from what you gave."))


def given_by(session: Session, assessment: Assessment) -> dict[str, Observation]:
    """Return the levels of an assessment that stand, by indicator."""
    question = (
        select(Observation)
        .where(
            Observation.cycle_id == assessment.cycle_id,
            Observation.hub_id == assessment.hub_id,
            Observation.rater_id == assessment.assessor_id,
        )
        .order_by(col(Observation.id))
    )
    return {one.indicator: one for one in session.exec(question)}


def correct_assessment(
    session: Session, assessment_id: int, scores: Mapping[str, int], reason: str, *, now: datetime
) -> Recorded:
    """Take corrected levels with the reason; levels that stay as they were are left alone.

    Raises `TooLate` after closing or before anything was sent in, `HubError` with every wrong field.
    """
    assessment = required(session, Assessment, assessment_id)
    cycle = required(session, Cycle, assessment.cycle_id)
    require_open(cycle, now)
    if assessment.state != AssessmentState.SUBMITTED:
        raise TooLate(NOT_SENT)
    framework = framework_of(session, cycle)
    check_levels(framework.of_kind(Kind.RUBRIC), {name: name for name in framework.indicator}, scores, "")
    old = given_by(session, assessment)
    changed = {
        name: level
        for name, level in sorted(scores.items())
        if name not in old or old[name].value != float(level)
    }
    wrong = [] if changed else [NOTHING_NEW]
    wrong += [] if reason.strip() else [REASON_MISSING]
    wrong += [REASON_TOO_LONG] if len(reason) > LONGEST_NOTE else []
    if wrong:
        raise HubError(wrong)
    for name, level in changed.items():
        fields = {"value": float(level), "reason": reason.strip(), "observed_at": now}
        session.add(_correction(assessment, name, old.get(name), **fields))
    session.flush()
    changes = {
        name: (None if name not in old else int(old[name].value), level) for name, level in changed.items()
    }
    by = assessment.assessor_id
    audit.record(session, assessment, "correct", now=now, by=by, changes=changes, reason=reason.strip())
    return Recorded(len(changed), Text("改好了，谢谢您。", "Corrected, thank you."))


def _correction(assessment: Assessment, name: str, old: Observation | None, **fields: Any) -> Observation:
    return Observation(
        cycle_id=assessment.cycle_id,
        hub_id=assessment.hub_id,
        indicator=name,
        source=ASSESSOR,
        rater_id=assessment.assessor_id,
        corrects_id=None if old is None else id_of(old),
        **fields,
    )
