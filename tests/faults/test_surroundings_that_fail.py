"""What a sender stands on gives way in the middle of its work: database, disk, clock, network, names.

The oracle is the receiver's own log. A sender that cannot keep a result stops at once, so at most the one
mail in its hands is doubtful, and the log decides about that one.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, select

from config.settings import settings
from models import Message, Suppression
from models.session import engine_for, open_session
from notifications import outbox, smtp
from notifications.samples import samples
from services import delivery, preferences, reconciling
from services.delivery import Delivered, deliver_due
from tests.conftest import POSTGRES
from tests.faults.conftest import fill, running_receiver, states
from tests.faults.receiver import Arrived, arrived
from tests.mta import HAS_POSTFIX, running_postfix
from tests.relay import free_port, running_relay

MAILS = 30
MIDDLE = 12
"""The transaction in which the fault strikes; each carries one result."""


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The oracle's log; senders here send to the oracle, and do not wait long for a lease to lapse."""
    path = tmp_path / "arrived.log"
    monkeypatch.setattr(outbox, "LEASE", timedelta(seconds=1))
    for module in (delivery, reconciling):
        monkeypatch.setattr(module, "LOOK_AFTER", timedelta(0))
    with running_receiver(path) as port:
        use_relay(monkeypatch, port, path)
        yield path
    monkeypatch.undo()
    settings.cache_clear()


def use_relay(monkeypatch: pytest.MonkeyPatch, port: int, log: Path) -> None:
    monkeypatch.setenv("YOUTHHUB_SMTP_PORT", str(port))
    monkeypatch.setenv("YOUTHHUB_RELAY_LOG", str(log))
    settings.cache_clear()


def opener(url: str, strike: Callable[[], object] = lambda: None) -> Callable[[], Any]:
    """Open sessions as the real sender does; before the one in the middle, the fault strikes."""
    count = 0

    @contextmanager
    def opened() -> Iterator[Session]:
        nonlocal count
        count += 1
        if count == MIDDLE:
            strike()
        with open_session(url, durable=True) as session:
            yield session

    return opened


def drain(url: str) -> None:
    """Deliver until nothing is open, as the clock would."""
    end = time.monotonic() + 60
    while {"queued", "deferred", "leased", "ambiguous"} & set(states(url).values()):
        assert time.monotonic() < end, states(url)
        time.sleep(0.3)
        deliver_due(opener(url), now=lambda: datetime.now(UTC), probe=True)


def require_each_once(url: str, log: Path) -> None:
    drain(url)
    seen, expected = arrived(log), states(url)
    assert set(expected.values()) == {"sent"}
    assert seen.copies == dict.fromkeys(expected, 1)


def send_into_the_fault(url: str, strike: Callable[[], object], log: Path) -> Arrived:
    """Send until the database fails, and return what had arrived by then."""
    with pytest.raises(OperationalError):
        deliver_due(opener(url, strike), now=lambda: datetime.now(UTC), probe=True)
    return arrived(log)


def sent(url: str) -> int:
    return list(states(url).values()).count("sent")


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_f17_database_server_that_cuts_its_connections_costs_no_mail_and_doubles_none(
    database: str, log: Path
) -> None:
    fill(database, MAILS)
    real, cut = outbox.pass_on, [MIDDLE]

    def pass_on(*args: Any, **options: Any) -> Any:
        cut[0] -= 1
        done = real(*args, **options)
        if cut[0] == 0:
            hang_up_on_all(database)  # before the commit: a connection at rest would be replaced unseen
        return done

    outbox.pass_on = pass_on  # type: ignore[assignment] -- put back below
    try:
        with pytest.raises(OperationalError):
            deliver_due(opener(database), now=lambda: datetime.now(UTC), probe=True)
    finally:
        outbox.pass_on = real
    assert len(arrived(log).recipients) == sent(database) + 1
    require_each_once(database, log)


def hang_up_on_all(url: str) -> None:
    admin = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        query = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
        connection.execute(query, {"name": make_url(url).database})
    admin.dispose()


def test_f18_locked_database_stops_the_sender_within_one_mail(sqlite_database: str, log: Path) -> None:
    fill(sqlite_database, MAILS)
    event.listen(
        engine_for(sqlite_database, durable=True),
        "connect",
        lambda connection, _: connection.execute("PRAGMA busy_timeout=200"),
    )
    holder = sqlite3.connect(make_url(sqlite_database).database or "", isolation_level=None)
    seen = send_into_the_fault(sqlite_database, lambda: holder.execute("BEGIN IMMEDIATE"), log)
    assert len(seen.recipients) == sent(sqlite_database) + 1
    holder.execute("ROLLBACK")
    require_each_once(sqlite_database, log)


