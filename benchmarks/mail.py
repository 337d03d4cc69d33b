"""How fast mail leaves: queued as rows, and delivered over SMTP with each row's state kept.

`python -m benchmarks.mail` delivers to the demo's own SMTP server, which files every mail in a Maildir.
The baseline is `smtplib` alone: the same bytes over one connection, with nothing asked and nothing kept.
"""

from __future__ import annotations

import argparse
import os
import resource
import smtplib
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.ports import accepts, free_port
from cli.supervisor import Process
from config import clock
from config.settings import settings
from models import schema
from models.session import engine_for, open_session
from notifications import outbox
from notifications.kinds import Recipient, RegistrationReceivedMail
from notifications.samples import HUB
from services.delivery import deliver_due

MEBIBYTE = 1024
WAIT_SECONDS = 30.0


def main(argv: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mail", description=__doc__)
    parser.add_argument("--mails", type=int, default=2_000)
    count = parser.parse_args(argv).mails
    with tempfile.TemporaryDirectory() as folder, _mail_server(Path(folder)) as port:
        queued = _queue(count)
        began = time.perf_counter()
        outcome = deliver_due(open_session, now=clock.now)
        delivered = time.perf_counter() - began
        assert outcome.sent == count, outcome
        alone = _send_alone(
            [file.read_bytes() for file in sorted((Path(folder) / "mail/new").iterdir())], port
        )
        engine_for(settings().database).dispose()
    print(f"{'way':<44}{'mails':>8}{'seconds':>9}{'a second':>10}{'times the baseline':>20}")
    _row("queued as rows", count, queued, alone)
    _row("ours: rows, checks, rendering, SMTP, states", count, delivered, alone)
    _row("smtplib alone, one connection (baseline)", count, alone, alone)
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // MEBIBYTE} MiB")


def _row(name: str, count: int, seconds: float, alone: float) -> None:
    print(f"{name:<44}{count:>8,}{seconds:>9.2f}{count / seconds:>10,.0f}{seconds / alone:>20.2f}")


@contextmanager
def _mail_server(folder: Path) -> Iterator[int]:
    port = free_port()
    os.environ |= {"YOUTHHUB_HOME": str(folder), "YOUTHHUB_SMTP_PORT": str(port), "YOUTHHUB_DATABASE_URL": ""}
    settings.cache_clear()
    schema.upgrade(engine_for(settings().database))
    command = [sys.executable, "-m", "cli.maildir_server", "--port", str(port), "--maildir"]
    server = Process("mail", [*command, str(folder / "mail")], {}, folder / "mail.log")
    server.start()
    try:
        end = time.monotonic() + WAIT_SECONDS
        while not accepts("127.0.0.1", port):
            assert time.monotonic() < end, server.last_words()
            time.sleep(0.05)
        yield port
    finally:
        server.stop()


def _queue(count: int) -> float:
    began = time.perf_counter()
    with open_session() as session:
        outbox.queue_many(session, [(f"bench:{n}", _mail(n)) for n in range(count)], now=clock.now())
    return time.perf_counter() - began


def _mail(number: int) -> RegistrationReceivedMail:
    to = Recipient("林知夏", f"v{number}@people.example", "zh-Hans", "Asia/Shanghai")
    return RegistrationReceivedMail(to=to, person_id=number, hub=HUB, guardian_asked=False)


def _send_alone(mails: list[bytes], port: int) -> float:
    began = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as relay:
        for mail in mails:
            relay.sendmail("hubs@youth-hubs.example", ["somebody@people.example"], mail)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
