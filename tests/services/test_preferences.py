"""Unsubscribing: one click, at once, for one stream, and never from what must be told."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlmodel import Session, select

from models import Message
from notifications import links, outbox
from notifications.kinds import OfferConfirmedMail, OfferMail, ThanksMail
from notifications.links import Purpose
from notifications.samples import samples
from services import preferences
from services.errors import HubError, NotFound

BY_KIND = {type(mail): mail for mail in samples("zh-Hans")}
ADDRESS = BY_KIND[OfferMail].to.address


@pytest.fixture
def queued(session: Session, now: datetime) -> None:
    for kind in (OfferMail, ThanksMail, OfferConfirmedMail):
        outbox.queue(session, BY_KIND[kind], key=kind.kind, now=now)


def states(session: Session) -> dict[str, str]:
    session.expire_all()
    return {row.kind: row.state for row in session.exec(select(Message)).all()}


@pytest.mark.usefixtures("queued")
def test_unsubscribe_stops_the_stream_and_what_is_queued_of_it(session: Session, now: datetime) -> None:
    assert preferences.unsubscribe(session, ADDRESS, "offers", now=now) == 1
    assert states(session) == {"offer": "suppressed", "thanks": "queued", "confirmation": "queued"}
    assert preferences.is_unsubscribed(session, ADDRESS, "offers")
    assert not preferences.is_unsubscribed(session, ADDRESS, "reminders")


@pytest.mark.usefixtures("queued")
def test_unsubscribe_twice_is_answered_alike(session: Session, now: datetime) -> None:
    preferences.unsubscribe(session, ADDRESS, "offers", now=now)
    assert preferences.unsubscribe(session, ADDRESS, "offers", now=now) == 0


def test_unsubscribe_finds_the_address_however_its_domain_is_spelt(session: Session, now: datetime) -> None:
    preferences.unsubscribe(session, "Lin@PEOPLE.Example", "offers", now=now)
    assert preferences.is_unsubscribed(session, "Lin@people.example", "offers")
    assert not preferences.is_unsubscribed(session, "lin@people.example", "offers")


@pytest.mark.usefixtures("queued")
def test_unsubscribe_from_what_must_be_told_is_refused(session: Session, now: datetime) -> None:
    with pytest.raises(HubError) as refused:
        preferences.unsubscribe(session, ADDRESS, "service", now=now)
    assert refused.value.refusals[0].code == "stream_required"
    assert set(states(session).values()) == {"queued"}


def test_unsubscribe_from_an_unknown_stream_is_refused(session: Session, now: datetime) -> None:
    with pytest.raises(NotFound):
        preferences.unsubscribe(session, ADDRESS, "weather", now=now)


def test_resubscribe_takes_a_choice_back_but_no_dead_address(session: Session, now: datetime) -> None:
    preferences.unsubscribe(session, ADDRESS, "offers", now=now)
    preferences.resubscribe(session, ADDRESS, "offers")
    assert not preferences.is_unsubscribed(session, ADDRESS, "offers")
    preferences.suppress(session, ADDRESS, "offers", "unknown_mailbox", now=now)
    preferences.resubscribe(session, ADDRESS, "offers")
    assert preferences.is_unsubscribed(session, ADDRESS, "offers")


@pytest.mark.usefixtures("queued")
def test_the_link_in_a_mail_leads_to_its_address_and_names_it_nowhere(
    session: Session, now: datetime
) -> None:
    row = session.exec(select(Message).where(Message.kind == "offer")).one()
    line = next(line for line in row.content.decode().split("\r\n") if line.startswith("List-Unsubscribe: "))
    token = line.split("/u/")[1].split("/")[0]
    (number,) = links.read(Purpose.UNSUBSCRIBE, token, now=now).ids
    assert preferences.address_of(session, number) == ADDRESS
    assert ADDRESS.split("@")[0] not in line


def test_the_link_of_a_mail_that_nobody_knows_is_answered(session: Session) -> None:
    with pytest.raises(NotFound):
        preferences.address_of(session, 12345)
