"""What an evaluation tells people by mail: assessors and residents are asked, managers and hubs get results."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from evaluation.framework import Framework, Kind
from models import Assessment, Cycle, Hub, Invitation, Participant, Person
from models.states import AssessmentState, InvitationState
from notifications import kinds, outbox
from services.describing import recipient, young_recipient
from services.evaluation_cycles import cycle_name
from services.frameworks import framework_of
from services.queries import id_of, named


def queue_assessments(session: Session, cycle: Cycle, *, now: datetime) -> int:
    """Ask every assessor of a cycle who has not answered; a mail each assessment, once."""
    mails = [
        (f"assessment:{number}:1", kinds.AssessmentInvitationMail(**about))
        for number, about in _unscored(session, cycle)
    ]
    return outbox.queue_many(session, mails, now=now, expires_at=cycle.closes_at)


def remind_assessors(session: Session, cycle: Cycle, *, now: datetime) -> int:
    """Remind the assessors whose scores have not come, once for each closing time."""
    mails = [
        (
            f"assessment:{number}:{cycle.closes_at:%Y%m%dT%H%MZ}:reminder",
            kinds.AssessmentReminderMail(**about),
        )
        for number, about in _unscored(session, cycle)
    ]
    return outbox.queue_many(session, mails, now=now, expires_at=cycle.closes_at)


def queue_surveys(session: Session, cycle: Cycle, framework: Framework, *, now: datetime) -> int:
    """Ask every drawn resident of a cycle who has not answered, once."""
    mails = [
        (f"survey:{number}:1", kinds.SurveyInvitationMail(**about))
        for number, about in _silent(session, cycle, framework)
    ]
    return outbox.queue_many(session, mails, now=now, expires_at=cycle.closes_at)


def remind_residents(session: Session, cycle: Cycle, *, now: datetime) -> int:
    """Remind the drawn residents who have not answered, once and never again."""
    mails = [
        (f"survey:{number}:reminder", kinds.SurveyReminderMail(**about))
        for number, about in _silent(session, cycle, framework_of(session, cycle))
    ]
    return outbox.queue_many(session, mails, now=now, expires_at=cycle.closes_at)


def _unscored(session: Session, cycle: Cycle) -> Iterable[tuple[int, dict[str, Any]]]:
    question = (
        select(Assessment, Person, Hub)
        .join(Person, col(Person.id) == Assessment.assessor_id)
        .join(Hub, col(Hub.id) == Assessment.hub_id)
        .where(Assessment.cycle_id == cycle.id, Assessment.state == AssessmentState.ASKED)
        .order_by(col(Assessment.id))
    )
    for assessment, person, hub in session.exec(question):
        yield (
            id_of(assessment),
            {
                "to": recipient(person),
                "assessment_id": id_of(assessment),
                "cycle": cycle_name(cycle),
                "hub": named(hub.name_zh, hub.name_en),
                "place": hub.address,
                "closes_at": cycle.closes_at,
            },
        )


def _silent(session: Session, cycle: Cycle, framework: Framework) -> Iterable[tuple[int, dict[str, Any]]]:
    questions = len(framework.of_kind(Kind.SURVEY))
    for invitation, participant, hub in session.exec(_drawn(cycle)):
        yield (
            id_of(invitation),
            {
                "to": young_recipient(participant, hub.time_zone),
                "invitation_id": id_of(invitation),
                "hub": named(hub.name_zh, hub.name_en),
                "closes_at": cycle.closes_at,
                "questions": questions,
            },
        )


def _drawn(cycle: Cycle) -> Any:
    return (
        select(Invitation, Participant, Hub)
        .join(Participant, col(Participant.id) == Invitation.participant_id)
        .join(Hub, col(Hub.id) == Invitation.hub_id)
        .where(Invitation.cycle_id == cycle.id, Invitation.state == InvitationState.DRAWN)
        .order_by(col(Invitation.id))
    )
