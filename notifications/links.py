"""Signed links: each serves one purpose, expires, and is short enough for one header line.

A token is base64(varints of expiry and ids) + "." + 128 bits of HMAC-SHA256. It holds ids only, never
a name or an address, and a token of one purpose does not open another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from urllib.parse import urlencode

from itsdangerous import BadData, Signer
from itsdangerous.encoding import base64_decode, base64_encode
from itsdangerous.signer import HMACAlgorithm

from config.settings import settings

EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
SIGNATURE_BYTES = 16
SEVEN_BITS, MORE = 0x7F, 0x80


class Purpose(StrEnum):
    """What a link is for; the value is its path."""

    OFFER = "o"
    CONSENT = "g"
    PARTICIPATION = "p"
    SURVEY = "s"
    ASSESSMENT = "a"
    ATTENDANCE = "t"
    CHECK_IN = "i"
    HUB = "h"
    VOLUNTEER = "v"
    REPORT = "r"
    HUB_SCORE = "k"
    BRANCH = "b"
    MAIL = "m"
    FEED = "c"
    UNSUBSCRIBE = "u"


class LinkBroken(Exception):  # noqa: N818 -- named after what it says
    """The token is not one of ours, was cut off, or belongs to another purpose."""


class LinkExpired(Exception):  # noqa: N818 -- named after what it says
    """The token is ours and its time is over; `link` says what it was for."""

    def __init__(self, link: Link) -> None:
        super().__init__("expired")
        self.link = link


@dataclass(frozen=True)
class Link:
    """Hold what a token says: the ids that its purpose names, and until when it opens."""

    ids: tuple[int, ...]
    expires_at: datetime


def make(purpose: Purpose, *ids: int, expires_at: datetime) -> str:
    """Return a token for `ids` that opens until `expires_at`, to the minute."""
    # Rounded up, so that a link never dies before the time that the mail states.
    minutes = -((EPOCH - expires_at) // timedelta(minutes=1))
    payload = base64_encode(b"".join(_varint(number) for number in (minutes, *ids)))
    return _signer(purpose, settings().signing_key).sign(payload).decode("ascii")


def read(purpose: Purpose, token: str, *, now: datetime) -> Link:
    """Return what `token` says; raise `LinkBroken` or `LinkExpired`."""
    try:
        payload = _signer(purpose, settings().signing_key).unsign(token)
        minutes, *ids = _numbers(base64_decode(payload))
    except (BadData, ValueError) as error:
        raise LinkBroken from error
    link = Link(tuple(ids), EPOCH + timedelta(minutes=minutes))
    # Base64 has spare bits: only the spelling that we gave out is ours.
    if make(purpose, *link.ids, expires_at=link.expires_at) != token:
        raise LinkBroken
    if link.expires_at < now:
        raise LinkExpired(link)
    return link


def url(purpose: Purpose, token: str, *, stream: str = "", **query: str) -> str:
    """Return the address of a token's page; `stream` is the last part of an unsubscribe link."""
    path = f"{settings().portal_url.rstrip('/')}/{purpose}/{token}"
    path = f"{path}/{stream}" if stream else path
    return f"{path}?{urlencode(query)}" if query else path


def link(purpose: Purpose, *ids: int, expires_at: datetime) -> str:
    """Return the address of the page for `ids`: `make` and `url` in one."""
    return url(purpose, make(purpose, *ids, expires_at=expires_at))


class _ShortHmac(HMACAlgorithm):
    """HMAC-SHA256 cut to 128 bits, which is what a link needs."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return super().get_signature(key, value)[:SIGNATURE_BYTES]


class _PurposeSigner(Signer):
    """A signer that derives its key once, for a mail has up to four links."""

    def __init__(self, purpose: Purpose, key: str) -> None:
        super().__init__(
            key,
            salt=f"youthhub.link.{purpose.name}",
            key_derivation="hmac",
            digest_method=hashlib.sha256,
            algorithm=_ShortHmac(hashlib.sha256),
        )
        self._derived = super().derive_key()

    def derive_key(self, secret_key: str | bytes | None = None) -> bytes:  # noqa: ARG002 -- the signature is itsdangerous'
        return self._derived


@lru_cache(maxsize=64)
def _signer(purpose: Purpose, key: str) -> Signer:
    return _PurposeSigner(purpose, key)


def _varint(number: int) -> bytes:
    if number < 0:
        raise ValueError("a link holds times after 2023 and positive ids")
    groups = bytearray()
    while number > SEVEN_BITS:
        groups.append(number & SEVEN_BITS | MORE)
        number >>= 7
    groups.append(number)
    return bytes(groups)


def _numbers(payload: bytes) -> Iterator[int]:
    number = shift = 0
    for byte in payload:
        number |= (byte & SEVEN_BITS) << shift
        shift += 7
        if not byte & MORE:
            yield number
            number = shift = 0
    if shift:
        raise ValueError("a number is cut off")
