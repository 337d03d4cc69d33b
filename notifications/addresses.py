"""Mail addresses as SMTP wants them: ASCII, with the domain in its IDNA form."""

from __future__ import annotations

import re

import idna

from config.text import Refusal, Text

LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
LONGEST_LOCAL, LONGEST = 64, 254


def normalise(address: str) -> str | Refusal:
    """Return `address` as it is stored and compared, or why mail cannot go there.

    The domain becomes lower-case ASCII (RFC 5891); the part before the @ stays as it is, since
    only its own server knows whether case matters there.
    """
    local, _, domain = address.strip().rpartition("@")
    if not local or not domain:
        return Refusal(
            "no_address",
            Text("没有可用的邮箱地址。", "There is no usable e-mail address."),
            field="email",
        )
    if not local.isascii():
        return Refusal(
            "address_not_ascii",
            Text(
                f"邮箱地址“@”前面只能用英文字母、数字和符号，现在是“{local}”。",
                f"The part of the address before “@” may only have Latin letters, digits and signs; it is “{local}”.",
            ),
            field="email",
        )
    if not LOCAL_PART.fullmatch(local) or len(local) > LONGEST_LOCAL:
        return _unusable(address)
    return _with_domain(local, domain) or _unusable(address)


def _with_domain(local: str, domain: str) -> str | None:
    try:
        host = idna.encode(domain, uts46=True).decode("ascii").lower()
    except idna.IDNAError:
        return None
    whole = f"{local}@{host}"
    return whole if "." in host and len(whole) <= LONGEST else None


def _unusable(address: str) -> Refusal:
    return Refusal(
        "bad_address",
        Text(
            f"“{address}”不是完整的邮箱地址，应该像name@example.org这样。",
            f"“{address}” is not a complete e-mail address; it should look like name@example.org.",
        ),
        field="email",
    )
