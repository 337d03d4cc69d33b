"""Answers of assessors and residents: once, in time, and a resident's without the resident."""

from __future__ import annotations

import pytest
from sqlmodel import Session, col, select

from models import Assessment, AuditEntry, Cycle, Invitation, Message, Observation, SurveyAnswer
from models.states import AssessmentState, InvitationState
from services import evaluations
from services.errors import HubError, NotFound, TooLate
from services.evaluations import FormSituation
from tests.factories import NOW
from tests.services.evaluation_cast import ITEMS, LATER, RUBRICS, make_network, open_cycle

SCORES = dict.fromkeys(RUBRICS, 3)
ANSWERS = dict.fromkeys(ITEMS, 4)


@pytest.fixture
def opened(session: Session) -> None:
    make_network(session)
    open_cycle(session)


def an_assessment(session: Session) -> int:
    return session.exec(select(Assessment.id).order_by(col(Assessment.id))).first() or 0


def an_invitation(session: Session) -> int:
    return session.exec(select(Invitation.id).order_by(col(Invitation.id))).first() or 0


@pytest.mark.usefixtures("opened")
def test_an_assessment_becomes_observations_of_its_assessor(session: Session) -> None:
    number = an_assessment(session)
    evaluations.record_assessment(session, number, {"pj.quality": 2, "st.case": 4}, "看到了台账", now=NOW)
    assessment = session.get_one(Assessment, number)
    assert (assessment.state, assessment.note) == (AssessmentState.SUBMITTED, "看到了台账")
    rows = session.exec(select(Observation).order_by(col(Observation.indicator))).all()
    assert [(row.indicator, row.value, row.rater_id, row.hub_id) for row in rows] == [
        ("pj.quality", 2, assessment.assessor_id, assessment.hub_id),
        ("st.case", 4, assessment.assessor_id, assessment.hub_id),
    ]


@pytest.mark.usefixtures("opened")
def test_an_assessment_counts_once(session: Session) -> None:
    evaluations.record_assessment(session, an_assessment(session), SCORES, now=NOW)
    with pytest.raises(TooLate, match="answered_already"):
        evaluations.record_assessment(session, an_assessment(session), SCORES, now=NOW)
    assert len(session.exec(select(Observation)).all()) == 3


@pytest.mark.usefixtures("opened")
def test_every_wrong_level_is_told_at_once_and_nothing_is_taken(session: Session) -> None:
    with pytest.raises(HubError) as refused:
        evaluations.record_assessment(
            session,
            an_assessment(session),
            {"pj.quality": 5, "st.case": -1, "q1": 3, "ef.observe": 2},
            now=NOW,
        )
    assert [(refusal.field, refusal.code) for refusal in refused.value.refusals] == [
        ("pj.quality", "no_such_level"),
        ("st.case", "no_such_level"),
        ("q1", "unknown_item"),
    ]
    assert session.get_one(Assessment, an_assessment(session)).state == AssessmentState.ASKED


@pytest.mark.usefixtures("opened")
def test_an_assessor_steps_aside_and_somebody_else_is_asked(session: Session) -> None:
    number = an_assessment(session)
    evaluations.declare_conflict(session, number, now=NOW)
    first = session.get_one(Assessment, number)
    assert first.state == AssessmentState.CONFLICT
    others = session.exec(
        select(Assessment).where(Assessment.hub_id == first.hub_id, Assessment.state == AssessmentState.ASKED)
    ).all()
    assert len(others) == 2
    assert first.assessor_id not in {other.assessor_id for other in others}
    newest = max(other.id or 0 for other in others)
    assert session.exec(select(Message.key).where(Message.key == f"assessment:{newest}:1")).one()


