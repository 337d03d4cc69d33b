"""A coordinator's button: from the click to the result in words, over HTTP, through the engine."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from cli.engine import EngineServer, answers
from cli.ports import free_port
from cli.supervisor import Process
from config import clock
from models.session import open_session
from notifications import links
from notifications.links import Purpose
from tests.engine.conftest import PATIENCE, eventually
from tests.factories import make_activity, make_coordinator, make_hub, make_need, make_volunteer

pytestmark = [pytest.mark.slow, pytest.mark.prefect]


@pytest.fixture
def desk(network: Path) -> str:
    """The path of the page of a hub whose activity needs people."""
    with open_session() as session:
        hub = make_hub(session)
        coordinator = make_coordinator(session, hub)
        for _ in range(5):
            make_volunteer(session, hub)
        for day in (2, 3, 4):
            make_need(session, make_activity(session, hub, starts_at=clock.now() + timedelta(days=day)))
        assert hub.id is not None
        assert coordinator.id is not None
        expires_at = clock.now() + timedelta(days=1)
        return f"/h/{links.make(Purpose.HUB, hub.id, coordinator.id, expires_at=expires_at)}"


def click(url: str, once: str) -> str:
    """Press the button, follow to the page of the result, and return its address."""
    form = f"weeks=2&dry_run=1&once={once}".encode()
    with urlopen(Request(url, data=form), timeout=PATIENCE) as page:
        return str(page.url)


def is_over(url: str) -> bool:
    with urlopen(url, timeout=PATIENCE) as page:
        return 'http-equiv="refresh"' not in page.read().decode()


def test_match_of_a_hub_from_button_to_result_in_words(
    server: EngineServer, desk: str, start: Callable[..., Process]
) -> None:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    start("portal", "-m", "cli", "portal", "--port", str(port))
    start("task-worker", "-m", "cli.worker")
    eventually(lambda: answers(f"{base}/healthz"))
    results = [click(f"{base}{desk}/match", f"turn{turn}") for turn in range(2)]
    for result in results:
        eventually(lambda at=result: is_over(at))
    assert [urlsplit(result).path for result in results] == [f"{desk}/work/1", f"{desk}/work/2"]
    again = click(f"{base}{desk}/match", "turn1")
    assert again == result, "a second click leads to the first one's result"
    with urlopen(f"{result}?lang=en", timeout=PATIENCE) as page:
        assert "Tried: 3 of 3" in page.read().decode()
