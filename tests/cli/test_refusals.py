"""What is refused at the command line ends in a sentence and exit code 1, never in a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

Run = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def youthhub(tmp_path: Path, sqlite_database: str) -> Run:
    """Run `youthhub` on a migrated database, as a person would, in a chosen language."""

    def run(*words: str, language: str = "en", **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "cli", *words],
            cwd=ROOT,
            env={
                **os.environ, "YOUTHHUB_HOME": str(tmp_path), "YOUTHHUB_DATABASE_URL": sqlite_database,
                "YOUTHHUB_LANGUAGE": language, **environment,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )  # fmt: skip

    return run


@pytest.mark.parametrize(
    ("words", "zh", "en"),
    [
        (("match", "--hub", "XC-999"), "没有编号为 XC-999 的青年汇", "There is no hub with the code XC-999."),
        (("plan", "--until", "2020-01-01"), "2020", "plan from today up to a year ahead"),
        (("import", "no-such-file.xlsx"), "no-such-file.xlsx", "no-such-file.xlsx"),
    ],
)
def test_wrong_input_is_refused_with_a_sentence_in_the_readers_language(
    youthhub: Run, words: tuple[str, ...], zh: str, en: str
) -> None:
    for language, part in (("zh", zh), ("en", en)):
        refused = youthhub(*words, language=language)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert part in refused.stderr
        assert "Traceback" not in refused.stderr


def test_wrong_usage_ends_with_2(youthhub: Run) -> None:
    assert youthhub("match", "--no-such-option").returncode == 2
    assert youthhub("plan", "--weeks", "0").returncode == 2


@pytest.mark.parametrize(
    "words",
    [("hours", "confirm"), ("hours", "correct", "--minutes", "5", "--reason", "x"), ("series", "undo")],
)
def test_number_that_no_row_can_have_is_wrong_usage(youthhub: Run, words: tuple[str, ...]) -> None:
    by = ("--by", "C001") if words[0] == "hours" else ()
    refused = youthhub(*words, "99999999999999999999", *by)
    assert (refused.returncode, "Traceback" in refused.stderr) == (2, False)


def test_database_from_a_newer_version_is_refused(youthhub: Run, sqlite_database: str) -> None:
    engine = create_engine(sqlite_database)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    for words in (("db", "upgrade"), ("plan",), ("digest",)):
        refused = youthhub(*words)
        assert refused.returncode == 1
        assert "made by a newer version (9999)" in refused.stderr


def test_database_without_tables_names_the_command_that_makes_them(youthhub: Run, tmp_path: Path) -> None:
    refused = youthhub("offers", YOUTHHUB_DATABASE_URL=f"sqlite:///{tmp_path}/new.sqlite3")
    assert (refused.returncode, refused.stderr) == (
        1,
        "The database is not up to date: run youthhub db upgrade first.\n",
    )


def test_database_that_cannot_be_reached_is_refused(youthhub: Run) -> None:
    refused = youthhub("plan", YOUTHHUB_DATABASE_URL="postgresql+psycopg://nobody@127.0.0.1:9/none")
    assert refused.returncode == 1
    assert refused.stderr.startswith("The database cannot be opened or written")
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("url", ["bogus", "mysql://user@host/name", "sqlite+aiosqlite:///file"])
def test_address_that_is_no_database_is_refused(youthhub: Run, url: str) -> None:
    refused = youthhub("plan", YOUTHHUB_DATABASE_URL=url)
    assert refused.returncode == 1
    assert refused.stderr.startswith("The address of the database is not valid. Write postgresql+psycopg://")
    assert "Traceback" not in refused.stderr


def test_file_that_is_no_database_is_refused(youthhub: Run, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear hubs, this is no database at all.\n" * 40)
    refused = youthhub("plan", YOUTHHUB_DATABASE_URL=f"sqlite:///{tmp_path}/letter.txt")
    assert refused.returncode == 1
    assert refused.stderr.startswith("The database cannot be opened or written (file is not a database)")


def test_home_that_is_a_file_is_refused(youthhub: Run, tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    refused = youthhub("plan", YOUTHHUB_HOME=str(tmp_path / "home"), YOUTHHUB_DATABASE_URL="")
    assert (refused.returncode, refused.stderr) == (
        1,
        f"There is a file here, and a folder is wanted. ({tmp_path}/home)\n",
    )


def test_wrong_setting_is_refused_in_the_readers_language(youthhub: Run) -> None:
    refused = youthhub("plan", language="zh", YOUTHHUB_ENGINE_PORT="70000")
    assert (refused.returncode, refused.stderr) == (
        1,
        "设置不对，改了再来：YOUTHHUB_ENGINE_PORT不能大于65535。\n",
    )


@pytest.mark.parametrize("words", [("status",), ("deliver",), ("retry",)])
def test_mail_asks_for_tables_of_this_version(youthhub: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    refused = youthhub("mail", *words, YOUTHHUB_DATABASE_URL=f"sqlite:///{tmp_path}/new.sqlite3")
    assert (refused.returncode, refused.stderr) == (
        1,
        "The database is not up to date: run youthhub db upgrade first.\n",
    )


@pytest.mark.parametrize("place", [".", "no-such-folder/result.json"])
def test_place_for_a_result_is_looked_at_before_the_work(youthhub: Run, tmp_path: Path, place: str) -> None:
    refused = youthhub("digest", "--json", str(tmp_path / place))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "Traceback" not in refused.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_full_disk_is_refused(youthhub: Run) -> None:
    refused = youthhub("digest", "--json", "/dev/full")
    assert refused.returncode == 1
    assert refused.stderr.startswith(
        "The work is done, but its result was not written to /dev/full: The disk is full"
    )


def test_result_is_json_on_standard_output_and_nothing_else(youthhub: Run) -> None:
    done = youthhub("match", "--dry-run", "--json", "-")
    assert done.returncode == 0
    assert json.loads(done.stdout)["places"] == 0