def test_f18_database_locked_for_a_while_only_delays(sqlite_database: str, log: Path) -> None:
    fill(sqlite_database, MAILS)
    holder = sqlite3.connect(
        make_url(sqlite_database).database or "", isolation_level=None, check_same_thread=False
    )

    def strike() -> None:
        holder.execute("BEGIN IMMEDIATE")
        threading.Timer(0.5, holder.execute, ["ROLLBACK"]).start()

    done = deliver_due(opener(sqlite_database, strike), now=lambda: datetime.now(UTC), probe=True)
    assert done == Delivered(sent=MAILS)
    require_each_once(sqlite_database, log)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 8 MB, which needs root."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a disk of its own needs root")
    yield folder
    engine_for.cache_clear()
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_f19_full_disk_stops_the_sender_within_one_mail_and_queues_nothing_half(
    small_disk: Path, sqlite_template: Path, log: Path
) -> None:
    shutil.copy(sqlite_template, small_disk / "mail.sqlite3")
    url = f"sqlite:///{small_disk}/mail.sqlite3"
    fill(url, MAILS)
    seen = send_into_the_fault(url, partial(fill_up, small_disk / "ballast"), log)
    assert len(seen.recipients) == sent(url) + 1
    before = len(states(url))
    with pytest.raises(OperationalError):
        queue_samples(url)
    assert len(states(url)) == before
    (small_disk / "ballast").unlink()
    require_each_once(url, log)


def queue_samples(url: str) -> None:
    with open_session(url) as session:
        mails = ((f"sample:{number}", mail) for number, mail in enumerate(samples("zh")))
        outbox.queue_many(session, mails, now=datetime.now(UTC))


def fill_up(path: Path) -> None:
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


