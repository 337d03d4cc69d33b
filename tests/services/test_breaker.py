"""The circuit breaker: real servers that misbehave, and what becomes of mail and server meanwhile."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from functools import partial

import pytest
from aiosmtpd.smtp import AuthResult
from sqlmodel import Session

from config.settings import settings
from models.session import open_session
from notifications import outbox
from notifications.kinds import Recipient, RegistrationReceivedMail
from notifications.samples import HUB
from services import breaker, due
from services.breaker import Gate
from services.delivery import Delivered, deliver_due
from tests.certificates import self_signed
from tests.relay import Relay, free_port, running_relay

Opener = Callable[[], AbstractContextManager[Session]]
SPAM = "550 5.7.1 refused as spam"
SECOND = timedelta(seconds=1)


@pytest.fixture
def opened(database: str) -> Opener:
    return partial(open_session, database)


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    def set_(**values: str | int) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"YOUTHHUB_SMTP_{name}", str(value))
        settings.cache_clear()

    yield set_
    monkeypatch.undo()
    settings.cache_clear()


@contextmanager
def relay_at(use: Callable[..., None], port: int = 0, **options: object) -> Iterator[Relay]:
    with running_relay(port, **options) as relay:
        use(PORT=relay.port)
        yield relay


def queue(opened: Opener, count: int, now: datetime) -> None:
    mails = (
        RegistrationReceivedMail(to=Recipient("林小满", f"v{n}@people.example"), person_id=n, hub=HUB)
        for n in range(count)
    )
    with opened() as session:
        outbox.queue_many(session, ((f"registration:{n}", mail) for n, mail in enumerate(mails)), now=now)


def deliver(opened: Opener, at: datetime, *, probe: bool = False) -> Delivered:
    return deliver_due(opened, now=lambda: at, probe=probe)


def gate(opened: Opener) -> Gate:
    with opened() as session:
        (found,) = breaker.relays(session)
    return found


def states(opened: Opener) -> dict[str, int]:
    with opened() as session:
        return {state: count for state, count in outbox.counts(session).items() if count}


def test_refused_login_opens_at_once_fails_nobody_and_closes_when_it_is_mended(
    opened: Opener, use: Callable[..., None], now: datetime
) -> None:
    is_known = False

    def authenticator(*_: object) -> AuthResult:
        return AuthResult(success=is_known, handled=False)

    use(USER="hub", PASSWORD="secret word")
    queue(opened, 3, now)
    options = {"authenticator": authenticator, "auth_require_tls": False}
    with relay_at(use, **options) as relay:
        assert deliver(opened, now).sent == 0
        assert (gate(opened).state, gate(opened).reason) == ("open", "smtp_login_refused")
        assert states(opened) == {"queued": 3}
        tried = relay.connections
        assert deliver(opened, now + 29 * SECOND).problem is not None
        assert relay.connections == tried
        deliver(opened, now + 30 * SECOND)
        assert deliver(opened, now + 80 * SECOND).sent == 0
        is_known = True
        assert deliver(opened, now + 90 * SECOND) == Delivered(sent=3)
    assert gate(opened).state == "closed"
    assert gate(opened).failures == 0


def test_somebody_who_asks_is_not_told_to_wait(
    opened: Opener, use: Callable[..., None], now: datetime
) -> None:
    port = free_port()
    use(PORT=port)
    queue(opened, 1, now)
    deliver(opened, now)
    with relay_at(use, port):
        assert deliver(opened, now + SECOND).sent == 0
        assert deliver(opened, now + SECOND, probe=True) == Delivered(sent=1)


def test_server_that_is_away_opens_the_circuit_at_the_third_time_and_rests_longer_each_time(
    opened: Opener, use: Callable[..., None], now: datetime
) -> None:
    use(PORT=free_port())
    queue(opened, 1, now)
    seen, at = [], now
    for _ in range(8):
        deliver(opened, at)
        found = gate(opened)
        assert found.next_probe_at is not None
        seen.append((found.state, (found.next_probe_at - at) / SECOND))
        at = found.next_probe_at
    assert seen == [
        ("closed", 30), ("closed", 60), ("open", 120), ("open", 240), ("open", 480), ("open", 960),
        ("open", 1800), ("open", 1800),
    ]  # fmt: skip
    assert states(opened) == {"queued": 1}


def test_clock_asks_again_for_a_relay_that_was_away_though_the_same_mail_waits(
    opened: Opener, use: Callable[..., None], now: datetime
) -> None:
    """Its key is made of the waiting rows: without the probe in it the mail would wait for ever."""
    use(PORT=free_port())
    queue(opened, 1, now)

    def asked(at: datetime) -> list[str]:
        with opened() as session:
            return [due.key for due in due.mail_to_deliver(session, at)]

    first = asked(now)
    deliver(opened, now)
    assert asked(now + 29 * SECOND) == []
    second = asked(now + 30 * SECOND)
    assert len(first) == len(second) == 1
    assert first != second


def test_certificate_that_nobody_vouches_for_opens_at_once_and_no_mail_is_offered(
    opened: Opener, use: Callable[..., None], now: datetime
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with self_signed("127.0.0.1") as (certificate, key):
        context.load_cert_chain(certificate, key)
    queue(opened, 1, now)
    use(SECURITY="starttls", USER="hub", PASSWORD="secret word")
    with relay_at(use, tls_context=context) as relay:
        assert deliver(opened, now).sent == 0
        assert relay.received == []
    assert (gate(opened).state, gate(opened).reason) == ("open", "smtp_not_secure")
    assert states(opened) == {"queued": 1}


def test_own_address_refused_opens_until_a_probe_is_taken(
    opened: Opener, use: Callable[..., None], now: datetime
) -> None:
    queue(opened, 5, now)
    with relay_at(use) as relay:
        relay.on_mail = ["250 OK", "553 5.7.1 sender not allowed", "553 5.7.1 sender not allowed"]
        assert deliver(opened, now).sent == 1
        assert deliver(opened, now + 30 * SECOND).sent == 0
        assert len(relay.on_mail) == 0
        assert states(opened) == {"sent": 1, "queued": 4}
        assert deliver(opened, now + 90 * SECOND) == Delivered(sent=4)
    assert gate(opened).state == "closed"


def test_storm_of_refusals_stops_after_a_batch_and_a_refused_probe_waits_instead_of_failing(
    opened: Opener, use: Callable[..., None], now: datetime
) -> None:
    queue(opened, 70, now)
    with relay_at(use) as relay:
        relay.before_data = [SPAM] * 12
        first = deliver(opened, now)
        assert (first.sent, first.failed) == (38, 12)
        assert gate(opened).reason == "refusal_storm"
        relay.before_data = [SPAM]
        assert deliver(opened, now + 30 * SECOND).deferred == 1
        assert states(opened) == {"sent": 38, "failed": 12, "queued": 19, "deferred": 1}
        assert deliver(opened, now + 90 * SECOND).sent == 19
    assert gate(opened).state == "closed"


def test_some_refusals_among_many_mails_are_no_storm(
    opened: Opener, use: Callable[..., None], now: datetime
) -> None:
    queue(opened, 100, now)
    with relay_at(use) as relay:
        relay.before_data = [*[SPAM] * 10, *["250 OK"] * 40, *[SPAM] * 10]
        assert deliver(opened, now) == Delivered(sent=80, failed=20)
    assert gate(opened).state == "closed"


def test_trouble_is_told_in_words_while_the_circuit_is_open_only(
    opened: Opener, use: Callable[..., None], now: datetime
) -> None:
    use(PORT=free_port())
    queue(opened, 1, now)
    told = []
    for seconds in (0, 30, 90):
        deliver(opened, now + seconds * SECOND)
        with opened() as session:
            told.append(breaker.trouble(session))
    assert told[:2] == [None, None]
    assert told[2] is not None
    assert "连不上它。信都还在" in told[2].zh
    assert "it cannot be reached. Every mail is kept" in told[2].en
