"""Kill senders, again and again: `python -m tests.faults.driver` with a plan as JSON on standard input.

It prints what happened as JSON. Each sender is a fork of this process, so that a life begins within
milliseconds; a kill counts only while the sender holds a mail in its hands. Leases are short here, since
nobody waits half an hour two hundred times; what they mean is unchanged.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import text

from models.session import engine_for, make_engine, open_session
from notifications import outbox, smtp
from services import delivery, reconciling

LEASE_SECONDS = 20.0
IN_HAND = "SELECT count(*) FROM message WHERE state = 'leased' AND phase = 'data'"
OPEN = "SELECT count(*) FROM message WHERE state IN ('queued', 'deferred', 'leased', 'ambiguous')"


def now() -> datetime:
    return datetime.now(UTC)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def shorten() -> None:
    outbox.LEASE = timedelta(seconds=LEASE_SECONDS)
    delivery.PATIENCE_SECONDS = LEASE_SECONDS / 3
    delivery.BATCH = 5
    reconciling.LOOK_AFTER = delivery.LOOK_AFTER = timedelta(seconds=1)


def send(url: str, *, once: bool = False) -> None:
    """Be a sender: deliver until the network is silent."""
    opener = partial(open_session, url, durable=True)
    while True:
        delivery.deliver_due(opener, now=now, probe=True)
        if once:
            return
        time.sleep(0.05)


def fork(work: Callable[[], None]) -> int:
    child = os.fork()
    if child:
        return child
    try:
        engine_for.cache_clear()
        work()
    finally:
        os._exit(0)


def kill(child: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


class Looker:
    """Asks the database on a connection of its own."""

    def __init__(self, url: str) -> None:
        self._engine = make_engine(url)

    def count(self, question: str) -> int:
        with self._engine.connect() as connection:
            return int(connection.execute(text(question)).scalar_one())


def kill_at_random(plan: dict[str, Any]) -> dict[str, Any]:
    """Keep so many workers alive and kill one after the other, until enough kills counted."""
    chance = random.Random(plan["seed"])
    looker = Looker(plan["url"])
    workers = [fork(partial(send, plan["url"])) for _ in range(plan["workers"])]
    counted = kills = 0
    while counted < plan["kills"] and looker.count(OPEN):
        time.sleep(chance.uniform(0.1, 0.6))
        place = chance.randrange(len(workers))
        counted += looker.count(IN_HAND) >= len(workers)
        kill(workers[place])
        kills += 1
        workers[place] = fork(partial(send, plan["url"]))
    drain(looker)
    for worker in workers:
        kill(worker)
    return {"kills": kills, "counted": counted, "open": looker.count(OPEN)}


def drain(looker: Looker, seconds: float = 600.0) -> None:
    end = time.monotonic() + seconds
    while looker.count(OPEN) and time.monotonic() < end:
        time.sleep(0.2)


def kill_at_point(plan: dict[str, Any]) -> dict[str, Any]:
    """Let one sender die at a labelled point of its third mail, then let another one finish."""

    def doomed() -> None:
        POINTS[plan["point"]](3)
        send(plan["url"], once=True)

    looker = Looker(plan["url"])
    _, status = os.waitpid(fork(doomed), 0)
    in_hand = looker.count(IN_HAND)
    heir = fork(partial(send, plan["url"]))
    drain(looker)
    kill(heir)
    return {"signal": os.WTERMSIG(status), "in_hand": in_hand, "open": looker.count(OPEN)}


def pause(plan: dict[str, Any]) -> dict[str, Any]:
    """Stop a sender for longer than its lease, let another take over, and wake it up."""
    looker = Looker(plan["url"])
    sleeper = fork(partial(send, plan["url"]))
    while not looker.count(IN_HAND):
        time.sleep(0.005)
    os.kill(sleeper, signal.SIGSTOP)
    time.sleep(LEASE_SECONDS + 1)
    other = fork(partial(send, plan["url"]))
    time.sleep(3)
    os.kill(sleeper, signal.SIGCONT)
    drain(looker)
    for child in (sleeper, other):
        kill(child)
    return {"open": looker.count(OPEN)}


def _after(owner: Any, name: str, times: int, *, before: bool = False) -> None:
    """Die after (or before) the n-th call of a function."""
    real = getattr(owner, name)
    left = times

    def call(*args: Any, **options: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0 and before:
            die()
        result = real(*args, **options)
        if left == 0:
            die()
        return result

    setattr(owner, name, call)


def _in_client(name: str) -> Callable[[int], None]:
    def arm(times: int) -> None:
        real = smtp._client

        def client() -> Any:
            made = real()
            _after(made, name, times + (name == "docmd"))  # EHLO goes through docmd once, too
            return made

        smtp._client = client

    return arm


POINTS: dict[str, Callable[[int], None]] = {
    "before_claim_commit": lambda _: _after(outbox, "announce", 1),
    "after_claim_commit": lambda _: _after(smtp.SmtpConnection, "send", 1, before=True),
    "after_mail": _in_client("mail"),
    "after_rcpt": _in_client("rcpt"),
    "before_dot": lambda times: _after(smtp, "_stuffed", times),
    "after_dot": lambda times: _after(smtp.SmtpConnection, "_final_reply", times, before=True),
    "after_250": lambda times: _after(smtp.SmtpConnection, "_final_reply", times),
    "before_result_commit": lambda times: _after(outbox, "pass_on", times),
    "after_result_commit": lambda times: _after(smtp.SmtpConnection, "send", times + 1, before=True),
}
WORK = {"random": kill_at_random, "point": kill_at_point, "pause": pause}

if __name__ == "__main__":
    given = json.load(sys.stdin)
    shorten()
    sys.stdout.write(json.dumps(WORK[given["work"]](given)))
