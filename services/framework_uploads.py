"""A framework comes in by a page: what is wrong with it, what it changes, and only after a yes a version.

An uploaded file stands under its hash until somebody confirms it. What its page shows is found anew from the file
each time, so nothing about it can go stale and nothing is written before the yes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path

from sqlalchemy import func
from sqlmodel import Session, col, select

from config.settings import settings
from config.text import Refusal, Text
from evaluation.versions import Difference, differences
from models import Cycle, FrameworkVersion, Unit
from services.access import may_release
from services.errors import HubError, NotFound, NotYours
from services.evidence_store import write_once
from services.framework_files import Opened, bridge_sentence, checked_copy, framework_workbook, open_framework
from services.frameworks import SHIPPED, SHIPPED_FILES, faults_of, read_framework, register_framework

FOLDER = "frameworks"
LARGEST = 2_000_000
"""Bytes of a file; the shipped framework has a hundredth of it."""
KEPT_FOR = timedelta(days=14)
HASH_LENGTH = 64
NO_FILE = Refusal("no_file", Text("选一个文件。", "Choose a file."), "file")
TOO_LARGE = Refusal(
    "too_large", Text("文件太大了，最多2 MB。", "This file is too large; at most 2 MB are taken."), "file"
)
GONE = Refusal(
    "upload_gone",
    Text("这个文件已经清掉了，请再传一次。", "This file is no longer here; please upload it again."),
)
NOT_THE_TOP = Refusal(
    "not_the_top",
    Text(
        "标准体系全网络共用，只有最上级单位的管理员能存。你可以下载、改好、传上来检查，再请他们存。",
        "The whole network shares a framework, so only a manager of the topmost unit keeps one. "
        "You can download it, edit it and have it checked here, and ask them to keep it.",
    ),
)
STALE = Refusal(
    "stale",
    Text(
        "你看的时候别人存了新的一版。再看一遍和它差在哪里。",
        "Somebody kept another version meanwhile. Look again at how yours differs from it.",
    ),
)


class Stale(HubError):  # noqa: N818 -- named after what it says
    """What was shown is not what would happen any more."""

    status = HTTPStatus.CONFLICT


@dataclass(frozen=True)
class VersionLine:
    """Hold one version in a list; `version_id` is None for a shipped one that nobody has used yet."""

    code: str
    version: str
    version_id: int | None
    loaded_at: datetime | None
    cycles: int
    is_newest: bool


@dataclass(frozen=True)
class Upload:
    """Hold what an uploaded file says and what keeping it would change."""

    key: str
    opened: Opened
    faults: tuple[Text, ...]
    code: str = ""
    version: str = ""
    against: str = ""
    """The version in use, with which it is compared; nothing where there is none."""
    changes: tuple[Difference, ...] = ()
    bridge: Text | None = None
    is_kept: bool = False
    """Whether exactly this is a version already."""

    @property
    def warnings(self) -> tuple[Text, ...]:
        """Return what may stay as it is, in words."""
        return tuple(one.told for one in self.opened.warnings)

    @property
    def may_be_marked(self) -> bool:
        """Say whether there is a workbook to mark."""
        return bool(self.opened.sheets)


def versions(session: Session) -> list[VersionLine]:
    """Return all versions of all frameworks, the newest of each first, with those that are shipped."""
    counted = select(Cycle.framework_id, func.count()).group_by(col(Cycle.framework_id))
    cycles = dict(session.exec(counted).all())
    newest_first = (col(FrameworkVersion.loaded_at).desc(), col(FrameworkVersion.id).desc())
    found: list[VersionLine] = []
    seen: set[str] = set()
    for one in session.exec(select(FrameworkVersion).order_by(col(FrameworkVersion.code), *newest_first)):
        count = cycles.get(one.id or 0, 0)
        found.append(
            VersionLine(one.code, one.version, one.id, one.loaded_at, count, is_newest=one.code not in seen)
        )
        seen.add(one.code)
    shipped = [code for code in SHIPPED_FILES if code not in seen]
    return [
        *found,
        *(VersionLine(code, _shipped(code)[0], None, None, 0, is_newest=True) for code in shipped),
    ]


def version_file(session: Session, code: str, version: str) -> bytes:
    """Return a version as a workbook to edit; raises `NotFound`."""
    question = select(FrameworkVersion.text).where(
        FrameworkVersion.code == code, FrameworkVersion.version == version
    )
    text = session.exec(question).first()
    if text is None and code in SHIPPED_FILES and _shipped(code)[0] == version:
        text = _shipped(code)[1]
    if text is None:
        raise NotFound(
            Refusal(
                "no_framework",
                Text(
                    f"没有“{code}”的{version}版。",
                    f'There is no version {version} of the framework "{code}".',
                ),
            )
        )
    return framework_workbook(text)


def take(content: bytes, name: str, *, now: datetime) -> str:
    """Lay an uploaded file aside and return the key under which it is looked at; nothing is kept as a version.

    Raises `HubError` for what is neither a workbook nor text.
    """
    if not content:
        raise HubError(NO_FILE)
    if len(content) > LARGEST:
        raise HubError(TOO_LARGE)
    open_framework(content, name)
    _clear(now)
    key = hashlib.sha256(content).hexdigest()
    write_once(_path(key), content)
    return key


def look(session: Session, key: str) -> Upload:
    """Return what an uploaded file says, everything wrong with it, and what it changes; nothing is written."""
    opened = open_framework(_content(key))
    new = opened.framework
    if new is None:
        return Upload(key, opened, tuple(one.told for one in opened.faults))
    faults = tuple(one.sentence for one in faults_of(session, new))
    in_use = _in_use(session, new.id)
    old = None if in_use is None else read_framework(in_use[1])
    kept = session.exec(
        select(FrameworkVersion.id).where(
            FrameworkVersion.code == new.id, FrameworkVersion.sha256 == new.sha256
        )
    ).first()
    return Upload(
        key,
        opened,
        faults,
        code=new.id,
        version=new.version,
        against="" if old is None else old.version,
        changes=() if old is None else differences(old, new),
        bridge=None if old is None else bridge_sentence(old, new),
        is_kept=kept is not None,
    )


def marked(key: str) -> bytes:
    """Return an uploaded workbook with everything marked that is wrong with it."""
    content = _content(key)
    opened = open_framework(content)
    if not opened.sheets:
        raise NotFound(GONE)
    return checked_copy(content, opened)


def confirm(
    session: Session, key: str, *, against: str, unit_id: int, by: int, now: datetime
) -> FrameworkVersion:
    """Keep an uploaded framework as a version, as it was shown; the same again is the same version.

    `against` is the version that it was compared with. Raises `NotYours` for who does not manage the topmost unit.
    """
    if not may_keep(session, unit_id, by):
        raise NotYours(NOT_THE_TOP)
    found = look(session, key)
    if found.opened.framework is None:
        raise HubError([one.refusal for one in found.opened.faults])
    if found.against != against and not found.is_kept:
        raise Stale(STALE)
    return register_framework(session, found.opened.text, now=now, by=by)


def may_keep(session: Session, unit_id: int, by: int) -> bool:
    """Say whether a person manages the top of the tree in which a unit stands."""
    top = session.get_one(Unit, unit_id)
    while top.parent_id is not None:
        top = session.get_one(Unit, top.parent_id)
    return may_release(session, by, top.id or 0)


def _in_use(session: Session, code: str) -> tuple[str, str] | None:
    """Return version and text of the framework that the next evaluation would take."""
    question = (
        select(FrameworkVersion.version, FrameworkVersion.text)
        .where(FrameworkVersion.code == code)
        .order_by(col(FrameworkVersion.loaded_at).desc(), col(FrameworkVersion.id).desc())
    )
    found = session.exec(question).first()
    if found is not None:
        return found
    return _shipped(code) if code in SHIPPED_FILES else None


def _shipped(code: str) -> tuple[str, str]:
    text = (SHIPPED / SHIPPED_FILES[code]).read_text(encoding="utf-8")
    return read_framework(text).version, text


def _path(key: str) -> Path:
    return settings().home / FOLDER / key


def _content(key: str) -> bytes:
    is_hash = len(key) == HASH_LENGTH and key.isalnum() and key.isascii()
    path = _path(key)
    if not is_hash or not path.exists():
        raise NotFound(GONE)
    return path.read_bytes()


def _clear(now: datetime) -> None:
    """Remove files that nobody confirmed for two weeks; what became a version is kept in its row."""
    for path in _laid_aside():
        if path.stat().st_mtime < (now - KEPT_FOR).timestamp():
            path.unlink(missing_ok=True)


def _laid_aside() -> Iterable[Path]:
    folder = settings().home / FOLDER
    return sorted(folder.iterdir()) if folder.exists() else ()
