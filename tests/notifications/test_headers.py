"""Headers: no string of anybody's becomes a header line, and every line is as the standards want it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import compat32, default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.text import Refusal, Text
from notifications import headers
from notifications.addresses import normalise
from notifications.kinds import Contact, Mail, Occasion, OfferMail
from notifications.mime import build, message_id, number_of, unsubscribe_url
from notifications.render import render
from notifications.samples import NOW, REPAIR, samples

OFFER = next(mail for mail in samples("zh-Hans") if isinstance(mail, OfferMail))
NAUGHTY = [
    "Bcc: eve@evil.example",
    "x\r\nBcc: eve@evil.example",
    "x\n\nbody",
    "=?utf-8?q?x=0D=0ABcc:_eve@evil.example?=",
    "==??utf-8?q?x=0D=0ABcc:_eve@evil.example?=",
    "x\x00\x0b\x0c\x1c\x85\u2028Bcc: eve@evil.example",
    "\ud800半个代理",
    "”；<script>alert(1)</script>",
    '"quoted" <eve@evil.example>,',
    "悦读时光书城" * 40,
    "word" * 300,
    "🎈" * 90,
    "",
    "{{ 7*7 }} {0} %s",
]
EXPECTED = [
    "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language",
    "X-Youth-Hub-Kind", "List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version", "Content-Type",
]  # fmt: skip


def built(mail: Mail, now: datetime = NOW) -> bytes:
    number = number_of("offer:41:1")
    words = render(mail, now=now, unsubscribe_url=unsubscribe_url(mail, number, now))
    return build(mail, words, "lin@people.example", number=number, now=now)


def names(content: bytes) -> list[str]:
    return sorted(message_from_bytes(content, policy=compat32).keys())


def spoilt(value: str) -> OfferMail:
    text = Text(value, value)
    occasion: Occasion = replace(
        REPAIR,
        title=text,
        hub=text,
        place=value,
        summary=text,
        contact=Contact(value, value, "w@hubs.example"),
    )
    return replace(
        OFFER,
        to=replace(OFFER.to, name=value, form_of_address=value),
        occasion=occasion,
        role=text,
        reasons=(text,),
    )


@pytest.mark.parametrize("value", NAUGHTY)
def test_the_header_set_does_not_depend_on_any_string(value: str) -> None:
    content = built(spoilt(value))
    assert names(content) == sorted(EXPECTED)
    assert message_from_bytes(content, policy=default)["To"].addresses[0].addr_spec == "lin@people.example"


@pytest.mark.parametrize("value", NAUGHTY)
def test_every_line_keeps_to_the_standards(value: str) -> None:
    content = built(spoilt(value))
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")
    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert all(len(word) <= 75 for word in re.findall(rb"=\?utf-8\?b\?[^?]*\?=", content))


@given(st.text())
def test_header_text_reads_back_as_the_cleaned_string(value: str) -> None:
    line = headers.text(value)
    cleaned = " ".join(headers.clean(value).split())
    folded = str(make_header(decode_header(line.replace("\r\n ", " "))))
    assert " ".join(folded.split()) == (cleaned or "-")


@given(st.text())
def test_cleaned_text_holds_no_line_end_and_no_encoded_word(value: str) -> None:
    cleaned = headers.clean(value)
    assert "=?" not in cleaned
    assert len(cleaned.splitlines()) <= 1


def test_chinese_subject_and_name_go_through_unharmed() -> None:
    message = message_from_bytes(built(OFFER), policy=default)
    assert message["Subject"] == "周六下午来“老物件修理角”当接待员吗？周三20:00前回答就行"
    assert message["To"] == "林小满 <lin@people.example>"
    assert message["From"] == "社区青年汇 <hubs@youth-hubs.example>"
    assert message["Reply-To"] == "沈之槐 <shen.zhihuai@hubs.example>"


def test_unsubscribe_stands_unfolded_and_unencoded_on_one_line() -> None:
    lines = built(OFFER).split(b"\r\n")
    number = number_of("offer:41:1")
    assert f"List-Unsubscribe: <{unsubscribe_url(OFFER, number, NOW)}>".encode() in lines
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines


@pytest.mark.parametrize("mail", samples("en"), ids=lambda mail: mail.kind)
def test_streams_that_people_can_leave_say_how_and_digests_name_their_list(mail: Mail) -> None:
    found = set(names(built(mail)))
    assert ("List-Unsubscribe" in found) == bool(mail.leaves)
    assert ("List-Id" in found) == (mail.lane == 2)


def test_message_id_follows_from_the_key_alone() -> None:
    first, second = built(OFFER), built(OFFER, NOW.replace(hour=5))
    expected = message_id(number_of("offer:41:1"))
    assert {message_from_bytes(content)["Message-ID"] for content in (first, second)} == {expected}
    assert number_of("offer:41:1") != number_of("offer:41:2")


def test_a_block_that_would_hold_another_header_is_refused() -> None:
    with pytest.raises(ValueError, match="set of header lines"):
        headers.block([("Subject", "x\r\nBcc: eve@evil.example")])


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (" Lin@People.Example ", "Lin@people.example"),
        ("lin+hub@青年.example", "lin+hub@xn--hwtu97j.example"),
        ("o'neil@people.example", "o'neil@people.example"),
    ],
)
def test_usable_addresses_are_normalised(address: str, expected: str) -> None:
    assert normalise(address) == expected


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("", "no_address"),
        ("lin", "no_address"),
        ("小满@people.example", "address_not_ascii"),
        ("a@b", "bad_address"),
        ("a..b@people.example", "bad_address"),
        ("a@people.example>\r\nRCPT TO:<eve@evil.example", "bad_address"),
        ("alice@example.org)bob@evil.example", "bad_address"),
        ("a@" + "x" * 300 + ".example", "bad_address"),
        ("a@-.example", "bad_address"),
    ],
)
def test_unusable_addresses_are_refused_with_a_sentence(address: str, code: str) -> None:
    refusal = normalise(address)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.field) == (code, "email")
    assert refusal.sentence.zh
    assert refusal.sentence.en
