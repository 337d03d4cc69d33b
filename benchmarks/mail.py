"""Mail: queueing beside a naive way, the durable sender beside raw smtplib, 100,000 due rows in memory.

Speeds are ratios to a baseline measured in the same run: each pair runs five times in turn, and the
medians are compared. `make bench ARGS=mail`; `python -m benchmarks.mail --only sender --mails 2000`.
"""

from __future__ import annotations

import argparse
import os
import resource
import smtplib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlmodel import col, select

from benchmarks import mail_queueing
from config.settings import settings
from models import Message, schema
from models.session import engine_for, make_engine, open_session
from notifications import outbox
from notifications.kinds import Recipient, RegistrationReceivedMail
from notifications.samples import HUB
from services.delivery import deliver_due
from tests.mta import HAS_POSTFIX, SINK, running_postfix, running_sink, wait_for
from tests.relay import free_port

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
ROUNDS = 5
POSTGRES = os.environ.get("YOUTHHUB_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")
MEBIBYTE = 1024 * 1024
WANTED = {"Postfix": "wanted 0.70", "smtp-sink": "wanted 0.25", "Maildir": "the demo's own server"}


def welcome(number: int) -> RegistrationReceivedMail:
    return RegistrationReceivedMail(
        to=Recipient("林小满", f"v{number}@people.example"), person_id=number, hub=HUB
    )


@contextmanager
def relay_is(port: int) -> Iterator[None]:
    os.environ["YOUTHHUB_SMTP_PORT"] = str(port)
    settings.cache_clear()
    try:
        yield
    finally:
        del os.environ["YOUTHHUB_SMTP_PORT"]
        settings.cache_clear()


@contextmanager
def fresh_database(kind: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="bench-mail-") as folder:
        if kind == "SQLite":
            url = f"sqlite:///{folder}/mail.sqlite3"
            schema.upgrade(make_engine(url))
            yield url
            return
        admin = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
        name = f"youthhub_bench_{os.getpid()}"
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        url = make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
        try:
            schema.upgrade(make_engine(url))
            yield url
        finally:
            engine_for.cache_clear()
            with admin.connect() as connection:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def fill(url: str, count: int, first: int = 0) -> list[tuple[str, bytes]]:
    """Queue `count` mails that are true for ever, and return their addresses and bytes."""
    with open_session(url) as session:
        mails = ((f"registration:{n}", welcome(n)) for n in range(first, first + count))
        outbox.queue_many(session, mails, now=NOW)
    with open_session(url) as session:
        query = select(Message.to_address, Message.content).where(col(Message.state) == "queued")
        return [(address, content) for address, content in session.exec(query)]


def send_raw(port: int, mails: Sequence[tuple[str, bytes]]) -> None:
    """The limit: bytes that are there already, one connection, no database."""
    with smtplib.SMTP("127.0.0.1", port) as client:
        for address, content in mails:
            client.sendmail("hubs@youth-hubs.example", [address], content)


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Return wall time and processor time of `work`."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def compare_sender(server: str, port: int, database: str, count: int) -> None:
    ratios, speeds, processor = [], [], []
    with fresh_database(database) as url, relay_is(port):
        for number in range(ROUNDS):
            mails = fill(url, count, number * count)
            raw, _ = seconds(lambda m=mails: send_raw(port, m))
            opener = partial(open_session, url, durable=True)
            own, cpu = seconds(lambda o=opener: deliver_due(o, now=lambda: NOW))
            with open_session(url) as session:
                assert outbox.counts(session)["sent"] == (number + 1) * count
            ratios.append(raw / own)
            speeds.append((count / raw, count / own))
            processor.append(cpu / count * 1000)
    raw_speed, own_speed = (statistics.median(column) for column in zip(*speeds, strict=True))
    print(
        f"{server:10} {database:10}  raw {raw_speed:7,.0f}/s  durable {own_speed:7,.0f}/s  "
        f"ratio {statistics.median(ratios):.2f} ({WANTED[server]})  "
        f"{statistics.median(processor):.2f} ms of processor a mail"
    )


