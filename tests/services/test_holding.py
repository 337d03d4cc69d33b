"""A hold stops what waits and what is queued later; released, everything is asked again and leaves."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from models import AuditEntry, HoldScope
from notifications import outbox
from notifications.kinds import Recipient, RegistrationReceivedMail
from notifications.samples import HUB
from services import holding
from services.delivery import Delivered, deliver_due
from services.errors import HubError
from tests.relay import Relay
from tests.services.conftest import Opener


def queue(session: Session, number: int, now: datetime, domain: str = "people.example") -> None:
    to = Recipient("林小满", f"v{number}@{domain}")
    mail = RegistrationReceivedMail(to=to, person_id=number, hub=HUB)
    outbox.queue(session, mail, key=f"registration:{number}", now=now)


def stand(session: Session) -> dict[str, int]:
    return {state: count for state, count in outbox.counts(session).items() if count}


@pytest.mark.parametrize(
    ("scope", "value"),
    [
        (HoldScope.EVERYTHING, ""),
        (HoldScope.STREAM, "service"),
        (HoldScope.KIND, "registration"),
        (HoldScope.DOMAIN, "People.Example"),
    ],
)
def test_hold_stops_what_waits_and_what_comes_later_until_released(
    opened: Opener, relay: Relay, now: datetime, scope: HoldScope, value: str
) -> None:
    with opened() as session:
        queue(session, 1, now)
        assert holding.hold(session, scope, value, now=now, reason="wrong figures").mails == 1
        assert outbox.reasons(session) == {"held": {f"held_{scope}": 1}}
        queue(session, 2, now)
    assert deliver_due(opened, now=lambda: now) == Delivered(held=1)
    assert relay.received == []
    with opened() as session:
        assert holding.release(session, scope, value, now=now).mails == 2
        assert holding.holds(session) == []
    assert deliver_due(opened, now=lambda: now) == Delivered(sent=2)


def test_hold_of_one_domain_leaves_the_others_alone(opened: Opener, relay: Relay, now: datetime) -> None:
    with opened() as session:
        for number, domain in enumerate(("people.example", "sub.people.example", "xpeople.example")):
            queue(session, number, now, domain)
        holding.hold(session, HoldScope.DOMAIN, "people.example", now=now)
    assert deliver_due(opened, now=lambda: now) == Delivered(sent=2)
    assert relay.recipients == ["v1@sub.people.example", "v2@xpeople.example"]


def test_hold_and_release_twice_change_nothing_more_and_are_kept_in_the_trail(
    session: Session, now: datetime
) -> None:
    queue(session, 1, now)
    for _ in range(2):
        holding.hold(session, HoldScope.STREAM, "service", now=now, reason="looking into it")
    (line,) = holding.holds(session)
    assert (line.scope, line.value, line.reason) == ("stream", "service", "looking into it")
    assert [holding.release(session, HoldScope.STREAM, "service", now=now).mails for _ in range(2)] == [1, 0]
    assert [entry.verb for entry in session.exec(select(AuditEntry))] == ["mail.hold", "mail.release"]


def test_release_of_one_hold_leaves_the_mail_to_the_other(
    opened: Opener, relay: Relay, now: datetime
) -> None:
    with opened() as session:
        queue(session, 1, now)
        holding.hold(session, HoldScope.KIND, "registration", now=now)
        holding.hold(session, HoldScope.DOMAIN, "people.example", now=now)
        holding.release(session, HoldScope.KIND, "registration", now=now)
    assert deliver_due(opened, now=lambda: now) == Delivered(held=1)
    with opened() as session:
        assert outbox.reasons(session) == {"held": {"held_domain": 1}}


def test_released_mail_that_came_too_late_does_not_leave(opened: Opener, relay: Relay, now: datetime) -> None:
    mail = RegistrationReceivedMail(to=Recipient("林小满", "v@people.example"), person_id=1, hub=HUB)
    with opened() as session:
        outbox.queue(session, mail, key="one", now=now, expires_at=now + timedelta(hours=1))
        holding.hold(session, HoldScope.EVERYTHING, now=now)
        holding.release(session, HoldScope.EVERYTHING, now=now + timedelta(hours=2))
    assert deliver_due(opened, now=lambda: now + timedelta(hours=2)) == Delivered(expired=1)


@pytest.mark.parametrize(
    ("scope", "value", "code", "named"),
    [
        (HoldScope.STREAM, "news", "unknown_stream", "digests"),
        (HoldScope.KIND, "spam", "unknown_kind", "offer_reminder"),
        (HoldScope.DOMAIN, "nowhere", "unknown_domain", "example.org"),
    ],
)
def test_hold_of_what_there_is_not_is_refused_with_what_there_is(  # noqa: PLR0917 -- one a fixture
    session: Session, now: datetime, scope: HoldScope, value: str, code: str, named: str
) -> None:
    with pytest.raises(HubError, match=code) as refused:
        holding.hold(session, scope, value, now=now)
    assert named in refused.value.sentence.zh
    assert named in refused.value.sentence.en
