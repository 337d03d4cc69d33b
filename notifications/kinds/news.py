"""Several pieces of news to one person in one mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from markupsafe import Markup

from notifications.kinds.base import REQUIRED, Contact, Mail, Stream

FIRST = ("decisions", "hub_notice", "reminder", "coordinator_digest", "volunteer_digest", "manager_digest")
LAST = ("thanks",)
"""What somebody has to do comes before what they may like to know."""


@dataclass(frozen=True)
class NewsPart:
    """Hold one piece of news as it would have read in a mail of its own, without its frame."""

    kind: str
    stream: Stream
    subject: str
    text: str
    html: Markup
    contact: Contact | None = None

    @property
    def rank(self) -> int:
        """Return where it stands in the mail: what has to be done first, thanks last."""
        if self.kind in FIRST:
            return FIRST.index(self.kind)
        return len(FIRST) + (self.kind in LAST)


@dataclass(frozen=True, kw_only=True)
class NewsMail(Mail):
    """Tell one person several things that came up within a short while; key `news:{ids of the parts}`."""

    kind: ClassVar[str] = "news"

    parts: tuple[NewsPart, ...]
    """In the order in which they are told, at least two."""

    @property
    def leaves(self) -> tuple[Stream, ...]:
        """Return the streams of its parts that one can leave, all at once by one click."""
        return tuple(sorted({part.stream for part in self.parts} - REQUIRED))

    @property
    def contact(self) -> Contact | None:
        """Return who reads the replies: the first whom a part names."""
        return next((part.contact for part in self.parts if part.contact is not None), None)
