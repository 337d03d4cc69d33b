"""What came back: each kind is told by its form, any bytes are read, and only a signature is believed."""

from __future__ import annotations

from collections.abc import Iterator

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import settings
from notifications.incoming import Incoming, Kind, read
from notifications.return_path import address_for, number_in
from tests import returns


@pytest.fixture(autouse=True)
def _signed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("YOUTHHUB_RETURN_PATH", "bounces@hubs.example")
    monkeypatch.setenv("YOUTHHUB_SECRET", "a key for tests only")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


def test_return_path_carries_the_number_of_the_mail_whatever_becomes_of_its_case() -> None:
    for number in (0, 1, 2**60 - 1):
        address = address_for(number)
        assert len(address.partition("@")[0]) <= 64
        assert number_in(f"<{address.upper()}>") == number


def test_return_path_that_somebody_made_up_is_not_believed() -> None:
    address = address_for(7)
    for place in range(8, 37):
        other = "z" if address[place] != "z" else "y"
        assert number_in(address[:place] + other + address[place + 1 :]) is None
    assert number_in("bounces@hubs.example") is None


@pytest.mark.parametrize(
    ("said", "status", "reason"),
    [
        (
            "550 5.1.1 <v@people.example>: Recipient address rejected: User unknown",
            "5.1.1",
            "unknown_mailbox",
        ),
        ("550 Mailbox not found. http://service.mail.qq.com", "5.0.0", "unknown_mailbox"),
        ("550 Domain frequency limited", "5.0.0", "rate_limited"),
        ("554 DT:SPM 163 smtp", "5.0.0", "refused_by_policy"),
        ("552 5.2.2 mailbox is full", "5.2.2", "mailbox_full"),
        ("Host or domain name not found. Name service error", "5.4.4", "unknown_domain"),
        ("connect to mx: Connection timed out", "4.4.1", "unreachable"),
        ("450 4.1.1 user unknown", "4.1.1", "unreachable"),
    ],
)
def test_bounce_is_judged_by_the_receiver_s_words_then_by_its_status(
    said: str, status: str, reason: str
) -> None:
    mail = read(returns.dsn(address_for(5), said, status=status))
    assert (mail.kind, mail.number, mail.reason) == (Kind.BOUNCE, 5, reason)


@pytest.mark.parametrize("action", ["delayed", "relayed", "delivered", "expanded"])
def test_notice_of_delay_or_delivery_is_no_bounce(action: str) -> None:
    assert read(returns.dsn(address_for(5), "user unknown", action=action)).kind is Kind.DELAY


@pytest.mark.parametrize(
    ("words", "charset", "reason"),
    [
        ("Sorry, no mailbox here by that name. (#5.1.1)", "utf-8", "unknown_mailbox"),
        ("很抱歉，您的邮件被退回：该用户不存在", "gb18030", "unknown_mailbox"),
        ("收件人邮箱已满", "gb18030", "mailbox_full"),
        ("Something went wrong", "utf-8", "refused"),
    ],
)
def test_bounce_in_words_is_read_up_to_the_returned_mail(words: str, charset: str, reason: str) -> None:
    mail = read(returns.plain_bounce(address_for(5), words, charset=charset))
    assert (mail.kind, mail.reason) == (Kind.BOUNCE, reason)


@pytest.mark.parametrize(
    "more",
    [
        "Auto-Submitted: auto-replied\r\n",
        "X-Autoreply: yes\r\n",
        "Precedence: bulk\r\n",
        "List-Id: <news.people.example>\r\n",
    ],
)
def test_what_a_machine_wrote_is_recognised(more: str) -> None:
    assert read(returns.letter(address_for(5), "能来", more=more)).kind is Kind.AUTO_REPLY


@pytest.mark.parametrize("subject", ["自动回复：我在休假", "Out of Office", "=?utf-8?b?6Ieq5Yqo5Zue5aSN?="])
def test_what_a_machine_wrote_is_recognised_by_its_subject(subject: str) -> None:
    content = returns.letter(address_for(5), "能来").replace(b"Re: x", subject.encode())
    assert read(content).kind is Kind.AUTO_REPLY


def test_letter_keeps_its_words_and_who_wrote_it() -> None:
    assert read(returns.letter(address_for(5), "我能来\r\n谢谢")) == Incoming(
        Kind.LETTER, 5, sender="v@people.example", text="我能来\n谢谢\n"
    )


SAMPLES = (
    returns.dsn("bounces@hubs.example", "550 5.1.1 user unknown"),
    returns.plain_bounce("bounces@hubs.example", "mailbox full"),
    returns.complaint("bounces@hubs.example", "Subject: x"),
    returns.letter("bounces@hubs.example", "能来"),
)


@pytest.mark.parametrize("content", SAMPLES)
def test_line_ends_do_not_change_what_a_mail_says(content: bytes) -> None:
    forms = [content, content.replace(b"\r\n", b"\n"), content.replace(b"\r\n", b"\r")]
    assert read(forms[0]) == read(forms[1]) == read(forms[2])


@hypothesis.settings(deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read(content: bytes) -> None:
    assert read(content).kind in Kind


@hypothesis.settings(deadline=None)
@given(st.sampled_from(SAMPLES), st.integers(0, 900), st.integers(0, 60), st.binary(max_size=40))
def test_torn_mails_are_read(content: bytes, start: int, length: int, noise: bytes) -> None:
    assert read(content[:start] + noise + content[start + length :]).kind in Kind


@pytest.mark.parametrize(
    "head",
    [
        b'From: =?utf-8?q?=FF?= <\r\nContent-Type: text/plain; charset="no such"\r\n\r\n\xff\xfe',
        b'Content-Type: multipart/mixed; boundary="' + b"x" * 5000 + b'"\r\n\r\n',
        b"Subject: =?x-unknown?b?////?=\r\n\r\n",
        b"Content-Type: multipart/report; report-type*0*=utf-8''%FF; boundary=A\r\n\r\n--A\r\n",
        b"To: " + b"<" * 20_000,
        b"Content-Transfer-Encoding: base64\r\n\r\n=====",
        b"Content-Type: message/rfc822\r\n\r\n" * 400,
    ],
)  # fmt: skip
def test_hostile_mails_are_read(head: bytes) -> None:
    assert read(head).kind in Kind
