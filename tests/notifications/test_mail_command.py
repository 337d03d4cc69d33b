"""`youthhub mail`: what an operator sees."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.mail import mail_app
from config.settings import settings
from models.session import open_session
from models.states import MessageState
from notifications import outbox
from notifications.kinds import KINDS, Recipient, RegistrationReceivedMail
from notifications.samples import HUB
from tests.relay import free_port, running_relay


@pytest.fixture
def _queued(sqlite_database: str, monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setenv("YOUTHHUB_DATABASE_URL", sqlite_database)
    monkeypatch.setenv("YOUTHHUB_LANGUAGE", "en")
    settings.cache_clear()
    for number, address in enumerate(("lin@people.example", "")):
        mail = RegistrationReceivedMail(to=Recipient("林小满", address), person_id=number, hub=HUB)
        with open_session() as session:
            outbox.queue(session, mail, key=f"registration:{number}", now=now)


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(mail_app, list(arguments))
    return result.exit_code, result.output


@pytest.mark.usefixtures("_queued")
def test_status_tells_states_and_reasons_and_no_address() -> None:
    code, output = run("status")
    assert code == 0
    assert output.split() == ["1", "queued", "1", "failed", "1", "no_address"]
    assert json.loads(run("status", "--json", "-")[1])["reasons"] == {"failed": {"no_address": 1}}


@pytest.mark.usefixtures("_queued")
def test_deliver_sends_and_says_what(monkeypatch: pytest.MonkeyPatch) -> None:
    with running_relay() as relay:
        monkeypatch.setenv("YOUTHHUB_SMTP_PORT", str(relay.port))
        settings.cache_clear()
        code, output = run("deliver")
    assert (code, len(relay.received)) == (0, 1)
    assert output.startswith("1 sent,")


@pytest.mark.usefixtures("_queued")
def test_deliver_without_a_server_exits_with_1_and_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOUTHHUB_SMTP_PORT", str(free_port()))
    settings.cache_clear()
    code, output = run("deliver")
    assert code == 1
    assert "cannot be reached. Every mail is kept" in output


@pytest.mark.usefixtures("_queued")
def test_retry_queues_failed_mails_again_but_not_those_without_an_address(now: datetime) -> None:
    with open_session() as session:
        (row,) = outbox.claim(session, "lease", now=now, limit=5)
        failed = outbox.Result(MessageState.FAILED, 1, now, "refused")
        outbox.settle(session, row.id, "lease", failed)
    assert run("retry") == (0, "1 mail queued again.\n")
    with open_session() as session:
        assert outbox.counts(session)["queued"] == 1


def test_preview_writes_where_it_is_told(tmp_path: Path) -> None:
    code, output = run("preview", "--to", str(tmp_path / "look"))
    assert code == 0
    assert str(2 * len(KINDS)) in output
    assert (tmp_path / "look" / "offer.zh-Hans.eml").exists()
