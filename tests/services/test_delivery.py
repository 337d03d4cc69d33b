"""Delivery: each mail goes out once, what cannot go waits, and what is no longer true stays here."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from config.settings import settings
from models import Message, Suppression
from models.states import MessageState
from notifications import outbox, smtp
from notifications.kinds import KINDS, Recipient, RegistrationReceivedMail
from notifications.samples import HUB, samples
from services import preferences
from services.delivery import Delivered, deliver_due
from services.mail_rules import MailRules
from services.policies import set_rules
from tests.relay import HANG_UP, Relay, free_port
from tests.services.conftest import Opener


def welcome(number: int) -> RegistrationReceivedMail:
    return RegistrationReceivedMail(
        to=Recipient("林小满", f"v{number}@people.example"), person_id=number, hub=HUB
    )


def queue(opened: Opener, count: int, now: datetime) -> None:
    with opened() as session:
        outbox.queue_many(session, [(f"registration:{n}", welcome(n)) for n in range(count)], now=now)


def deliver(opened: Opener, now: datetime, **options: int) -> Delivered:
    return deliver_due(opened, now=lambda: now, **options)


def send_nothing_in_doubt(opened: Opener, now: datetime) -> None:
    with opened() as session:
        set_rules(session, MailRules, {"resend_service": False}, hub_id=None, now=now)


def states(opened: Opener) -> dict[str, int]:
    with opened() as session:
        return {state: count for state, count in outbox.counts(session).items() if count}


def test_delivery_sends_in_order_on_one_connection_and_a_second_run_sends_nothing(
    opened: Opener, relay: Relay, now: datetime
) -> None:
    queue(opened, 60, now)
    assert deliver(opened, now) == Delivered(sent=60)
    assert relay.recipients == [f"v{n}@people.example" for n in range(60)]
    assert relay.connections == 1
    assert deliver(opened, now) == Delivered()
    assert len(relay.received) == 60


def test_two_senders_at_once_send_each_mail_once(opened: Opener, relay: Relay, now: datetime) -> None:
    queue(opened, 120, now)
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = list(pool.map(lambda _: deliver(opened, now), range(2)))
    assert sum(result.sent for result in results) == 120
    assert sorted(relay.recipients) == sorted(f"v{n}@people.example" for n in range(120))


def test_urgent_mail_overtakes_digests(opened: Opener, relay: Relay, now: datetime) -> None:
    by_kind = {mail.kind: mail for mail in samples("en")}
    with opened() as session:
        for kind in ("coordinator_digest", "registration", "thanks", "volunteer_digest"):
            outbox.queue(session, by_kind[kind], key=kind, now=now)
    deliver(opened, now)
    kinds = [message["X-Youth-Hub-Kind"] for message in relay.messages]
    assert kinds == ["registration", "news", "coordinator_digest"]


def test_delivery_keeps_to_its_limit(opened: Opener, relay: Relay, now: datetime) -> None:
    queue(opened, 40, now)
    assert deliver(opened, now, limit=30).sent == 30
    assert states(opened) == {"sent": 30, "queued": 10}


def test_delivery_sends_the_stored_bytes(opened: Opener, relay: Relay, now: datetime) -> None:
    queue(opened, 1, now)
    deliver(opened, now + timedelta(hours=5))
    with opened() as session:
        row = session.exec(select(Message)).one()
    assert relay.received == [(["v0@people.example"], row.content)]


def test_delivery_with_an_unreachable_server_loses_nothing_and_says_so(
    opened: Opener, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YOUTHHUB_SMTP_PORT", str(free_port()))
    settings.cache_clear()
    queue(opened, 3, now)
    result = deliver(opened, now)
    assert result.problem is not None
    assert "连不上邮件服务器" in result.sentence.zh
    assert "cannot be reached" in result.sentence.en
    assert states(opened) == {"queued": 3}
    settings.cache_clear()


def test_delivery_defers_what_the_server_asks_to_wait_with(
    opened: Opener, relay: Relay, now: datetime
) -> None:
    queue(opened, 3, now)
    relay.on_rcpt = ["250 OK", "451 4.7.1 greylisted"]
    assert deliver(opened, now) == Delivered(sent=2, deferred=1)
    assert deliver(opened, now + timedelta(minutes=1)) == Delivered()
    assert deliver(opened, now + timedelta(hours=1)) == Delivered(sent=1)


@pytest.mark.parametrize(
    ("reply", "reason", "suppressed"),
    [
        ("550 5.1.1 User unknown", "unknown_mailbox", 1),
        ("552 5.2.2 Mailbox full", "mailbox_full", 0),
        ("550 5.7.1 Message refused by policy", "refused_by_policy", 0),
        ("550 Nope", "refused", 0),
    ],
)
def test_delivery_fails_one_row_by_reason_and_suppresses_only_unknown_mailboxes(  # noqa: PLR0917 -- one a fixture
    opened: Opener, relay: Relay, now: datetime, reply: str, reason: str, suppressed: int
) -> None:
    queue(opened, 3, now)
    relay.on_rcpt = [reply]
    assert deliver(opened, now) == Delivered(sent=2, failed=1)
    with opened() as session:
        failed = session.exec(select(Message).where(Message.state == MessageState.FAILED)).one()
        assert (failed.to_address, failed.reason) == ("v0@people.example", reason)
        assert len(session.exec(select(Suppression)).all()) == suppressed


def test_delivery_takes_a_rate_limit_spelt_as_550_for_what_it_is(
    opened: Opener, relay: Relay, now: datetime
) -> None:
    queue(opened, 1, now)
    relay.on_rcpt = ["550 Connection frequency limited"]
    assert deliver(opened, now) == Delivered(deferred=1)


def test_delivery_stops_and_fails_nobody_when_our_own_address_is_refused(
    opened: Opener, relay: Relay, now: datetime
) -> None:
    queue(opened, 5, now)
    relay.on_mail = ["250 OK", "553 5.7.1 sender not allowed"]
    result = deliver(opened, now)
    assert (result.sent, result.problem is not None) == (1, True)
    assert states(opened) == {"sent": 1, "queued": 4}


def test_delivery_reconnects_after_the_server_closed(opened: Opener, relay: Relay, now: datetime) -> None:
    queue(opened, 4, now)
    relay.on_mail = ["250 OK", "421 4.3.2 too many mails on this connection"]
    assert deliver(opened, now) == Delivered(sent=3, deferred=1)
    assert relay.connections == 2


@pytest.mark.parametrize("step", ["on_mail", "on_rcpt", "before_data"])
def test_a_connection_lost_before_the_last_line_was_answered(
    opened: Opener, relay: Relay, now: datetime, step: str
) -> None:
    queue(opened, 2, now)
    setattr(relay, step, [HANG_UP])
    result = deliver(opened, now)
    # `before_data` hangs up after the last line, where nobody can know what the server did.
    expected = Delivered(sent=1, ambiguous=1) if step == "before_data" else Delivered(sent=1, deferred=1)
    assert result == expected


def test_a_mail_that_arrived_without_an_answer_is_not_sent_again_before_it_was_looked_for(
    opened: Opener, relay: Relay, now: datetime
) -> None:
    queue(opened, 2, now)
    relay.after_data = [HANG_UP]
    assert deliver(opened, now) == Delivered(sent=1, ambiguous=1)
    assert deliver(opened, now + timedelta(minutes=4)) == Delivered()
    assert sorted(relay.recipients) == ["v0@people.example", "v1@people.example"]


def test_a_sender_that_slept_longer_than_its_lease_sends_nothing_that_another_has_taken(
    opened: Opener, relay: Relay, now: datetime
) -> None:
    queue(opened, 4, now)
    send_nothing_in_doubt(opened, now)
    later = now + outbox.LEASE + timedelta(minutes=1)

    def sleepy() -> smtp.SmtpConnection:
        connection = smtp.connect()
        send = connection.send

        def slow(address: str, content: bytes, sender: str = "") -> smtp.Reply:
            vars(connection).pop("send")
            assert deliver(opened, later).sent == 3
            return send(address, content, sender)

        vars(connection)["send"] = slow
        return connection

    deliver_due(opened, now=lambda: now, connect=sleepy)
    assert sorted(relay.recipients) == [f"v{n}@people.example" for n in range(4)]
    assert states(opened) == {"sent": 3, "ambiguous": 1}


class PowerCut(BaseException):
    """The process dies here."""


class DyingConnection(smtp.SmtpConnection):
    """Dies at the n-th mail, before or after it went out."""

    alive = 0
    after_sending = False

    def send(self, address: str, content: bytes, sender: str = ""):  # type: ignore[no-untyped-def] -- never gets to return
        self.alive -= 1
        if self.alive >= 0:
            return super().send(address, content, sender)
        if self.after_sending:
            super().send(address, content, sender)
        raise PowerCut


@pytest.mark.parametrize("after_sending", [False, True])
def test_a_killed_sender_leaves_one_doubtful_mail_and_loses_and_repeats_none(
    opened: Opener, relay: Relay, now: datetime, after_sending: bool
) -> None:
    queue(opened, 6, now)
    send_nothing_in_doubt(opened, now)

    def dying() -> smtp.SmtpConnection:
        connection = smtp.connect()
        connection.__class__ = DyingConnection
        vars(connection).update(alive=2, after_sending=after_sending)
        return connection

    with pytest.raises(PowerCut):
        deliver_due(opened, now=lambda: now, connect=dying)
    assert states(opened) == {"sent": 2, "leased": 4}
    assert deliver(opened, now + timedelta(minutes=5)) == Delivered()
    later = now + outbox.LEASE + timedelta(minutes=1)
    assert deliver(opened, later) == Delivered(sent=3, ambiguous=1)
    assert len(relay.recipients) == len(set(relay.recipients))
    assert states(opened) == {"sent": 5, "ambiguous": 1}


def test_delivery_of_mail_for_things_that_are_gone_sends_none_of_it(
    opened: Opener, relay: Relay, now: datetime
) -> None:
    """No row of what the samples are about exists, so only what needs no row may leave."""
    with opened() as session:
        outbox.queue_many(session, [(mail.kind, mail) for mail in samples("en")], now=now)
    deliver(opened, now + timedelta(minutes=15))
    sent = {message["X-Youth-Hub-Kind"] for message in relay.messages}
    with opened() as session:
        told = session.exec(select(Message.kind).where(Message.state == MessageState.GATHERED)).all()
    digests = {"volunteer_digest", "coordinator_digest", "manager_digest"}
    # What was decided stays decided, and who asked for a link wants it.
    decided = {"registration", "my_page", "hours_decided", "no_show_mended", "swap"}
    assert sent == {*decided, "news"}
    assert sorted(told) == sorted({"thanks", "hub_notice", "decisions", *digests})
    obsolete = len(KINDS) - len(decided) - 1 - len(told)
    assert states(opened) == {"sent": len(relay.messages), "gathered": len(told), "obsolete": obsolete}


def test_delivery_after_the_time_sends_nothing(opened: Opener, relay: Relay, now: datetime) -> None:
    with opened() as session:
        outbox.queue(session, welcome(1), key="one", now=now, expires_at=now + timedelta(hours=1))
    assert deliver(opened, now + timedelta(hours=1)) == Delivered(expired=1)


def test_delivery_asks_who_unsubscribed_meanwhile(opened: Opener, relay: Relay, now: datetime) -> None:
    queue(opened, 2, now)
    with opened() as session:
        preferences.suppress(session, "v0@people.example", "*", "unknown_mailbox", now=now)
    assert deliver(opened, now) == Delivered(sent=1, suppressed=1)
    assert relay.recipients == ["v1@people.example"]
