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
from typing import TYPE_CHECKING, Annotated, Any

import typer
from dotenv import dotenv_values

from config.text import Language, Text

if TYPE_CHECKING:
    from sqlalchemy.exc import DatabaseError

REFUSED = 1

WRITING = {
    errno.ENOSPC: Text(
        "磁盘满了，没有写成。腾出空间后再试一次。",
        "The disk is full, so it was not written. Free some space and try again.",
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
    errno.EISDIR: Text("这是一个文件夹，要的是文件。", "This is a folder, and a file is wanted."),
    errno.ENOTDIR: Text("这是一个文件，要的是文件夹。", "This is a file, and a folder is wanted."),
    errno.EEXIST: Text("这里已经有一个文件，要的是文件夹。", "There is a file here, and a folder is wanted."),
}


def language() -> Language:
    """Return the language of this terminal: YOUTHHUB_LANGUAGE, also in .env, else LANG."""
    own = os.environ.get("YOUTHHUB_LANGUAGE") or dotenv_values(".env").get("YOUTHHUB_LANGUAGE")
    chosen = own or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
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
        return
    try:
        write_whole(Path(target), f"{text}\n".encode())
    except OSError as error:
        raise _result_not_written(target, error) from error


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: a disk that fills up leaves no half of one; raises `OSError` that names it."""
    if path.exists() and not path.is_file():  # a device or a pipe is written as it is
        path.write_bytes(content)
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    except OSError as error:  # the draft is ours; who reads of it knows the file by its own name
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        draft.unlink(missing_ok=True)


def why(error: OSError) -> Text:
    """Return why a file could not be written or read, in one sentence."""
    reason = os.strerror(error.errno or 0)
    return WRITING.get(error.errno or 0, Text(f"系统说：{reason}。", f"The system says: {reason}."))


def _place_for_json(target: str | None) -> str | None:
    # Asked before the work: nobody waits minutes for a result that then has no place.
    if target is None or target == "-":
        return target
    place = Path(target)
    for number, is_so in (
        (errno.EISDIR, place.is_dir()),
        (errno.ENOENT, not place.parent.exists()),
        (errno.ENOTDIR, not place.parent.is_dir()),
        (errno.EACCES, not os.access(place if place.exists() else place.parent, os.W_OK)),
    ):
        if is_so:
            raise OSError(number, os.strerror(number), target)
    return target


JsonOut = Annotated[
    str | None,
    typer.Option(
        "--json",
        metavar="FILE",
        help="Write the result as JSON (- for standard output).",
        callback=_place_for_json,
    ),
]
"""The option of every command whose result machines read."""


def _result_not_written(target: str, error: OSError) -> Exception:
    from services.errors import refuse

    reason = why(error)
    return refuse(
        "result_not_written",
        f"该做的都做了，只是结果没有写进 {target}：{reason.zh}",
        f"The work is done, but its result was not written to {target}: {reason.en}",
    )


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
    if not error.filename:
        return WRITING.get(error.errno or 0)
    sentence = why(error)
    return Text(f"{sentence.zh} ({error.filename})", f"{sentence.en} ({error.filename})")


def _refused(error: Exception) -> Text | None:
    # Imported only now: `youthhub --help` must not wait a second for the tables.
    from sqlalchemy.exc import DatabaseError, OperationalError

    from config.settings import SettingsError
    from models.schema import SchemaError
    from services.errors import HubError

    if isinstance(error, HubError | SchemaError | SettingsError):
        return error.sentence
    # The class itself is "this is no database"; those below it, but one, are faults of ours.
    is_away = isinstance(error, OperationalError) or type(error) is DatabaseError
    return _database(error) if is_away and isinstance(error, DatabaseError) else None


def _database(error: DatabaseError) -> Text:
    cause = str(error.orig).splitlines()[0] if error.orig else error.__class__.__name__
    if "disk is full" in cause:
        return WRITING[errno.ENOSPC]
    return Text(
        f"数据库打不开或写不进（{cause}）。看看 YOUTHHUB_DATABASE_URL、它的权限，磁盘是不是满了。",
        f"The database cannot be opened or written ({cause}). "
        "Check YOUTHHUB_DATABASE_URL, its permissions, and whether the disk is full.",
    )
