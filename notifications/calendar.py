"""Calendar entries (RFC 5545, 5546): one UID a place for ever, SEQUENCE is the activity's revision.

Written here and not by a library, for an offer has one and thousands leave at a time; the tests read
every entry back with a library.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from config.settings import settings
from config.text import Language
from notifications.kinds.base import CalendarEntry, Recipient

HEAD = ("BEGIN:VCALENDAR", "PRODID:-//Youth Hub Network//Mail//EN", "VERSION:2.0")
WIDEST_LINE = 75
"""Octets of a content line without its end (RFC 5545, section 3.1)."""
SPECIAL = re.compile(r"([\\;,])")
UNSAFE_IN_NAME = re.compile(r"[\x00-\x1f\x7f\"]")
UNSAFE_IN_TEXT = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


def entry_bytes(entry: CalendarEntry, to: Recipient, address: str, *, now: datetime) -> bytes:
    """Return the entry as an .ics file for the one recipient, in their language and in UTC."""
    occasion, language = entry.occasion, to.language
    people = (
        f"ORGANIZER;CN={_name(occasion.hub.in_(language))}:mailto:{settings().mail_from}",
        f"ATTENDEE;CN={_name(to.name)};PARTSTAT={entry.answer};RSVP=FALSE:mailto:{address}",
    )
    lines = (*HEAD, f"METHOD:{entry.method}", *_event(entry, language, people, now), "END:VCALENDAR")
    return b"".join(map(_folded, lines))


def feed_bytes(entries: Iterable[CalendarEntry], language: str, name: str, *, now: datetime) -> bytes:
    """Return many entries as one calendar to subscribe to: each under the UID and number that its mails gave it.

    What is published names no attendee (RFC 5546, section 3.2.1).
    """
    events = (line for entry in entries for line in _event(entry, language, (), now))
    head = (
        *HEAD,
        "METHOD:PUBLISH",
        f"NAME:{_text(name)}",
        f"X-WR-CALNAME:{_text(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
        "X-PUBLISHED-TTL:PT6H",
    )
    return b"".join(map(_folded, (*head, *events, "END:VCALENDAR")))


def _event(entry: CalendarEntry, language: str, people: tuple[str, ...], now: datetime) -> tuple[str, ...]:
    occasion = entry.occasion
    return (
        "BEGIN:VEVENT",
        f"UID:{entry.uid}@{sender_domain()}",
        f"DTSTAMP:{_utc(now)}",
        f"DTSTART:{_utc(occasion.starts_at)}",
        f"DTEND:{_utc(occasion.ends_at)}",
        f"SEQUENCE:{occasion.revision}",
        f"STATUS:{entry.status}",
        f"SUMMARY:{_text(entry.title.in_(language))}",
        f"LOCATION:{_text(f'{occasion.hub.in_(language)}, {occasion.place}')}",
        f"DESCRIPTION:{_text(_description(entry, language))}",
        f"URL:{entry.url}",
        *people,
        "END:VEVENT",
    )


def sender_domain() -> str:
    """Return the domain of our own address, which ends our Message-IDs and UIDs."""
    return settings().mail_from.rpartition("@")[2]


def _description(entry: CalendarEntry, language: str) -> str:
    contact = entry.occasion.contact
    if contact is None:
        return entry.url
    label = "Contact: " if language == Language.EN else "社工："
    return f"{label}{contact.name} {contact.phone}".rstrip() + f"\n{entry.url}"


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(value: str) -> str:
    plain = UNSAFE_IN_TEXT.sub(" ", value.replace("\r\n", "\n").replace("\r", "\n"))
    return SPECIAL.sub(r"\\\1", plain).replace("\n", "\\n")


def _name(value: str) -> str:
    # Inside quotes a parameter may hold anything but quotes and controls (section 3.2).
    return f'"{UNSAFE_IN_NAME.sub(" ", value)}"'


def _folded(line: str) -> bytes:
    encoded = line.encode("utf-8", "replace")
    if len(encoded) <= WIDEST_LINE:
        return encoded + b"\r\n"
    parts, start = [], 0
    while start < len(encoded):
        end = min(start + WIDEST_LINE - (start > 0), len(encoded))
        # A character of several octets is never cut: its later octets all begin with the bits 10.
        while end < len(encoded) and encoded[end] & 0xC0 == 0x80:  # noqa: PLR2004 -- as the comment says
            end -= 1
        parts.append(encoded[start:end])
        start = end
    return b"\r\n ".join(parts) + b"\r\n"
