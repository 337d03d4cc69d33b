"""The forms of assessors and residents as their pages show them: always the present state, never an error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session

from config.text import Text
from evaluation.framework import Indicator, Kind
from evaluation.wording import AGREEMENT
from models import Assessment, Cycle, Hub, Invitation, Participant, Person
from models.states import AssessmentState, InvitationState
from services.evaluation_corrections import given_by
from services.evaluation_cycles import cycle_name, takes_answers
from services.evidence import EvidenceLine, of_assessment
from services.frameworks import framework_of
from services.queries import named, required


class FormSituation(StrEnum):
    """What the page of a form has to say; `OPEN` is the only one that asks."""

    OPEN = "open"
    SENT = "sent"
    STEPPED_ASIDE = "stepped_aside"
    REFUSED = "refused"
    CLOSED = "closed"


@dataclass(frozen=True)
class Level:
    """Hold one level of an item: its number, and its words where the framework has some."""

    number: int
    words: Text | None


@dataclass(frozen=True)
class Item:
    """Hold one question of a form; `name` is the field of the form."""

    name: str
    title: Text
    levels: tuple[Level, ...]


@dataclass(frozen=True)
class AssessmentView:
    """Hold what an assessor's page shows."""

    assessment_id: int
    situation: FormSituation
    language: str
    cycle: Text
    hub: Text
    place: str
    closes_at: datetime
    time_zone: str
    items: tuple[Item, ...]
    given: Mapping[str, int]
    """The levels that they gave and that stand, by indicator; empty before they sent them in."""
    may_correct: bool
    files: tuple[EvidenceLine, ...]


@dataclass(frozen=True)
class SurveyView:
    """Hold what a resident's page shows; it knows the hub and never the person's name."""

    invitation_id: int
    situation: FormSituation
    language: str
    cycle: Text
    hub: Text
    closes_at: datetime
    time_zone: str
    items: tuple[Item, ...]


def assessment_view(session: Session, assessment_id: int, *, now: datetime) -> AssessmentView:
    """Return an assessor's form, or raise `NotFound`."""
    assessment = required(session, Assessment, assessment_id)
    cycle = required(session, Cycle, assessment.cycle_id)
    hub = required(session, Hub, assessment.hub_id)
    assessor = required(session, Person, assessment.assessor_id)
    situations = {
        AssessmentState.SUBMITTED: FormSituation.SENT,
        AssessmentState.CONFLICT: FormSituation.STEPPED_ASIDE,
        AssessmentState.MISSED: FormSituation.CLOSED,
    }
    still = FormSituation.OPEN if takes_answers(cycle, now) else FormSituation.CLOSED
    return AssessmentView(
        assessment_id=assessment_id,
        situation=situations.get(AssessmentState(assessment.state), still),
        language=assessor.language,
        cycle=cycle_name(cycle),
        hub=named(hub.name_zh, hub.name_en),
        place=hub.address,
        closes_at=cycle.closes_at,
        time_zone=assessor.time_zone,
        items=tuple(_rubric(one) for one in framework_of(session, cycle).of_kind(Kind.RUBRIC)),
        given={name: int(row.value) for name, row in given_by(session, assessment).items()},
        may_correct=assessment.state == AssessmentState.SUBMITTED and takes_answers(cycle, now),
        files=tuple(of_assessment(session, assessment)),
    )


def survey_view(session: Session, invitation_id: int, *, now: datetime) -> SurveyView:
    """Return a resident's form, or raise `NotFound`."""
    invitation = required(session, Invitation, invitation_id)
    cycle = required(session, Cycle, invitation.cycle_id)
    hub = required(session, Hub, invitation.hub_id)
    situations = {
        InvitationState.ANSWERED: FormSituation.SENT,
        InvitationState.REFUSED: FormSituation.REFUSED,
        InvitationState.UNANSWERED: FormSituation.CLOSED,
    }
    still = FormSituation.OPEN if takes_answers(cycle, now) else FormSituation.CLOSED
    return SurveyView(
        invitation_id=invitation_id,
        situation=situations.get(InvitationState(invitation.state), still),
        language=required(session, Participant, invitation.participant_id).language,
        cycle=cycle_name(cycle),
        hub=named(hub.name_zh, hub.name_en),
        closes_at=cycle.closes_at,
        time_zone=hub.time_zone,
        items=tuple(_question(one) for one in framework_of(session, cycle).of_kind(Kind.SURVEY)),
    )


def _rubric(indicator: Indicator) -> Item:
    levels = tuple(Level(number, words) for number, words in enumerate(indicator.levels))
    return Item(indicator.id, indicator.text, levels)


def _question(indicator: Indicator) -> Item:
    low, high = indicator.answers
    words = AGREEMENT if (low, high) == (1, 5) else {}
    levels = tuple(Level(number, words.get(number)) for number in range(low, high + 1))
    return Item(indicator.item, indicator.text, levels)
