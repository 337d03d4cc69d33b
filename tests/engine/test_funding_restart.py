"""A decision outlives every process: asked by one set of them, answered and carried out by another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from sqlmodel import select

from cli.engine import EngineServer, answers
from cli.ports import free_port
from cli.supervisor import Process
from config import clock
from models import Dispatch, FundingApplication, Message
from models.session import open_session, read_session
from notifications import links
from notifications.links import Purpose
from services.funding_base import content_of, seal_of
from tests.engine.conftest import eventually
from tests.services.funding_cast import drafted, make_cast

pytestmark = [pytest.mark.slow, pytest.mark.prefect]
Start = Callable[..., Process]


def state() -> str:
    with read_session() as session:
        return session.exec(select(FundingApplication.state)).one()


def press(url: str, **fields: str) -> None:
    with urlopen(Request(url, data=urlencode(fields).encode()), timeout=10) as page:
        assert page.status == 200


def start_all(start: Start, name: str) -> tuple[str, list[Process]]:
    """Start portal, worker and clock, and return the portal's address."""
    port = free_port()
    parts = [
        start(f"portal-{name}", "-m", "cli", "portal", "--port", str(port)),
        start(f"worker-{name}", "-m", "cli.worker"),
        start(f"clock-{name}", "-m", "cli.clock"),
    ]
    eventually(lambda: answers(f"http://127.0.0.1:{port}/healthz"))
    return f"http://127.0.0.1:{port}", parts


def test_every_process_dies_between_question_and_answer(
    server: EngineServer, start: Start, network: Path
) -> None:
    until = clock.now() + timedelta(days=1)
    with open_session() as session:
        cast = make_cast(session)
        found = drafted(session, cast, now=clock.now())
        seal = seal_of(content_of(session, found))
        hub = links.make(Purpose.HUB, cast.hub.id or 0, cast.asker.id or 0, expires_at=until)
        branch = links.make(
            Purpose.BRANCH, cast.street.id or 0, cast.street_manager.id or 0, expires_at=until
        )
    base, parts = start_all(start, "before")
    press(f"{base}/h/{hub}/funding/1", seal=seal)
    eventually(lambda: state() == "under_review")
    with read_session() as session:
        asked = session.exec(select(Dispatch).where(Dispatch.kind == "decide_funding")).one()
        assert asked.result["sentences"] == [["等待决定。", "Awaiting decision."]]
        assert session.exec(select(Message.kind).where(Message.kind == "funding_asked")).all() == [
            "funding_asked"
        ]
    for part in (*parts, server.process):
        part.kill()
    server.start()
    server.wait()
    assert state() == "under_review"
    base, _ = start_all(start, "after")
    press(f"{base}/b/{branch}/funding/1", seal=seal, verdict="approve", reason="")
    eventually(lambda: state() == "approved")
    with read_session() as session:
        told = session.exec(select(Message.kind).where(Message.kind == "funding_decided")).all()
    assert told == ["funding_decided"]
