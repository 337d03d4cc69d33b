"""Did it arrive? The relay's log decides; without one, the rules of the stream do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from config.settings import settings
from models import Message
from notifications import outbox
from notifications.kinds import Recipient, RegistrationReceivedMail
from notifications.samples import HUB
from services.delivery import Delivered, deliver_due
from services.mail_rules import MailRules
from services.policies import set_rules
from services.reconciling import LOOK_AFTER, Reconciled, reconcile, reconcile_restored
from tests.relay import HANG_UP, Relay, running_relay
from tests.services.conftest import Opener


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "relay.log"


@pytest.fixture
def relay(monkeypatch: pytest.MonkeyPatch, journal: Path) -> Iterator[Relay]:
    with running_relay() as relay:
        monkeypatch.setenv("YOUTHHUB_SMTP_PORT", str(relay.port))
        monkeypatch.setenv("YOUTHHUB_RELAY_LOG", str(journal))
        settings.cache_clear()
        yield relay
    monkeypatch.undo()
    settings.cache_clear()


def queue(opened: Opener, count: int, now: datetime) -> None:
    mails = [
        (f"registration:{n}", RegistrationReceivedMail(to=Recipient("林小满", f"v{n}@people.example"), person_id=n, hub=HUB))
        for n in range(count)
    ]  # fmt: skip
    with opened() as session:
        outbox.queue_many(session, mails, now=now)


def row(opened: Opener, number: int) -> Message:
    with opened() as session:
        return session.exec(select(Message).where(Message.key == f"registration:{number}")).one()


def write(journal: Path, relay: Relay, now: datetime, *, until: timedelta = timedelta(minutes=9)) -> None:
    """Write down what arrived, as a server of this machine would."""
    lines = [f"{(now - timedelta(hours=1)).isoformat()} started - -"]
    lines += [f"{now.isoformat()} filed 1.localhost {message['Message-ID']}" for message in relay.messages]
    journal.write_text("\n".join([*lines, f"{(now + until).isoformat()} started - -", ""]))


def test_mail_that_the_log_shows_is_sent_and_one_that_it_does_not_is_queued_again(
    opened: Opener, relay: Relay, journal: Path, now: datetime
) -> None:
    queue(opened, 3, now)
    relay.before_data, relay.after_data = ["250 OK", HANG_UP], ["250 OK", HANG_UP]
    assert deliver_due(opened, now=lambda: now) == Delivered(sent=1, ambiguous=2)
    write(journal, relay, now)
    later = now + LOOK_AFTER
    assert deliver_due(opened, now=lambda: later) == Delivered(sent=1)
    assert sorted(relay.recipients) == [f"v{n}@people.example" for n in range(3)]
    assert (row(opened, 1).reason, row(opened, 2).reason) == ("", "found_in_the_log")
    assert row(opened, 2).sent_at == now


@pytest.mark.parametrize("resends", [True, False])
def test_without_a_log_the_rules_say_whether_it_goes_once_more(
    opened: Opener, relay: Relay, now: datetime, resends: bool
) -> None:
    with opened() as session:
        set_rules(session, MailRules, {"resend_service": resends}, hub_id=None, now=now)
    queue(opened, 1, now)
    relay.after_data = [HANG_UP, HANG_UP]
    assert deliver_due(opened, now=lambda: now) == Delivered(ambiguous=1)
    first, second = now + LOOK_AFTER, now + 2 * LOOK_AFTER
    assert deliver_due(opened, now=lambda: first) == Delivered(ambiguous=1 if resends else 0)
    assert deliver_due(opened, now=lambda: second) == Delivered()
    assert len(relay.received) == (2 if resends else 1)
    assert len({message["Message-ID"] for message in relay.messages}) == 1
    assert (row(opened, 0).state, row(opened, 0).reason) == ("ambiguous", "may_have_arrived")


def test_log_of_another_time_does_not_prove_that_a_mail_is_absent(
    opened: Opener, relay: Relay, journal: Path, now: datetime
) -> None:
    queue(opened, 1, now)
    relay.after_data = [HANG_UP]
    deliver_due(opened, now=lambda: now)
    journal.write_text(f"{(now + timedelta(seconds=1)).isoformat()} started - -\n" * 2)
    result = reconcile(opened, now=now + LOOK_AFTER)
    assert result == Reconciled(again=1, has_log=True)


def test_log_that_shows_none_of_our_mails_is_another_relay_s(
    opened: Opener, relay: Relay, journal: Path, now: datetime
) -> None:
    queue(opened, 2, now)
    relay.after_data = ["250 OK", HANG_UP]
    deliver_due(opened, now=lambda: now)
    relay.received.clear()
    write(journal, relay, now)
    assert reconcile(opened, now=now + LOOK_AFTER) == Reconciled(again=1)


def test_reconcile_twice_and_too_early_changes_nothing(opened: Opener, relay: Relay, now: datetime) -> None:
    queue(opened, 1, now)
    relay.after_data = [HANG_UP]
    deliver_due(opened, now=lambda: now)
    assert reconcile(opened, now=now + timedelta(minutes=1)) == Reconciled()
    assert reconcile(opened, now=now + LOOK_AFTER).again == 1
    assert reconcile(opened, now=now + LOOK_AFTER) == Reconciled()


def test_restored_backup_sends_nothing_again_that_the_log_shows(
    opened: Opener, relay: Relay, journal: Path, now: datetime
) -> None:
    """The backup is from before the first two mails left: in it all three still wait."""
    queue(opened, 3, now)
    deliver_due(opened, now=lambda: now, limit=2)
    write(journal, relay, now)
    with opened() as session:
        for message in session.exec(select(Message)):
            message.state, message.sent_at = "queued", None
    assert reconcile_restored(opened, now=now) == Reconciled(found=2, has_log=True)
    assert deliver_due(opened, now=lambda: now) == Delivered(sent=1)
    assert len(set(relay.recipients)) == len(relay.recipients) == 3
