"""Signatures: as the standard hashes, the same at each attempt, and nothing leaves without one."""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from functools import lru_cache, partial
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from cli import doctor
from config.settings import settings
from models.session import open_session
from notifications import dkim, outbox
from notifications.kinds import KINDS
from notifications.samples import samples
from services import delivery_checks
from services.delivery import Delivered, deliver_due
from tests.relay import Relay, running_relay

PEM = serialization.Encoding.PEM
PKCS8, OPEN = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()


@lru_cache(maxsize=4)
def key(number: int = 0, bits: int = 2048) -> rsa.RSAPrivateKey:
    """One key a number, the same for the whole run."""
    return rsa.generate_private_key(65537, bits)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the key is looked for; there is none yet."""
    monkeypatch.setenv("YOUTHHUB_DKIM_KEY", str(tmp_path / "dkim.pem"))
    settings.cache_clear()
    yield tmp_path / "dkim.pem"
    monkeypatch.undo()
    settings.cache_clear()


def verify(content: bytes, public: rsa.RSAPublicKey) -> dict[str, str]:
    """Check a signature as a receiver does, by another way than ours: line by line, and with `email`."""
    raw = content.split(b"\r\n\r\n", 1)[1].split(b"\r\n")
    lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in raw]
    while lines and lines[-1] == b"":
        lines.pop()
    body = b"".join(line + b"\r\n" for line in lines)
    mail = message_from_bytes(content)
    tags = {}
    for tag in str(mail["DKIM-Signature"]).split(";"):
        name, _, value = tag.partition("=")
        tags[name.strip()] = re.sub(r"\s+", "", value)
    assert b64decode(tags["bh"]) == hashlib.sha256(body).digest()
    left = {name: list(mail.get_all(name, [])) for name in set(tags["h"].split(":"))}
    hashed = ""
    for name in tags["h"].split(":"):
        if left[name]:
            hashed += f"{name}:{' '.join(str(left[name].pop()).split())}\r\n"
    own = re.sub(r"b=[^;]*$", "b=", " ".join(str(mail["DKIM-Signature"]).split()))
    public.verify(b64decode(tags["b"]), f"{hashed}dkim-signature:{own}".encode(), PKCS1v15(), hashes.SHA256())
    return tags


def write(path: Path, made: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> None:
    path.write_bytes(made.private_bytes(PEM, PKCS8, OPEN))


def test_body_and_header_are_hashed_as_the_standard_s_example() -> None:
    """RFC 6376, section 3.4.5."""
    assert dkim.relaxed_header("A", b" X") == b"a:X\r\n"
    assert dkim.relaxed_header("B ".strip(), b" Y\t\r\n\tZ  ") == b"b:Y Z\r\n"
    assert dkim.relaxed_body(b" C \r\nD \t E\r\n\r\n\r\n") == b" C\r\nD E\r\n"
    assert dkim.relaxed_body(b"") == dkim.relaxed_body(b"\r\n\r\n") == b""
    empty = b64encode(hashlib.sha256(dkim.relaxed_body(b"")).digest())
    assert empty == b"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_every_kind_of_mail_verifies_and_no_line_is_too_long(
    language: str, path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_database: str, now: datetime
) -> None:
    write(path, key())
    monkeypatch.setattr(delivery_checks, "RULES", {})
    opened = partial(open_session, sqlite_database)
    with running_relay() as relay:
        monkeypatch.setenv("YOUTHHUB_SMTP_PORT", str(relay.port))
        settings.cache_clear()
        with opened() as session:
            # Each to another address, for nobody gets them all in a day.
            mails = [
                (mail.kind, replace(mail, to=replace(mail.to, address=f"{mail.kind}@people.example")))
                for mail in samples(language)
            ]
            outbox.queue_many(session, mails, now=now)
        assert deliver_due(opened, now=lambda: now + timedelta(minutes=30), probe=True).sent > 0
    assert len(relay.received) == len(KINDS)
    for _, content in relay.received:
        tags = verify(content, key().public_key())
        assert (tags["d"], tags["s"], tags["a"]) == ("youth-hubs.example", "hubs", "rsa-sha256")
        assert tags["h"].startswith("from:from:to:")
        assert max(map(len, content.split(b"\r\n"))) <= 998
    assert any("list-unsubscribe-post" in verify(c, key().public_key())["h"] for _, c in relay.received)


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.replace(b"\r\nSubject: ", b"\r\nSubject: x"),
        lambda content: content.replace(b"\r\nFrom: ", b"\r\nFrom: x@y.example\r\nFrom: "),
        lambda content: content[:-9] + b"x" + content[-8:],
    ],
)
def test_changed_mail_does_not_verify(change: Callable[[bytes], bytes]) -> None:
    content = b"From: a@b.example\r\nSubject: one\r\nTo: c@d.example\r\n\r\nHere are some words.\r\n"
    whole = dkim.sign(content, key(), "hubs", "b.example")
    verify(whole, key().public_key())
    with pytest.raises((InvalidSignature, AssertionError)):
        verify(change(whole), key().public_key())


def test_mail_is_signed_the_same_at_each_attempt_and_once() -> None:
    content = b"From: a@b.example\r\n\r\nx\r\n"
    once = dkim.sign(content, key(), "hubs", "b.example")
    assert dkim.sign(content, key(), "hubs", "b.example") == once
    assert once.endswith(content)


def test_f33_without_a_usable_key_deeds_go_on_and_nothing_leaves_until_there_is_one(
    sqlite_database: str, path: Path, relay: Relay, now: datetime
) -> None:
    opened = partial(open_session, sqlite_database)
    mail = next(mail for mail in samples("en") if mail.kind == "registration")
    with opened() as session:
        outbox.queue(session, mail, key="one", now=now)
    faults = [None, b"no key", key(0, 1024), ec.generate_private_key(ec.SECP256R1())]
    for fault in faults:
        if isinstance(fault, bytes):
            path.write_bytes(fault)
        elif fault is not None:
            write(path, fault)
        result = deliver_due(opened, now=lambda: now, probe=True)
        assert result.problem is not None
        with pytest.raises(doctor.Unwell, match="signing key"):
            doctor.mail(settings())
    assert relay.received == []
    write(path, key())
    assert deliver_due(opened, now=lambda: now, probe=True) == Delivered(sent=1)
    verify(relay.received[0][1], key().public_key())


def test_f33_key_that_changes_leaves_each_mail_the_signature_of_its_day(
    sqlite_database: str, path: Path, relay: Relay, now: datetime
) -> None:
    opened = partial(open_session, sqlite_database)
    mail = next(mail for mail in samples("en") if mail.kind == "registration")
    for number in (0, 1):
        write(path, key(number))
        with opened() as session:
            outbox.queue(session, mail, key=f"mail:{number}", now=now + timedelta(seconds=number))
    assert deliver_due(opened, now=lambda: now + timedelta(minutes=1)) == Delivered(sent=2)
    for number, (_, content) in enumerate(relay.received):
        verify(content, key(number).public_key())
