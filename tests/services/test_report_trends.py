"""Across two versions of the framework hubs are compared over the bridge alone, and only where it holds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from models import HubFact, HubScore, Report
from services import evaluations, reports
from services.frameworks import register_framework
from services.report_scores import scores_of
from services.report_standing import standing_of
from tests.evaluation.builders import FRAMEWORKS
from tests.factories import NOW, save
from tests.services.evaluation_cast import LATER, Network, answer_all, scored_cycle

SHIPPED = (FRAMEWORKS / "youth-hub-2026.yaml").read_text(encoding="utf-8")
NEXT = SHIPPED.replace('version: "2026.1"', 'version: "2027.1", supersedes: "2026.1"').replace(
    "min_n: 6", "min_n: 1"
)
BRIDGE = 'bridge: {id: core, from: "2026.1", zh: 可比指标, en: Comparable indicators, indicators: [hw.area, hw.hours]}\n'
NEXT_YEAR = NOW + timedelta(days=300)


@pytest.fixture
def network(session: Session) -> Network:
    network = scored_cycle(session)
    first = reports.draft_report(session, "E1", now=LATER).report_id
    reports.release_report(session, first, by=network.manager.id or 0, now=LATER)
    return network


def scored_again(session: Session, network: Network, framework: str) -> int:
    """Score the network a year on, its first hub with a larger venue, and return the draft of the report."""
    register_framework(session, framework, now=NEXT_YEAR)
    save(session, HubFact(hub_id=network.hubs[0].id, fact="venue_area_m2", value=104, as_of=NEXT_YEAR.date()))
    evaluations.open_cycle(
        session,
        code="E2",
        unit="XC",
        now=NEXT_YEAR,
        period=(NOW.date() - timedelta(days=60), NEXT_YEAR.date()),
    )
    answer_all(session)
    evaluations.score(session, "E2", now=NEXT_YEAR + timedelta(days=7))
    return reports.draft_report(session, "E2", now=NEXT_YEAR + timedelta(days=7)).report_id


def changes(session: Session, report_id: int) -> list[tuple[float, bool] | None]:
    standing = standing_of(session, scores_of(session, session.get_one(Report, report_id)))
    found = [standing.change(one) for one in standing.scores.hubs]
    return [None if one is None else (one.points, one.is_clear) for one in found]


def test_hubs_move_over_the_bridge_alone(session: Session, network: Network) -> None:
    """16 of 80 square metres more are a fifth of 4 of the bridge's 7 points."""
    report_id = scored_again(session, network, NEXT + BRIDGE)
    moved, *others = changes(session, report_id)
    assert moved == (pytest.approx(100 * 0.2 * 4 / 7), True)
    assert others == [(pytest.approx(0), False)] * 2
    trust = reports.report_view(session, report_id, person_id=network.manager.id or 0).trust
    assert trust is not None
    assert (
        trust.standing[0].zh
        == "和2026.1版的结果比前后，只看“可比指标”里的2个指标：它们在两版里量的是一回事。"
    )


def test_without_a_bridge_nothing_is_compared(session: Session, network: Network) -> None:
    assert changes(session, scored_again(session, network, NEXT)) == [None, None, None]


def test_a_run_that_kept_no_errors_tells_no_trend(session: Session, network: Network) -> None:
    for one in session.exec(select(HubScore)):
        one.detail = {key: value for key, value in one.detail.items() if key != "share_errors"}
    session.flush()
    assert changes(session, scored_again(session, network, NEXT + BRIDGE)) == [None, None, None]
