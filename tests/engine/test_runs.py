"""The network's week through the engine: every run completed under its deployment, with its artifact.

And nothing personal in what the engine keeps: its database and its storage are searched for every
name, address and telephone number of the network.
"""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prefect import get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    FlowRunFilter,
    FlowRunFilterId,
)
from sqlalchemy import func
from sqlmodel import select

from cli.engine import EngineServer
from cli.ports import accepts, free_port
from config import clock
from config.settings import settings
from flows.in_place import create_run, flow_for, run_here
from models import Guardian, Participant, Person, RoleKind, Table
from models.session import open_session, read_session
from services.errors import NotFound
from services.work import KINDS
from tests.engine.conftest import eventually
from tests.factories import (
    make_activity,
    make_coordinator,
    make_hub,
    make_manager,
    make_need,
    make_offer,
    make_participant,
    make_person,
    make_role,
    make_series,
    make_unit,
    make_volunteer,
)
from tests.services.funding_cast import Cast, hand_in

pytestmark = [pytest.mark.slow, pytest.mark.prefect]
CYCLE = "2026-end"
FIRST_HALF: list[tuple[str, dict[str, Any]]] = [
    ("plan_activities", {"weeks": 2}),
    ("match_volunteers", {"weeks": 2, "dry_run": True}),
    ("match_volunteers", {"weeks": 2}),
    ("send_offers", {}),
    ("follow_up_offers", {}),
    ("remind_volunteers", {}),
    ("close_activities", {}),
    ("pass_on_places", {}),
    ("send_digests", {"audience": "volunteers"}),
    ("send_digests", {"audience": "coordinators"}),
    ("send_digests", {"audience": "managers"}),
    ("collect_scores", {}),
]
SECOND_HALF: list[tuple[str, dict[str, Any]]] = [
    ("score_hubs", {"cycle": CYCLE}),
    ("draft_report", {"cycle": CYCLE}),
    ("release_report", {"report": 1}),
    ("follow_up_commitments", {}),
    ("remind_of_deadlines", {}),
    ("decide_funding", {"application": 1}),
    ("follow_up_funding", {}),
    ("deliver_mail", {}),
    ("answer_the_bell", {}),
]


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The hands of the clock: they stand still until they are moved, however long a run takes."""
    hands = [clock.now()]
    monkeypatch.setattr(clock, "now", lambda: hands[-1])
    return hands


@pytest.fixture
def people(network: Path) -> dict[str, int]:
    """A sub-district with two hubs, their people, something planned, something over."""
    with open_session() as session:
        unit = make_unit(session, code="D")
        hubs = [make_hub(session, unit=unit, code=f"XC-{n}") for n in (1, 2)]
        manager = make_manager(session, unit, phone="13800000001")
        for hub in hubs:
            make_coordinator(session, hub)
            make_role(session, make_person(session), RoleKind.ASSESSOR, unit=unit)
            volunteers = [make_volunteer(session, hub) for _ in range(3)]
            make_participant(session, hub)
            make_series(session, hub)
            make_need(session, make_activity(session, hub, starts_at=clock.now() + timedelta(days=3)))
            over = make_activity(session, hub, starts_at=clock.now() - timedelta(hours=5))
            make_offer(session, make_need(session, over), volunteers[0], state="accepted")
        asked = Cast(unit, unit, hubs[0], make_coordinator(session, hubs[0]), manager, manager, manager)
        hand_in(session, asked, now=clock.now())
        assert manager.id is not None
        return {"manager": manager.id}


async def run(kind: str, params: dict[str, Any]) -> tuple[str, UUID]:
    flow_run = await create_run(kind, params)
    await run_here(flow_for(kind), flow_run)
    return kind, flow_run.id


async def shown(runs: list[tuple[str, UUID]]) -> list[tuple[str, str, bool, list[str]]]:
    """What Prefect's own API says of runs: kind, state, whether deployed, keys of artifacts."""
    ids = [run_id for _, run_id in runs]
    async with get_client() as client:
        stored = await client.read_flow_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=ids)))
        mine = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=ids))
        artifacts = await client.read_artifacts(artifact_filter=mine)
    by_id = {item.id: item for item in stored}
    return [
        (
            kind,
            by_id[run_id].state_name or "",
            by_id[run_id].deployment_id is not None,
            [item.key for item in artifacts if item.flow_run_id == run_id and item.key],
        )
        for kind, run_id in runs
    ]


