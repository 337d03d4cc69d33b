"""What comes back changes what is sent: bounces and complaints, each taken once, in any order.

A mailbox that does not exist is not written to again. One that is full, asleep or away counts a point
for each day on which something bounced; five within thirty days come to the same. Points expire, and
another address of the same person begins anew. Who complains of a mail gets none that one can leave.
Letters may be answers (`mail_answers.py`).
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from sqlmodel import Session, col, select

from config.settings import settings
from config.text import Text
from models import InboundMail, Message
from notifications import incoming, links
from notifications.incoming import Incoming, Kind
from notifications.kinds import REQUIRED, Stream
from notifications.links import LinkBroken, LinkExpired, Purpose
from notifications.mailbox import Mailbox
from notifications.mime import message_id
from notifications.reasons import HARD, Reason
from services import mail_answers
from services.preferences import EVERYTHING, suppress
from services.wording import local_day

log = logging.getLogger(__name__)
OpenSession: TypeAlias = Callable[[], AbstractContextManager[Session]]

OLDEST = timedelta(days=60)
"""A bounce of an older mail than this tells nothing of today."""
SOFT = frozenset({Reason.FULL, Reason.DISABLED, Reason.NETWORK, Reason.REFUSED})
MOST_SOFT_DAYS, SOFT_LASTS = 5, timedelta(days=30)
KEEPS_BOUNCING, COMPLAINED = "keeps_bouncing", "complained"


@dataclass(frozen=True)
class Inbound:
    """Hold what came back, by kind."""

    bounces: int = 0
    delays: int = 0
    complaints: int = 0
    auto_replies: int = 0
    answers: int = 0
    """Letters and calendars' replies that counted as an answer to an offer."""
    letters: int = 0
    strangers: int = 0
    """Bounces and complaints that no mail of ours is known by: forged, or too old."""
    again: int = 0

    @property
    def sentence(self) -> Text:
        """Return the result in words."""
        return Text(
            f"退信{self.bounces}封，迟到通知{self.delays}封，投诉{self.complaints}封，自动回复{self.auto_replies}封，"
            f"算作答复{self.answers}封，别的来信{self.letters}封；认不出是哪封信的{self.strangers}封，读过的{self.again}封。",
            f"{self.bounces} bounces, {self.delays} notices of delay, {self.complaints} complaints, "
            f"{self.auto_replies} automatic replies, {self.answers} answers, {self.letters} other letters; {self.strangers} of no mail that we "
            f"know, {self.again} read before.",
        )


def read_mailbox(open_session: OpenSession, mailbox: Mailbox, *, now: datetime) -> Inbound:
    """Take everything that is new in a mailbox, each mail in a transaction of its own."""
    done: Counter[str] = Counter()
    for letter in mailbox.letters():
        with open_session() as session:
            done[take(session, letter.content, now=now)] += 1
        mailbox.done(letter)
    return Inbound(**done)


def take(session: Session, content: bytes, *, now: datetime) -> str:
    """Store what a mail says, and what follows from it; return as what it counts.

    The same bytes a second time change nothing.
    """
    digest = hashlib.sha256(content).hexdigest()
    if session.exec(select(InboundMail.id).where(InboundMail.digest == digest)).first() is not None:
        return "again"
    mail = incoming.read(content)
    row = _about(session, mail, now)
    session.add(
        InboundMail(
            digest=digest,
            kind=mail.kind,
            message_id=row.id if row else None,
            address=row.to_address if row else "",
            reason=mail.reason,
            received_at=now,
        )
    )
    session.flush()
    return _COUNTED[mail.kind](session, mail, row, now)


def _about(session: Session, mail: Incoming, now: datetime) -> Message | None:
    """Return the mail of ours that this one surely speaks of, if it is not too old."""
    number = mail.number
    if mail.kind is Kind.COMPLAINT and number is None and mail.unsubscribe_token:
        try:
            (number,) = links.read(Purpose.UNSUBSCRIBE, mail.unsubscribe_token, now=now).ids
        except (LinkBroken, LinkExpired, ValueError):
            return None
    if number is None:
        return None
    row = session.exec(select(Message).where(Message.message_id == message_id(number))).first()
    return row if row is not None and row.created_at > now - OLDEST else None


def _bounced(session: Session, mail: Incoming, row: Message | None, now: datetime) -> str:
    if row is None:
        return "strangers"
    if mail.reason in HARD:
        suppress(session, row.to_address, EVERYTHING, mail.reason, now=now)
    elif mail.reason in SOFT and _soft_days(session, row.to_address, now) >= MOST_SOFT_DAYS:
        suppress(session, row.to_address, EVERYTHING, KEEPS_BOUNCING, now=now)
    return "bounces"


def _soft_days(session: Session, address: str, now: datetime) -> int:
    rows = session.exec(
        select(InboundMail.received_at).where(
            InboundMail.address == address,
            InboundMail.kind == Kind.BOUNCE,
            col(InboundMail.reason).in_(SOFT),
            col(InboundMail.received_at) > now - SOFT_LASTS,
        )
    )
    return len({local_day(moment, settings().time_zone) for moment in rows})


def _complained(session: Session, _mail: Incoming, row: Message | None, now: datetime) -> str:
    if row is None:
        return "strangers"
    for stream in Stream:
        if stream not in REQUIRED:
            suppress(session, row.to_address, stream, COMPLAINED, now=now)
    return "complaints"


def _answered(session: Session, mail: Incoming, row: Message | None, now: datetime) -> str:
    mark = hashlib.sha256(f"{mail.sender}:{mail.text}:{mail.calendar}".encode()).hexdigest()[:16]
    return "answers" if mail_answers.answer(session, mail, row, now=now, mark=mark) else "letters"


_COUNTED: dict[Kind, Callable[[Session, Incoming, Message | None, datetime], str]] = {
    Kind.BOUNCE: _bounced,
    Kind.COMPLAINT: _complained,
    Kind.DELAY: lambda *_: "delays",
    Kind.AUTO_REPLY: lambda *_: "auto_replies",
    Kind.LETTER: _answered,
}
