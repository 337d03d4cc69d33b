"""A hub checks a draft and appeals a release; somebody else decides; a number takes two people to change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, select

from models import AuditEntry, Cycle, HubScore, Message, Objection, Observation, Report
from models.states import CycleState
from scheduling.holidays import is_working_day, working_days_after
from services import evaluations, objection_views, objections, overrides, reports
from services.errors import HubError, NotYours, TooLate
from services.overrides import Correction
from tests.factories import make_manager
from tests.services.evaluation_cast import LATER, Network, scored_cycle


@pytest.fixture
def network(session: Session) -> Network:
    return scored_cycle(session)


@pytest.fixture
def report_id(session: Session, network: Network) -> int:
    return reports.draft_report(session, "E1", now=LATER).report_id


def appeal(session: Session, network: Network, report_id: int, **over: object) -> int:
    given = {"indicator": "pj.quality", "ground": "evidence", "words": "交过评估计划", "now": LATER}
    return objections.object_to(
        session,
        report_id,
        network.hubs[0].id or 0,
        by=network.coordinators[0].id or 0,
        **{**given, **over},  # type: ignore[arg-type]
    ).objection_id


def released(session: Session, network: Network, report_id: int) -> None:
    reports.release_report(session, report_id, by=network.manager.id or 0, now=LATER)


def test_working_days_leave_out_holidays_and_count_make_up_days() -> None:
    assert not is_working_day(date(2026, 10, 1))
    assert is_working_day(date(2026, 10, 10))
    assert working_days_after(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert working_days_after(date(2026, 11, 30), 10) == date(2026, 12, 14)


def test_hub_sees_its_draft_once_it_is_shared_and_may_object_to_a_fact(
    session: Session, network: Network, report_id: int
) -> None:
    hub, own = network.hubs[0].id or 0, network.coordinators[0].id or 0
    with pytest.raises(NotYours):
        reports.hub_view(session, report_id, hub, person_id=own, now=LATER)
    with pytest.raises(TooLate, match="A01"):
        appeal(session, network, report_id)
    shared = objections.share_draft(session, report_id, by=network.manager.id or 0, now=LATER)
    assert shared.mails == 3
    assert shared.until == datetime(2026, 12, 14, 16, 0, tzinfo=UTC)
    view = reports.hub_view(session, report_id, hub, person_id=own, now=LATER)
    assert (view.is_draft, view.window.stage if view.window else "") == (True, "accuracy")
    objection = appeal(session, network, report_id)
    assert session.get_one(Objection, objection).stage == "accuracy"
    with pytest.raises(HubError, match="open_objections"):
        released(session, network, report_id)


def test_release_waits_until_the_facts_could_be_checked(
    session: Session, network: Network, report_id: int
) -> None:
    objections.share_draft(session, report_id, by=network.manager.id or 0, now=LATER)
    with pytest.raises(HubError, match="accuracy_open") as refused:
        released(session, network, report_id)
    assert "14 Dec 2026" in refused.value.sentence.en
    after = LATER + timedelta(days=15)
    assert reports.release_report(session, report_id, by=network.manager.id or 0, now=after).hubs == 3


def test_a01_appeal_needs_a_ground_a_criterion_and_words(
    session: Session, network: Network, report_id: int
) -> None:
    released(session, network, report_id)
    with pytest.raises(HubError) as refused:
        appeal(session, network, report_id, indicator="x", ground="because", words=" ")
    assert [(one.code, one.field) for one in refused.value.refusals] == [
        ("indicator", "indicator"), ("A01", "ground"), ("words_missing", "words"),
    ]  # fmt: skip


def test_a01_appeal_outside_its_window_is_refused_with_the_date(
    session: Session, network: Network, report_id: int
) -> None:
    released(session, network, report_id)
    with pytest.raises(TooLate, match="A01") as refused:
        appeal(session, network, report_id, now=LATER + timedelta(days=15))
    assert "2026年12月14日" in refused.value.sentence.zh
    assert "14 Dec 2026" in refused.value.sentence.en


def test_somebody_else_decides_an_appeal_with_a_reason(
    session: Session, network: Network, report_id: int
) -> None:
    other = make_manager(session, network.district).id or 0
    released(session, network, report_id)
    objection = appeal(session, network, report_id)
    words = {"is_upheld": True, "answer": "计划在第7页", "now": LATER}
    for stranger in (network.manager, network.outsider, network.street_manager, network.coordinators[0]):
        with pytest.raises(NotYours):
            objections.decide(session, objection, by=stranger.id or 0, **words)  # type: ignore[arg-type]
    with pytest.raises(HubError, match="reason_missing"):
        objections.decide(session, objection, is_upheld=True, answer=" ", by=other, now=LATER)
    objections.decide(session, objection, by=other, **words)  # type: ignore[arg-type]
    with pytest.raises(TooLate, match="decided"):
        objections.decide(session, objection, by=other, **words)  # type: ignore[arg-type]
    found = session.get_one(Objection, objection)
    assert (found.state, found.decided_by_id, found.answer) == ("upheld", other, "计划在第7页")
    told = select(Message.to_address).where(Message.key.startswith(f"objection:{objection}:decided"))  # type: ignore[attr-defined] # -- a column
    assert session.exec(told).all() == [network.coordinators[0].email]
    verbs = select(AuditEntry.verb).where(AuditEntry.thing == "objection").order_by(AuditEntry.id)  # type: ignore[arg-type] # -- a column
    assert session.exec(verbs).all() == ["object", "upheld"]


def upheld(session: Session, network: Network, report_id: int) -> tuple[int, int]:
    """An upheld appeal and the second manager, who decided it."""
    other = make_manager(session, network.district).id or 0
    released(session, network, report_id)
    objection = appeal(session, network, report_id)
    objections.decide(session, objection, is_upheld=True, answer="对", by=other, now=LATER)
    return objection, other


def correction(session: Session, network: Network, objection: int, by: int, **over: object) -> Correction:
    view = objection_views.objection_view(session, objection, by=by)
    assert [one.source.en for one in view.values] == ["assessor 1", "assessor 2"]
    given = {
        "hub_id": network.hubs[0].id,
        "indicator": "pj.quality",
        "value": 4.0,
        "reason": "计划在第7页",
        "observation_id": view.values[0].observation_id,
    }
    return Correction(**{**given, **over})  # type: ignore[arg-type]


def total(session: Session, report_id: int, hub: int) -> float:
    report = session.get_one(Report, report_id)
    return session.get_one(HubScore, (report.run_id, hub)).total or 0.0


def test_a02_override_needs_a_reason_a_value_and_a_second_person(
    session: Session, network: Network, report_id: int
) -> None:
    objection, other = upheld(session, network, report_id)
    bad = correction(session, network, objection, other, reason=" ", value=2.5, observation_id=999999)
    with pytest.raises(HubError) as refused:
        overrides.propose(session, report_id, bad, by=other, now=LATER)
    assert [(one.code, one.field) for one in refused.value.refusals] == [
        ("value", "value"), ("A02", "reason"), ("observation", "observation"),
    ]  # fmt: skip
    good = correction(session, network, objection, other)
    override = overrides.propose(session, report_id, good, by=other, now=LATER).override_id
    with pytest.raises(NotYours, match="A02"):
        overrides.confirm(session, override, by=other, now=LATER)
    with pytest.raises(NotYours):
        overrides.confirm(session, override, by=network.street_manager.id or 0, now=LATER)


def test_confirmed_override_names_the_old_row_scores_anew_and_tells_the_hub(
    session: Session, network: Network, report_id: int
) -> None:
    objection, other = upheld(session, network, report_id)
    hub, by = network.hubs[0].id or 0, network.manager.id or 0
    given = correction(session, network, objection, other)
    old = session.get_one(Observation, given.observation_id)
    before = total(session, report_id, hub)
    others = total(session, report_id, network.hubs[1].id or 0)
    override = overrides.propose(session, report_id, given, by=other, now=LATER).override_id
    assert total(session, report_id, hub) == before
    overrides.confirm(session, override, by=by, now=LATER)
    new = session.exec(select(Observation).where(Observation.corrects_id == old.id)).one()
    assert (new.value, new.source, new.rater_id) == (4.0, "override", old.rater_id)
    gain = (4.0 - old.value) / 2 / 4 * 6  # one of two raters, four levels, six points
    assert total(session, report_id, hub) == pytest.approx(before + gain)
    assert total(session, report_id, network.hubs[1].id or 0) == others
    assert session.get_one(Report, report_id).revision == 2
    assert session.exec(select(Cycle.state)).one() == CycleState.RELEASED
    with pytest.raises(TooLate, match="settled"):
        overrides.confirm(session, override, by=by, now=LATER)
    told = select(Message.to_address).where(Message.key.startswith(f"override:{override}:"))  # type: ignore[attr-defined] # -- a column
    assert session.exec(told).all() == [network.coordinators[0].email]


def test_answers_of_residents_cannot_be_set_right(session: Session, network: Network, report_id: int) -> None:
    given = Correction(network.hubs[0].id or 0, "sv.activity", 5.0, "更好")
    with pytest.raises(HubError, match="indicator"):
        overrides.propose(session, report_id, given, by=network.manager.id or 0, now=LATER)


def test_no_recount_goes_over_what_two_people_set_right(
    session: Session, network: Network, report_id: int
) -> None:
    other, by = make_manager(session, network.district).id or 0, network.manager.id or 0
    hub, cycle = network.hubs[0], session.exec(select(Cycle)).one()
    old = overrides.standing(session, cycle, hub.id or 0, "ef.reach")[0]
    given = Correction(hub.id or 0, "ef.reach", 40.0, "名单漏了一页", observation_id=old.id)
    override = overrides.propose(session, report_id, given, by=other, now=LATER).override_id
    overrides.confirm(session, override, by=by, now=LATER)
    reports.return_report(session, report_id, reason="再收一次", by=by, now=LATER)
    evaluations.collect(session, "E1", now=LATER)
    evaluations.score(session, "E1", now=LATER)
    assert [one.value for one in overrides.standing(session, cycle, hub.id or 0, "ef.reach")] == [40.0]


def test_refused_override_changes_nothing(session: Session, network: Network, report_id: int) -> None:
    objection, other = upheld(session, network, report_id)
    given = correction(session, network, objection, other)
    override = overrides.propose(session, report_id, given, by=other, now=LATER).override_id
    before = total(session, report_id, network.hubs[0].id or 0)
    with pytest.raises(HubError, match="A02"):
        overrides.refuse_override(session, override, "", by=network.manager.id or 0, now=LATER)
    overrides.refuse_override(session, override, "没有依据", by=network.manager.id or 0, now=LATER)
    assert total(session, report_id, network.hubs[0].id or 0) == before
