"""The portal behind a real server, asked over real connections."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

import pytest
from sqlmodel import select

from models import Need, Offer
from notifications.links import Purpose
from simulator.web import Browser
from tests import factories
from tests.portal.serving import DEADLINE_SECONDS, served

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def server(site) -> Iterator[str]:
    """The portal on a free port of this machine."""
    with served() as address:
        yield address


def answer(server: str, path: str) -> str:
    """Say yes as the simulated town does, and return the page that it leads to."""
    browser = Browser(server)
    page = browser.get(path)
    done = browser.follow(browser.send(page, page.form(sends="answer"), answer="yes"))
    browser.close()
    return done.text


def test_of_eight_who_want_the_last_two_places_two_get_them(site, server) -> None:
    with site.db() as session:
        hub = factories.make_hub(session)
        need = factories.make_need(session, factories.make_activity(session, hub), desired=2, maximum=2)
        expires = site.now.replace(hour=23)
        offers = [
            factories.make_offer(
                session, need, factories.make_volunteer(session, hub), state="sent", expires_at=expires
            )
            for _ in range(8)
        ]
        paths = [site.link(Purpose.OFFER, offer.id) for offer in offers]
    with ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(lambda path: answer(server, path), paths))
    assert sum("说好了" in page for page in pages) == 2
    assert sum("刚刚满员了" in page for page in pages) == 6
    with site.db() as session:
        assert session.exec(select(Need.taken)).one() == 2
        assert sorted(session.exec(select(Offer.state))) == ["accepted"] * 2 + ["sent"] * 6


@pytest.mark.slow
def test_portal_command_serves_until_it_is_stopped(site) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    start = f"from cli.portal import run_portal; run_portal('127.0.0.1', {port})"
    process = subprocess.Popen(
        [sys.executable, "-c", start], cwd=ROOT, env=os.environ, stderr=subprocess.DEVNULL
    )
    try:
        assert _status(port) == 200
    finally:
        process.terminate()
        assert process.wait(DEADLINE_SECONDS) in (0, -15)


def _status(port: int) -> int:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status
        except OSError:
            time.sleep(0.2)
        finally:
            connection.close()
    pytest.fail("the portal never answered")
