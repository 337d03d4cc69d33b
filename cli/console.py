"""What commands share: the reader's language, sentences, JSON results, and refusals as exit codes."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from config.text import Language, Text

if TYPE_CHECKING:
    from sqlalchemy.exc import OperationalError

REFUSED = 1

WRITING = {
    errno.ENOSPC: Text(
        "磁盘满了，什么都没有写。腾出空间后再试一次。",
        "The disk is full; nothing was written. Free some space and try again.",
    ),
    errno.EROFS: Text(
        "这个文件夹只能读，不能写。换一个文件夹。", "This folder is read-only. Choose another one."
    ),
    errno.EACCES: Text(
        "没有权限写这里。换一个文件夹，或改它的权限。",
        "You may not write here. Choose another folder or change its permissions.",
    ),
    errno.ENOENT: Text(
        "没有这个文件或文件夹。看看名字写对没有。", "There is no such file or folder. Check its name."
    ),
    errno.EADDRINUSE: Text("端口已被占用。换一个端口。", "The port is taken. Choose another one."),
}


def language() -> Language:
    """Return the language of this terminal: YOUTHHUB_LANGUAGE, else LANG."""
    chosen = os.environ.get("YOUTHHUB_LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return Language.ZH if chosen.lower().startswith("zh") else Language.EN


def say(sentence: Text, *, error: bool = False) -> None:
    """Print a sentence in the reader's language."""
    typer.echo(sentence.in_(language()), err=error)


def write_json(result: Any, target: str | None) -> None:
    """Write a result as JSON to a file, or to standard output for "-"; do nothing for None."""
    if target is None:
        return
    text = json.dumps(plain(result), ensure_ascii=False, indent=2)
    if target == "-":
        typer.echo(text)
    else:
        Path(target).write_text(text + "\n", encoding="utf-8")


def plain(value: Any) -> Any:
    """Turn dataclasses, models and texts into plain JSON values."""
    if isinstance(value, Text):
        return {"zh": value.zh, "en": value.en}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


@contextmanager
def refusals_as_exit_codes() -> Iterator[None]:
    """Turn what is refused into a sentence and exit code 1, never a traceback."""
    try:
        yield
    except Exception as error:
        sentence = _written(error) if isinstance(error, OSError) else _refused(error)
        if sentence is None:
            raise
        say(sentence, error=True)
        sys.exit(REFUSED)


def _written(error: OSError) -> Text | None:
    sentence = WRITING.get(error.errno or 0)
    where = f" ({error.filename})" if error.filename else ""
    return sentence and Text(sentence.zh + where, sentence.en + where)


def _refused(error: Exception) -> Text | None:
    # Imported only now: `youthhub --help` must not wait a second for the tables.
    from sqlalchemy.exc import OperationalError

    from models.schema import SchemaError
    from services.errors import HubError

    if isinstance(error, HubError | SchemaError):
        return error.sentence
    return _database(error) if isinstance(error, OperationalError) else None


def _database(error: OperationalError) -> Text:
    cause = str(error.orig).splitlines()[0] if error.orig else error.__class__.__name__
    if "disk is full" in cause:
        return WRITING[errno.ENOSPC]
    return Text(
        f"数据库打不开或写不进（{cause}）。看看 YOUTHHUB_DATABASE_URL 和它的权限。",
        f"The database cannot be opened or written ({cause}). Check YOUTHHUB_DATABASE_URL and its permissions.",
    )
