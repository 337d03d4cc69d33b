"""A report: nothing leaves before its release, each reads their own part, and a second click sends nothing."""

from __future__ import annotations

import pytest
from sqlmodel import Session, col, select

from models import AuditEntry, Cycle, Message, Report
from models.states import CycleState
from services import evaluations, reports
from services.errors import HubError, NotYours, TooLate
from tests.factories import make_manager, make_unit
from tests.services.evaluation_cast import LATER, Network, make_network, open_cycle, scored_cycle


@pytest.fixture
def network(session: Session) -> Network:
    return scored_cycle(session)


@pytest.fixture
def report_id(session: Session, network: Network) -> int:
    return reports.draft_report(session, "E1", now=LATER).report_id


def mails(session: Session, *kinds: str) -> list[tuple[str, str]]:
    question = select(Message.kind, Message.to_address).where(col(Message.kind).in_(kinds))
    return sorted(session.exec(question).all())


REPORTS = ("report_drafted", "report_released", "hub_score")


def test_a_draft_is_told_to_who_may_release_it_and_to_nobody_else(
    session: Session, network: Network, report_id: int
) -> None:
    assert mails(session, *REPORTS) == [("report_drafted", network.manager.email)]
    assert session.exec(select(Cycle.state)).one() == CycleState.UNDER_REVIEW
    again = reports.draft_report(session, "E1", now=LATER)
    assert (again.report_id, again.mails) == (report_id, 0)
    assert len(mails(session, *REPORTS)) == 1


def test_a_cycle_without_scores_has_no_report(session: Session) -> None:
    make_network(session)
    open_cycle(session)
    with pytest.raises(HubError, match="not_scored"):
        reports.draft_report(session, "E1", now=LATER)


def test_release_sends_each_hub_its_own_score_and_each_manager_a_mail(
    session: Session, network: Network, report_id: int
) -> None:
    done = reports.release_report(session, report_id, by=network.manager.id or 0, now=LATER)
    assert (done.hubs, done.hub_mails, done.manager_mails) == (3, 3, 2)
    assert mails(session, "hub_score") == sorted(("hub_score", one.email) for one in network.coordinators)
    assert mails(session, "report_released") == sorted(
        ("report_released", one.email) for one in (network.manager, network.street_manager)
    )
    keys = session.exec(select(Message.key).where(Message.kind == "hub_score")).all()
    assert set(keys) == {
        f"score:{report_id}:{hub.id}:{person.id}"
        for hub, person in zip(network.hubs, network.coordinators, strict=True)
    }
    assert session.exec(select(Cycle.state)).one() == CycleState.RELEASED
    verbs = session.exec(select(AuditEntry.verb).where(AuditEntry.by_id == network.manager.id)).all()
    assert verbs == ["release", "release"]


def test_a_second_release_sends_nothing(session: Session, network: Network, report_id: int) -> None:
    reports.release_report(session, report_id, by=network.manager.id or 0, now=LATER)
    before = mails(session, *REPORTS)
    again = reports.release_report(session, report_id, by=network.manager.id or 0, now=LATER)
    assert (again.hub_mails, again.manager_mails) == (0, 0)
    assert mails(session, *REPORTS) == before


@pytest.mark.parametrize("who", ["street_manager", "outsider", "coordinator", "assessor"])
def test_only_a_manager_of_the_whole_branch_releases_or_returns(
    session: Session, network: Network, report_id: int, who: str
) -> None:
    people = {
        "street_manager": network.street_manager,
        "outsider": network.outsider,
        "coordinator": network.coordinators[0],
        "assessor": network.assessors[0],
    }
    by = people[who].id or 0
    with pytest.raises(NotYours):
        reports.release_report(session, report_id, by=by, now=LATER)
    with pytest.raises(NotYours):
        reports.return_report(session, report_id, reason="no", by=by, now=LATER)
    with pytest.raises(NotYours):
        reports.report_view(session, report_id, person_id=by)
    assert session.get_one(Report, report_id).released_at is None


def test_the_page_of_a_report_shows_figures_and_rows_by_sub_district(
    session: Session, network: Network, report_id: int
) -> None:
    view = reports.report_view(session, report_id, person_id=network.manager.id or 0)
    assert (view.hubs, view.scored, view.may_release, view.unit.zh) == (3, 3, True, "西城区")
    assert view.mean is not None
    assert view.low is not None
    assert view.high is not None
    assert view.low < view.mean < view.high
    assert [len(group.hubs) for group in view.groups] == [1, 2]
    assert sum(count for _, count in view.bands) == 3
    assert view.bands[0][0].en == "Outstanding"
    row = view.groups[0].hubs[0]
    assert (row.hub.zh, row.hub_id) == (network.hubs[0].name_zh, network.hubs[0].id)
    assert row.chance is not None
    assert "/k/" in row.url
    assert view.edges[-4:] == (60.0, 75.0, 90.0, 100.0)
    assert [check.is_done for check in view.checks] == [True, True, True, True]
    assert view.checks[0].sentence.zh == "3家里3家有总分"


