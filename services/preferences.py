"""What people do not want to receive: asked at each sending, changed by one click.

The choice belongs to an address, so it holds for everybody who reads there, whatever their role.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from config.text import Refusal, Text
from models import Message, Suppression
from models.states import MessageState
from notifications.addresses import normalise
from notifications.kinds import REQUIRED, STREAM_NAMES, Stream
from notifications.mime import message_id
from notifications.reason_words import words_of
from services.errors import HubError, NotFound

EVERYTHING = "*"
UNSUBSCRIBED = "unsubscribed"
WAITING = (MessageState.QUEUED, MessageState.DEFERRED)


def address_of(session: Session, number: int) -> str:
    """Return the address that a mail went to; `number` is the id in its unsubscribe link."""
    query = select(Message.to_address).where(Message.message_id == message_id(number))
    address = session.exec(query).first()
    if address is None:
        raise NotFound(
            Refusal(
                "mail_gone",
                Text("这封邮件的记录已经没有了。", "There is no record of this mail any more."),
            )
        )
    return address


def streams_of(link: str) -> tuple[Stream, ...]:
    """Return the streams that an unsubscribe link names, as "digests+reminders"; raises `NotFound`."""
    known = {str(stream): stream for stream in Stream}
    names = link.split("+")
    if not set(names) <= known.keys():
        raise NotFound(
            Refusal(
                "unknown_stream", Text("没有这一类邮件。", "There is no such kind of mail."), field="stream"
            )
        )
    return tuple(known[name] for name in names)


def unsubscribe(session: Session, address: str, link: str, *, now: datetime) -> int:
    """Stop the streams of a link for `address`, and what is queued of them; return how many mails that stopped.

    A second click changes nothing and is answered alike. Raises `HubError` for a stream that people
    must get, and for one that does not exist.
    """
    streams = streams_of(link)
    for stream in streams:
        _require_optional(stream)
    return sum(_stop(session, address, stream, now) for stream in streams)


def _stop(session: Session, address: str, stream: Stream, now: datetime) -> int:
    suppress(session, address, stream, UNSUBSCRIBED, now=now)
    stopped = session.execute(
        update(Message)
        .where(
            col(Message.to_address) == _key(address),
            col(Message.stream) == stream,
            col(Message.state).in_(WAITING),
        )
        .values(state=MessageState.SUPPRESSED, reason=UNSUBSCRIBED)
        .returning(col(Message.id))
        .execution_options(synchronize_session=False)
    )
    return len(stopped.all())


def resubscribe(session: Session, address: str, link: str) -> None:
    """Take an unsubscription back; an address that does not work stays suppressed."""
    session.execute(
        delete(Suppression).where(
            col(Suppression.address) == _key(address),
            col(Suppression.stream).in_(streams_of(link)),
            col(Suppression.reason) == UNSUBSCRIBED,
        )
    )


def is_unsubscribed(session: Session, address: str, link: str) -> bool:
    """Say whether `address` gets no mail of any stream of a link."""
    streams = streams_of(link)
    query = select(Suppression.stream).where(
        Suppression.address == _key(address), col(Suppression.stream).in_((*streams, EVERYTHING))
    )
    stopped = set(session.exec(query))
    return EVERYTHING in stopped or stopped >= set(map(str, streams))


def addresses_that_fail(session: Session, addresses: Iterable[str]) -> dict[str, Text]:
    """Return the addresses among these that get no mail at all, and why, as a coordinator reads it."""
    keys = {address: _key(address) for address in addresses if address}
    query = select(Suppression.address, Suppression.reason).where(
        col(Suppression.address).in_(set(keys.values())), Suppression.stream == EVERYTHING
    )
    why = dict(session.exec(query).all())
    return {address: words_of(why[key]) for address, key in keys.items() if key in why}


def suppress(session: Session, address: str, stream: str, reason: str, *, now: datetime) -> None:
    """Keep `stream` from `address` from now on; the first reason stands."""
    query = select(Suppression).where(Suppression.address == _key(address), Suppression.stream == stream)
    if session.exec(query).first() is None:
        session.add(Suppression(address=_key(address), stream=stream, reason=reason, created_at=now))
        session.flush()


def _key(address: str) -> str:
    found = normalise(address)
    return address if isinstance(found, Refusal) else found


def _require_optional(stream: Stream) -> None:
    if stream in REQUIRED:
        name = STREAM_NAMES[stream]
        raise HubError(
            Refusal(
                "stream_required",
                Text(
                    "“{name}”不能退订：里面只有你答应过或报过名的事有变动、要你同意的事。",
                    "“{name}” cannot be turned off: they only tell about changes of what you agreed to, and "
                    "ask for consents.",
                ).format(name=name),
                field="stream",
            )
        )
