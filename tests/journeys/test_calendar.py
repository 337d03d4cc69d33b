"""A place in a calendar: asked, agreed to, moved, cancelled, read by two libraries that share no code.

One is icalendar (Python), the other ical.js (JavaScript). Both must find one event whose UID never
changes and whose SEQUENCE only rises, at the times of which the mail speaks.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from icalendar import Calendar
from sqlmodel import Session

from notifications import links
from notifications.links import Purpose
from services import offers, schedule
from tests.factories import (
    make_activity,
    make_coordinator,
    make_hub,
    make_need,
    make_offer,
    make_volunteer,
)
from tests.journeys.conftest import Network
from tests.looking import ical_js

START = datetime(2026, 11, 28, 6, tzinfo=UTC)
MOVED = START + timedelta(days=1, hours=1)
LENGTH = timedelta(hours=2, minutes=30)
TITLE = "老物件；修理角, “一起修”\\还有\n第二行🔧" + "很长的名字" * 20
READ = """
const ICAL = require(process.argv[1]);
const file = ICAL.parse(require("fs").readFileSync(0, "utf8"));
const calendar = new ICAL.Component(file);
const event = calendar.getFirstSubcomponent("vevent");
const value = name => { const found = event.getFirstPropertyValue(name); return found && String(found); };
const who = event.getFirstProperty("attendee");
const at = name => event.getFirstPropertyValue(name).toJSDate().toISOString();
console.log(JSON.stringify({
  method: calendar.getFirstPropertyValue("method"), uid: value("uid"), sequence: Number(value("sequence")),
  status: value("status"), start: at("dtstart"), end: at("dtend"), summary: value("summary"),
  location: value("location"), attendee: value("attendee") || "", answer: who ? who.getParameter("partstat") : "",
}));
"""


@dataclass(frozen=True)
class Entry:
    """What a calendar shows of a mail."""

    method: str
    uid: str
    sequence: int
    status: str
    start: str
    end: str
    summary: str
    location: str
    attendee: str
    answer: str


def attached(mail: EmailMessage) -> bytes:
    """The entry of a mail; the one to show and the one to save are the same."""
    shown, saved = (
        part.get_payload(decode=True)
        for part in mail.walk()
        if part.get_content_type() in {"text/calendar", "application/ics"}
    )
    assert shown == saved
    assert isinstance(saved, bytes)
    return saved


def by_python(content: bytes) -> Entry:
    calendar = Calendar.from_ical(content)
    (event,) = calendar.walk("VEVENT")
    return Entry(
        method=str(calendar["METHOD"]),
        uid=str(event["UID"]),
        sequence=int(event["SEQUENCE"]),
        status=str(event["STATUS"]),
        start=_iso(event.decoded("DTSTART")),
        end=_iso(event.decoded("DTEND")),
        summary=str(event["SUMMARY"]),
        location=str(event["LOCATION"]),
        attendee=str(event.get("ATTENDEE", "")),
        answer=str(event["ATTENDEE"].params["PARTSTAT"]) if "ATTENDEE" in event else "",
    )


def _iso(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z"


def _what(entry: Entry) -> Entry:
    """An entry without what only a mail says: to whom it goes, and what they answered."""
    return replace(entry, method="", attendee="", answer="")


def by_javascript(content: bytes, library: Path) -> Entry:
    done = subprocess.run(["node", "-e", READ, str(library)], input=content, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return Entry(**json.loads(done.stdout))


def test_a_place_keeps_one_entry_from_the_offer_to_the_cancellation(
    network: Network, pytestconfig: pytest.Config
) -> None:
    library = ical_js(pytestconfig.cache.mkdir("tools"))
    network.at("2026-11-23 09:00")

    def people(session: Session) -> tuple[int, int, int]:
        hub = make_hub(session)
        worker = make_coordinator(session, hub, email="pei@hub.example")
        one = make_activity(session, hub, starts_at=START, title_zh=TITLE)
        person = make_volunteer(session, hub, email="lin@people.example", name='林"小满"；')
        make_offer(session, make_need(session, one), person)
        return one.id or 0, worker.id or 0, person.id or 0

    with_id, worker_id, person_id = network.ask(people)
    seen: list[Entry] = []
    feed = f"/c/{links.make(Purpose.FEED, person_id, expires_at=START)}/calendar.ics"

    def read(kind: str) -> Entry:
        network.post()
        content = attached(network.newest("lin", kind))
        entry = by_python(content)
        assert by_javascript(content, library) == entry
        seen.append(entry)
        subscribed = network.browser.get(feed).content
        assert by_javascript(subscribed, library) == by_python(subscribed)
        assert _what(by_python(subscribed)) == _what(entry)
        return entry

    network.do(offers.send_offers)
    offer = read("offer")
    assert (offer.method, offer.status, offer.answer) == ("REQUEST", "TENTATIVE", "NEEDS-ACTION")
    assert (offer.start, offer.end) == (_iso(START), _iso(START + LENGTH))
    assert offer.summary.startswith(TITLE)
    assert offer.attendee == "mailto:lin@people.example"

    network.answer("lin", "offer", "/o/", answer="yes")
    agreed = read("confirmation")
    assert (agreed.method, agreed.status, agreed.answer) == ("REQUEST", "CONFIRMED", "ACCEPTED")

    network.do(
        schedule.move_activity,
        with_id,
        starts_at=MOVED,
        ends_at=MOVED + LENGTH,
        venue_id=None,
        reason="换窗户",
        by=worker_id,
    )
    moved = read("changed")
    assert (moved.method, moved.status, moved.start) == ("REQUEST", "CONFIRMED", _iso(MOVED))

    network.do(schedule.cancel_activity, with_id, reason="停电", by=worker_id)
    cancelled = read("cancelled")
    assert (cancelled.method, cancelled.status) == ("CANCEL", "CANCELLED")

    assert len({entry.uid for entry in seen}) == 1
    sequences = [entry.sequence for entry in seen]
    assert sequences == sorted(sequences)
    assert sequences[0] == sequences[1] < sequences[2] < sequences[3]
