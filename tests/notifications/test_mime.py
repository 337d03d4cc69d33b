"""The bytes of a mail: read back by Python's own parser, they are what was written."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from icalendar import Calendar

from notifications.calendar import entry_bytes
from notifications.kinds import (
    ActivityCancelledMail,
    ActivityChangedMail,
    CalendarEntry,
    Mail,
    OfferConfirmedMail,
    OfferMail,
    Recipient,
)
from notifications.mime import build, number_of, unsubscribe_url
from notifications.render import Rendered, render
from notifications.samples import NOW, REPAIR, samples

EVERY_MAIL = [mail for language in ("zh-Hans", "en") for mail in samples(language)]


def words_of(mail: Mail) -> Rendered:
    return render(mail, now=NOW, unsubscribe_url=unsubscribe_url(mail, number_of(mail.kind), NOW))


def parsed(mail: Mail) -> EmailMessage:
    content = build(mail, words_of(mail), mail.to.address, number=number_of(mail.kind), now=NOW)
    message = message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def one(kind: type[Mail], language: str = "zh-Hans") -> Mail:
    return next(mail for mail in samples(language) if type(mail) is kind)


def entry_of(mail: Mail, to: Recipient | None = None) -> Calendar:
    assert mail.calendar is not None
    return Calendar.from_ical(entry_bytes(mail.calendar, to or mail.to, mail.to.address, now=NOW))


def event_of(calendar: Calendar) -> Calendar:
    (event,) = calendar.walk("VEVENT")
    return event


@pytest.mark.parametrize("mail", EVERY_MAIL, ids=lambda mail: f"{mail.kind}-{mail.to.language}")
def test_every_mail_reads_back_as_it_was_written(mail: Mail) -> None:
    message, words = parsed(mail), words_of(mail)
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().splitlines() == words.text.splitlines()
    assert html.get_content().splitlines() == words.html.splitlines()
    assert message["Subject"] == words.subject
    assert not message.defects


@pytest.mark.parametrize("mail", EVERY_MAIL, ids=lambda mail: f"{mail.kind}-{mail.to.language}")
def test_parts_stand_in_the_order_of_text_html_calendar(mail: Mail) -> None:
    leaves = [part.get_content_type() for part in parsed(mail).walk() if not part.is_multipart()]
    entry = ["text/calendar", "application/ics"] if mail.calendar else []
    assert leaves == ["text/plain", "text/html", *entry]


@pytest.mark.parametrize("mail", EVERY_MAIL, ids=lambda mail: f"{mail.kind}-{mail.to.language}")
def test_every_calendar_entry_is_read_by_a_library(mail: Mail) -> None:
    if mail.calendar is None:
        return
    calendar = entry_of(mail)
    event = event_of(calendar)
    assert calendar["METHOD"] == mail.calendar.method
    assert event["SUMMARY"] == mail.calendar.title.in_(mail.to.language)
    assert event["DTSTART"].dt == REPAIR.starts_at
    assert event["DTEND"].dt == REPAIR.ends_at
    assert event["ATTENDEE"] == f"mailto:{mail.to.address}"
    method = next(part for part in parsed(mail).walk() if part.get_content_type() == "text/calendar")
    assert method.get_param("method") == mail.calendar.method


def test_a_place_keeps_its_uid_from_offer_to_cancellation_and_its_sequence_rises() -> None:
    moved = replace(REPAIR, revision=2)
    story = [
        one(OfferMail),
        one(OfferConfirmedMail),
        replace(one(ActivityChangedMail), occasion=moved),
        replace(one(ActivityCancelledMail), occasion=replace(REPAIR, revision=3)),
    ]
    events = [event_of(entry_of(mail)) for mail in story]
    assert len({event["UID"] for event in events}) == 1
    assert [event["SEQUENCE"] for event in events] == [1, 1, 2, 3]
    assert [event["STATUS"] for event in events] == ["TENTATIVE", "CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert [entry_of(mail)["METHOD"] for mail in story] == ["REQUEST", "REQUEST", "REQUEST", "CANCEL"]


@pytest.mark.parametrize(
    "name",
    [
        "a;b,c\\d",
        'with "quotes"',
        "line\nend",
        "悦读时光书城" * 30,
        "🎈" * 60,
        "x" * 300,
        "ATTENDEE:mailto:eve",
    ],
)
def test_hostile_and_long_names_stay_inside_their_property(name: str) -> None:
    occasion = replace(REPAIR, place=name, title=replace(REPAIR.title, zh=name))
    mail = replace(one(OfferMail), occasion=occasion)
    assert isinstance(mail.calendar, CalendarEntry)
    content = entry_bytes(mail.calendar, replace(mail.to, name=name), "lin@people.example", now=NOW)
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert all(line.decode("utf-8") is not None for line in content.split(b"\r\n"))
    event = event_of(Calendar.from_ical(content))
    assert event["SUMMARY"] == f"{name}（接待员）"
    assert event["LOCATION"] == f"晨光里青年汇, {name}"
    assert event["ATTENDEE"] == "mailto:lin@people.example"
