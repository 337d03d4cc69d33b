"""How far scores can be trusted is kept with the run and told in plain words, people only to who may release."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from models import Cycle, HubScore, Report, ScoreRun
from services import evaluations, reports
from tests.services.evaluation_cast import LATER, Network, answer_all, make_network, open_cycle, scored_cycle


@pytest.fixture
def network(session: Session) -> Network:
    return scored_cycle(session)


@pytest.fixture
def report_id(session: Session, network: Network) -> int:
    return reports.draft_report(session, "E1", now=LATER).report_id


def test_a_run_keeps_what_stands_beside_its_scores(session: Session, network: Network) -> None:
    kept = session.exec(select(ScoreRun)).one().beside
    assert set(kept) == {
        "comparison",
        "weights",
        "sensitivity",
        "reliability",
        "severity",
        "pattern",
        "notes",
    }
    assert [row["indicator"] for row in kept["reliability"]] == ["pj.quality", "ef.observe", "st.case"]
    assert [row["part"] for row in kept["weights"]] == ["results", "skill", "satisfaction"]
    assert kept["severity"]["applied"] is False
    for one in session.exec(select(HubScore)):
        low, high = one.detail["rank_interval"]
        assert low <= one.detail["rank"] <= high
        assert set(one.detail["beside"]) == {"hub", "overlap", "funnel", "shrunken", "p_value", "differs"}
        assert one.detail["pattern"] == []


def test_severity_is_taken_off_only_where_the_cycle_said_so_when_it_opened(session: Session) -> None:
    make_network(session)
    open_cycle(session, applies_severity=True)
    answer_all(session)
    evaluations.score(session, "E1", now=LATER)
    assert session.exec(select(Cycle.applies_severity)).one() is True
    assert session.exec(select(ScoreRun)).one().beside["severity"]["applied"] is True


def test_a_report_says_what_decides_and_how_far_assessors_agree(
    session: Session, network: Network, report_id: int
) -> None:
    trust = reports.report_view(session, report_id, person_id=network.manager.id or 0).trust
    assert trust is not None
    assert trust.standing[0].en.startswith("Of 3 hubs 0 truly differ")
    assert [line.title.zh for line in trust.weights] == ["工作成效", "专业能力", "社会满意"]
    assert trust.agreement[0].title.en == "Quality of project applications"
    assert {line.title.zh for line in trust.assessors} == {one.name for one in network.assessors}
    assert trust.severity is not None
    assert trust.severity.zh == "宽严只作报告，没有改动任何得分。"
    assert 0 < len(trust.shifts) <= 5


def test_assessors_are_named_to_nobody_but_who_may_release(
    session: Session, network: Network, report_id: int
) -> None:
    reports.release_report(session, report_id, by=network.manager.id or 0, now=LATER)
    below = reports.report_view(session, report_id, person_id=network.street_manager.id or 0).trust
    assert below is not None
    assert (below.assessors, len(below.agreement)) == ((), 3)


def test_a_hub_learns_how_sure_its_score_is(session: Session, network: Network, report_id: int) -> None:
    view = reports.hub_view(
        session, report_id, network.hubs[0].id or 0, person_id=network.manager.id or 0, now=LATER
    )
    chance, place, differs, *_ = view.trust.sentences
    assert chance.en.startswith("How likely each band is: ")
    assert place.zh == "在3家里，名次多半在第1到第3之间；这中间的先后说明不了什么。"
    assert differs.en == "The difference from the mean of the others may be chance."
    assert view.trust.gaps == ()


def test_a_run_of_before_tells_nothing(session: Session, network: Network, report_id: int) -> None:
    run = session.get_one(ScoreRun, session.get_one(Report, report_id).run_id)
    run.beside = {}
    for one in session.exec(select(HubScore)):
        one.detail = {
            key: value
            for key, value in one.detail.items()
            if key not in {"beside", "pattern", "rank", "rank_interval"}
        }
    session.flush()
    by = network.manager.id or 0
    assert reports.report_view(session, report_id, person_id=by).trust is None
    view = reports.hub_view(session, report_id, network.hubs[0].id or 0, person_id=by, now=LATER)
    assert [one.en.split(":")[0] for one in view.trust.sentences] == ["How likely each band is"]