@pytest.mark.usefixtures("opened")
def test_a_residents_answers_are_kept_without_the_resident(session: Session) -> None:
    invitation = session.get_one(Invitation, an_invitation(session))
    entries = len(session.exec(select(AuditEntry)).all())
    evaluations.record_survey(session, invitation.id or 0, ANSWERS, now=NOW)
    kept = session.exec(select(SurveyAnswer)).one()
    assert invitation.state == InvitationState.ANSWERED
    assert (kept.hub_id, kept.stratum, kept.answers) == (invitation.hub_id, invitation.stratum, ANSWERS)
    assert set(kept.model_dump()) == {"id", "cycle_id", "hub_id", "stratum", "answers", "answered_on"}
    assert len(kept.id) == 32
    assert set(invitation.model_dump()) == {
        "id",
        "cycle_id",
        "hub_id",
        "participant_id",
        "stratum",
        "state",
        "drawn_on",
    }  # neither when nor what was answered
    assert len(session.exec(select(AuditEntry)).all()) == entries


@pytest.mark.usefixtures("opened")
def test_an_invitation_works_once_whether_answered_or_refused(session: Session) -> None:
    number = an_invitation(session)
    evaluations.refuse_survey(session, number, now=NOW)
    assert session.get_one(Invitation, number).state == InvitationState.REFUSED
    with pytest.raises(TooLate):
        evaluations.record_survey(session, number, ANSWERS, now=NOW)
    assert session.exec(select(SurveyAnswer)).all() == []


@pytest.mark.usefixtures("opened")
def test_questions_may_be_skipped_but_not_all(session: Session) -> None:
    with pytest.raises(HubError, match="nothing_chosen"):
        evaluations.record_survey(session, an_invitation(session), {}, now=NOW)
    evaluations.record_survey(session, an_invitation(session), {"q2": 5}, now=NOW)
    assert session.exec(select(SurveyAnswer.answers)).one() == {"q2": 5}


@pytest.mark.parametrize("answers", [{"q1": 0}, {"q1": 6}, {"q9": 3}, {"pj.quality": 3}])
@pytest.mark.usefixtures("opened")
def test_answers_off_the_scale_are_refused(session: Session, answers: dict[str, int]) -> None:
    with pytest.raises(HubError):
        evaluations.record_survey(session, an_invitation(session), answers, now=NOW)
    assert session.get_one(Invitation, an_invitation(session)).state == InvitationState.DRAWN


@pytest.mark.usefixtures("opened")
def test_after_closing_nothing_is_taken_and_the_forms_say_so(session: Session) -> None:
    closes_at = session.exec(select(Cycle.closes_at)).one()
    for deed in (
        lambda: evaluations.record_assessment(session, an_assessment(session), SCORES, now=closes_at),
        lambda: evaluations.declare_conflict(session, an_assessment(session), now=closes_at),
        lambda: evaluations.record_survey(session, an_invitation(session), ANSWERS, now=closes_at),
        lambda: evaluations.refuse_survey(session, an_invitation(session), now=closes_at),
    ):
        with pytest.raises(TooLate, match="cycle_closed"):
            deed()
    assessment = evaluations.assessment_view(session, an_assessment(session), now=LATER)
    survey = evaluations.survey_view(session, an_invitation(session), now=LATER)
    assert (assessment.situation, survey.situation) == (FormSituation.CLOSED, FormSituation.CLOSED)


@pytest.mark.usefixtures("opened")
def test_forms_show_what_is_asked_in_both_languages(session: Session) -> None:
    assessment = evaluations.assessment_view(session, an_assessment(session), now=NOW)
    assert (assessment.situation, [item.name for item in assessment.items]) == (
        FormSituation.OPEN,
        list(RUBRICS),
    )
    first = assessment.items[0].levels
    assert [level.number for level in first] == [0, 1, 2, 3, 4]
    assert first[3].words is not None
    assert first[3].words.en == "measurable goals and a reasoned budget"
    survey = evaluations.survey_view(session, an_invitation(session), now=NOW)
    assert [item.name for item in survey.items] == list(ITEMS)
    assert [level.words.zh for level in survey.items[0].levels if level.words] == [
        "很不同意",
        "不同意",
        "一般",
        "同意",
        "很同意",
    ]


def test_unknown_forms_are_not_found(session: Session) -> None:
    for deed in (
        lambda: evaluations.assessment_view(session, 999, now=NOW),
        lambda: evaluations.survey_view(session, 999, now=NOW),
        lambda: evaluations.record_survey(session, 999, ANSWERS, now=NOW),
    ):
        with pytest.raises(NotFound):
            deed()
