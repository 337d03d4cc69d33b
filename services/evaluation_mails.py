"""What an evaluation tells people by mail: assessors and residents are asked, managers and hubs get results."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from evaluation.framework import Framework, Kind
from models import Assessment, Cycle, Hub, Invitation, Participant, Person
from models.states import AssessmentState, InvitationState
from notifications import kinds, outbox
from services.describing import recipient, young_recipient
from services.evaluation_cycles import cycle_name
from services.queries import id_of, named


def queue_assessments(session: Session, cycle: Cycle, *, now: datetime) -> int:
    """Ask every assessor of a cycle who has not answered; a mail each assessment, once."""
    question = (
        select(Assessment, Person, Hub)
        .join(Person, col(Person.id) == Assessment.assessor_id)
        .join(Hub, col(Hub.id) == Assessment.hub_id)
        .where(Assessment.cycle_id == cycle.id, Assessment.state == AssessmentState.ASKED)
        .order_by(col(Assessment.id))
    )
    mails = [
        (
            f"assessment:{id_of(assessment)}:1",
            kinds.AssessmentInvitationMail(
                to=recipient(person),
                assessment_id=id_of(assessment),
                cycle=cycle_name(cycle),
                hub=named(hub.name_zh, hub.name_en),
                place=hub.address,
                closes_at=cycle.closes_at,
            ),
        )
        for assessment, person, hub in session.exec(question)
    ]
    return outbox.queue_many(session, mails, now=now, expires_at=cycle.closes_at)


def queue_surveys(session: Session, cycle: Cycle, framework: Framework, *, now: datetime) -> int:
    """Ask every drawn resident of a cycle who has not answered, once."""
    questions = len(framework.of_kind(Kind.SURVEY))
    mails = [
        (
            f"survey:{id_of(invitation)}:1",
            kinds.SurveyInvitationMail(
                to=young_recipient(participant, hub.time_zone),
                invitation_id=id_of(invitation),
                hub=named(hub.name_zh, hub.name_en),
                closes_at=cycle.closes_at,
                questions=questions,
            ),
        )
        for invitation, participant, hub in session.exec(_drawn(cycle))
    ]
    return outbox.queue_many(session, mails, now=now, expires_at=cycle.closes_at)


def _drawn(cycle: Cycle) -> Any:
    return (
        select(Invitation, Participant, Hub)
        .join(Participant, col(Participant.id) == Invitation.participant_id)
        .join(Hub, col(Hub.id) == Invitation.hub_id)
        .where(Invitation.cycle_id == cycle.id, Invitation.state == InvitationState.DRAWN)
        .order_by(col(Invitation.id))
    )
