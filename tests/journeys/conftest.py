"""A small network that really runs: a database, a mail server, the pages, and one clock for all of them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session

from config import clock
from config.settings import settings
from models import Installation
from models.session import engine_for, make_engine, open_session
from portal.app import create_app
from services import delivery
from services.delivery import Delivered
from simulator.forms import Form, forms_of
from tests.relay import Relay, running_relay

with warnings.catch_warnings():
    # Starlette would rather have a client that is not on this machine.
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

ZONE = ZoneInfo("Asia/Shanghai")
PORTAL = "http://127.0.0.1:8000"
T = TypeVar("T")


@dataclass
class Network:
    """What a story does with the network: let time pass, call a verb, read mail, press a button."""

    relay: Relay
    browser: TestClient
    clock_file: Path
    read: int = 0
    """How many mails the story has looked at."""
    serial: count[int] = field(default_factory=count)

    def at(self, local: str) -> datetime:
        """Let the network's clock stand at a local time, such as "2026-11-23 08:00"."""
        now = datetime.fromisoformat(local).replace(tzinfo=ZONE)
        clock.move(self.clock_file, now)
        return clock.now()

    def do(self, verb: Callable[..., T], *args: Any, **options: Any) -> T:
        """Call a service as a door does: one session, one verb, one commit."""
        with open_session() as session:
            return verb(session, *args, now=clock.now(), **options)

    def ask(self, question: Callable[[Session], T]) -> T:
        """Ask the database."""
        with open_session() as session:
            return question(session)

    def deliver(self) -> Delivered:
        """Send all mail that waits, over SMTP."""
        return delivery.deliver_due(open_session, now=clock.now)

    def post(self) -> dict[str, list[str]]:
        """Deliver, and return who got which kinds of mail since the last time."""
        self.deliver()
        arrived: dict[str, list[str]] = {}
        for mail in self.relay.messages[self.read :]:
            arrived.setdefault(mail["To"].addresses[0].username, []).append(mail["X-Youth-Hub-Kind"])
        self.read = len(self.relay.received)
        return {name: sorted(kinds) for name, kinds in sorted(arrived.items())}

    def newest(self, username: str, kind: str) -> EmailMessage:
        """Return the newest mail of a kind to somebody."""
        for mail in reversed(self.relay.messages):
            if mail["X-Youth-Hub-Kind"] == kind and mail["To"].addresses[0].username == username:
                return mail
        pytest.fail(f"no {kind} mail to {username}")

    def link(self, username: str, kind: str, prefix: str) -> str:
        """Return the path of the link in somebody's newest mail of a kind."""
        words = self.newest(username, kind).get_body(("plain",)).get_content().split()  # type: ignore[union-attr] -- every mail has text
        return next(urlsplit(word).path for word in words if word.startswith(f"{PORTAL}{prefix}"))

    def press(self, path: str, sends: str = "", /, *, to: str = "", **fields: str) -> str:
        """Open a page, fill in the form that has a field `sends`, send it, and return the page that follows."""
        page = self.browser.get(path)
        assert page.status_code == 200, page.text
        form = _form(page.text, sends or next(iter(fields), ""), to)
        answer = self.browser.post(form.action or path, data={**form.values, **fields})
        assert answer.status_code == 200, answer.text
        return answer.text

    def answer(self, username: str, kind: str, prefix: str, **fields: str) -> str:
        """Let somebody follow the link of their newest mail of a kind and answer."""
        return self.press(self.link(username, kind, prefix), **fields)

    def sign_up(self, activity: str, **fields: str) -> str:
        """Let somebody sign up on the public page of an activity."""
        return self.press(f"/activities/{activity}/sign-up", "stamp", **{"language": "zh-Hans", **fields})

    def record(self, username: str, came: str, *missing: str) -> str:
        """Let a coordinator record attendance from their newest mail: all `came`, but those named no-show."""
        path = self.link(username, "attendance", "/t/")
        page = self.browser.get(path).text
        form = _form(page, "", "")
        marks = {
            name: "no_show" if any(who in label_of(page, name) for who in missing) else came
            for name in form.choices
        }
        reason = {"reason": "记错了"} if "reason" in form.names else {}
        answer = self.browser.post(form.action, data={**form.values, **marks, **reason})
        assert answer.status_code == 200, answer.text
        return answer.text


def label_of(html: str, name: str) -> str:
    """Return the words that stand with a row of the attendance sheet."""
    return html.partition(f'id="{name}"')[2].partition("</legend>")[0]


def _form(html: str, sends: str, to: str) -> Form:
    for form in forms_of(html):
        named = sends in form.names or sends in form.values
        if (named or (not sends and form.names)) and form.action.endswith(to):
            return form
    pytest.fail(f"no form that sends {sends or 'anything'}")


@pytest.fixture
def network(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    """A network without anybody in it, on each kind of database."""
    _mark_demo(database)
    clock_file = tmp_path / "clock"
    clock.move(clock_file, datetime(2026, 11, 2, 8, tzinfo=ZONE))
    with running_relay() as relay:
        values = {
            "DATABASE_URL": database,
            "HOME": str(tmp_path),
            "CLOCK_FILE": str(clock_file),
            "SMTP_PORT": str(relay.port),
            "PORTAL_URL": PORTAL,
            "HOLD_MINUTES": "0",  # the story names each mail by itself
        }
        for name, value in values.items():
            monkeypatch.setenv(f"YOUTHHUB_{name}", value)
        settings.cache_clear()
        with TestClient(create_app(), base_url=PORTAL) as browser:
            yield Network(relay, browser, clock_file)
    engine_for(database).dispose()
    settings.cache_clear()


def _mark_demo(database: str) -> None:
    engine = make_engine(database)
    with Session(engine) as session, session.begin():
        session.add(Installation(is_demo=True))
    engine.dispose()
