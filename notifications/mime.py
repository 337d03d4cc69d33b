"""The final bytes of a mail, built straight from strings: a tenth of the time of `EmailMessage`."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime

from config.settings import settings
from config.text import Language
from notifications import headers, links
from notifications.addresses import normalise
from notifications.calendar import entry_bytes, sender_domain
from notifications.kinds.base import STREAM_NAMES, Lane, Mail
from notifications.links import Purpose
from notifications.render import Rendered
from notifications.return_path import address_for

NUMBER_BITS = 60
MOSTLY_ASCII = 0.9
UNSUBSCRIBE_DAYS = 400
BASE64 = "Content-Transfer-Encoding: base64"
UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]+")
"""Everything but the line end, which a cell of a spreadsheet may hold and a mail may not."""
QUOTED_PRINTABLE = "Content-Transfer-Encoding: quoted-printable"


@dataclass(frozen=True)
class Part:
    """Hold a body part: its header lines and its content, which may be parts again."""

    lines: tuple[str, ...]
    content: bytes


def number_of(key: str) -> int:
    """Return the number of the mail with `key`, which its Message-ID and unsubscribe link carry."""
    digest = hashlib.blake2b(key.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> (64 - NUMBER_BITS)


def message_id(number: int) -> str:
    """Return the Message-ID of a mail: the same at each attempt and after a restart."""
    return f"<{number:015x}@{sender_domain()}>"


def unsubscribe_url(mail: Mail, number: int, now: datetime) -> str:
    """Return the one-click address for the streams of `mail`, or nothing if one must be told.

    It carries the mail's number, so the address of a person stands in no link.
    """
    if not mail.leaves:
        return ""
    token = links.make(Purpose.UNSUBSCRIBE, number, expires_at=now + timedelta(days=UNSUBSCRIBE_DAYS))
    return links.url(Purpose.UNSUBSCRIBE, token, stream="+".join(mail.leaves))


def build(mail: Mail, rendered: Rendered, address: str, *, number: int, now: datetime) -> bytes:
    """Return the mail as it goes over the wire: CRLF line ends, 7-bit, lines within 998."""
    body = _body(mail, rendered, address, number, now)
    lines = _header_lines(mail, rendered, address, number, now)
    return headers.block(lines) + "\r\n".join(body.lines).encode("ascii") + b"\r\n\r\n" + body.content


def _header_lines(
    mail: Mail, rendered: Rendered, address: str, number: int, now: datetime
) -> list[tuple[str, str]]:
    own = settings()
    english = mail.to.language == Language.EN
    lines = [
        ("From", headers.mailbox(own.network_name_en if english else own.network_name, own.mail_from)),
        ("To", headers.mailbox(mail.to.name, address)),
        ("Subject", headers.text(rendered.subject)),
        ("Date", format_datetime(now)),
        ("Message-ID", message_id(number)),
        ("Auto-Submitted", "auto-generated"),
        ("Content-Language", mail.to.language),
        ("X-Youth-Hub-Kind", mail.kind),
    ]
    if mail.contact is not None and isinstance(reply_to := normalise(mail.contact.address), str):
        lines.insert(2, ("Reply-To", _reply_to(mail, headers.mailbox(mail.contact.name, reply_to), number)))
    if rendered.unsubscribe_url:
        lines += [
            ("List-Unsubscribe", f"<{rendered.unsubscribe_url}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ]
    if mail.lane == Lane.BULK:
        name = headers.text(STREAM_NAMES[mail.stream].in_(mail.to.language))
        lines.append(("List-Id", f"{name} <{mail.stream}.{sender_domain()}>"))
    return [*lines, ("MIME-Version", "1.0")]


def _reply_to(mail: Mail, contact: str, number: int) -> str:
    """Return where answers go: to the person in charge, and for an offer to us as well, where we can read."""
    if settings().return_path and "offer" in mail.about:
        return f"{contact},\r\n <{address_for(number)}>"
    return contact


def _body(mail: Mail, rendered: Rendered, address: str, number: int, now: datetime) -> Part:
    boundary = f"=_{number:015x}"
    both = [_text("plain", rendered.text), _text("html", rendered.html)]
    if mail.calendar is None:
        return _multipart("alternative", boundary, both)
    ics = entry_bytes(mail.calendar, mail.to, address, now=now)
    # In the alternative for mail programs that show entries, attached for those that only save.
    method = mail.calendar.method
    invitation = Part((f"Content-Type: text/calendar; charset=utf-8; method={method}", BASE64), _base64(ics))
    attachment = Part(
        (
            'Content-Type: application/ics; name="activity.ics"',
            'Content-Disposition: attachment; filename="activity.ics"',
            BASE64,
        ),
        invitation.content,
    )
    alternative = _multipart("alternative", f"{boundary}_a", [*both, invitation])
    return _multipart("mixed", boundary, [alternative, attachment])


def _multipart(kind: str, boundary: str, parts: list[Part]) -> Part:
    start = f"--{boundary}\r\n".encode("ascii")
    content = b"".join(
        start + "\r\n".join(part.lines).encode("ascii") + b"\r\n\r\n" + part.content + b"\r\n"
        for part in parts
    )
    lines = (f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"',)
    return Part(lines, content + f"--{boundary}--\r\n".encode("ascii"))


def _text(kind: str, value: str) -> Part:
    content_type = f"Content-Type: text/{kind}; charset=utf-8"
    # Base64 is shorter for Chinese, and quoted-printable for English, where it stays readable.
    encoded = UNPRINTABLE.sub(" ", value).replace("\n", "\r\n").encode("utf-8", "replace")
    if len(value) / len(encoded) > MOSTLY_ASCII:
        return Part((content_type, QUOTED_PRINTABLE), binascii.b2a_qp(encoded, istext=True))
    return Part((content_type, BASE64), _base64(encoded))


def _base64(content: bytes) -> bytes:
    return base64.encodebytes(content).rstrip(b"\n").replace(b"\n", b"\r\n")
