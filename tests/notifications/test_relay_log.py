"""The relay's log: only what the relay kept counts, and only for the time of which the log tells."""

from __future__ import annotations

import gzip
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from notifications.relay_log import RelayLog, read

OLD = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
POSTFIX = """\
2026-11-25T09:00:00+08:00 relay postfix/smtpd[9]: connect from localhost[127.0.0.1]
2026-11-25T09:00:01.5+08:00 relay postfix/cleanup[12]: 4F1A2: message-id=<kept@hubs.example>
2026-11-25T09:00:01.6+08:00 relay postfix/qmgr[8]: 4F1A2: from=<hubs@hubs.example>, size=900, nrcpt=1 (queue active)
2026-11-25T09:00:02+08:00 relay postfix/cleanup[12]: 4F1A3: message-id=<cut@hubs.example>
2026-11-25T09:00:03+08:00 relay postfix/smtpd[9]: lost connection after DATA from localhost[127.0.0.1]
2026-11-25T09:00:04+08:00 relay postfix-out/cleanup[12]: 4F1A4: message-id=<other@hubs.example>
2026-11-25T09:00:04+08:00 relay postfix-out/qmgr[8]: 4F1A4: from=<hubs@hubs.example>, size=900, nrcpt=1 (queue active)
"""
WANTED = {"<kept@hubs.example>", "<cut@hubs.example>"}


def test_postfix_took_what_its_queue_manager_saw_and_not_what_was_cut_off(tmp_path: Path) -> None:
    (tmp_path / "mail.log").write_text(POSTFIX)
    log = read(tmp_path / "mail.log", WANTED)
    assert log == RelayLog(frozenset({"<kept@hubs.example>"}), OLD, OLD + timedelta(seconds=4))


def test_journal_of_our_own_server(tmp_path: Path) -> None:
    (tmp_path / "journal.log").write_text(
        "2026-11-25T01:00:00+00:00 started - -\n2026-11-25T01:00:09+00:00 filed 17.1_1.localhost <kept@hubs.example>\n"
    )
    log = read(tmp_path / "journal.log", WANTED)
    assert log == RelayLog(frozenset({"<kept@hubs.example>"}), OLD, OLD + timedelta(seconds=9))


def test_rotated_logs_are_read_too_until_one_is_missing(tmp_path: Path) -> None:
    lines = POSTFIX.splitlines(keepends=True)
    (tmp_path / "mail.log").write_text("".join(lines[3:]))
    (tmp_path / "mail.log.1").write_text("".join(lines[2:3]))
    (tmp_path / "mail.log.2.gz").write_bytes(gzip.compress("".join(lines[1:2]).encode()))
    (tmp_path / "mail.log.4.gz").write_bytes(gzip.compress(lines[0].encode()))
    log = read(tmp_path / "mail.log", WANTED)
    assert log.taken == {"<kept@hubs.example>"}
    assert log.since == OLD + timedelta(seconds=1.5)


@pytest.mark.parametrize(("month", "year"), [("Nov", 2026), ("Dec", 2025)])
def test_old_syslog_leaves_the_year_out(tmp_path: Path, month: str, year: int) -> None:
    file = tmp_path / "mail.log"
    file.write_text(f"{month} 25 09:00:00 relay postfix/smtpd[9]: connect from localhost\n")
    os.utime(file, (OLD.timestamp() + 86400, OLD.timestamp() + 86400))
    since = read(file, WANTED).since
    assert since is not None
    local = since.astimezone()
    assert (local.year, local.day, local.hour) == (year, 25, 9)


def test_log_covers_only_the_time_between_its_first_and_last_line() -> None:
    log = RelayLog(since=OLD, until=OLD + timedelta(minutes=1))
    moments = [OLD - timedelta(seconds=1), OLD, OLD + timedelta(seconds=60.4), OLD + timedelta(seconds=61)]
    assert [log.covers(moment) for moment in moments] == [False, True, True, False]


def test_log_that_is_not_there_is_empty_or_is_no_text_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty.log").write_bytes(b"")
    (tmp_path / "noise.log").write_bytes(bytes(range(256)) * 9)
    (tmp_path / "torn.log").write_text("x\n")
    (tmp_path / "torn.log.1.gz").write_bytes(gzip.compress(POSTFIX.encode())[:40])
    for name in ("none.log", "empty.log", "noise.log", "torn.log"):
        log = read(tmp_path / name, WANTED)
        assert (log.taken, log.covers(OLD)) == (frozenset(), False)
