"""The doctor says what to mend, part by part, in sentences and an exit code."""

import json
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from cli import doctor
from cli.ports import free_port
from cli.rounds import is_open_to_all, is_polling
from cli.worker import KEEP_SECONDS, tidy
from config.settings import settings
from models.session import open_session
from notifications import smtp
from services import breaker
from tests.relay import running_relay

SECRET = "Basic aHViczpzZWNyZXQ="


class Engine(BaseHTTPRequestHandler):
    """An engine that answers everybody, or only those with the password."""

    needs_password = False

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer([{"status": "ONLINE"}] if "workers" in self.path else 0)

    def _answer(self, value: object) -> None:
        refused = self.needs_password and self.headers.get("Authorization") != SECRET
        self.send_response(401 if refused else 200)
        self.end_headers()
        self.wfile.write(json.dumps(value).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(Engine, "needs_password", False)
    with HTTPServer(("127.0.0.1", 0), Engine) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/api"
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An installation where nothing runs."""
    for name in ("ENGINE", "SMTP"):
        monkeypatch.setenv(f"YOUTHHUB_{name}_PORT", str(free_port()))
    monkeypatch.setenv("YOUTHHUB_HOME", str(tmp_path))
    monkeypatch.setenv("YOUTHHUB_LANGUAGE", "en")
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.delenv("PREFECT_API_AUTH_STRING", raising=False)
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_doctor_where_nothing_runs_names_every_part(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "LOOKS", (doctor.database, doctor.mail, doctor.engine, doctor.schedules))
    assert doctor.run_doctor() == 1
    said = capsys.readouterr().out.splitlines()
    assert [line[0] for line in said] == ["✗"] * 4
    assert said[0] == "✗ The database is not up to date: run youthhub db upgrade first."
    assert "youthhub up" in said[2]


def test_doctor_finds_a_good_database(
    sqlite_database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("YOUTHHUB_DATABASE_URL", sqlite_database)
    settings.cache_clear()
    monkeypatch.setattr(doctor, "LOOKS", (doctor.database,))
    assert doctor.run_doctor(json_out="-") == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["part"], found["is_well"]) == ("database", True)


def test_engine_off_this_machine_needs_a_password(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", engine)
    assert doctor.engine(settings()).en == f"Engine: {engine} answers."
    monkeypatch.setattr(doctor, "LOOPBACK", frozenset())
    with pytest.raises(doctor.Unwell, match="has no password"):
        doctor.engine(settings())


def test_password_is_sent_where_it_is_known(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_open_to_all(engine)
    monkeypatch.setattr(Engine, "needs_password", True)
    assert not is_open_to_all(engine)
    assert not is_polling(engine, "hubs")
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "hubs:secret")
    assert not is_open_to_all(engine)
    assert is_polling(engine, "hubs")


def test_tidy_removes_only_what_bells_left_days_ago(tmp_path: Path) -> None:
    now = time.time()
    for name, age in (("old", KEEP_SECONDS + 60), ("young", KEEP_SECONDS - 60)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (now - age, now - age))
    assert tidy(tmp_path, now) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["young"]


def test_doctor_names_a_relay_that_is_left_alone(
    sqlite_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YOUTHHUB_DATABASE_URL", sqlite_database)
    with running_relay() as relay:
        monkeypatch.setenv("YOUTHHUB_SMTP_PORT", str(relay.port))
        settings.cache_clear()
        assert doctor.mail(settings()).en.endswith("takes connections.")
        with open_session() as session:
            breaker.failed(session, smtp.relay_name(), breaker.STORM, now=datetime.now(UTC))
        with pytest.raises(doctor.Unwell, match="too many mails for their content"):
            doctor.mail(settings())
