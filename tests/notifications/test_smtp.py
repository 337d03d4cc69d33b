"""The connection to the relay: protected unless it is on this machine, and exact about dots."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

import pytest

from config.settings import settings
from notifications import smtp
from notifications.replies import Reply, Step
from notifications.smtp import SmtpUnreachable
from tests.relay import Relay, free_port


def set_(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(f"YOUTHHUB_{name}", value)
    settings.cache_clear()


def test_lines_that_begin_with_a_dot_arrive_as_they_are(relay: Relay) -> None:
    content = b"Subject: dots\r\n\r\n.\r\n..two\r\nend.\r\n"
    with smtp.connect() as connection:
        assert connection.send("a@people.example", content).code == 250
    assert relay.received == [(["a@people.example"], content)]


def test_a_refused_recipient_leaves_the_connection_usable(relay: Relay) -> None:
    relay.on_rcpt = ["550 5.1.1 no such user"]
    with smtp.connect() as connection:
        refused = connection.send("a@people.example", b"x\r\n")
        accepted = connection.send("b@people.example", b"x\r\n")
    assert refused == Reply(Step.RECIPIENT, 550, "5.1.1 no such user")
    assert (accepted.step, accepted.code) == (Step.FINAL_DOT, 250)
    assert (relay.connections, relay.recipients) == (1, ["b@people.example"])


def test_a_connection_that_is_gone_answers_with_code_0(relay: Relay) -> None:
    connection = smtp.connect()
    connection.close()
    assert connection.send("a@people.example", b"x\r\n") == Reply(Step.SENDER, 0)


def test_nothing_listens_there(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    set_(monkeypatch, SMTP_PORT=str(port))
    with pytest.raises(SmtpUnreachable) as refused:
        smtp.connect()
    assert refused.value.code == "smtp_unreachable"
    assert f"127.0.0.1:{port}" in refused.value.sentence.en


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_relay_without_tls_gets_nothing_when_tls_is_asked_for(
    relay: Relay, monkeypatch: pytest.MonkeyPatch, security: str
) -> None:
    set_(monkeypatch, SMTP_SECURITY=security, SMTP_USER="hub", SMTP_PASSWORD="secret word")
    with pytest.raises(SmtpUnreachable) as refused:
        smtp.connect()
    assert refused.value.code == "smtp_not_secure"
    assert "secret word" not in str(refused.value.sentence)
    assert relay.received == []


def test_a_login_that_the_relay_does_not_know_stops_before_any_mail(
    relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_(monkeypatch, SMTP_USER="hub", SMTP_PASSWORD="secret word")
    with pytest.raises(SmtpUnreachable) as refused:
        smtp.connect()
    assert refused.value.code in {"smtp_login_refused", "smtp_not_secure"}
    assert relay.received == []


def test_a_password_never_leaves_this_machine_in_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    set_(
        monkeypatch, SMTP_HOST="192.0.2.1", SMTP_SECURITY="none", SMTP_USER="hub", SMTP_PASSWORD="secret word"
    )
    with pytest.raises(SmtpUnreachable) as refused:
        smtp.connect()
    assert refused.value.code == "smtp_not_secure"


def test_a_server_that_sends_a_byte_now_and_then_is_cut_off_at_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each byte would begin the time-out anew, and the mail would outlast its lease."""
    monkeypatch.setattr(smtp, "LONGEST_DIALOGUE", 0.5)
    monkeypatch.setattr(smtp.Watchman, "LOOKS_EVERY", 0.1)
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        set_(monkeypatch, SMTP_PORT=str(server.getsockname()[1]))
        tarpit = threading.Thread(target=drip, args=(server, over))
        tarpit.start()
        with pytest.raises(SmtpUnreachable):
            smtp.connect()
        assert over.wait(10)
        tarpit.join()


def drip(server: socket.socket, over: threading.Event) -> None:
    """Greet one byte at a time until the other side hangs up."""
    line, _ = server.accept()
    with line, contextlib.suppress(OSError):
        while True:
            line.sendall(b"2")
            time.sleep(0.1)
    over.set()
