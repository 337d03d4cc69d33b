"""The oracle: a receiver that writes down each mail, on disk for good, before it says that it took it.

`python -m tests.faults.receiver --port 2525 --log arrived.log`; a line is the time, "filed", the SHA-256 of
the bytes, the Message-ID and the recipients, which our own reader of relays' logs understands as well.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

MESSAGE_ID = re.compile(rb"^Message-ID:\s*(<[^>\s]+>)", re.IGNORECASE | re.MULTILINE)


class Receiver:
    """Take everything, and keep a line of it."""

    def __init__(self, log: Path) -> None:
        self._file = os.open(log, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
        self._write("started - -")

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Any) -> str:
        content = bytes(envelope.content)
        found = MESSAGE_ID.search(content)
        name = found.group(1).decode("ascii") if found else "-"
        # A relay in between adds header lines of its own: what follows Message-ID is ours.
        rest = content[found.end() :] if found else content
        self._write(f"filed {hashlib.sha256(rest).hexdigest()} {name} {','.join(envelope.rcpt_tos)}")
        return "250 2.0.0 kept"

    def _write(self, words: str) -> None:
        os.write(self._file, f"{datetime.now(UTC).isoformat()} {words}\n".encode())
        os.fsync(self._file)


@dataclass(frozen=True)
class Arrived:
    """What the oracle saw, by Message-ID."""

    copies: Counter[str]
    contents: dict[str, set[str]]
    recipients: list[str]

    @property
    def duplicates(self) -> int:
        return sum(count - 1 for count in self.copies.values())


def arrived(log: Path) -> Arrived:
    """Read the oracle's log."""
    lines = [line.split() for line in log.read_text("ascii").splitlines()]
    filed = [line for line in lines if line[1] == "filed"]
    contents: dict[str, set[str]] = {}
    for _, _, digest, name, _ in filed:
        contents.setdefault(name, set()).add(digest)
    return Arrived(Counter(line[3] for line in filed), contents, [line[4] for line in filed])


async def serve(port: int, log: Path) -> None:
    loop = asyncio.get_running_loop()
    receiver = Receiver(log)
    server = await loop.create_server(lambda: SMTP(receiver, hostname="oracle"), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--log", type=Path, required=True)
    chosen = parser.parse_args()
    asyncio.run(serve(chosen.port, chosen.log))
