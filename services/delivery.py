"""Deliver what is due: the one service that commits by itself, and the only one that talks SMTP.

1. Rows of workers that died are freed; one whose dialogue had begun is ambiguous, and is looked for in
   the relay's log before anything else leaves.
2. A few due rows are claimed under a lease, and those that are no longer true are settled, in one
   short transaction. No transaction is open while we talk to the relay.
3. They go out in order on one connection. The result of each is committed before the next begins,
   in the same transaction that announces the next; so at most one mail is doubtful after a crash.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from sqlmodel import Session

from config.text import Text
from models.states import MessageState
from notifications import dkim, outbox, smtp
from notifications.kinds import Lane
from notifications.mime import number_of
from notifications.outbox import Claimed, Result
from notifications.replies import Verdict, judge
from notifications.return_path import address_for
from services import breaker, pacing
from services.breaker import Gate
from services.delivery_checks import not_to_send
from services.gathering import dissolve_stale, gather_due
from services.preferences import EVERYTHING, suppress
from services.reconciling import LOOK_AFTER, reconcile

OpenSession: TypeAlias = Callable[[], AbstractContextManager[Session]]
Connect: TypeAlias = Callable[[], smtp.SmtpConnection]

BATCH = 50
PATIENCE_SECONDS = outbox.LEASE.total_seconds() / 3
"""After this long the rest of a batch is given back, long before its lease runs out."""
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=2), timedelta(hours=4)
MOST_ATTEMPTS = 20
LOOKS_EVERY_SECONDS = 0.25
"""How often a run looks whether more urgent mail came in."""
MOST_BROKEN_CONNECTIONS = 3
"""In a row, without a mail between them; then the relay is left alone until the next run."""


@dataclass(frozen=True)
class Delivered:
    """Hold how many mails came to what, and what kept the rest from leaving."""

    sent: int = 0
    deferred: int = 0
    failed: int = 0
    suppressed: int = 0
    obsolete: int = 0
    expired: int = 0
    ambiguous: int = 0
    held: int = 0
    problem: Text | None = None

    @property
    def sentence(self) -> Text:
        """Return the result in words."""
        counts = Text(
            zh=f"发出{self.sent}封，稍后再发{self.deferred}封，没发成{self.failed}封，不发{self.suppressed}封，"
            f"已不适用{self.obsolete}封，过时未发{self.expired}封，不确定{self.ambiguous}封，等放行{self.held}封。",
            en=f"{self.sent} sent, {self.deferred} to be tried again, {self.failed} failed, "
            f"{self.suppressed} suppressed, {self.obsolete} no longer true, {self.expired} too late, "
            f"{self.ambiguous} uncertain, {self.held} on hold.",
        )
        if self.problem is None:
            return counts
        return Text(
            zh=f"{self.problem.zh}邮件都还在，通了就发。{counts.zh}",
            en=f"{self.problem.en} Every mail is kept and goes out once it works again. {counts.en}",
        )


def deliver_due(
    open_session: OpenSession,
    *,
    now: Callable[[], datetime],
    limit: int | None = None,
    connect: Connect = smtp.connect,
    probe: bool = False,
    urgent_only: bool = False,
    must_stop: Callable[[], bool] = lambda: False,
) -> Delivered:
    """Send what is due, at most `limit` mails, and say what became of it.

    `open_session` opens a transaction that commits at its end; `now` is asked again for each step,
    since a long run outlasts its start. An unreachable relay changes nothing: the mail waits, and the
    relay is left alone until the time of its next probe, or until somebody asks with `probe`. With
    `urgent_only` urgent mail overtakes a run that is stuck, on a connection of its own. When `must_stop`
    says so, the mail in hand is finished and the rest given back.
    """
    with open_session() as session:
        doubtful = outbox.recover(session, now=now())
    reconcile(open_session, now=now())
    gather_due(open_session, now=now())
    with open_session() as session:
        if not outbox.is_due(session, now=now()):
            return Delivered(ambiguous=doubtful)
        gate = breaker.gate(session, smtp.relay_name())
    if gate.rests(now()) and not probe:
        return Delivered(ambiguous=doubtful, problem=gate.sentence)
    run = _Run(open_session, now, connect, gate, (Lane.URGENT,) if urgent_only else tuple(Lane))
    run.must_stop = must_stop
    run.tally[MessageState.AMBIGUOUS] += doubtful
    run.deliver(limit)
    return Delivered(
        **{state.value: run.tally[state] for state in _COUNTED},
        problem=run.problem,
    )


_COUNTED = (
    MessageState.SENT,
    MessageState.DEFERRED,
    MessageState.FAILED,
    MessageState.SUPPRESSED,
    MessageState.OBSOLETE,
    MessageState.EXPIRED,
    MessageState.AMBIGUOUS,
    MessageState.HELD,
)


class _Run:
    """One run of delivery: a connection, the lease of the batch at hand, and what came of it."""

    def __init__(
        self,
        open_session: OpenSession,
        now: Callable[[], datetime],
        connect: Connect,
        gate: Gate,
        lanes: Sequence[Lane],
    ) -> None:
        self.tally: Counter[MessageState] = Counter()
        self.problem: Text | None = None
        self._open_session = open_session
        self._now = now
        self._connect = connect
        self._connection: smtp.SmtpConnection | None = None
        self._broken = 0
        self._gate = gate
        self._signs = ""
        self._lanes = lanes
        self._returned = 0
        self._looked = time.monotonic()
        self.must_stop: Callable[[], bool] = lambda: False

    def deliver(self, limit: int | None) -> None:
        """Send batch after batch until nothing is due, the limit is reached or the relay fails."""
        left = limit
        try:
            while (left is None or left > 0) and not self.must_stop() and self._is_connected():
                # While the circuit is open a single mail goes ahead to see whether it is well again.
                size = 1 if self._gate.is_open else BATCH
                claimed = self._send_batch(size if left is None else min(size, left))
                if claimed == 0:
                    return
                self._look_back()
                left = None if left is None else left - (claimed - self._returned)
        finally:
            self._hang_up()

    def _send_batch(self, size: int) -> int:
        lease, started, self._returned = outbox.new_lease(), time.monotonic(), 0
        with self._open_session() as session:
            claimed = outbox.claim(session, lease, now=self._now(), limit=size, lanes=self._lanes)
            rows = self._still_true(session, claimed, lease)
            if rows:
                outbox.announce(session, rows[0].id, lease, now=self._now())
        for place, row in enumerate(rows):
            following = rows[place + 1 :]
            verdict = self._send(row)
            goes_on = self._may_go_on(verdict, started) and self._is_connected()
            with self._open_session() as session:
                goes_on = self._settle(session, row, lease, verdict, following if goes_on else [])
                if not goes_on and following:
                    self._give_back(session, following, lease)
            if not goes_on:
                break
        return len(claimed)

    def _still_true(self, session: Session, claimed: list[Claimed], lease: str) -> list[Claimed]:
        verdicts = not_to_send(session, claimed, now=self._now()) if claimed else {}
        verdicts |= dissolve_stale(session, claimed, verdicts, now=self._now())
        for row in claimed:
            if row.id in verdicts:
                state, reason = verdicts[row.id]
                result = Result(state, row.attempts - 1, row.next_at, reason)
                self.tally[state] += outbox.settle(session, row.id, lease, result)
        rows = [row for row in claimed if row.id not in verdicts]
        waits = pacing.waits(session, rows, self._gate.relay, now=self._now())
        for row in rows:
            if row.id in waits:
                reason, until = waits[row.id]
                outbox.settle(
                    session, row.id, lease, Result(MessageState.QUEUED, row.attempts - 1, until, reason)
                )
        return [row for row in rows if row.id not in waits]

    def _send(self, row: Claimed) -> Verdict:
        assert self._connection is not None
        content, sender = dkim.signed(row.content), address_for(number_of(row.key))
        verdict = judge(self._connection.send(row.to_address, content, sender))
        self._broken = self._broken + 1 if verdict.reconnect else 0
        if verdict.reconnect:
            self._hang_up()
        self._signs += breaker.sign_of(verdict)
        # A probe that is refused is no mail's fault: it waits, and others probe after it.
        is_storm = self._gate.is_open and breaker.is_refusal(verdict)
        return replace(verdict, state=MessageState.DEFERRED) if is_storm else verdict

    def _may_go_on(self, verdict: Verdict, started: float) -> bool:
        if verdict.stop or self._broken >= MOST_BROKEN_CONNECTIONS:
            self._trip(breaker.SENDER_REFUSED if verdict.stop else breaker.UNREACHABLE)
            return False
        return time.monotonic() - started < PATIENCE_SECONDS and not self.must_stop()

    def _look_back(self) -> None:
        """Close the circuit after a good probe, or open it after too many refusals."""
        signs, self._signs = self._signs, ""
        if self.problem is not None or not (self._gate.is_watched or breaker.REFUSED_SIGN in signs):
            return
        with self._open_session() as session:
            self._gate = breaker.look_back(session, self._gate.relay, signs, now=self._now())
        self.problem = self._gate.sentence if self._gate.is_open else None

    def _trip(self, reason: str, sentence: Text | None = None) -> None:
        with self._open_session() as session:
            self._gate = breaker.failed(session, self._gate.relay, reason, now=self._now())
        self.problem = sentence or self._gate.sentence

    def _give_back(self, session: Session, rows: list[Claimed], lease: str) -> None:
        outbox.give_back(session, [row.id for row in rows], lease)
        self._returned = len(rows)

    def _gives_way(self, session: Session, row: Claimed) -> bool:
        """Say whether more urgent mail came in; asked a few times a second, as each question costs."""
        if row.lane == Lane.URGENT or time.monotonic() - self._looked < LOOKS_EVERY_SECONDS:
            return False
        self._looked = time.monotonic()
        return outbox.waits_before(session, row.lane, now=self._now())

    def _settle(
        self, session: Session, row: Claimed, lease: str, verdict: Verdict, following: list[Claimed]
    ) -> bool:
        """Keep what became of `row`, and announce the first of `following` if it is to go out next."""
        now = self._now()
        result = _result(row, verdict, now)
        if verdict.suppress:
            suppress(session, row.to_address, EVERYTHING, verdict.reason, now=now)
        goes_on = False
        if following and not self._gives_way(session, row):
            # Not ours any more when we were paused for longer than the lease.
            is_kept, goes_on = outbox.pass_on(session, row.id, following[0].id, lease, result, now=now)
        else:
            is_kept = outbox.settle(session, row.id, lease, result)
        self.tally[result.state] += is_kept
        return goes_on

    def _is_connected(self) -> bool:
        if self.problem is not None:
            return False
        if self._connection is None:
            try:
                dkim.require_key()
                self._connection = self._connect()
            except smtp.SmtpUnreachable as error:
                self._trip(error.code, error.sentence)
            except dkim.KeyUnusable as error:
                self._trip(breaker.NO_KEY, error.sentence)
            else:
                self._connected()
        return self._connection is not None

    def _connected(self) -> None:
        if self._gate.failures and self._gate.reason in breaker.AT_THE_DOOR:
            with self._open_session() as session:
                self._gate = breaker.works(session, self._gate.relay, now=self._now())

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _result(row: Claimed, verdict: Verdict, now: datetime) -> Result:
    result = Result(verdict.state, row.attempts, row.next_at, verdict.reason, phase="replied")
    if verdict.state is MessageState.SENT:
        return replace(result, sent_at=now)
    if verdict.state is MessageState.QUEUED:
        return replace(result, attempts=row.attempts - 1)
    if verdict.state is MessageState.AMBIGUOUS:
        return replace(result, next_at=now + LOOK_AFTER)
    if verdict.state is MessageState.DEFERRED and row.attempts >= MOST_ATTEMPTS:
        return replace(result, state=MessageState.FAILED, reason=f"gave_up_{verdict.reason}")
    if verdict.state is MessageState.DEFERRED:
        return replace(result, next_at=now + _wait(row))
    return result


def _wait(row: Claimed) -> timedelta:
    """Return how long a deferred row waits: doubling, with jitter that its key and attempt decide."""
    longest = min(LONGEST_WAIT, FIRST_WAIT * (1 << min(row.attempts, 16)))
    draw = hashlib.blake2b(f"{row.key}:{row.attempts}".encode(), digest_size=4).digest()
    return longest / 2 + longest / 2 * (int.from_bytes(draw, "big") / 2**32)
