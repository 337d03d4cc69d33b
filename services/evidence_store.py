"""Where files of people are kept: under their hash, outside the web, whole or not at all, never overwritten.

A file is whole before its row is written; a row that is rolled back leaves a file that nobody knows, and no harm.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from config.settings import settings
from config.text import Refusal, Text
from documents.evidence_types import kind_of
from documents.photo_traces import without_traces
from services.errors import NotFound

LONGEST_NAME = 120
FOLDER = "evidence"
ALTERED = Refusal(
    "evidence_altered", Text("这个文件不在了，或者被改过。", "This file is gone or was altered.")
)


@dataclass(frozen=True)
class Given:
    """Hold a file as somebody sent it."""

    name: str
    content: bytes


def path_of(digest: str, kind: str) -> Path:
    """Return where a file stands: a folder of this installation that no page serves."""
    return settings().home / FOLDER / digest[:2] / f"{digest}.{kind}"


def checked(content: bytes) -> tuple[str, bytes] | Refusal:
    """Return the kind of a file and its bytes without place, time and owner, or why it is not taken."""
    kind = kind_of(content)
    if isinstance(kind, Refusal):
        return kind
    cleaned = without_traces(content, kind)
    return cleaned if isinstance(cleaned, Refusal) else (kind, cleaned)


def keep(content: bytes, kind: str) -> str:
    """Keep a file and return its hash; one that stands there already stays as it is."""
    digest = hashlib.sha256(content).hexdigest()
    write_once(path_of(digest, kind), content)
    return digest


def read(digest: str, kind: str) -> bytes:
    """Return a file as it was kept; raises `NotFound` where it is gone or altered."""
    path = path_of(digest, kind)
    content = path.read_bytes() if path.exists() else b""
    if hashlib.sha256(content).hexdigest() != digest:
        raise NotFound(ALTERED)
    return content


def plain_name(name: str) -> str:
    """Return a name without folders and signs that cannot be shown."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in last if sign.isprintable()).strip()[-LONGEST_NAME:] or "file"


def write_once(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; one that stands there stays as it is."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        draft.touch(mode=0o600)
        with draft.open("wb") as target:
            target.write(content)
            target.flush()
            os.fsync(target.fileno())  # the row must not outlive its file in a power cut
        os.link(draft, path)  # refuses where something stands already: nothing is ever overwritten
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)
