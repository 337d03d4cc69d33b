"""Sign mails as our domain's own (RFC 6376), relaxed/relaxed, RSA through OpenSSL.

A mail is signed when it is queued, with the key of that day; after a change of keys the old public one
stays published until the queue is empty. The same mail and key give the same bytes, so a mail that had to
be queued unsigned can be signed on its way out, at each attempt alike.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from config.settings import settings
from config.text import Text
from notifications.calendar import sender_domain

FEWEST_BITS = 2048
SIGNED = (
    "from", "to", "reply-to", "subject", "date", "message-id", "auto-submitted", "list-unsubscribe",
    "list-unsubscribe-post", "list-id", "mime-version", "content-type",
)  # fmt: skip
"""Header lines that the signature covers; From twice, so that nobody can put a second one before it."""
MARK = b"DKIM-Signature: "
GAPS = re.compile(rb"[ \t]+")
LINE_ENDS = re.compile(rb"[ \t]+(?=\r\n)")
WIDEST = 70


class KeyUnusable(Exception):  # noqa: N818 -- named after what it says
    """Signing is on and there is no key to sign with; `sentence` says what is wrong."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence.en)
        self.sentence = sentence


def require_key() -> None:
    """Raise `KeyUnusable` if mails are to be signed here and cannot be."""
    path = settings().dkim_key
    if path is not None:
        _key(path, _age(path))


def signed(content: bytes) -> bytes:
    """Return `content` with a signature before it; one that has a signature stays as it is.

    Raises `KeyUnusable`.
    """
    path = settings().dkim_key
    if path is None or content.startswith(MARK):
        return content
    own = settings()
    return sign(content, _key(path, _age(path)), own.dkim_selector, sender_domain())


def sign(content: bytes, key: RSAPrivateKey, selector: str, domain: str) -> bytes:
    """Return `content` signed for `domain` by the key that is published under `selector`."""
    head, _, body = content.partition(b"\r\n\r\n")
    found = dict(_header_lines(head))
    names = [name for name in SIGNED if name in found]
    digest = b64encode(hashlib.sha256(relaxed_body(body)).digest()).decode("ascii")
    tags = (
        f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain};\r\n s={selector};\r\n"
        f" h={_folded(':'.join(['from', *names]), ':')};\r\n bh={digest};\r\n b="
    )
    # The second From is not there, and stands in the hash for nothing.
    lines = [relaxed_header(name, found[name]) for name in names]
    whole = b"".join([*lines, relaxed_header("dkim-signature", tags.encode("ascii")).removesuffix(b"\r\n")])
    signature = b64encode(key.sign(whole, PKCS1v15(), hashes.SHA256())).decode("ascii")
    return b"".join([MARK, tags.encode("ascii"), _folded(signature, "").encode("ascii"), b"\r\n", content])


def relaxed_header(name: str, value: bytes) -> bytes:
    """Return a header line as it is hashed (section 3.4.2)."""
    return name.lower().encode("ascii") + b":" + GAPS.sub(b" ", value.replace(b"\r\n", b"")).strip() + b"\r\n"


def relaxed_body(body: bytes) -> bytes:
    """Return a body as it is hashed (section 3.4.4)."""
    plain = GAPS.sub(b" ", LINE_ENDS.sub(b"", body if body.endswith(b"\r\n") else body + b"\r\n"))
    while plain.endswith(b"\r\n\r\n"):
        plain = plain[:-2]
    return b"" if plain == b"\r\n" else plain


def _header_lines(head: bytes) -> list[tuple[str, bytes]]:
    lines = re.split(rb"\r\n(?![ \t])", head)
    pairs = (line.partition(b":") for line in lines)
    return [(name.decode("ascii").lower(), value) for name, _, value in pairs]


def _folded(value: str, after: str) -> str:
    """Fold a long value, where blanks do not count."""
    if not after:
        return "\r\n ".join(value[start : start + WIDEST] for start in range(0, len(value), WIDEST))
    lines = [""]
    for part in value.split(after):
        if len(lines[-1]) + len(part) > WIDEST:
            lines.append("")
        lines[-1] += f"{part}{after}"
    return "\r\n ".join(lines).removesuffix(after)


def _age(path: Path) -> int:
    """Return what changes when somebody puts another key there."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=4)
def _key(path: Path, _changed: int) -> RSAPrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyUnusable(
            Text(
                f"签名的密钥{path}用不了（{type(error).__name__}），所以什么也没发：检查YOUTHHUB_DKIM_KEY。",
                f"The signing key {path} cannot be used ({type(error).__name__}), so nothing was sent: "
                "check YOUTHHUB_DKIM_KEY.",
            )
        ) from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < FEWEST_BITS:
        raise KeyUnusable(
            Text(
                f"签名的密钥{path}要是RSA的，至少{FEWEST_BITS}位。",
                f"The signing key {path} must be an RSA key of at least {FEWEST_BITS} bits.",
            )
        )
    return key
