"""The town's letterbox: new mails of the Maildir, read once and put away."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path
from urllib.parse import urlsplit

KIND = re.compile(rb"^X-Youth-Hub-Kind: *(\S+) *\r?$", re.MULTILINE | re.IGNORECASE)
RULE = re.compile(r"^-{10}\r?$", re.MULTILINE)
"""Stands above each piece of a mail that tells several."""
END_OF_HEAD = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True)
class Letter:
    """A mail as its reader sees it."""

    kind: str
    to: str
    subject: str
    text: str
    serial: int
    """1 for the first mail of this kind and subject to this reader, 2 for the next, and so on."""

    @property
    def facts(self) -> tuple[str, str, str, int]:
        """Return what chance may depend on: the same in every run with the same seed."""
        return self.kind, self.to, self.subject, self.serial

    def link(self, prefix: str) -> str | None:
        """Return the first link whose path begins with `prefix`, such as "/o/"."""
        return next((url for url in self.links() if urlsplit(url).path.startswith(prefix)), None)

    def pieces(self) -> list[Letter]:
        """Return each piece of news of a mail with several, as a letter with its own heading."""
        parts = (part.strip() for part in RULE.split(self.text)[1:])
        return [replace(self, subject=part.partition("\n")[0].strip(), text=part) for part in parts]

    def links(self) -> Iterator[str]:
        """Yield every address that stands on a line of its own."""
        for line in self.text.splitlines():
            word = line.strip().strip("<>")
            if word.startswith(("http://", "https://")):
                yield word


class Mailbox:
    """Reads what arrived since the last time, oldest first."""

    def __init__(self, folder: Path, acted_on: frozenset[str]) -> None:
        self.folder = folder
        self.acted_on = acted_on
        self._seen: Counter[tuple[str, str, str]] = Counter()

    def fetch(self) -> tuple[Counter[str], list[Letter]]:
        """Move new mails to cur; return how many there were of each kind, and those to act on."""
        kinds: Counter[str] = Counter()
        letters = []
        for name in sorted(path.name for path in (self.folder / "new").iterdir()):
            content = self._take(name)
            kind = _kind(content)
            kinds[kind] += 1
            if kind in self.acted_on:  # only these are worth the time of a whole parse
                letters.append(self._letter(kind, message_from_bytes(content)))
        return kinds, letters

    def _take(self, name: str) -> bytes:
        seen = self.folder / "cur" / f"{name}:2,S"
        (self.folder / "new" / name).rename(seen)
        return seen.read_bytes()

    def _letter(self, kind: str, message: Message) -> Letter:
        to = message.get("Delivered-To", "")
        subject = str(make_header(decode_header(message.get("Subject", ""))))
        self._seen[kind, to, subject] += 1
        return Letter(kind, to, subject, _plain_text(message), self._seen[kind, to, subject])


def _kind(content: bytes) -> str:
    match = KIND.search(END_OF_HEAD.split(content, maxsplit=1)[0])
    return match.group(1).decode("ascii", "replace") if match else "other"


def _plain_text(message: Message) -> str:
    for part in message.walk():
        if part.get_content_type() == "text/plain":
            payload = part.get_payload(decode=True)
            assert isinstance(payload, bytes)
            return payload.decode(part.get_content_charset() or "utf-8", "replace")
    return ""
