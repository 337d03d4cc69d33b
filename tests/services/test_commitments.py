"""Commitments: opened by a release, promised by the hub, confirmed by somebody else, told upwards when overdue."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import Session, col, select

from models import AuditEntry, Commitment, Cycle, HubFact, Message
from models.states import CommitmentState
from services import commitment_follow_up, commitment_views, commitments, due, evaluations, reports
from services.commitments import Promise
from services.errors import HubError, NotYours, TooLate
from services.evaluation_collecting import inputs_of
from services.frameworks import framework_of
from tests.factories import make_manager, save
from tests.services.evaluation_cast import (
    LATER,
    Network,
    answer_all,
    make_network,
    open_cycle,
    scored_cycle,
)


@pytest.fixture
def network(session: Session) -> Network:
    network = scored_cycle(session)
    report = reports.draft_report(session, "E1", now=LATER).report_id
    reports.release_report(session, report, by=network.manager.id or 0, now=LATER)
    return network


def of(session: Session, network: Network, place: int = 0) -> Commitment:
    """The draft of a hub that costs the most points."""
    question = select(Commitment).where(Commitment.hub_id == network.hubs[place].id)
    return session.exec(question.order_by(col(Commitment.id))).all()[0]


def promised(session: Session, network: Network, **over: object) -> Commitment:
    found = of(session, network)
    given = {
        "target": found.target,
        "due_on": date(2027, 6, 30),
        "owner_id": network.coordinators[0].id,
        "plan": "多请两所学校",
        "evidence": "签到表",
    }
    commitments.promise(
        session,
        found.id or 0,
        Promise(**{**given, **over}),  # type: ignore[arg-type]
        by=network.coordinators[0].id or 0,
        now=LATER,
    )
    return found


def test_release_opens_a_draft_for_each_criterion_below_half_and_tells_the_hub(
    session: Session, network: Network
) -> None:
    drafts = session.exec(select(Commitment).where(Commitment.hub_id == network.hubs[0].id)).all()
    assert [(one.indicator, one.state, one.repeats) for one in drafts] == [
        ("ef.reach", "draft", 0),
        ("ef.hours", "draft", 0),
    ]
    assert [(one.baseline, one.target, one.due_on) for one in drafts] == [
        (14.0, 63.2, date(2027, 12, 31)),
        (0.0, 50.0, date(2027, 12, 31)),
    ]
    assert drafts[0].owner_id == network.coordinators[0].id
    told = session.exec(select(Message.to_address).where(Message.kind == "hub_notice")).all()
    assert sorted(told) == sorted(one.email for one in network.coordinators)


def test_a_pilot_has_no_consequences(session: Session) -> None:
    network = make_network(session)
    for hub in network.hubs:
        hub.is_demonstration = True
    session.flush()
    open_cycle(session, pilot=True)
    answer_all(session)
    evaluations.score(session, "E1", now=LATER)
    report = reports.draft_report(session, "E1", now=LATER).report_id
    assert reports.release_report(session, report, by=network.manager.id or 0, now=LATER).commitments == 0


def test_promise_names_every_wrong_field_and_d12_for_a_target_that_is_no_better(
    session: Session, network: Network
) -> None:
    with pytest.raises(HubError) as refused:
        promised(session, network, target=10.0, due_on=date(2026, 1, 1), owner_id=None, plan=" ", evidence="")
    codes = {refusal.field: refusal.code for refusal in refused.value.refusals}
    assert codes == {
        "target": "D12",
        "due_on": "due_on",
        "owner": "owner",
        "plan": "plan_missing",
        "evidence": "evidence_missing",
    }


def test_only_the_hub_promises_and_only_somebody_else_confirms(session: Session, network: Network) -> None:
    found = promised(session, network)
    commitment, own, manager = found.id or 0, network.coordinators[0].id or 0, network.manager.id or 0
    with pytest.raises(NotYours):
        commitments.note_progress(session, commitment, 20, "x", by=network.coordinators[1].id or 0, now=LATER)
    commitments.note_progress(session, commitment, 20, "多来了6人", by=own, now=LATER)
    commitments.report_result(session, commitment, 38.6, "到6月", by=own, now=LATER)
    for stranger in (own, network.outsider.id or 0, network.street_manager.id or 0):
        with pytest.raises(NotYours):
            commitments.confirm(session, commitment, by=stranger, now=LATER)
    commitments.confirm(session, commitment, by=manager, now=LATER)
    assert (found.state, found.fulfilment) == ("confirmed", pytest.approx((38.6 - 14) / (63.2 - 14)))
    with pytest.raises(TooLate):
        commitments.confirm(session, commitment, by=manager, now=LATER)
    trail = session.exec(
        select(AuditEntry.verb).where(AuditEntry.thing == "commitment", AuditEntry.thing_id == commitment)
    ).all()
    assert sorted(trail) == ["confirm", "open", "progress", "promise", "report"]


def test_a_manager_who_runs_the_hub_cannot_confirm(session: Session, network: Network) -> None:
    from models import RoleKind  # noqa: PLC0415 -- used here alone
    from tests.factories import make_role  # noqa: PLC0415 -- used here alone

    make_role(session, network.manager, RoleKind.COORDINATOR, hub=network.hubs[0])
    found = promised(session, network)
    commitments.report_result(
        session, found.id or 0, 63, "到了", by=network.coordinators[0].id or 0, now=LATER
    )
    with pytest.raises(NotYours, match="somebody_else"):
        commitments.confirm(session, found.id or 0, by=network.manager.id or 0, now=LATER)


def test_sent_back_keeps_the_reason_and_the_promise(session: Session, network: Network) -> None:
    found = promised(session, network)
    own, manager = network.coordinators[0].id or 0, network.manager.id or 0
    commitments.report_result(session, found.id or 0, 70, "到了", by=own, now=LATER)
    with pytest.raises(HubError, match="reason_missing"):
        commitments.send_back(session, found.id or 0, " ", by=manager, now=LATER)
    commitments.send_back(session, found.id or 0, "签到表缺两周", by=manager, now=LATER)
    assert (found.state, found.reason) == ("promised", "签到表缺两周")
    commitments.report_result(session, found.id or 0, 65, "补齐了", by=own, now=LATER)
    assert (found.state, found.reason) == ("reported", "")


def test_overdue_goes_up_the_tree_a_unit_at_a_time(session: Session, network: Network) -> None:
    street = make_manager(session, network.streets[0])
    found = promised(session, network)
    for other in session.exec(select(Commitment).where(Commitment.id != found.id)).all():
        commitments.drop(session, other.id or 0, "以后再说", by=network.manager.id or 0, now=LATER)
    in_time = LATER.replace(year=2027, month=6, day=20)
    assert commitment_follow_up.follow_up(session, now=in_time).reminded == 1
    assert commitment_follow_up.follow_up(session, now=in_time).reminded == 0
    late = LATER.replace(year=2027, month=7, day=1)
    told: list[str] = []
    for days in (0, 1, 14, 28):
        now = late + timedelta(days=days)
        before = set(session.exec(select(Message.key)).all())
        asked = list(due.commitments_to_follow_up(session, now))
        done = commitment_follow_up.follow_up(session, now=now)
        assert bool(asked) == bool(done.escalated)
        new = select(Message.to_address).where(Message.kind == "decisions", col(Message.key).not_in(before))
        told += [",".join(session.exec(new).all())]
    assert told == [street.email, "", network.manager.email, network.manager.email]


def test_a_draft_that_nobody_promises_goes_up_too(session: Session, network: Network) -> None:
    count = len(session.exec(select(Commitment)).all())
    after = LATER + timedelta(days=31)
    assert commitment_follow_up.follow_up(session, now=after).escalated == count


def test_the_next_cycle_shows_what_was_missed_before(session: Session, network: Network) -> None:
    first = promised(session, network)
    commitments.report_result(
        session, first.id or 0, 14, "没做成", by=network.coordinators[0].id or 0, now=LATER
    )
    commitments.confirm(session, first.id or 0, by=network.manager.id or 0, now=LATER)
    later = LATER + timedelta(days=120)
    evaluations.open_cycle(session, code="E2", unit="XC", now=LATER, year=2026)
    answer_all(session)
    evaluations.score(session, "E2", now=later)
    report = reports.draft_report(session, "E2", now=later).report_id
    reports.release_report(session, report, by=network.manager.id or 0, now=later)
    found = commitment_views.of_hub(session, network.hubs[0].id or 0, now=later)
    assert [(one.title.en, one.state, one.repeats) for one in found] == [
        ("Volunteer hours", "draft", 0),  # still runs, so the second result opened no other
        ("Young people reached", "draft", 1),
        ("Young people reached", "confirmed", 0),
    ]


def test_fulfilment_becomes_a_fact_of_the_next_score_once_all_is_confirmed(
    session: Session, network: Network
) -> None:
    found = promised(session, network, due_on=date(2026, 12, 20))
    hub = network.hubs[0]
    save(session, HubFact(hub_id=hub.id or 0, fact="fulfilment", value=1.0, as_of=date(2026, 1, 1)))
    cycle = session.exec(select(Cycle)).one()
    framework = framework_of(session, cycle)

    def fact() -> float | None:
        inputs = inputs_of(session, cycle, framework, LATER)
        return next(one.facts for one in inputs.hubs if one.code == hub.code).get("fulfilment")

    assert fact() is None
    commitments.report_result(
        session, found.id or 0, 38.6, "一半", by=network.coordinators[0].id or 0, now=LATER
    )
    commitments.confirm(session, found.id or 0, by=network.manager.id or 0, now=LATER)
    assert fact() == pytest.approx(0.5)


def test_commitment_states_are_those_of_the_table() -> None:
    assert {str(state) for state in CommitmentState} == {
        "draft", "promised", "reported", "confirmed", "dropped",
    }  # fmt: skip
