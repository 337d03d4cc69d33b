"""Links: short, for one purpose, until a time, and unforgeable."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications import links
from notifications.links import Link, LinkBroken, LinkExpired, Purpose
from notifications.mime import number_of

IDS = st.lists(st.integers(0, 2**62), min_size=1, max_size=3)
MOMENTS = st.timedeltas(timedelta(days=1), timedelta(days=30_000)).map(lambda length: links.EPOCH + length)


@given(IDS, MOMENTS, st.sampled_from(Purpose))
def test_a_link_reads_as_it_was_made_to_the_minute(ids: list[int], until: datetime, purpose: Purpose) -> None:
    link = links.read(purpose, links.make(purpose, *ids, expires_at=until), now=until)
    assert link.ids == tuple(ids)
    assert timedelta() <= link.expires_at - until < timedelta(minutes=1)


def test_a_link_of_one_purpose_opens_no_other(now: datetime) -> None:
    token = links.make(Purpose.OFFER, 7, expires_at=now + timedelta(days=1))
    for purpose in set(Purpose) - {Purpose.OFFER}:
        with pytest.raises(LinkBroken):
            links.read(purpose, token, now=now)


def test_a_link_with_any_character_changed_is_broken(now: datetime) -> None:
    token = links.make(Purpose.OFFER, 7, expires_at=now + timedelta(days=1))
    for place, character in enumerate(token):
        changed = token[:place] + ("A" if character != "A" else "B") + token[place + 1 :]
        with pytest.raises(LinkBroken):
            links.read(Purpose.OFFER, changed, now=now)


@pytest.mark.parametrize("token", ["", ".", "a", "a.b", "é.ü", "=" * 40, "x" * 5000, "青年汇.青年汇"])
def test_nonsense_is_a_broken_link(token: str, now: datetime) -> None:
    with pytest.raises(LinkBroken):
        links.read(Purpose.OFFER, token, now=now)


def test_an_expired_link_says_what_it_was_for(now: datetime) -> None:
    token = links.make(Purpose.HUB, 8, 3, expires_at=now)
    with pytest.raises(LinkExpired) as expired:
        links.read(Purpose.HUB, token, now=now + timedelta(minutes=1))
    assert expired.value.link == Link((8, 3), now)


@pytest.mark.parametrize("purpose", Purpose)
def test_links_leave_a_header_line_room_for_the_host(purpose: Purpose, now: datetime) -> None:
    ids = {Purpose.UNSUBSCRIBE: (number_of("any key"),), Purpose.HUB_SCORE: (999, 9999, 99_999)}
    token = links.make(purpose, *ids.get(purpose, (99_999, 999_999)), expires_at=now + timedelta(days=400))
    stream = "reminders" if purpose is Purpose.UNSUBSCRIBE else ""
    path = links.url(purpose, token, stream=stream).removeprefix("https://hubs.example.org")
    assert len("http://127.0.0.1:8000" + path) < 76


def test_address_carries_what_the_mail_preselects() -> None:
    assert links.url(Purpose.OFFER, "token", answer="yes") == "https://hubs.example.org/o/token?answer=yes"