def test_a_manager_below_reads_their_own_branch_after_the_release(
    session: Session, network: Network, report_id: int
) -> None:
    reports.release_report(session, report_id, by=network.manager.id or 0, now=LATER)
    view = reports.report_view(session, report_id, person_id=network.street_manager.id or 0)
    own = [row.hub_id for group in view.groups for row in group.hubs]
    assert own == [hub.id for hub in network.hubs[1:]]
    assert (view.hubs, view.may_release, view.released_by) == (2, False, "祁望舒")
    with pytest.raises(NotYours):
        reports.report_view(session, report_id, person_id=network.outsider.id or 0)


def test_a_hub_reads_its_own_score_after_the_release_and_no_other(
    session: Session, network: Network, report_id: int
) -> None:
    coordinator, hub = network.coordinators[0].id or 0, network.hubs[0].id or 0
    with pytest.raises(NotYours, match="not_released"):
        reports.hub_view(session, report_id, hub, person_id=coordinator, now=LATER)
    reports.release_report(session, report_id, by=network.manager.id or 0, now=LATER)
    view = reports.hub_view(session, report_id, hub, person_id=coordinator, now=LATER)
    assert view.total is not None
    assert len(view.steps) == 3
    assert [line.possible for line in view.dimensions] == pytest.approx([15, 20, 13, 10, 42])
    assert sum(line.points or 0 for line in view.dimensions) == pytest.approx(view.total)
    assert view.sentences[-1].zh.startswith("得分率最高的是")
    with pytest.raises(NotYours):
        reports.hub_view(session, report_id, network.hubs[1].id or 0, person_id=coordinator, now=LATER)
    with pytest.raises(NotYours):
        reports.hub_view(session, report_id, hub, person_id=network.street_manager.id or 0, now=LATER)


def test_a_returned_draft_keeps_its_reason_and_is_drafted_anew(
    session: Session, network: Network, report_id: int
) -> None:
    by = network.manager.id or 0
    with pytest.raises(HubError) as refused:
        reports.return_report(session, report_id, reason=" ", by=by, now=LATER)
    assert [refusal.field for refusal in refused.value.refusals] == ["reason"]
    reports.return_report(session, report_id, reason="场地面积有误", by=by, now=LATER)
    view = reports.report_view(session, report_id, person_id=by)
    assert view.returned_reason is not None
    assert (view.returned_reason.zh, view.may_release) == ("场地面积有误", False)
    with pytest.raises(TooLate, match="not_drafted"):
        reports.release_report(session, report_id, by=by, now=LATER)
    evaluations.score(session, "E1", now=LATER)
    again = reports.draft_report(session, "E1", now=LATER.replace(hour=5))
    assert (again.report_id, again.mails) == (report_id, 1)
    assert reports.report_view(session, report_id, person_id=by).may_release


def test_a_released_report_cannot_be_returned(session: Session, network: Network, report_id: int) -> None:
    by = network.manager.id or 0
    reports.release_report(session, report_id, by=by, now=LATER)
    with pytest.raises(TooLate, match="released_already"):
        reports.return_report(session, report_id, reason="late", by=by, now=LATER)


def test_hubs_without_a_score_are_listed_with_the_reason(session: Session) -> None:
    network = make_network(session)
    open_cycle(session)
    evaluations.score(session, "E1", now=LATER)
    report_id = reports.draft_report(session, "E1", now=LATER).report_id
    view = reports.report_view(session, report_id, person_id=network.manager.id or 0)
    row = view.groups[0].hubs[0]
    assert (view.scored, view.mean, row.total, row.band) == (0, None, None, None)
    assert row.note is not None
    assert row.note.zh.startswith("暂不评档：数据不够（项目申报质量：等第二位评估员打分、")
    assert view.groups[0].headline.zh.endswith("1家，都还没有总分")
    hub = reports.hub_view(session, report_id, row.hub_id, person_id=network.manager.id or 0, now=LATER)
    assert (hub.total, hub.steps, hub.next_band) == (None, (), None)


def test_manager_without_a_hub_in_the_report_gets_no_mail(
    session: Session, network: Network, report_id: int
) -> None:
    elsewhere = make_manager(session, make_unit(session, parent=network.district))
    reports.release_report(session, report_id, by=network.manager.id or 0, now=LATER)
    assert elsewhere.email not in {address for _, address in mails(session, "report_released")}
