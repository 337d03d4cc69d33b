"""From the mails that wait for one person to one mail: their words are read back from their own bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default

from markupsafe import Markup

from notifications.kinds import Contact, NewsMail, NewsPart, Recipient, Stream

BEGIN, END = "<!-- letter -->", "<!-- end of letter -->"
FOOTER = "\n--\n"
ONE_LEVEL_DOWN = (("<h2", "<h3"), ("</h2>", "</h3>"), ("<h1", "<h2"), ("</h1>", "</h2>"), (":22px", ":19px"))
"""A heading of a mail is one of a part in here."""


@dataclass(frozen=True)
class Piece:
    """Hold a mail that waits as it is read back: to whom, in which language, and what it says."""

    name: str
    address: str
    language: str
    time_zone: str
    part: NewsPart

    @property
    def reader(self) -> tuple[str, str, str]:
        """Return what must be equal for two pieces to go into one mail."""
        return self.address, self.name, self.language


def piece_of(content: bytes, *, address: str, stream: str, time_zone: str) -> Piece:
    """Read a mail of ours back from its bytes, without its frame."""
    mail = message_from_bytes(content, _class=EmailMessage, policy=default)
    html = _body(mail, "html").partition(BEGIN)[2].partition(END)[0].strip()
    for old, new in ONE_LEVEL_DOWN:
        html = html.replace(old, new)
    part = NewsPart(
        kind=mail["X-Youth-Hub-Kind"],
        stream=Stream(stream),
        subject=str(mail["Subject"]),
        text=_body(mail, "plain").rpartition(FOOTER)[0].strip(),
        html=Markup(html),  # noqa: S704 -- a template of ours wrote it, and escaped what is not ours
        contact=_contact(mail),
    )
    return Piece(_addressed(mail, "To").display_name, address, mail["Content-Language"], time_zone, part)


def news_of(pieces: Sequence[Piece]) -> NewsMail:
    """Return one mail that tells what several would have told one person."""
    first = pieces[0]
    parts = sorted((piece.part for piece in pieces), key=lambda part: part.rank)
    return NewsMail(
        to=Recipient(first.name, first.address, first.language, first.time_zone), parts=tuple(parts)
    )


def _body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    words: str = part.get_content()
    return words.replace("\r\n", "\n")


def _addressed(mail: EmailMessage, header: str) -> Address:
    address: Address = mail[header].addresses[0]
    return address


def _contact(mail: EmailMessage) -> Contact | None:
    if mail["Reply-To"] is None:
        return None
    address = _addressed(mail, "Reply-To")
    return Contact(address.display_name, address=address.addr_spec)
