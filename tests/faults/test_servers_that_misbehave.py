"""Servers that misbehave: each fault leaves every mail accounted for, and says nothing false of an address."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
from sqlmodel import Session, select

from config.settings import settings
from models import Message, Suppression
from models.session import open_session
from notifications import outbox, smtp
from notifications.kinds import Recipient, RegistrationReceivedMail
from notifications.samples import HUB
from services.delivery import Delivered, deliver_due
from tests.certificates import self_signed
from tests.faults.conftest import ROOT, fill, running_receiver, states
from tests.faults.receiver import arrived
from tests.relay import HANG_UP, Relay, running_relay

Opener = Callable[[], AbstractContextManager[Session]]
STEPS = ("on_mail", "on_rcpt", "before_data", "after_data")


@pytest.fixture
def opened(sqlite_database: str) -> Opener:
    return partial(open_session, sqlite_database)


def queue(opened: Opener, count: int, now: datetime) -> None:
    mails = (
        RegistrationReceivedMail(to=Recipient("林小满", f"v{n}@people.example"), person_id=n, hub=HUB)
        for n in range(count)
    )
    with opened() as session:
        outbox.queue_many(session, ((f"registration:{n}", mail) for n, mail in enumerate(mails)), now=now)


def deliver(opened: Opener, at: datetime) -> Delivered:
    return deliver_due(opened, now=lambda: at, probe=True)


def suppressions(opened: Opener) -> int:
    with opened() as session:
        return len(session.exec(select(Suppression)).all())


def test_f3_enqueuer_killed_before_its_commit_leaves_neither_deed_nor_mail(database: str) -> None:
    code = (
        "import os, sys; from tests.faults.conftest import *; from tests import factories\n"
        "mail = RegistrationReceivedMail(to=Recipient('x', 'v@people.example'), person_id=1, hub=HUB)\n"
        "with open_session(sys.argv[1]) as session:\n"
        "    factories.make_hub(session)\n"
        "    outbox.queue(session, mail, key='one', now=datetime.now(UTC))\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, database], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert states(database) == {}


def test_f4_terminated_sender_finishes_the_mail_in_hand_and_gives_the_rest_back(
    sqlite_database: str, tmp_path: Path
) -> None:
    fill(sqlite_database, 400)
    with running_receiver(tmp_path / "arrived.log") as port:
        environment = {
            **os.environ,
            "YOUTHHUB_SMTP_PORT": str(port),
            "YOUTHHUB_DATABASE_URL": sqlite_database,
        }
        command = [sys.executable, "-m", "cli", "mail", "deliver"]
        sender = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        while len(arrived(tmp_path / "arrived.log").recipients) < 20:
            time.sleep(0.01)
        sender.terminate()
        assert sender.wait(60) == 0
    found = list(states(sqlite_database).values())
    assert set(found) == {"sent", "queued"}
    assert found.count("sent") == len(arrived(tmp_path / "arrived.log").recipients)


@pytest.mark.parametrize("step", STEPS)
def test_f5_temporary_refusal_at_any_step_waits_longer_each_time_and_stops_nobody_else(
    opened: Opener, relay: Relay, now: datetime, step: str
) -> None:
    queue(opened, 3, now)
    waits, at = [], now
    for _ in range(4):
        getattr(relay, step).append("451 4.3.0 try again later")
        deliver(opened, at)
        with opened() as session:
            (left,) = session.exec(select(Message).where(Message.state == "deferred"))
        waits.append(left.next_at - at)
        at = left.next_at
    assert all(later > earlier for earlier, later in pairwise(waits))
    assert deliver(opened, at) == Delivered(sent=1)
    assert suppressions(opened) == 0


@pytest.mark.parametrize(
    ("step", "suppressed", "left"),
    [("on_mail", 0, "queued"), ("on_rcpt", 1, "failed"), ("before_data", 0, "failed")],
)
def test_f6_permanent_refusal_counts_against_an_address_only_at_its_own_step(  # noqa: PLR0917 -- one a fixture
    opened: Opener, relay: Relay, now: datetime, step: str, suppressed: int, left: str
) -> None:
    queue(opened, 2, now)
    setattr(relay, step, ["550 5.1.1 no such user"])
    deliver(opened, now)
    with opened() as session:
        assert session.exec(select(Message).order_by(Message.id)).first().state == left  # type: ignore[union-attr, arg-type] -- there are two
    assert suppressions(opened) == suppressed


@pytest.mark.parametrize(("step", "copies"), [("on_mail", 1), ("on_rcpt", 1), ("after_data", 2)])
def test_f8_and_f9_line_lost_at_each_step_and_no_log_makes_at_most_one_more_copy(
    opened: Opener, relay: Relay, now: datetime, step: str, copies: int
) -> None:
    queue(opened, 1, now)
    setattr(relay, step, [HANG_UP, HANG_UP, HANG_UP])
    for hours in range(12):
        deliver(opened, now + timedelta(hours=hours))
    assert len(relay.received) == copies
    assert len({content for _, content in relay.received}) == 1


def test_f10_answer_that_comes_after_our_patience_is_doubtful(
    opened: Opener, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "FINAL_REPLY_FACTOR", 1)
    monkeypatch.setenv("YOUTHHUB_SMTP_TIMEOUT_SECONDS", "1")
    queue(opened, 1, now)
    with running_relay() as relay:
        handle = relay.handle_DATA

        async def late(server, session, envelope):  # type: ignore[no-untyped-def] -- aiosmtpd's
            answer = await handle(server, session, envelope)
            await __import__("asyncio").sleep(3)
            return answer

        vars(relay)["handle_DATA"] = late
        monkeypatch.setenv("YOUTHHUB_SMTP_PORT", str(relay.port))
        settings.cache_clear()
        assert deliver(opened, now) == Delivered(ambiguous=1)
    settings.cache_clear()
    assert len(relay.received) == 1


@pytest.mark.parametrize(
    ("name", "days", "security"),
    [
        ("elsewhere.example", 1, "starttls"),
        ("127.0.0.1", -1, "tls"),
        ("127.0.0.1", 1, "tls"),
        ("", 0, "starttls"),
    ],
)
def test_f12_certificate_of_another_expired_unknown_or_none_at_all_gets_no_mail_and_no_password(  # noqa: PLR0917 -- one a fixture
    opened: Opener, now: datetime, monkeypatch: pytest.MonkeyPatch, name: str, days: int, security: str
) -> None:
    heard = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=listen, args=(listener, heard, name, days, security), daemon=True).start()
        monkeypatch.setenv("YOUTHHUB_SMTP_PORT", str(listener.getsockname()[1]))
        monkeypatch.setenv("YOUTHHUB_SMTP_SECURITY", security)
        monkeypatch.setenv("YOUTHHUB_SMTP_USER", "hub")
        monkeypatch.setenv("YOUTHHUB_SMTP_PASSWORD", "secret word")
        settings.cache_clear()
        queue(opened, 1, now)
        result = deliver(opened, now)
    settings.cache_clear()
    assert result.problem is not None
    assert "secret word" not in result.sentence.en
    assert b"AUTH" not in heard
    assert b"MAIL" not in heard
    with opened() as session:
        assert outbox.counts(session)["queued"] == 1


def listen(listener: socket.socket, heard: bytearray, name: str, days: int, security: str) -> None:
    """Be a mail server with a bad certificate, or with none where one is asked for."""
    with suppress(OSError):
        line, _ = listener.accept()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if name:
            with self_signed(name, days=days) as files:
                context.load_cert_chain(*files)
        if security == "tls":
            line = context.wrap_socket(line, server_side=True)
        line.sendall(b"220 here\r\n")
        while data := line.recv(4096):
            heard += data
            if data.startswith(b"STARTTLS") and name:
                line.sendall(b"220 go\r\n")
                line = context.wrap_socket(line, server_side=True)
            else:
                line.sendall(b"250-here\r\n250 STARTTLS\r\n" if name else b"250 here\r\n")


def test_f14_server_that_hangs_up_every_third_mail_gets_all_of_them(
    opened: Opener, relay: Relay, now: datetime
) -> None:
    queue(opened, 12, now)
    relay.on_mail = ["250 OK", "250 OK", "421 4.7.0 enough for this connection"] * 4
    at = now
    for _ in range(8):
        deliver(opened, at)
        at += timedelta(hours=1)
    assert sorted(relay.recipients) == sorted(f"v{n}@people.example" for n in range(12))


def test_f15_no_mail_ever_names_two_people(opened: Opener, relay: Relay, now: datetime) -> None:
    queue(opened, 9, now)
    deliver(opened, now)
    assert [len(addresses) for addresses, _ in relay.received] == [1] * 9


@pytest.mark.parametrize("workers", [2, 8])
def test_f20_many_senders_at_once_send_each_mail_once(
    database: str, relay: Relay, now: datetime, workers: int
) -> None:
    opened = partial(open_session, database)
    queue(opened, 160, now)
    gate = threading.Barrier(workers)

    def send(_: int) -> int:
        gate.wait()
        return deliver(opened, now).sent

    with ThreadPoolExecutor(max_workers=workers) as pool:
        assert sum(pool.map(send, range(workers))) == 160
    assert len(set(relay.recipients)) == len(relay.recipients) == 160


def test_f22_same_news_queued_fifty_times_at_once_is_one_mail(
    database: str, relay: Relay, now: datetime
) -> None:
    opened = partial(open_session, database)
    mail = RegistrationReceivedMail(to=Recipient("林小满", "v@people.example"), person_id=1, hub=HUB)

    def ask(_: int) -> bool:
        with opened() as session:
            return outbox.queue(session, mail, key="one", now=now)

    with ThreadPoolExecutor(max_workers=10) as pool:
        assert sum(pool.map(ask, range(50))) == 1
    deliver(opened, now)
    assert len(relay.received) == 1


def test_f28_poisoned_rows_at_the_head_hold_nobody_up(opened: Opener, relay: Relay, now: datetime) -> None:
    with opened() as session:
        for number, address in enumerate(
            ["", "a b@c.example", "x@" + "y" * 300 + ".example", "v\x00@c.example"] * 5
        ):
            mail = RegistrationReceivedMail(to=Recipient("\ud800\x00" * 9, address), person_id=1, hub=HUB)
            outbox.queue(session, mail, key=f"poison:{number}", now=now - timedelta(hours=1))
    queue(opened, 5, now)
    assert deliver(opened, now) == Delivered(sent=5)
    with opened() as session:
        assert outbox.counts(session)["failed"] == 20
