"""What came back by mail: bounce, delay, complaint, auto-reply, or a person's own words.

Any bytes are read and none raise; what cannot be made out is a letter for a person. Nothing that a
mail says of itself is believed but the signed address that it came to, or the signed link in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses
from enum import StrEnum

from notifications.reasons import Reason, reason_of
from notifications.return_path import number_in

MOST_BYTES = 1024 * 1024
MOST_TEXT = 20_000
ADDRESSED = ("delivered-to", "x-original-to", "envelope-to", "to", "cc", "resent-to")
UNSUBSCRIBE = re.compile(r"List-Unsubscribe:\s*<[^>]*/u/([A-Za-z0-9_.-]+)/[\w+]+>", re.IGNORECASE)
FIELD = re.compile(
    r"^(Action|Status|Diagnostic-Code):[ \t]*((?:.+)(?:\n[ \t].+)*)", re.IGNORECASE | re.MULTILINE
)
ORIGINAL = re.compile(
    r"^-{2,}.{0,30}(original|copy of|returned|below).*$|^(Received|Return-Path): |^-{3,} ?[A-Z][a-z]+ message",
    re.IGNORECASE | re.MULTILINE,
)
AUTO_SUBJECT = re.compile(
    r"^(auto(matic|mated)?[ -]?(reply|response)|out of (the )?office|自动回复|自动答复|外出)", re.IGNORECASE
)
DAEMON = re.compile(r"^(mailer-daemon|postmaster|mail-daemon|mailerdaemon)@", re.IGNORECASE)
TAG = re.compile(r"<(style|script)\b.*?</\1>|<[^>]*>", re.IGNORECASE | re.DOTALL)
FAILED, DELAYED = "failed", "delayed"


class Kind(StrEnum):
    """What a mail that came back is."""

    BOUNCE = "bounce"
    DELAY = "delay"
    """A notice that the mail is late or has arrived; nothing follows from it."""
    COMPLAINT = "complaint"
    AUTO_REPLY = "auto_reply"
    """Written by a machine; never answered."""
    LETTER = "letter"
    """Written by a person."""


@dataclass(frozen=True)
class Incoming:
    """Hold what a mail says: of which mail of ours it speaks, who wrote it, and why one bounced."""

    kind: Kind
    number: int | None = None
    """Of the signed address that it came to."""
    unsubscribe_token: str = ""
    """Of the signed link in the mail that somebody complains of."""
    sender: str = ""
    reason: str = ""
    text: str = ""
    calendar: str = ""


def read(content: bytes) -> Incoming:
    """Return what a mail says; never raise."""
    try:
        return _read(message_from_bytes(_with_plain_ends(content[:MOST_BYTES])))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, OverflowError):
        # The library fails in many ways on headers that no server should have let through.
        return Incoming(Kind.LETTER)


def _with_plain_ends(content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _read(mail: Message) -> Incoming:
    number = number_in(" ".join(str(value) for name in ADDRESSED for value in mail.get_all(name, [])))
    sender = next((address for _, address in getaddresses([str(mail.get("from", ""))])), "").lower()
    report = str(mail.get_param("report-type") or "").lower()
    if report == "feedback-report":
        return Incoming(Kind.COMPLAINT, number, _complained_of(mail), sender)
    if report == "delivery-status" or _is_from_a_daemon(mail, sender):
        return _bounce(mail, number, sender)
    text, calendar = _words(mail, "text/plain", "text/html"), _words(mail, "text/calendar")
    kind = Kind.AUTO_REPLY if _is_automatic(mail) and not calendar else Kind.LETTER
    return Incoming(kind, number, sender=sender, text=text, calendar=calendar)


def _is_from_a_daemon(mail: Message, sender: str) -> bool:
    return DAEMON.match(sender) is not None or (
        str(mail.get("return-path", "")).strip() == "<>"
        and (
            AUTO_SUBJECT.match(_subject(mail)) is None
            and "auto-replied" not in str(mail.get("auto-submitted", ""))
        )
    )


def _is_automatic(mail: Message) -> bool:
    submitted = str(mail.get("auto-submitted", "no")).lower().partition(";")[0].strip()
    marks = ("x-autoreply", "x-autorespond", "x-auto-reply", "list-id", "list-unsubscribe")
    return (
        submitted != "no"
        or any(mail.get(mark) for mark in marks)
        or str(mail.get("precedence", "")).lower() in {"bulk", "junk", "list", "auto_reply"}
        or AUTO_SUBJECT.match(_subject(mail)) is not None
    )


def _subject(mail: Message) -> str:
    raw = next((str(value) for name, value in mail.raw_items() if name.lower() == "subject"), "")
    # Bytes that are no ASCII come as halves of surrogate pairs; Chinese servers mean UTF-8 by them.
    plain = raw.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return str(make_header(decode_header(plain))).strip()


def _bounce(mail: Message, number: int | None, sender: str) -> Incoming:
    status = "\n".join(
        _decoded(part) for part in _parts(mail) if part.get_content_type() == "message/delivery-status"
    )
    fields = {name.lower(): " ".join(value.split()) for name, value in FIELD.findall(status)}
    if fields.get("action", FAILED).lower() != FAILED:
        return Incoming(Kind.DELAY, number, sender=sender)
    diagnosis = fields.get("diagnostic-code", "").partition(";")[2]
    said = diagnosis or ORIGINAL.split(_words(mail, "text/plain", "text/html"), maxsplit=1)[0]
    reason = reason_of(said, fields.get("status", ""))
    if fields.get("status", "").startswith("4") and reason not in {Reason.NO_DOMAIN, Reason.MOVED}:
        # Given up after days of trying: whatever the words, nobody said that the mailbox is gone.
        reason = Reason.NETWORK if reason is Reason.UNKNOWN else reason
    return Incoming(Kind.BOUNCE, number, sender=sender, reason=reason)


def _complained_of(mail: Message) -> str:
    whole = "\n".join(_decoded(part) for part in _parts(mail))
    found = UNSUBSCRIBE.search(re.sub(r"\n[ \t]+", " ", whole))
    return found.group(1) if found else ""


def _words(mail: Message, *types: str) -> str:
    """Return the text of the first part of one of `types`, in the order of `types`."""
    for wanted in types:
        for part in _parts(mail):
            if part.get_content_type() == wanted and part.get_filename() is None:
                text = _decoded(part)
                return TAG.sub(" ", text) if wanted == "text/html" else text
    return ""


def _parts(mail: Message) -> Iterator[Message]:
    return (
        part for part in mail.walk() if not part.is_multipart() or part.get_content_maintype() == "message"
    )


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if isinstance(payload, bytes):
        try:
            return payload.decode(part.get_content_charset("utf-8"), "replace")[:MOST_TEXT]
        except LookupError:
            return payload.decode("gb18030", "replace")[:MOST_TEXT]
    inner = part.get_payload()
    return "\n".join(str(one) for one in inner)[:MOST_TEXT] if isinstance(inner, list) else ""
