import re
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from cli.maildir_server import Journal, Maildir, main


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(port: int, maildir: Path, *more: str) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        "-m",
        "cli.maildir_server",
        "--port",
        str(port),
        "--maildir",
        str(maildir),
        *more,
    ]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def wait_until_it_answers(port: int) -> None:
    for _ in range(200):
        try:
            smtplib.SMTP("127.0.0.1", port, timeout=5).quit()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the mail server does not answer")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    port, maildir = free_port(), tmp_path / "mail"
    process = start(port, maildir)
    wait_until_it_answers(port)
    yield port, maildir
    process.terminate()
    process.communicate(timeout=10)


def mail(subject: str, body: str = "你好") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = (
        "hubs@youth-hubs.example",
        "v@people.example",
        subject,
    )
    message.set_content(body)
    return message


def filed(maildir: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted((maildir / "new").iterdir())]


def test_mail_is_filed_unharmed_in_the_order_of_arrival(server):
    port, maildir = server
    sent = [mail(f"第{n}封", "行首的点\n.\n..\n" + "长" * 4000) for n in range(30)]
    with smtplib.SMTP("127.0.0.1", port) as relay:
        for message in sent:
            relay.send_message(message)
    head = b"Return-Path: <hubs@youth-hubs.example>\r\nDelivered-To: v@people.example\r\n"
    assert filed(maildir) == [head + re.sub(rb"\r?\n", b"\r\n", message.as_bytes()) for message in sent]
    assert not list((maildir / "tmp").iterdir())


def test_names_stay_unique_with_many_connections(server):
    port, maildir = server
    relays = [smtplib.SMTP("127.0.0.1", port) for _ in range(5)]
    for n in range(100):
        relays[n % 5].send_message(mail(str(n)))
    for relay in relays:
        relay.quit()
    assert len(filed(maildir)) == 100


def test_sigterm_stops_it_cleanly(tmp_path):
    port = free_port()
    process = start(port, tmp_path / "mail", "--log", str(tmp_path / "mail.log"))
    wait_until_it_answers(port)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0
    assert "stopped after 0 messages" in (tmp_path / "mail.log").read_text()


def test_port_in_use_is_a_sentence_and_exit_code_1(server, tmp_path):
    process = start(server[0], tmp_path / "other")
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    assert errors == (
        f"端口{server[0]}已被占用：换一个端口，或先停掉占用它的程序。\n"
        f"Port {server[0]} is in use: choose another one, or stop the program that holds it.\n"
    )


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::", "example.com"])
def test_only_loopback_is_served(host, tmp_path, capsys):
    assert main(["--host", host, "--port", "2525", "--maildir", str(tmp_path / "mail")]) == 1
    assert "serves its own machine only" in capsys.readouterr().err
    assert not (tmp_path / "mail").exists()


def test_folder_that_cannot_be_written_is_a_sentence(tmp_path, capsys):
    (tmp_path / "mail").write_text("a file where the folder should be")
    assert main(["--port", str(free_port()), "--maildir", str(tmp_path / "mail")]) == 1
    assert "cannot start: Not a directory" in capsys.readouterr().err


def break_folder(maildir: Path) -> Callable[[], None]:
    (maildir / "new").rename(maildir / "away")
    return lambda: (maildir / "away").rename(maildir / "new")


def test_mail_that_cannot_be_filed_stays_with_its_sender(server):
    port, maildir = server
    mend = break_folder(maildir)
    with smtplib.SMTP("127.0.0.1", port) as relay:
        with pytest.raises(smtplib.SMTPDataError) as refused:
            relay.send_message(mail("一"))
        mend()
        relay.send_message(mail("二"))
    assert refused.value.smtp_code == 452
    assert len(filed(maildir)) == 1
    assert not list((maildir / "tmp").iterdir())


def test_journal_names_every_mail_and_catches_up_after_a_crash(tmp_path: Path) -> None:
    maildir = Maildir(tmp_path)
    journal = Journal(tmp_path)
    for number in (1, 2):
        content = (
            f"Subject: x\r\nMessage-ID: <{number}@a.example>\r\n\r\nMessage-ID: <no@a.example>\r\n".encode()
        )
        journal.note(maildir.file("a@a.example", ["b@a.example"], content), content)
    maildir.file("a@a.example", ["b@a.example"], b"Message-Id: <3@a.example>\r\n\r\n")
    (read_one,) = list((tmp_path / "new").glob("*_2.localhost"))
    read_one.rename(tmp_path / "cur" / f"{read_one.name}:2,S")
    for _ in range(2):
        Journal(tmp_path)
    words = [line.split() for line in (tmp_path / "journal.log").read_text().splitlines()]
    assert [(word[1], word[3]) for word in words] == [
        ("started", "-"),
        ("filed", "<1@a.example>"),
        ("filed", "<2@a.example>"),
        ("started", "-"),
        ("filed", "<3@a.example>"),
        ("started", "-"),
    ]
