"""The metric catalogue: its page is made of the code, and every number is made of the rows that are shown for it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from models import (
    Attendance,
    BackgroundCheck,
    Commitment,
    Cycle,
    FundingApplication,
    FundingExpense,
    FundingLine,
    HoursEntry,
    Hub,
    HubFact,
)
from models.states import ActivityState, CommitmentState, OfferState, Presence
from services import evaluations
from services.frameworks import newest_framework
from services.metric_docs import markdown
from services.metric_rows import A_REPORT, ROW_IS
from services.metrics import METRICS, Period, rows_behind, values
from tests.factories import (
    NOW,
    make_activity,
    make_need,
    make_offer,
    make_participant,
    make_person,
    make_volunteer,
    save,
)
from tests.services.evaluation_cast import make_network

PERIOD = Period(
    first=date(2026, 1, 1),
    last=date(2026, 12, 31),
    start=datetime(2025, 12, 31, 16, tzinfo=UTC),
    end=datetime(2026, 12, 31, 16, tzinfo=UTC),
    now=NOW,
)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def hub(session: Session) -> Hub:
    """A hub with a row of every kind that some metric counts."""
    hub = make_network(session).hubs[0]
    done = make_activity(session, hub, starts_at=NOW - timedelta(days=9), state=ActivityState.DONE)
    make_activity(session, hub, starts_at=NOW - timedelta(days=8), state=ActivityState.CANCELLED)
    full = make_need(session, done, desired=2, maximum=2, taken=2)
    make_need(session, done, role_zh="摄影", minimum=2, desired=3, maximum=3, taken=1)
    for n, person in enumerate([make_volunteer(session, hub), make_volunteer(session, hub)]):
        sent = NOW - timedelta(days=12)
        state = {"sent_at": sent, "answered_at": sent + timedelta(hours=2 + 4 * n), "proposed_at": sent}
        offer = make_offer(session, full, person, state=OfferState.ACCEPTED, **state)
        day = date(2026, 12, 31) if n else date(2026, 11, 30)
        save(session, BackgroundCheck(person_id=person.id, checked_on=date(2025, 11, 30), expires_on=day))
        came = save(session, Attendance(offer_id=offer.id, presence=Presence.PRESENT, recorded_at=NOW))
        hours = {"hub_id": hub.id, "minutes": 90 + n, "served_on": date(2026, 11, 14), "entered_at": NOW}
        save(session, HoursEntry(attendance_id=came.id, person_id=person.id, activity_id=done.id, **hours))
    save(
        session, HubFact(hub_id=hub.id, fact="days_without_social_worker", value=14.0, as_of=date(2026, 6, 1))
    )
    with_money(session, hub)
    return hub


def with_money(session: Session, hub: Hub) -> None:
    """Let a hub have one project approved, half spent and closed, and one rejected."""
    framework = newest_framework(session, "youth-hub", now=NOW)
    asked = {
        "hub_id": hub.id,
        "framework_id": framework.id,
        "created_by_id": make_person(session).id,
        "created_at": NOW,
        "decided_at": NOW - timedelta(days=60),
        "amount_fen": 120_000,
    }
    closed = {"state": "closed", "verdict": "approved", "closed_at": NOW - timedelta(days=2)}
    done = save(session, FundingApplication(once="a", title="夜校", **closed, **asked))
    save(session, FundingApplication(once="b", title="运动会", state="rejected", verdict="rejected", **asked))
    money = {"amount_fen": 120_000, "category": "fees"}
    line = save(session, FundingLine(application_id=done.id or 0, place=1, **money))
    for once, fen in (("a", 40_000), ("b", 20_000)):
        spent = {"amount_fen": fen, "spent_on": NOW.date(), "what": "课酬", "at": NOW}
        about = {"application_id": done.id, "line_id": line.id, "by_id": asked["created_by_id"]}
        save(session, FundingExpense(once=once, **about, **spent))


def test_the_page_of_the_catalogue_is_what_the_code_says() -> None:
    """`make metrics` writes it anew."""
    assert (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8") == markdown()
    assert "—" not in "".join(metric.definition.zh for metric in METRICS.values())
    assert all(
        metric.definition.zh and metric.definition.en and metric.unit.zh for metric in METRICS.values()
    )
    assert set(ROW_IS) <= set(METRICS)
    assert A_REPORT not in ROW_IS.values()


@pytest.mark.parametrize("metric", sorted(METRICS))
def test_every_number_is_made_of_the_rows_that_are_shown_for_it(
    session: Session, hub: Hub, metric: str
) -> None:
    rows = rows_behind(session, metric, PERIOD, hub.id or 0)
    number = values(session, metric, PERIOD).get(hub.id or 0)
    if metric == "commitments_fulfilled_pct":
        assert (rows, number) == ([], None)
        return
    assert rows != []
    assert number == pytest.approx(METRICS[metric].reduce(rows))


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("activities_held", 3.0),
        ("activities_held_pct", 75.0),
        ("participants_reached", 14.0),
        ("places_filled_pct", 60.0),
        ("needs_short", 1.0),
        ("applications_approved_pct", 50.0),
        ("budget_executed_pct", 50.0),
        ("offer_answer_hours", 4.0),
        ("staff_vacancy_days", 14.0),
        ("checks_in_date_pct", 50.0),
        ("volunteer_hours", 181 / 60),
        ("share_under_18_pct", 100 * 9 / 14),
        ("share_18_24_pct", 100 * 5 / 14),
        ("share_25_35_pct", 0.0),
    ],
)
def test_numbers_are_those_that_one_counts_by_hand(
    session: Session, hub: Hub, metric: str, expected: float
) -> None:
    assert values(session, metric, PERIOD)[hub.id or 0] == pytest.approx(expected)


def test_commitments_count_by_their_points_once_confirmed(session: Session, hub: Hub) -> None:
    evaluations.open_cycle(session, code="E1", unit="XC", now=NOW)
    cycle = session.exec(select(Cycle)).one()
    for indicator, points, fulfilment, state in (
        ("hw.area", 4.0, 1.0, CommitmentState.CONFIRMED),
        ("st.case", 12.0, 0.5, CommitmentState.CONFIRMED),
        ("hw.hours", 9.0, None, CommitmentState.PROMISED),
    ):
        save(
            session,
            Commitment(
                hub_id=hub.id, cycle_id=cycle.id, indicator=indicator, points=points, baseline=0.0, target=1.0,
                due_on=date(2026, 9, 1), opened_at=NOW, state=state, fulfilment=fulfilment,
            ),
        )  # fmt: skip
    assert values(session, "commitments_fulfilled_pct", PERIOD) == {hub.id: pytest.approx(100 * 10 / 16)}


def test_rows_name_nobody(session: Session, hub: Hub) -> None:
    make_participant(session, hub)
    make_person(session)
    for metric in METRICS:
        titles = {row.title.zh for row in rows_behind(session, metric, PERIOD, hub.id or 0)}
        assert not any("小" in title and "朋友" in title for title in titles)
    assert {row.title.zh for row in rows_behind(session, "participants_reached", PERIOD, hub.id or 0)} == {""}
