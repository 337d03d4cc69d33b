"""What assessors and residents answer. A resident's answers are kept without the resident, by construction.

The invitation only learns that somebody answered. The answers get a random id, the day and not the time, and
share no key with the invitation, so that nobody can join the two, and neither can we.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert
from sqlmodel import Session, col, select

from config.text import Refusal, Text
from evaluation.framework import Indicator, Kind
from models import Assessment, Cycle, Hub, Invitation, Observation, SurveyAnswer
from models.states import AssessmentState, InvitationState
from services import audit
from services.errors import HubError, TooLate
from services.evaluation_assessors import substitute
from services.evaluation_cycles import require_open, today_of
from services.evaluation_mails import queue_assessments
from services.frameworks import framework_of
from services.queries import claim, required

ASSESSOR = "assessor"
LONGEST_NOTE = 2000
ALREADY = Refusal(
    "answered_already",
    Text("这份已经交过了，只能交一次。谢谢您。", "This was sent in already, and counts once. Thank you."),
)
NOTHING_CHOSEN = Refusal(
    "nothing_chosen", Text("一项都没有选。至少选一项。", "Nothing is chosen. Choose at least one.")
)


@dataclass(frozen=True)
class Recorded:
    """Hold how many answers were taken."""

    answers: int
    sentence: Text


def record_assessment(
    session: Session, assessment_id: int, scores: Mapping[str, int], note: str = "", *, now: datetime
) -> Recorded:
    """Take an assessor's levels, one an indicator; what they did not see is left out and not guessed.

    Raises `TooLate` after closing or when it was sent in already, `HubError` with every wrong field.
    """
    assessment = required(session, Assessment, assessment_id)
    cycle = required(session, Cycle, assessment.cycle_id)
    require_open(cycle, now)
    framework = framework_of(session, cycle)
    check_levels(framework.of_kind(Kind.RUBRIC), {name: name for name in framework.indicator}, scores, note)
    own = {"submitted_at": now, "note": note.strip()}
    if not claim(
        session,
        assessment,
        col(Assessment.state) == AssessmentState.ASKED,
        state=AssessmentState.SUBMITTED,
        **own,
    ):
        raise TooLate(ALREADY)
    session.execute(
        insert(Observation),
        [_observation(assessment, name, level, now) for name, level in sorted(scores.items())],
    )
    audit.record(session, assessment, "submit", now=now, by=assessment.assessor_id)
    return Recorded(len(scores), Text("收到了，谢谢您。", "Received, thank you."))


def declare_conflict(session: Session, assessment_id: int, *, now: datetime) -> Recorded:
    """Let an assessor step aside, and ask somebody else in their place."""
    assessment = required(session, Assessment, assessment_id)
    cycle = required(session, Cycle, assessment.cycle_id)
    require_open(cycle, now)
    if not claim(
        session, assessment, col(Assessment.state) == AssessmentState.ASKED, state=AssessmentState.CONFLICT
    ):
        raise TooLate(ALREADY)
    audit.record(session, assessment, "step_aside", now=now, by=assessment.assessor_id)
    person_id = substitute(session, cycle, required(session, Hub, assessment.hub_id), assessment)
    if person_id is not None:
        session.add(Assessment(cycle_id=assessment.cycle_id, hub_id=assessment.hub_id, assessor_id=person_id))
        session.flush()
        queue_assessments(session, cycle, now=now)
    return Recorded(0, Text("已记下，我们另请他人。谢谢您。", "Noted; we will ask somebody else. Thank you."))


def record_survey(
    session: Session, invitation_id: int, answers: Mapping[str, int], *, now: datetime
) -> Recorded:
    """Take a resident's answers, once, and forget whose they are.

    Raises `TooLate` after closing or when the invitation was used, `HubError` with every wrong field.
    """
    invitation = required(session, Invitation, invitation_id)
    cycle = required(session, Cycle, invitation.cycle_id)
    require_open(cycle, now)
    asked = framework_of(session, cycle).of_kind(Kind.SURVEY)
    check_levels(asked, {indicator.item: indicator.id for indicator in asked}, answers, "")
    _use(session, invitation, InvitationState.ANSWERED)
    session.execute(
        insert(SurveyAnswer),
        [
            {
                "id": uuid.uuid4().hex,
                "cycle_id": invitation.cycle_id,
                "hub_id": invitation.hub_id,
                "stratum": invitation.stratum,
                "answers": dict(sorted(answers.items())),
                "answered_on": today_of(now),
            }
        ],
    )
    return Recorded(len(answers), Text("收到了，谢谢您。", "Received, thank you."))


def refuse_survey(session: Session, invitation_id: int, *, now: datetime) -> Recorded:
    """Note that a resident does not wish to answer; counted apart from those who never did."""
    invitation = required(session, Invitation, invitation_id)
    require_open(required(session, Cycle, invitation.cycle_id), now)
    _use(session, invitation, InvitationState.REFUSED)
    return Recorded(0, Text("好的，不再打扰您。", "All right, we will not ask again."))


def _use(session: Session, invitation: Invitation, state: InvitationState) -> None:
    # Whoever a mail did not reach may still answer by the link that somebody hands them.
    waits = col(Invitation.state).in_((InvitationState.DRAWN, InvitationState.UNREACHABLE))
    if not claim(session, invitation, waits, state=state):
        raise TooLate(ALREADY)


def check_levels(
    asked: Iterable[Indicator], names: Mapping[str, str], given: Mapping[str, int], note: str
) -> None:
    """Raise `HubError` with every field that names nothing asked for, or a level that there is not."""
    by_id = {indicator.id: indicator for indicator in asked}
    wrong = [] if given else [NOTHING_CHOSEN]
    for field, level in given.items():
        indicator = by_id.get(names.get(field, ""))
        if indicator is None:
            wrong.append(
                Refusal("unknown_item", Text(f"没有“{field}”这一项。", f'There is no item "{field}".'), field)
            )
        elif not _has_level(indicator, level):
            wrong.append(
                Refusal(
                    "no_such_level",
                    Text(f"“{indicator.text.zh}”没有这一档。", f'"{indicator.text.en}" has no such level.'),
                    field,
                )
            )
    if len(note) > LONGEST_NOTE:
        wrong.append(
            Refusal(
                "note_too_long",
                Text(f"备注最多{LONGEST_NOTE}字。", f"A note has at most {LONGEST_NOTE} characters."),
                "note",
            )
        )
    if wrong:
        raise HubError(wrong)


def _has_level(indicator: Indicator, level: object) -> bool:
    low, high = indicator.answers if indicator.kind == Kind.SURVEY else (0, indicator.top_level)
    return isinstance(level, int) and not isinstance(level, bool) and low <= level <= high


def _observation(assessment: Assessment, indicator: str, level: int, now: datetime) -> dict[str, object]:
    return {
        "cycle_id": assessment.cycle_id,
        "hub_id": assessment.hub_id,
        "indicator": indicator,
        "value": float(level),
        "source": ASSESSOR,
        "rater_id": assessment.assessor_id,
        "observed_at": now,
        "reason": "",
    }


def item_counts(session: Session, cycle: Cycle) -> dict[InvitationState, int]:
    """Return how many drawn residents answered, refused, could not be reached, or have not answered."""
    states = session.exec(select(Invitation.state).where(Invitation.cycle_id == cycle.id)).all()
    return {state: states.count(state) for state in InvitationState}
