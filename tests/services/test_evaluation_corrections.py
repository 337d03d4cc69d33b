"""An assessor corrects a slip: the old row stays and is named, a reason is due, and the score follows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from models import Assessment, AuditEntry, Observation
from services import evaluations
from services.errors import HubError, TooLate
from services.evaluation_corrections import given_by
from tests.factories import NOW
from tests.services.evaluation_cast import LATER, RUBRICS, make_network, open_cycle

SOON = NOW + timedelta(days=1)


@pytest.fixture
def assessment(session: Session) -> Assessment:
    make_network(session)
    open_cycle(session)
    first = session.exec(select(Assessment).order_by(col(Assessment.id))).first()
    assert first is not None
    return first


def sent(session: Session, assessment: Assessment) -> int:
    number = assessment.id or 0
    evaluations.record_assessment(session, number, {RUBRICS[0]: 1, RUBRICS[1]: 3}, now=NOW)
    return number


def test_a_correction_names_the_row_that_it_corrects_and_why(
    session: Session, assessment: Assessment
) -> None:
    number = sent(session, assessment)
    done = evaluations.correct_assessment(
        session, number, {RUBRICS[0]: 2, RUBRICS[1]: 3}, " 看错了一档 ", now=SOON
    )
    assert done.answers == 1, "what stays as it was is left alone"
    rows = session.exec(select(Observation).where(Observation.indicator == RUBRICS[0])).all()
    old, new = sorted(rows, key=lambda row: row.id or 0)
    assert (old.value, old.corrects_id) == (1.0, None)
    assert (new.value, new.corrects_id, new.reason, new.rater_id) == (
        2.0,
        old.id,
        "看错了一档",
        assessment.assessor_id,
    )
    assert {name: row.value for name, row in given_by(session, assessment).items()} == {
        RUBRICS[0]: 2.0,
        RUBRICS[1]: 3.0,
    }
    entry = session.exec(select(AuditEntry).where(AuditEntry.verb == "correct")).one()
    assert (entry.changes, entry.reason) == ({RUBRICS[0]: [1, 2]}, "看错了一档")


def test_what_was_left_out_first_can_be_added_with_a_reason(session: Session, assessment: Assessment) -> None:
    number = sent(session, assessment)
    evaluations.correct_assessment(session, number, {RUBRICS[2]: 4}, "后来看了个案", now=SOON)
    added = session.exec(select(Observation).where(Observation.indicator == RUBRICS[2])).one()
    assert (added.value, added.corrects_id, added.reason) == (4.0, None, "后来看了个案")


@pytest.mark.parametrize(
    ("levels", "reason", "codes"),
    [
        ({RUBRICS[0]: 2}, " ", ["reason_missing"]),
        ({RUBRICS[0]: 1}, "没变", ["nothing_new"]),
        ({RUBRICS[0]: 1}, "", ["nothing_new", "reason_missing"]),
        ({RUBRICS[0]: 9}, "x", ["no_such_level"]),
        ({RUBRICS[0]: 2}, "长" * 2001, ["reason_too_long"]),
    ],
)
def test_every_fault_of_a_correction_is_told_and_nothing_is_written(
    session: Session, assessment: Assessment, levels, reason, codes
) -> None:
    number = sent(session, assessment)
    with pytest.raises(HubError) as refused:
        evaluations.correct_assessment(session, number, levels, reason, now=SOON)
    assert [one.code for one in refused.value.refusals] == codes
    assert len(session.exec(select(Observation)).all()) == 2


def test_a_correction_needs_something_to_correct_and_an_open_window(
    session: Session, assessment: Assessment
) -> None:
    with pytest.raises(TooLate, match="not_submitted"):
        evaluations.correct_assessment(session, assessment.id or 0, {RUBRICS[0]: 2}, "x", now=SOON)
    number = sent(session, assessment)
    with pytest.raises(TooLate, match="cycle_closed"):
        evaluations.correct_assessment(session, number, {RUBRICS[0]: 2}, "x", now=LATER)


def test_a_correction_can_be_corrected_and_the_newest_counts(
    session: Session, assessment: Assessment
) -> None:
    number = sent(session, assessment)
    for level in (2, 4):
        evaluations.correct_assessment(session, number, {RUBRICS[0]: level}, "再看了一遍", now=SOON)
    assert given_by(session, assessment)[RUBRICS[0]].value == 4.0
    chain = session.exec(select(Observation.corrects_id).where(Observation.indicator == RUBRICS[0])).all()
    assert len(set(chain)) == 3
