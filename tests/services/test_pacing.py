"""When mail waits for its turn: quiet hours, limits, lanes, and what comes too late."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select

from benchmarks.mail import fill_by_copies
from models import Message
from models.session import open_session
from notifications import outbox, smtp
from notifications.kinds import ActivityCancelledMail, Lane, Mail, Recipient, RegistrationReceivedMail
from notifications.outbox import Claimed
from notifications.samples import samples
from services import delivery, delivery_checks, due, pacing
from services.delivery import Delivered, deliver_due
from services.mail_rules import MailRules
from services.policies import set_rules
from tests.relay import Relay
from tests.services.conftest import Opener

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
SAMPLES = {type(mail): mail for mail in samples("zh-Hans")}


@pytest.fixture
def relay(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> Relay:
    monkeypatch.setattr(delivery_checks, "RULES", {})  # what the samples are about does not exist
    return relay


def decide(opened: Opener, now: datetime, **rules: int) -> None:
    with opened() as session:
        set_rules(session, MailRules, rules, hub_id=None, now=now)


def queue(  # noqa: PLR0917 -- read in this order it is a sentence
    opened: Opener, kind: type[Mail], name: str, now: datetime, zone: str = "Asia/Shanghai", key: str = ""
) -> None:
    to = Recipient("林小满", name if "@" in name else f"{name}@people.example", time_zone=zone)
    with opened() as session:
        outbox.queue(session, replace(SAMPLES[kind], to=to), key=key or name, now=now)


def deliver(opened: Opener, at: datetime) -> Delivered:
    return deliver_due(opened, now=lambda: at)


def waiting(opened: Opener) -> list[tuple[str, str, datetime]]:
    with opened() as session:
        query = select(Message).where(Message.state == "queued").order_by(Message.next_at)  # type: ignore[arg-type] -- a column
        return [(row.to_address.partition("@")[0], row.reason, row.next_at) for row in session.exec(query)]


def test_at_night_only_urgent_mail_leaves_and_night_is_where_its_reader_is(
    opened: Opener, relay: Relay, now: datetime
) -> None:
    decide(opened, now, quiet_from=21, quiet_until=8)
    queue(opened, RegistrationReceivedMail, "beijing", now)
    queue(opened, RegistrationReceivedMail, "london", now, "Europe/London")  # one in the morning there
    queue(opened, ActivityCancelledMail, "urgent", now, "Europe/London")
    assert deliver(opened, now) == Delivered(sent=2)
    assert sorted(relay.recipients) == ["beijing@people.example", "urgent@people.example"]
    ((_, reason, until),) = waiting(opened)
    morning = datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert reason == "quiet_hours"
    assert morning <= until < morning + pacing.SPREAD
    assert deliver(opened, morning - SECOND) == Delivered()
    assert deliver(opened, until) == Delivered(sent=1)


@hypothesis.settings(deadline=None)
@given(
    at=st.integers(0, 3 * 366 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes)),
    zone=st.sampled_from(
        ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "odd"]
    ),
    start=st.integers(0, 23),
    end=st.integers(0, 23),
)
def test_morning_comes_within_a_day_and_is_no_night(at: datetime, zone: str, start: int, end: int) -> None:
    row = Claimed(1, "k", "x", "service", 1, at, "a@b.example", {}, b"", None, 1, at, zone, "")
    rules = MailRules(quiet_from=start, quiet_until=end)
    until = pacing.morning(row, rules, at)
    local = ZoneInfo("Asia/Shanghai" if zone == "odd" else zone)

    def is_quiet(moment: datetime) -> bool:
        hours = {(start + step) % 24 for step in range((end - start) % 24)}
        return moment.astimezone(local).hour in hours

    assert (until is not None) == is_quiet(at)
    if until is not None:
        assert not is_quiet(until)
        assert at < until <= at + 25 * HOUR


def test_person_who_got_enough_gets_the_rest_a_day_later_but_urgent_mail_at_once(
    opened: Opener, relay: Relay, now: datetime
) -> None:
    decide(opened, now, person_a_day=2)
    for number in range(4):
        queue(opened, RegistrationReceivedMail, "lin", now, key=f"thanks:{number}")
    queue(opened, ActivityCancelledMail, "lin", now, key="cancelled")
    queue(opened, RegistrationReceivedMail, "chen", now)
    assert deliver(opened, now) == Delivered(sent=4)
    assert {(reason, until) for _, reason, until in waiting(opened)} == {("person_limit", now + 24 * HOUR)}
    assert deliver(opened, now + 23 * HOUR) == Delivered()
    assert deliver(opened, now + 24 * HOUR) == Delivered(sent=2)


def test_domain_gets_a_mail_a_second_and_each_waiting_one_is_given_its_turn_once(
    opened: Opener, relay: Relay, now: datetime
) -> None:
    decide(opened, now, domain_a_minute=60)
    for number in range(8):
        queue(opened, RegistrationReceivedMail, f"v{number}", now)
    queue(opened, RegistrationReceivedMail, "w@elsewhere.example", now)
    assert deliver(opened, now) == Delivered(sent=4)
    turns = waiting(opened)
    assert [(until - now) / SECOND for _, _, until in turns] == [3, 4, 5, 6, 7]
    queue(opened, RegistrationReceivedMail, "late", now)
    assert deliver(opened, now + 4 * SECOND) == Delivered(sent=2)
    assert waiting(opened) == [*turns[2:], ("late", "domain_limit", now + 8 * SECOND)]


def test_turn_that_was_missed_in_an_outage_is_given_anew(opened: Opener, relay: Relay, now: datetime) -> None:
    decide(opened, now, relay_a_minute=6)
    for number in range(5):
        queue(opened, RegistrationReceivedMail, f"v{number}", now)
    assert deliver(opened, now) == Delivered(sent=1)
    later = now + HOUR
    assert deliver(opened, later) == Delivered(sent=1)
    assert [until - later for _, _, until in waiting(opened)] == [10 * SECOND, 20 * SECOND, 30 * SECOND]


def test_digest_that_could_not_leave_for_days_does_not_leave(
    opened: Opener, relay: Relay, now: datetime
) -> None:
    digest = next(kind for kind, mail in SAMPLES.items() if mail.lane == Lane.BULK)
    queue(opened, digest, "lin", now)
    queue(opened, RegistrationReceivedMail, "chen", now)
    assert deliver(opened, now + timedelta(days=4)) == Delivered(sent=1, expired=1)


def test_cancellation_is_sent_next_however_many_digests_are_in_line(
    sqlite_database: str, relay: Relay, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "LOOKS_EVERY_SECONDS", 0.0)
    opened = partial(open_session, sqlite_database)
    decide(opened, now, person_a_day=0)
    fill_by_copies(sqlite_database, 10_000)
    with opened() as session:
        session.connection().exec_driver_sql("UPDATE message SET lane = 2")

    def connect() -> smtp.SmtpConnection:
        connection = smtp.connect()
        send, sent = connection.send, 0

        def count(address: str, content: bytes, sender: str = "") -> smtp.Reply:
            nonlocal sent
            sent += 1
            if sent == 7:
                queue(opened, ActivityCancelledMail, "urgent", now)
            return send(address, content, sender)

        vars(connection)["send"] = count
        return connection

    assert deliver_due(opened, now=lambda: now, limit=60, connect=connect).sent == 60
    assert relay.recipients.index("urgent@people.example") == 7


def test_urgent_mail_that_nobody_took_for_long_is_asked_for_beside_the_run(
    session: Session, now: datetime
) -> None:
    mail = SAMPLES[ActivityCancelledMail]
    outbox.queue(session, mail, key="cancelled", now=now)
    assert [one.params for one in due.mail_to_deliver(session, now + 19 * SECOND)] == [{}]
    both = list(due.mail_to_deliver(session, now + 20 * SECOND))
    assert [(one.params, one.is_alone) for one in both] == [({}, True), ({"urgent_only": True}, False)]


def test_urgent_run_leaves_the_rest_to_the_other(opened: Opener, relay: Relay, now: datetime) -> None:
    queue(opened, RegistrationReceivedMail, "normal", now)
    queue(opened, ActivityCancelledMail, "urgent", now)
    assert deliver_due(opened, now=lambda: now, urgent_only=True) == Delivered(sent=1)
    assert relay.recipients == ["urgent@people.example"]
