"""A network with mails to send, an oracle that receives them, and senders that are killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from models import Message
from models.session import make_engine, open_session
from notifications import outbox
from notifications.kinds import Recipient, RegistrationReceivedMail
from notifications.samples import HUB
from tests.faults.receiver import Arrived, arrived
from tests.mta import wait_for
from tests.relay import free_port

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Outcome:
    """What the senders did, what arrived, and what the outbox says of it."""

    said: dict[str, Any]
    arrived: Arrived
    expected: dict[str, str]
    """State by Message-ID."""

    @property
    def lost(self) -> set[str]:
        return {name for name, state in self.expected.items() if state == "sent"} - set(self.arrived.copies)

    @property
    def strangers(self) -> set[str]:
        return set(self.arrived.copies) - set(self.expected)

    @property
    def unlike(self) -> list[str]:
        return [name for name, contents in self.arrived.contents.items() if len(contents) > 1]

    def require_none_lost_or_made_up(self) -> None:
        assert self.said["open"] == 0
        assert set(self.expected.values()) == {"sent"}
        assert self.lost == set()
        assert self.strangers == set()
        assert self.unlike == []


@contextmanager
def running_receiver(log: Path) -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "-m", "tests.faults.receiver", "--port", str(port), "--log", str(log)]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        wait_for(port)
        yield port
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def oracle(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """The port of the receiver, and its log."""
    with running_receiver(tmp_path / "arrived.log") as port:
        yield port, tmp_path / "arrived.log"


Play = Callable[..., Outcome]


@pytest.fixture
def play(database: str, oracle: tuple[int, Path]) -> Play:
    """Queue mails, let the driver do its work, and return what came of it."""

    def run(work: str, mails: int, *, port: int = 0, log: Path | None = None, **plan: Any) -> Outcome:
        fill(database, mails)
        environment = {
            **os.environ,
            "YOUTHHUB_SMTP_PORT": str(port or oracle[0]),
            "YOUTHHUB_RELAY_LOG": str(log or oracle[1]),
            "YOUTHHUB_LOG_LEVEL": "ERROR",
        }
        done = subprocess.run(
            [sys.executable, "-m", "tests.faults.driver"],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=1500,
            input=json.dumps({"work": work, "url": database, **plan}),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        return Outcome(json.loads(done.stdout), arrived(oracle[1]), states(database))

    return run


def fill(url: str, count: int) -> None:
    mails = (
        RegistrationReceivedMail(to=Recipient("林小满", f"v{n}@people.example"), person_id=n, hub=HUB)
        for n in range(count)
    )
    with open_session(url) as session:
        keyed = ((f"registration:{n}", mail) for n, mail in enumerate(mails))
        outbox.queue_many(session, keyed, now=datetime.now(UTC))


def states(url: str) -> dict[str, str]:
    engine = make_engine(url)
    with engine.connect() as connection:
        found = dict(connection.execute(select(Message.message_id, Message.state)).tuples().all())
    engine.dispose()
    return found
