"""The demo from end to end at a small size, through its real processes, asked of all it leaves behind."""

import json
import os
import sqlite3
import subprocess
import sys
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from cli.demo.hours import FIRST_MONDAY, MORNING, moment

pytestmark = [pytest.mark.slow, pytest.mark.prefect]

HUBS = 6


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the demo says of itself, after it ended well."""
    folder = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "cli", "demo", "--hubs", str(HUBS), "--volunteers", "200", "--seed", "7"]
    command += ["--keep", str(folder / "home"), "--json", str(folder / "account.json")]
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(("YOUTHHUB_", "PREFECT_"))
    }
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=900, env={**env, "LANG": "en_GB.UTF-8"}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "What the district did" in done.stdout
    return dict(json.loads((folder / "account.json").read_text(encoding="utf-8")))


def test_demo_keeps_every_promise(account):
    assert [check["what"]["en"] for check in account["checks"] if not check["holds"]] == []
    assert (account["holds"], account["troubles"]) == (True, [])


def test_demo_counts_what_stands_in_its_database(account):
    database = sqlite3.connect(Path(account["home"]) / "youthhub.sqlite3")
    # Activities before the first day came with the import, and nobody lived through them.
    lived = f"SELECT id FROM activity WHERE starts_at >= '{moment(FIRST_MONDAY, MORNING).astimezone(UTC):%Y-%m-%d %H:%M}'"
    (came,) = database.execute(
        f"SELECT count(*) FROM participation WHERE presence = 'present' AND activity_id IN ({lived})"
    ).fetchone()
    (drawn,) = database.execute("SELECT count(*) FROM invitation").fetchone()
    (released,) = database.execute("SELECT count(*) FROM report WHERE released_at IS NOT NULL").fetchone()
    database.close()
    assert account["figures"]["participants_came"] == came
    assert (drawn, released) == (12 * HUBS, 1)


def test_every_mail_that_was_sent_lies_in_the_maildir(account):
    maildir = Path(account["maildir"])
    assert (
        sum(1 for part in ("new", "cur") for _ in (maildir / part).iterdir())
        == account["figures"]["mails_sent"]
    )


def test_people_answered_over_http_and_nothing_failed(account):
    assert account["people"]["offer.yes"] > 0
    assert account["people"]["sign_up.done"] == account["figures"]["sign_ups"]
    assert [deed for deed in account["people"] if deed.startswith("failed")] == []


def test_engine_ran_every_kind_of_business(account):
    assert set(account["engine_runs"]) >= {
        "plan-activities",
        "match-volunteers",
        "send-offers",
        "follow-up-offers",
        "remind-volunteers",
        "close-activities",
        "open-evaluation",
        "collect-scores",
        "score-hubs",
        "draft-report",
        "send-digests",
        "deliver-mail",
    }


def test_logs_and_parameters_hold_no_names_or_addresses(account):
    home = Path(account["home"])
    database = sqlite3.connect(home / "youthhub.sqlite3")
    names = [
        name for (name,) in database.execute("SELECT name FROM person UNION SELECT name FROM participant")
    ]
    database.close()
    engine = sqlite3.connect(home / "engine" / "prefect.db")
    said = [
        str(row) for row in engine.execute("SELECT parameters FROM flow_run UNION SELECT data FROM artifact")
    ]
    engine.close()
    logs = [path.read_text(encoding="utf-8", errors="replace") for path in (home / "logs").iterdir()]
    text = "\n".join([*said, *logs, (home / "engine" / "server.log").read_text(errors="replace")])
    assert [name for name in names if name in text] == []
    assert "@young.example" not in text
    assert "@people.example" not in text


def test_nothing_of_the_demo_runs_on(account):
    home = account["home"]
    alive = [
        path.parent.name for path in Path("/proc").glob("[0-9]*/environ") if home.encode() in _bytes(path)
    ]
    assert alive == []


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
