"""Where mail comes back: a Maildir of this machine, or a mailbox over IMAP.

Reading marks nothing; `done` does, when what the mail said has been stored.
"""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from config.settings import settings
from config.text import Text


class MailboxAway(Exception):  # noqa: N818 -- named after what it says
    """The mailbox cannot be read; `sentence` says why."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence.en)
        self.sentence = sentence


@dataclass(frozen=True)
class Letter:
    """Hold one mail as it lies in its mailbox."""

    name: str
    content: bytes


class Mailbox(Protocol):
    """Holds mail that nobody has read yet."""

    def letters(self) -> Iterator[Letter]:
        """Return what has not been read."""

    def done(self, letter: Letter) -> None:
        """Mark a mail as read."""


class MaildirBox:
    """A Maildir: what is new moves to cur when it was read, and stays there for people."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def letters(self) -> Iterator[Letter]:
        """Return what lies in new, the oldest first; a file that is just being moved is left out."""
        for path in sorted((self.folder / "new").iterdir()):
            with suppress(FileNotFoundError, IsADirectoryError):
                yield Letter(path.name, path.read_bytes())

    def done(self, letter: Letter) -> None:
        """Move a mail to cur as seen."""
        (self.folder / "cur").mkdir(exist_ok=True)
        with suppress(FileNotFoundError):
            (self.folder / "new" / letter.name).rename(self.folder / "cur" / f"{letter.name}:2,S")


class ImapBox:
    """A folder of an IMAP server: what is unseen is read, and becomes seen."""

    def __init__(self, client: imaplib.IMAP4) -> None:
        self._client = client

    def letters(self) -> Iterator[Letter]:
        """Return what nobody has seen, without marking it."""
        _, found = self._client.uid("search", "UNSEEN")
        for uid in (found[0] or b"").split():
            _, parts = self._client.uid("fetch", uid.decode("ascii"), "(BODY.PEEK[])")
            content = next((part[1] for part in parts if isinstance(part, tuple)), None)
            if content is not None:
                yield Letter(uid.decode("ascii"), content)

    def done(self, letter: Letter) -> None:
        """Mark a mail as seen."""
        self._client.uid("store", letter.name, "+FLAGS.SILENT", "(\\Seen)")


@contextmanager
def opened(address: str) -> Iterator[Mailbox]:
    """Open a mailbox: a folder, or `imaps://user@host/folder`; raises `MailboxAway` with a sentence."""
    if "://" not in address:
        folder = Path(address)
        if not (folder / "new").is_dir():
            raise MailboxAway(
                Text(
                    f"{folder}不是Maildir：里面没有new这个文件夹。",
                    f"{folder} is no Maildir: it has no folder new.",
                )
            )
        yield MaildirBox(folder)
        return
    place = urlsplit(address)
    if place.scheme != "imaps" or not place.hostname:
        raise MailboxAway(
            Text(
                "收信的地址写成imaps://用户@主机/文件夹，或一个Maildir文件夹。",
                "Write the mailbox as imaps://user@host/folder, or as a Maildir's folder.",
            )
        )
    try:
        with imaplib.IMAP4_SSL(
            place.hostname, place.port or 993, ssl_context=ssl.create_default_context(), timeout=60
        ) as client:
            client.login(unquote(place.username or ""), settings().inbox_password.get_secret_value())
            client.select(unquote(place.path.lstrip("/")) or "INBOX")
            yield ImapBox(client)
    except (OSError, imaplib.IMAP4.error) as error:
        # The type alone: a refused login quotes what was sent.
        raise MailboxAway(
            Text(
                f"收信的邮箱{place.hostname}打不开（{type(error).__name__}）：检查地址、用户名和密码。",
                f"The mailbox at {place.hostname} does not open ({type(error).__name__}): check address, user and password.",
            )
        ) from None
