"""Header lines as bytes: encoded-words of at most 75 characters, and no way in for a second header.

Python's own `EmailMessage` encodes long List-Unsubscribe addresses away and, in some releases, turns
an encoded-word inside a name into a real header line. These few functions do neither.
"""

from __future__ import annotations

import re
import textwrap
from base64 import b64encode

MOST_BYTES_A_WORD = 45  # 45 bytes are 60 characters of base64, 72 with =?utf-8?b? and ?=
WIDEST_PLAIN = 60
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
LINE = re.compile(rb"([A-Za-z-]+): [^\r\n]+(?:\r\n [^\r\n]+)*")


def clean(value: str) -> str:
    """Return untrusted text without line ends, controls and beginnings of encoded-words."""
    value = CONTROLS.sub(" ", value)
    while "=?" in value:
        value = value.replace("=?", "")
    # A half of a surrogate pair, as broken spreadsheets hold, cannot be written as UTF-8.
    return value.encode("utf-8", "replace").decode("utf-8").strip()


def text(value: str) -> str:
    """Return `value` as unstructured header text, folded with CRLF and a blank."""
    value = clean(value)
    if value.isascii() and all(len(word) <= WIDEST_PLAIN for word in value.split()):
        return "\r\n ".join(textwrap.wrap(value, WIDEST_PLAIN, break_on_hyphens=False)) or "-"
    return "\r\n ".join(f"=?utf-8?b?{b64encode(part).decode('ascii')}?=" for part in _parts(value))


def mailbox(name: str, address: str) -> str:
    """Return a name and an address; a name that would not be safe in quotes is encoded."""
    name = clean(name)
    if not name:
        return f"<{address}>"
    if re.fullmatch(r"[A-Za-z0-9 _-]{1,60}", name):
        return f'"{name}"\r\n <{address}>'
    words = (f"=?utf-8?b?{b64encode(part).decode('ascii')}?=" for part in _parts(name))
    return "\r\n ".join((*words, f"<{address}>"))


def block(lines: list[tuple[str, str]]) -> bytes:
    """Return the header block of `lines`; raise ValueError if it would hold anything else."""
    whole = b"".join(f"{name}: {value}\r\n".encode("ascii") for name, value in lines)
    found = [match.group(1).decode("ascii") for match in LINE.finditer(whole)]
    if found != [name for name, _ in lines] or LINE.sub(b"", whole) != b"\r\n" * len(lines):
        raise ValueError("a value would have changed the set of header lines")
    return whole


def _parts(value: str) -> list[bytes]:
    # An encoded-word never cuts a character in two (RFC 2047, section 5).
    parts, current = [], b""
    for character in value:
        encoded = character.encode("utf-8")
        if len(current) + len(encoded) > MOST_BYTES_A_WORD:
            parts.append(current)
            current = b""
        current += encoded
    return [*parts, current]
