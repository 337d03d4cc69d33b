"""The signed address to which a mail's bounces and answers come back.

It is `name+token@domain`: the token is the mail's number and 80 bits of HMAC, in letters that survive a
server which changes case. Who does not know the key cannot make one, so a forged bounce changes nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b32decode, b32encode
from binascii import Error

from config.settings import settings

NUMBER_BYTES, SIGNATURE_BYTES = 8, 10
TOKEN = re.compile(r"\+([a-z2-7]{29})@", re.IGNORECASE)


def address_for(number: int) -> str:
    """Return the envelope sender of the mail with `number`; without a setting, the sender of all mails."""
    base = settings().return_path
    if not base:
        return settings().mail_from
    name, _, domain = base.rpartition("@")
    return f"{name}+{_token(number)}@{domain}"


def number_in(text: str) -> int | None:
    """Return the number of the mail whose signed address stands in `text`, or None."""
    for found in TOKEN.finditer(text):
        token = found.group(1).lower()
        try:
            whole = b32decode(f"{token.upper()}{'=' * (-len(token) % 8)}")
        except Error:
            continue
        number = int.from_bytes(whole[:NUMBER_BYTES], "big")
        if hmac.compare_digest(_token(number), token):
            return number
    return None


def _token(number: int) -> str:
    plain = number.to_bytes(NUMBER_BYTES, "big")
    key = f"youthhub.return:{settings().signing_key}".encode()
    signature = hmac.digest(key, plain, hashlib.sha256)[:SIGNATURE_BYTES]
    return b32encode(plain + signature).decode("ascii").rstrip("=").lower()
