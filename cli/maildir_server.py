"""A local SMTP server that files every mail into a Maildir, which any mail client opens.

It serves the demo and `youthhub up` on one machine. It listens on loopback only, relays nothing, and keeps
a journal of the Message-IDs that it filed, so that a sender which got no answer can see whether its mail
arrived: `python -m cli.maildir_server --port 2525 --maildir var/mail`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import itertools
import logging
import os
import re
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
MAX_MESSAGE_BYTES = 32 * 1024 * 1024
MAX_LINE_BYTES = 64 * 1024
STORAGE_IS_FULL = "452 4.3.1 Insufficient storage, keep the message and try again later"
JOURNAL = "journal.log"
MOST_HEADER_BYTES = 16 * 1024
LINE_WORDS = 4
MESSAGE_ID = re.compile(rb"^Message-ID:\s*(<[^>\s]+>)", re.IGNORECASE | re.MULTILINE)
log = logging.getLogger("maildir_server")


class Maildir:
    """Files messages: written whole in tmp, then renamed into new, so that no reader sees half of one.

    It does not fsync: this is where mail of one machine is looked at, not where it is kept for years.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._serial = itertools.count(1)
        for part in ("tmp", "new", "cur"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        self._tmp, self._new = str(folder / "tmp"), str(folder / "new")

    def file(self, sender: str, recipients: Sequence[str], content: bytes) -> str:
        """File one message and return its name, which sorts by arrival."""
        name = f"{time.time_ns():020}.{os.getpid()}_{next(self._serial)}.localhost"
        head = "".join([f"Return-Path: <{sender}>\r\n", *(f"Delivered-To: {who}\r\n" for who in recipients)])
        draft = f"{self._tmp}/{name}"
        try:
            with open(draft, "wb", buffering=0) as file:  # noqa: PTH123 -- a Path a message is a third slower
                file.write(head.encode("utf-8", "surrogateescape") + content)
            os.rename(draft, f"{self._new}/{name}")  # noqa: PTH104 -- as above
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(draft)  # noqa: PTH108 -- as above
            raise
        return name


class Journal:
    """A line for each message that was filed: when, under which name, with which Message-ID.

    It is written before the sender hears that the message was taken. What a crash kept out of it is
    written at the next start.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / JOURNAL
        last = self._last_name()
        self._file = self._path.open("ab", buffering=0)
        self._write(b"started - -")
        for name, path in sorted(_filed_after(folder, last)):
            self.note(name, path.read_bytes()[:MOST_HEADER_BYTES])

    def note(self, name: str, content: bytes) -> None:
        """Write down one message; a full disk only costs the line."""
        found = MESSAGE_ID.search(content, 0, MOST_HEADER_BYTES)
        with contextlib.suppress(OSError):
            self._write(b"filed %b %b" % (name.encode("ascii"), found.group(1) if found else b"-"))

    def _write(self, words: bytes) -> None:
        self._file.write(b"%b %b\n" % (datetime.now(UTC).isoformat().encode("ascii"), words))

    def _last_name(self) -> str:
        with contextlib.suppress(FileNotFoundError):
            with self._path.open("rb") as file:
                file.seek(max(0, self._path.stat().st_size - MAX_LINE_BYTES))
                names = [line.split()[2] for line in file if len(line.split()) == LINE_WORDS]
            return max((name.decode("ascii", "replace") for name in names if name != b"-"), default="")
        return ""


def _filed_after(folder: Path, last: str) -> Iterator[tuple[str, Path]]:
    for part in ("new", "cur"):
        for entry in os.scandir(folder / part):
            name = entry.name.partition(":")[0]
            if name > last:
                yield name, Path(entry.path)


class Filing:
    """What the SMTP server does with a message: one hook of aiosmtpd."""

    def __init__(self, maildir: Maildir) -> None:
        self.maildir = maildir
        self.journal = Journal(maildir.folder)
        self.filed = 0

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 -- aiosmtpd's name
        """File the message, or ask the sender to keep it when the disk refuses."""
        content = envelope.content
        assert isinstance(content, (bytes, bytearray))
        try:
            name = self.maildir.file(envelope.mail_from or "", envelope.rcpt_tos, bytes(content))
        except OSError as error:
            log.error("not filed: %s", errno.errorcode.get(error.errno or 0, "unknown"))  # noqa: TRY400 -- the traceback says no more
            return STORAGE_IS_FULL
        self.journal.note(name, content)
        self.filed += 1
        return "250 2.0.0 Filed"


class Server(SMTP):
    """aiosmtpd's server with room for long lines."""

    line_length_limit = MAX_LINE_BYTES


async def serve(host: str, port: int, maildir: Path) -> int:
    """Serve until SIGTERM or SIGINT and return how many messages were filed."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    filing = Filing(Maildir(maildir))
    server = await loop.create_server(lambda: _protocol(filing, loop), host, port)
    log.info("listening on %s port %d, filing into %s", host, _bound_port(server), maildir)
    await stop.wait()
    server.close()
    return filing.filed


def _protocol(filing: Filing, loop: asyncio.AbstractEventLoop) -> SMTP:
    return Server(
        filing,
        hostname="localhost",
        ident="Youth Hub Network, local mail",
        data_size_limit=MAX_MESSAGE_BYTES,
        enable_SMTPUTF8=True,
        loop=loop,
    )


def _bound_port(server: asyncio.AbstractServer) -> int:
    sockets: Any = getattr(server, "sockets", ())
    return int(sockets[0].getsockname()[1])


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m cli.maildir_server", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="loopback only")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--maildir", type=Path, required=True)
    parser.add_argument("--log", type=Path, help="write log lines here instead of standard error")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the server; return 0 after a clean stop and 1 when it cannot start."""
    arguments = _arguments(argv)
    if arguments.host not in LOOPBACK:
        return _refuse(
            "这个邮件服务器只在本机收信。", "This mail server serves its own machine only (--host 127.0.0.1)."
        )
    try:
        _start_logging(arguments.log)
        filed = asyncio.run(serve(arguments.host, arguments.port, arguments.maildir))
    except OSError as error:
        return _refuse(*_why(error, arguments))
    log.info("stopped after %d messages", filed)
    return 0


def _start_logging(file: Path | None) -> None:
    logging.basicConfig(
        filename=file, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd writes two lines a command there


def _why(error: OSError, arguments: argparse.Namespace) -> tuple[str, str]:
    if error.errno == errno.EADDRINUSE:
        return (
            f"端口{arguments.port}已被占用：换一个端口，或先停掉占用它的程序。",
            f"Port {arguments.port} is in use: choose another one, or stop the program that holds it.",
        )
    reason = os.strerror(error.errno or 0)
    return (
        f"邮件服务器起不来：文件夹{arguments.maildir}用不了（{reason}）。",
        f"The mail server cannot start: {reason} ({arguments.maildir}).",
    )


def _refuse(zh: str, en: str) -> int:
    sys.stderr.write(f"{zh}\n{en}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
