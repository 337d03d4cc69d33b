"""Collecting and scoring: exact counts from the network's rows, and the same run from the same inputs."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import Session, col, func, select

from models import Assessment, Cycle, HubFact, HubScore, Invitation, Observation, Participation, ScoreRun
from models.states import ActivityState, AssessmentState, CycleState, InvitationState, Presence
from services import evaluations
from services.errors import HubError
from services.evaluation_cycles import period_of
from services.metrics import METRICS, values
from tests.factories import NOW, make_activity, make_need, save
from tests.services.evaluation_cast import FACTS, LATER, answer_all, make_network, open_cycle, scored_cycle


def test_auto_values_are_counted_from_the_networks_own_rows(session: Session) -> None:
    network = make_network(session)
    open_cycle(session)
    first = network.hubs[0]
    make_activity(session, first, starts_at=NOW - timedelta(days=3), state=ActivityState.CANCELLED)
    make_activity(session, first, starts_at=NOW - timedelta(days=3), state=ActivityState.PUBLISHED)
    found = evaluations.collect(session, "E1", now=NOW)
    assert (found.hubs, found.added, found.changed, found.missing) == (3, 21, 0, 0)
    question = select(Observation.indicator, Observation.value).where(Observation.hub_id == first.id)
    assert dict(session.exec(question).all()) == {
        "hw.area": FACTS["venue_area_m2"],
        "hw.hours": FACTS["open_hours_week"],
        "fd.timely": FACTS["funds_used_on_time_pct"],
        "st.cert": FACTS["certified_share_pct"],
        "ef.held": pytest.approx(200 / 3),
        "ef.reach": 14,
        "ef.hours": 0,
    }


def test_collecting_again_adds_only_what_changed_and_names_what_it_corrects(session: Session) -> None:
    network = make_network(session)
    open_cycle(session)
    evaluations.collect(session, "E1", now=NOW)
    assert evaluations.collect(session, "E1", now=NOW).added == 0
    save(
        session,
        HubFact(hub_id=network.hubs[0].id, fact="venue_area_m2", value=100, as_of=date(2026, 11, 1)),
    )
    again = evaluations.collect(session, "E1", now=NOW)
    assert (again.added, again.changed) == (0, 1)
    newest = session.exec(select(Observation).order_by(col(Observation.id).desc())).first()
    assert newest is not None
    old = session.get_one(Observation, newest.corrects_id)
    assert (old.value, newest.value, newest.indicator) == (88, 100, "hw.area")


def test_activities_without_a_single_record_leave_a_gap_and_not_a_zero(session: Session) -> None:
    network = make_network(session)
    open_cycle(session)
    for participation in session.exec(select(Participation)):
        participation.presence = Presence.UNKNOWN
    session.flush()
    cycle = session.exec(select(Cycle)).one()
    assert values(session, "participants_reached", period_of(cycle, NOW)) == {}
    assert set(values(session, "activities_held", period_of(cycle, NOW)).values()) == {2}
    assert evaluations.collect(session, "E1", now=NOW).missing == len(network.hubs)


NOTHING_TO_COUNT = {
    "applications_approved_pct",
    "budget_executed_pct",
    "offer_answer_hours",
    "staff_vacancy_days",
    "checks_in_date_pct",
    "commitments_fulfilled_pct",
}
"""Of a hub that asked nobody, promised nothing and whose posts and checks are not on file: missing, not nought."""


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_answers_and_is_defined_in_both_languages(session: Session, metric: str) -> None:
    network = make_network(session)
    need = make_activity(
        session, network.hubs[0], starts_at=NOW - timedelta(days=2), state=ActivityState.DONE
    )
    make_need(session, need, desired=2, maximum=2, taken=1)
    open_cycle(session)
    found = values(session, metric, period_of(session.exec(select(Cycle)).one(), NOW))
    assert (network.hubs[0].id in found) == (metric not in NOTHING_TO_COUNT)
    assert min(found.values(), default=0) >= 0
    assert METRICS[metric].definition.zh
    assert METRICS[metric].definition.en


def test_closing_names_who_did_not_answer(session: Session) -> None:
    make_network(session)
    open_cycle(session)
    number = session.exec(select(Invitation.id)).first() or 0
    evaluations.refuse_survey(session, number, now=NOW)
    closed = evaluations.close_cycle(session, "E1", now=NOW)
    assert (closed.assessments, closed.assessments_missed, closed.answers, closed.unanswered) == (0, 6, 0, 35)
    assert set(session.exec(select(Assessment.state)).all()) == {AssessmentState.MISSED}
    assert set(session.exec(select(Invitation.state)).all()) == {
        InvitationState.REFUSED,
        InvitationState.UNANSWERED,
    }
    assert evaluations.close_cycle(session, "E1", now=NOW).unanswered == 0


def test_a_cycle_that_still_collects_is_not_scored(session: Session) -> None:
    make_network(session)
    open_cycle(session)
    with pytest.raises(HubError, match="still_collecting"):
        evaluations.score(session, "E1", now=NOW)


def test_every_hub_gets_a_total_with_its_interval_and_band(session: Session) -> None:
    network = scored_cycle(session)
    run = session.exec(select(ScoreRun)).one()
    scores = session.exec(select(HubScore).order_by(col(HubScore.hub_id))).all()
    assert [one.hub_id for one in scores] == [hub.id for hub in network.hubs]
    for one in scores:
        assert one.status == "complete"
        assert one.total is not None
        assert one.low is not None
        assert one.high is not None
        assert one.low < one.total < one.high
        assert one.band == one.detail["band"]
        assert sum(
            one.detail["nodes"][part] for part in ("results", "skill", "satisfaction")
        ) == pytest.approx(one.total)
        assert len(one.detail["explanation"]["steps"]) == 3
    assert run.summary == {"complete": 3, "hubs": 3}
    assert session.exec(select(Cycle.state)).one() == CycleState.SCORED


def test_scoring_again_gives_the_first_run(session: Session) -> None:
    scored_cycle(session)
    again = evaluations.score(session, "E1", now=LATER)
    assert (again.is_new, again.complete) == (False, 3)
    assert session.exec(select(func.count(col(ScoreRun.id)))).one() == 1


def test_without_answers_a_hub_is_provisional_and_has_no_number(session: Session) -> None:
    make_network(session)
    open_cycle(session)
    found = evaluations.score(session, "E1", now=LATER)
    assert (found.complete, found.partial, found.provisional) == (0, 0, 3)
    one = session.exec(select(HubScore)).first()
    assert one is not None
    assert (one.total, one.low, one.band) == (None, None, None)
    reasons = {row["indicator"]: row["why_missing"] for row in one.detail["explanation"]["earned"]}
    assert reasons["sv.venue"] == {"zh": "样本不足", "en": "too few answers"}
    assert reasons["hw.area"] is None


def test_a_fact_that_an_office_reported_binds_a_gate(session: Session) -> None:
    network = make_network(session)
    for fact in ("open_audit_finding", "under_investigation"):
        hub = network.hubs[fact == "under_investigation"]
        save(session, HubFact(hub_id=hub.id, fact=fact, value=1, as_of=date(2026, 9, 1)))
    open_cycle(session)
    answer_all(session, level=4, answer=5)
    evaluations.score(session, "E1", now=LATER)
    first, second, third = session.exec(select(HubScore).order_by(col(HubScore.hub_id))).all()
    assert (first.band, first.detail["gates"]) == ("pass", ["audit"])
    assert (second.status, second.total) == ("not_assessed", None)
    assert third.band in {"good", "best"}
