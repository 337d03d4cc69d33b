"""`youthhub mail`: what an operator sees."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.mail_control import mail_app
from config.settings import settings
from models.session import open_session
from models.states import MessageState
from notifications import outbox
from notifications.kinds import KINDS, Recipient, RegistrationReceivedMail
from notifications.samples import HUB
from services.errors import HubError
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
    assert output.splitlines() == [
        "      1  queued",
        "      1  failed",
        "          1  no usable address (no_address)",
    ]
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


@pytest.mark.usefixtures("_queued")
def test_hold_and_release_say_how_many_and_status_shows_the_hold() -> None:
    code, output = run("hold", "--stream", "service", "--reason", "wrong names")
    assert (code, output[:55]) == (0, "necessary notices: on hold, 1 waiting mail now and ever")
    status = run("status")[1]
    assert "          1  this stream is on hold (held_stream)" in status
    assert "On hold: necessary notices. wrong names" in status
    assert json.loads(run("status", "--json", "-")[1])["holds"][0]["value"] == "service"
    assert json.loads(run("release", "--stream", "service", "--json", "-")[1])["mails"] == 1


@pytest.mark.usefixtures("_queued")
@pytest.mark.parametrize("options", [(), ("--everything", "--kind", "offer")])
def test_hold_of_nothing_or_of_two_things_is_wrong_usage(options: tuple[str, ...]) -> None:
    code, output = run("hold", *options)
    assert code == 2
    assert "name one of" in output


def test_test_send_shows_what_the_relay_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOUTHHUB_LANGUAGE", "zh")
    with running_relay() as relay:
        monkeypatch.setenv("YOUTHHUB_SMTP_PORT", str(relay.port))
        settings.cache_clear()
        code, output = run("test-send", "me@office.example", "--kind", "reminder", "--json", "-")
        assert (code, json.loads(output)["answer"]) == (0, "OK")
        assert relay.recipients == ["me@office.example"]
        assert relay.messages[0]["Message-ID"] == json.loads(output)["message_id"]
        relay.on_rcpt = ["550 5.1.1 no such user"]
        code, output = run("test-send", "me@office.example")
    assert code == 1
    assert "没有这个邮箱。它的原话：550 5.1.1 no such user" in output


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("me",), "no_address"), (("me@office.example", "--kind", "spam"), "unknown_kind")],
)
def test_test_send_refuses_what_it_cannot_address_or_does_not_know(
    arguments: tuple[str, ...], code: str
) -> None:
    result = CliRunner().invoke(mail_app, ["test-send", *arguments])
    assert isinstance(result.exception, HubError)
    assert code in str(result.exception)


@pytest.mark.usefixtures("_queued")
def test_reconcile_says_what_the_log_told(now: datetime) -> None:
    with open_session() as session:
        (row,) = outbox.claim(session, "lease", now=now, limit=5)
        doubtful = outbox.Result(MessageState.AMBIGUOUS, 1, now, outbox.NO_REPLY)
        outbox.settle(session, row.id, "lease", doubtful)
    code, output = run("reconcile")
    assert code == 0
    assert "sent once more by the rules: 1" in output
    assert "There is no log of the relay" in output
    assert json.loads(run("reconcile", "--restored", "--json", "-")[1])["found"] == 0
