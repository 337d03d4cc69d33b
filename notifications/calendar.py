"""Calendar entries (RFC 5545, 5546): one UID a place for ever, SEQUENCE is the activity's revision."""

from __future__ import annotations

from datetime import datetime

from icalendar import Calendar, Event, vCalAddress, vText

from config.settings import settings
from config.text import Text
from notifications.kinds.base import CalendarEntry, Recipient

PRODUCT = "-//Youth Hub Network//Mail//EN"


def entry_bytes(entry: CalendarEntry, to: Recipient, address: str, *, now: datetime) -> bytes:
    """Return the entry as an .ics file for the one recipient, in their language and in UTC."""
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", entry.method)
    calendar.add_component(_event(entry, to, address, now))
    return bytes(calendar.to_ical())


def _event(entry: CalendarEntry, to: Recipient, address: str, now: datetime) -> Event:
    occasion, language = entry.occasion, to.language
    event = Event()
    event.add("UID", f"{entry.uid}@{sender_domain()}")
    event.add("DTSTAMP", now)
    event.add("DTSTART", occasion.starts_at)
    event.add("DTEND", occasion.ends_at)
    event.add("SEQUENCE", occasion.revision)
    event.add("STATUS", entry.status)
    event.add("SUMMARY", entry.title.in_(language))
    event.add("LOCATION", f"{occasion.hub.in_(language)}, {occasion.place}")
    event.add("DESCRIPTION", _description(entry).in_(language))
    if entry.url:
        event.add("URL", entry.url)
    event.add("ORGANIZER", _person(settings().mail_from, occasion.hub.in_(language)))
    attendee = _person(address, to.name)
    attendee.params["PARTSTAT"] = vText(entry.answer)
    attendee.params["RSVP"] = vText("FALSE")
    event.add("ATTENDEE", attendee, encode=False)
    return event


def _description(entry: CalendarEntry) -> Text:
    contact = entry.occasion.contact
    who = f"{contact.name} {contact.phone}".strip() if contact else ""
    return Text(
        zh="\n".join(line for line in (f"联系人：{who}" if who else "", entry.url) if line),
        en="\n".join(line for line in (f"Contact: {who}" if who else "", entry.url) if line),
    )


def _person(address: str, name: str) -> vCalAddress:
    person = vCalAddress(f"mailto:{address}")
    # A double quote cannot stand inside a quoted parameter (RFC 5545, section 3.2).
    person.params["CN"] = vText(name.replace('"', "'"))
    return person


def sender_domain() -> str:
    """Return the domain of our own address, which ends our Message-IDs and UIDs."""
    return settings().mail_from.rpartition("@")[2]
