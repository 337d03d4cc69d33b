"""The log of a relay on this machine, which knows of mails whose sender got no answer.

Two logs are understood, and may be mixed with lines of others: Postfix's, and the journal of our own
Maildir server. Only what the relay kept counts: Postfix names a Message-ID before the mail is whole, so the
queue manager must have seen it too.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

MOST_ROTATED = 60
FILED = re.compile(r"^\S+ filed \S+ (<[^>\s]+>)")
NAMED = re.compile(r"postfix\S*/cleanup\[\d+\]: (\w+): message-id=(<[^>\s]+>)")
KEPT = re.compile(r"postfix\S*/qmgr\[\d+\]: (\w+): from=<")
SYSLOG_TIME = re.compile(r"^([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) ")
MONTHS = dict(
    zip(
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
        range(1, 13),
        strict=True,
    )
)


@dataclass(frozen=True)
class RelayLog:
    """Hold which mails the relay took, and the span of time of which its log tells."""

    taken: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None

    def covers(self, moment: datetime) -> bool:
        """Say whether the log would show what the relay took at `moment`."""
        if self.since is None or self.until is None:
            return False
        return self.since <= moment.replace(microsecond=0) <= self.until


def read(path: Path, wanted: Collection[str]) -> RelayLog:
    """Look for the Message-IDs `wanted` in the log at `path` and those rotated from it.

    A log that is not there or may not be read tells nothing.
    """
    taken: set[str] = set()
    named: dict[str, str] = {}
    since = until = None
    with suppress(OSError, EOFError):
        for file in reversed(_files(path)):
            changed = datetime.fromtimestamp(file.stat().st_mtime, UTC)
            last = ""
            for line in _lines(file):
                since = since or _time(line, changed)
                last = line
                _note(line, wanted, named, taken)
            until = (_time(last, changed) if last else None) or until
    return RelayLog(frozenset(taken), since, until)


def _files(path: Path) -> list[Path]:
    """Return the log and its rotated parts without a gap, the newest first."""
    found = [path] if path.is_file() else []
    for number in range(1, MOST_ROTATED):
        names = (f"{path.name}.{number}", f"{path.name}.{number}.gz")
        part = next((path.with_name(name) for name in names if path.with_name(name).is_file()), None)
        if part is None:
            break
        found.append(part)
    return found


def _lines(file: Path) -> Iterator[str]:
    opened = gzip.open if file.suffix == ".gz" else open
    with opened(file, "rb") as whole:
        for line in whole:
            yield line.decode("utf-8", "replace")


def _note(line: str, wanted: Collection[str], named: dict[str, str], taken: set[str]) -> None:
    if (found := FILED.search(line)) is not None:
        taken.update({found.group(1)} & set(wanted))
    elif (found := NAMED.search(line)) is not None and found.group(2) in wanted:
        named[found.group(1)] = found.group(2)
    elif named and (found := KEPT.search(line)) is not None and found.group(1) in named:
        taken.add(named[found.group(1)])


def _time(line: str, changed: datetime) -> datetime | None:
    """Return when a line was written; syslog leaves the year out, which follows from the file's time."""
    if (old := SYSLOG_TIME.match(line)) is None:
        with suppress(ValueError, IndexError):
            moment = datetime.fromisoformat(line.split(maxsplit=1)[0])
            return moment.astimezone(UTC)
        return None
    month, day, hour, minute, second = old.groups()
    local = changed.astimezone()
    for year in (local.year, local.year - 1):
        with suppress(ValueError):
            moment = datetime(year, MONTHS[month], int(day), int(hour), int(minute), int(second)).astimezone(
                UTC
            )
            if moment <= changed.replace(microsecond=0) or year < local.year:
                return moment
    return None
