"""Queueing offers: rendered, built, with their calendar entry, signed, and inserted; ours beside a naive way.

The naive way renders the same templates, then takes what the standard library and dkimpy offer: an
`EmailMessage`, a signature, one insert a mail. dkimpy comes as a source archive only, so it is no part of the
environment: where it cannot be imported, its one dear step stands for it, the RSA power in pure Python.
"""

from __future__ import annotations

import hashlib
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from importlib import import_module
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlmodel import Session

from models import Message
from models.session import open_session
from notifications import calendar, outbox
from notifications.kinds import OfferMail
from notifications.mime import message_id, number_of, unsubscribe_url
from notifications.render import render
from notifications.samples import samples

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
ROUNDS = 5
OFFER = next(mail for mail in samples("zh-Hans") if isinstance(mail, OfferMail))


def make_key(path: Path) -> rsa.RSAPrivateKey:
    key = rsa.generate_private_key(65537, 2048)
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return key


def offer(number: int) -> OfferMail:
    return replace(OFFER, offer_id=number, to=replace(OFFER.to, address=f"v{number}@people.example"))


def queue_ours(url: str, first: int, count: int) -> None:
    with open_session(url) as session:
        mails = ((f"offer:{number}", offer(number)) for number in range(first, first + count))
        assert outbox.queue_many(session, mails, now=NOW) == count


def queue_naively(url: str, first: int, count: int, sign: Callable[[bytes], bytes]) -> None:
    with open_session(url) as session:
        for number in range(first, first + count):
            _insert(session, offer(number), f"naive:{number}", sign)


def _insert(session: Session, mail: OfferMail, key: str, sign: Callable[[bytes], bytes]) -> None:
    number = number_of(key)
    link = unsubscribe_url(mail, number, NOW)
    words = render(mail, now=NOW, unsubscribe_url=link)
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = (
        "hubs@youth-hubs.example",
        mail.to.address,
        words.subject,
    )
    message["Message-ID"], message["List-Unsubscribe"] = message_id(number), f"<{link}>"
    message.set_content(words.text)
    message.add_alternative(words.html, subtype="html")
    assert mail.calendar is not None
    ics = calendar.entry_bytes(mail.calendar, mail.to, mail.to.address, now=NOW)
    message.add_alternative(ics.decode(), subtype="calendar", params={"method": "REQUEST"})
    message.add_attachment(ics, maintype="application", subtype="ics", filename="activity.ics")
    content = message.as_bytes()
    session.add(
        Message(
            key=key, kind=mail.kind, stream=mail.stream, lane=mail.lane, to_address=mail.to.address,
            subject=mail.about, message_id=message_id(number), content=sign(content) + content,
            created_at=NOW, next_at=NOW,
        )
    )  # fmt: skip
    session.flush()


def naive_signature(path: Path, key: rsa.RSAPrivateKey) -> tuple[str, Callable[[bytes], bytes]]:
    """Return how the naive way signs: with dkimpy, or with its RSA power alone."""
    try:
        library: Any = import_module("dkim")
    except ImportError:
        own = key.private_numbers()

        def power(content: bytes) -> bytes:
            digest = int.from_bytes(hashlib.sha256(content).digest() * 7, "big")
            # By its two primes, as dkimpy does: four times as fast as by the whole modulus.
            first, second = pow(digest, own.dmp1, own.p), pow(digest, own.dmq1, own.q)
            return (second + (first - second) * own.iqmp % own.p * own.q).to_bytes(256, "big")

        return "pure Python RSA", power
    pem = path.read_bytes()
    return "dkimpy", lambda content: bytes(library.sign(content, b"hubs", b"youth-hubs.example", pem))


def compare(url: str, path: Path, key: rsa.RSAPrivateKey, count: int) -> str:
    """Run both ways in turn; return a line with the medians."""
    name, sign = naive_signature(path, key)
    ratios, speeds = [], []
    for turn in range(ROUNDS):
        own = _seconds(lambda first=turn * count: queue_ours(url, first, count))
        naive = _seconds(lambda first=turn * count: queue_naively(url, first, count, sign))
        ratios.append(naive / own)
        speeds.append((count / naive, count / own))
    naive_speed, own_speed = (statistics.median(column) for column in zip(*speeds, strict=True))
    return (
        f"queued as rows: EmailMessage and {name} {naive_speed:,.0f}/s  ours {own_speed:,.0f}/s  "
        f"{statistics.median(ratios):.1f} times as fast (wanted 3)"
    )


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