def sizes() -> dict[str, int]:
    """How many rows each table has."""
    with read_session() as session:
        tables = Table.metadata.sorted_tables
        return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def personal() -> list[str]:
    with read_session() as session:
        people = [
            *session.exec(select(Person)),
            *session.exec(select(Participant)),
            *session.exec(select(Guardian)),
        ]
    words = {word for one in people for word in (one.name, one.email, getattr(one, "phone", "")) if word}
    return sorted(words)


def found_in(folder: Path, words: list[str]) -> list[str]:
    spelt = {word: {word.encode(), ascii(word)[1:-1].encode()} for word in words}
    kept = [file.read_bytes() for file in folder.rglob("*") if file.is_file()]
    return [word for word, forms in spelt.items() if any(form in text for form in forms for text in kept)]


@pytest.fixture
def mail(network: Path, start: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv("YOUTHHUB_SMTP_PORT", str(port))
    settings.cache_clear()
    start("mail", "-m", "cli.maildir_server", "--port", str(port), "--maildir", str(network / "mail"))
    eventually(lambda: accepts("127.0.0.1", port))


def test_week_of_the_network_is_completed_with_artifacts_twice_and_keeps_nobody_s_name(
    server: EngineServer, hands: list[datetime], people: dict[str, int], mail: None, network: Path
) -> None:
    closes_at = clock.now() + timedelta(minutes=1)
    opening = ("open_evaluation", {"cycle": CYCLE, "unit": "D", "closes_at": closes_at.isoformat()})
    second = [
        (kind, params | ({"by": people["manager"]} if "report" in params else {}))
        for kind, params in SECOND_HALF
    ]

    async def week() -> list[tuple[str, UUID]]:
        first = [await run(*item) for item in [opening, *FIRST_HALF]]
        hands.append(closes_at)
        return first + [await run(*item) for item in second]

    runs = asyncio.run(week())
    kinds = [kind for kind, _ in runs]
    assert sorted(set(kinds)) == sorted(KINDS)
    expected = [(kind, "Completed", True, [kind.replace("_", "-")]) for kind in kinds]
    assert asyncio.run(shown(runs)) == expected
    assert len(list((network / "mail" / "new").iterdir())) > 5

    before = sizes()
    again = [item for item in [opening, *FIRST_HALF, *second] if item[0] != "match_volunteers"]
    runs = asyncio.run(one_after_another(again))
    assert [state for _, state, _, _ in asyncio.run(shown(runs))] == ["Completed"] * len(again)
    assert sizes() == before

    assert len(personal()) > 20
    assert found_in(network / "mail", personal()) != [], "the search finds what is there"
    assert found_in(server.home, personal()) == []


async def one_after_another(items: list[tuple[str, dict[str, Any]]]) -> list[tuple[str, UUID]]:
    return [await run(*item) for item in items]


def test_refused_run_fails_with_codes_only(server: EngineServer, people: dict[str, int]) -> None:
    flow_run = asyncio.run(create_run("match_volunteers", {"hub": "XC-9"}))
    with pytest.raises(NotFound):
        asyncio.run(run_here(flow_for("match_volunteers"), flow_run))
    ((_, state, _, keys),) = asyncio.run(shown([("match_volunteers", flow_run.id)]))
    assert (state, keys) == ("Failed", ["match-volunteers"])


def test_parameter_that_is_none_is_refused_by_the_engine(server: EngineServer) -> None:
    with pytest.raises(Exception, match="409"):
        asyncio.run(create_run("plan_activities", {"weeks": 99}))