@contextmanager
def running_maildir() -> Iterator[int]:
    """Run the demo's own mail server, which is there on every machine."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="bench-maildir-") as folder:
        command = [sys.executable, "-m", "cli.maildir_server", "--port", str(port), "--maildir"]
        process = subprocess.Popen([*command, f"{folder}/mail"], stderr=subprocess.DEVNULL)
        try:
            wait_for(port)
            yield port
        finally:
            process.terminate()
            process.wait()


@contextmanager
def running_servers() -> Iterator[dict[str, int]]:
    """Run every mail server that this machine has, and yield their ports."""
    with ExitStack() as stack:
        servers = {"Maildir": stack.enter_context(running_maildir())}
        if Path(SINK).exists():
            servers["smtp-sink"] = stack.enter_context(running_sink())
        if HAS_POSTFIX:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-postfix-"))
            servers["Postfix"] = stack.enter_context(running_postfix(Path(folder) / "postfix")).port
        yield servers


def sender(count: int) -> None:
    print(f"sender: {count} mails, one connection, one commit a mail; medians of {ROUNDS} alternated runs")
    with running_servers() as servers:
        for database in ("SQLite", "PostgreSQL"):
            for server, port in servers.items():
                compare_sender(server, port, database, count)
    if "Postfix" not in servers:
        print("Postfix and smtp-sink, as root, would be measured too: apt-get install postfix")


def queueing(count: int) -> None:
    """Queue offers in ours and in a naive way, on SQLite."""
    with fresh_database("SQLite") as url, tempfile.TemporaryDirectory(prefix="bench-mail-") as folder:
        path = Path(folder) / "dkim.pem"
        key = mail_queueing.make_key(path)
        os.environ["YOUTHHUB_DKIM_KEY"] = str(path)
        settings.cache_clear()
        try:
            print(mail_queueing.compare(url, path, key, count))
        finally:
            del os.environ["YOUTHHUB_DKIM_KEY"]
            settings.cache_clear()


def memory(count: int) -> None:
    """Deliver from a queue of `count` due rows in a process of its own, and print its peak memory."""
    with tempfile.TemporaryDirectory(prefix="bench-mail-") as folder, running_servers() as servers:
        port = servers.get("smtp-sink", servers["Maildir"])
        url = f"sqlite:///{folder}/mail.sqlite3"
        schema.upgrade(make_engine(url))
        fill_by_copies(url, count)
        command = [sys.executable, "-m", "benchmarks.mail", "--deliver", url]
        environment = {**os.environ, "YOUTHHUB_SMTP_PORT": str(port)}
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
        print(f"memory: {count:,} due rows, {done.stdout.strip()} (wanted below 400 MiB)")


def fill_by_copies(url: str, count: int) -> None:
    """Queue one mail and copy its row, which is quicker than rendering so many."""
    fill(url, 1)
    columns = [column.name for column in outbox.TABLE.columns if column.name != "id"]
    # Each to somebody else: one person gets no more than the rules allow in a day.
    changed = {
        "key": "'copy:' || n",
        "message_id": "'<' || n || '@copy.example>'",
        "to_address": "'c' || n || '@people.example'",
    }
    chosen = ", ".join(changed.get(name, f"message.{name}") for name in columns)
    numbers = (
        f"WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {count - 1})"
    )
    with open_session(url) as session:
        session.connection().exec_driver_sql(
            f"INSERT INTO message ({', '.join(columns)}) {numbers} SELECT {chosen} FROM message, number"
        )


def deliver_here(url: str) -> None:
    started = time.perf_counter()
    delivered = deliver_due(partial(open_session, url, durable=True), now=lambda: NOW, limit=5_000)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 // MEBIBYTE
    print(f"the first {delivered.sent:,} sent in {time.perf_counter() - started:.0f} s, peak {peak} MiB")


def durability(count: int) -> None:
    """What the commit of each result costs, made safe against a power cut or only against a crash."""
    for mode in ("NORMAL", "FULL"):
        with tempfile.TemporaryDirectory(prefix="bench-mail-") as folder:
            engine = make_engine(f"sqlite:///{folder}/mail.sqlite3")
            schema.upgrade(engine)
            fill(f"sqlite:///{folder}/mail.sqlite3", 1)
            with engine.connect() as connection:
                connection.rollback()
                driver = connection.connection.driver_connection
                driver.execute(f"PRAGMA synchronous={mode}")
                wall, _ = seconds(lambda d=driver: [_mark(d, n) for n in range(count)])
        print(f"result commit, SQLite synchronous={mode}: {wall / count * 1e6:,.0f} us")


def _mark(driver: object, number: int) -> None:
    driver.execute("UPDATE message SET attempts = ? WHERE id = 1", (number,))  # type: ignore[attr-defined] -- sqlite3's
    driver.commit()  # type: ignore[attr-defined] -- sqlite3's


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mail", description=__doc__)
    parser.add_argument("--only", choices=("durability", "queueing", "sender", "memory"))
    parser.add_argument("--mails", type=int, default=1500)
    parser.add_argument("--deliver", metavar="URL", help=argparse.SUPPRESS)
    chosen = parser.parse_args(argv)
    if chosen.deliver:
        deliver_here(chosen.deliver)
        return
    parts = {
        "durability": lambda: durability(chosen.mails),
        "queueing": lambda: queueing(min(chosen.mails, 300)),
        "sender": lambda: sender(chosen.mails),
        "memory": lambda: memory(100_000),
    }
    for name, run in parts.items():
        if chosen.only in {None, name}:
            run()


if __name__ == "__main__":
    main()