def test_f23_clock_that_jumps_and_comes_back_keeps_no_mail_waiting_for_years(
    sqlite_database: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = now.replace(year=2038)
    opened = partial(open_session, sqlite_database)
    fill(sqlite_database, 3)
    with opened() as session:
        session.execute(
            text("UPDATE message SET next_at = :now"), {"now": now.replace(tzinfo=None).isoformat(" ")}
        )
        # A sender of the wrong year dies with two mails, of which one had begun.
        rows = outbox.claim(session, "dead", now=far, limit=2)
        outbox.announce(session, rows[0].id, "dead", now=far)
    with running_relay() as relay:
        use_relay(monkeypatch, relay.port, Path("/nonexistent"))
        relay.on_rcpt = ["451 4.3.0 later"]
        assert deliver_due(opened, now=lambda: far - timedelta(minutes=1), probe=True).deferred == 1
        for hours in range(8):
            deliver_due(opened, now=lambda at=now + timedelta(hours=hours): at, probe=True)  # type: ignore[misc] -- a default
        assert sorted(relay.recipients) == sorted(f"v{n}@people.example" for n in range(3))
    settings.cache_clear()


def test_f25_after_three_silent_days_what_is_late_stays_and_the_rest_leaves_once(
    sqlite_database: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = partial(open_session, sqlite_database)
    (digest,) = [mail for mail in samples("zh") if mail.kind == "volunteer_digest"]
    with opened() as session:
        for days in (5, 3, 1):
            at = now - timedelta(days=days)
            outbox.queue(session, digest, key=f"digest:{days}", now=at)
        outbox.queue(session, digest, key="late", now=now, expires_at=now - timedelta(hours=1))
    with running_relay() as relay:
        use_relay(monkeypatch, relay.port, Path("/nonexistent"))
        assert deliver_due(opened, now=lambda: now, probe=True) == Delivered(sent=1, expired=2)
        assert deliver_due(opened, now=lambda: now, probe=True) == Delivered()
        assert len(relay.received) == 1  # the two that still count, in one mail
    settings.cache_clear()


class Cut:
    """A way to the oracle that goes silent after so many bytes, with both ends still open."""

    def __init__(self, target: int, after: int) -> None:
        self.left, self.target, self.ends = after, target, []  # type: int, int, list[socket.socket]
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                far = socket.create_connection(("127.0.0.1", self.target))
                self.ends += [near, far]
                threading.Thread(target=self._copy, args=(near, far, True), daemon=True).start()
                threading.Thread(target=self._copy, args=(far, near, False), daemon=True).start()

    def _copy(self, source: socket.socket, target: socket.socket, counts: bool) -> None:
        with suppress(OSError):
            while data := source.recv(4096):
                self.left -= len(data) if counts else 0
                if self.left > 0:
                    target.sendall(data)


def test_f26_line_that_goes_silent_in_the_middle_of_a_mail_is_given_up_and_sent_again_once(
    sqlite_database: str, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(sqlite_database, 4)
    port = settings().smtp_port
    monkeypatch.setenv("YOUTHHUB_SMTP_TIMEOUT_SECONDS", "0.3")
    monkeypatch.setattr(smtp, "FINAL_REPLY_FACTOR", 1)
    monkeypatch.setattr(delivery, "FIRST_WAIT", timedelta(0))
    before = watchmen()
    cut = Cut(port, after=7_000)
    use_relay(monkeypatch, cut.port, log)
    deliver_due(opener(sqlite_database), now=lambda: datetime.now(UTC), probe=True)
    assert 0 < sent(sqlite_database) < 4
    use_relay(monkeypatch, port, log)
    require_each_once(sqlite_database, log)
    time.sleep(1)
    assert watchmen() == before
    for end in (cut.listener, *cut.ends):
        end.close()


def watchmen() -> int:
    return sum(thread.name == "smtp-watchman" for thread in threading.enumerate())


def test_f27_name_that_cannot_be_looked_up_delays_and_a_dead_first_address_does_not(
    sqlite_database: str, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(sqlite_database, 2)
    real, answer = socket.getaddrinfo, [OSError("SERVFAIL")]

    def look_up(host: Any, port: Any, *args: Any, **options: Any) -> Any:
        if answer:
            raise socket.gaierror(socket.EAI_AGAIN, str(answer.pop()))
        dead = real("127.0.0.1", free_port(), *args, **options)
        return dead + real(host, port, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    opened = opener(sqlite_database)
    assert deliver_due(opened, now=lambda: datetime.now(UTC), probe=True).problem is not None
    assert set(states(sqlite_database).values()) == {"queued"}
    require_each_once(sqlite_database, log)
    with open_session(sqlite_database) as session:
        assert session.exec(select(Suppression)).all() == []


def test_f30_who_has_unsubscribed_gets_nothing_but_what_was_in_hand(
    database: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = partial(open_session, database)
    (digest,) = [mail for mail in samples("zh") if mail.kind == "volunteer_digest"]
    with running_relay() as relay:
        use_relay(monkeypatch, relay.port, Path("/nonexistent"))
        for turn in range(20):
            with opened() as session:
                outbox.queue(session, digest, key=f"digest:{turn}", now=now - timedelta(seconds=1))
            gate = threading.Barrier(2)
            with ThreadPoolExecutor(2) as pool:
                work = [pool.submit(_stop, gate, opened, digest, now), pool.submit(_send, gate, opened, now)]
                for done in work:
                    done.result()
            _require_one_end(opened, relay.recipients, turn)
            with opened() as session:
                preferences.resubscribe(session, digest.to.address, str(digest.stream))
    settings.cache_clear()


def _stop(gate: threading.Barrier, opened: Callable[[], Any], mail: Any, now: datetime) -> None:
    gate.wait()
    with opened() as session:
        preferences.unsubscribe(session, mail.to.address, str(mail.stream), now=now)


def _send(gate: threading.Barrier, opened: Callable[[], Any], now: datetime) -> None:
    gate.wait()
    deliver_due(opened, now=lambda: now, probe=True)


def _require_one_end(opened: Callable[[], Any], recipients: list[str], turn: int) -> None:
    with opened() as session:
        found = [row.state for row in session.exec(select(Message))]
    assert set(found) <= {"sent", "suppressed", "queued"}
    assert len(found) == turn + 1
    assert found.count("sent") == len(recipients)


@pytest.mark.slow
@pytest.mark.xdist_group("postfix")
@pytest.mark.skipif(not HAS_POSTFIX, reason="needs Postfix and root: apt-get install postfix")
def test_f16_mail_server_that_restarts_under_load_loses_and_doubles_nothing(
    sqlite_database: str, log: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(sqlite_database, 400)
    monkeypatch.setattr(delivery, "FIRST_WAIT", timedelta(0))
    target = settings().smtp_port
    with running_postfix(tmp_path_factory.mktemp("postfix") / "p", next_hop=target) as relay:
        use_relay(monkeypatch, relay.port, relay.log)
        thread = threading.Thread(
            target=lambda: [relay.command(word) for word in ("reload", "stop", "start")]
        )
        opened = opener(sqlite_database, thread.start)
        deliver_due(opened, now=lambda: datetime.now(UTC), probe=True)
        thread.join()
        relay.wait()
        drain(sqlite_database)
        end = time.monotonic() + 60
        while len(arrived(log).copies) < 400 and time.monotonic() < end:
            time.sleep(0.2)
        assert set(arrived(log).copies) == set(states(sqlite_database))
        assert set(taken(relay.log).values()) == {1}


def taken(log: Path) -> Counter[str]:
    """Return how often Postfix took each mail from us; what it repeats by itself has one queue id."""
    words = log.read_text("ascii", errors="replace")
    names = dict(re.findall(r"cleanup\[\d+\]: (\w+): message-id=(\S+)", words))
    sent = set(re.findall(r"smtp\[\d+\]: (\w+): .*status=sent", words))
    return Counter(names[queue_id] for queue_id in sent)
