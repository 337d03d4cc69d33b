"""A person with three kinds of news on one morning gets one mail; what is urgent goes at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest
from sqlmodel import col, select

from config.settings import settings
from models import HoldScope, Message
from models.states import MessageState
from notifications import outbox
from notifications.kinds import Mail, Recipient
from notifications.samples import samples
from services import holding, preferences, rulebook
from services.delivery import Delivered, deliver_due
from services.gathering import gather_due
from tests.relay import Relay
from tests.services.conftest import Opener

SAMPLES = {mail.kind: mail for mail in samples("zh-Hans")}
SOON = timedelta(minutes=5)
HELD = timedelta(minutes=15)
READER = Recipient("林小满", "lin@people.example")


def queue(opened: Opener, now: datetime, *kinds: str, to: Recipient = READER, mark: str = "") -> None:
    with opened() as session:
        for kind in kinds:
            mail: Mail = replace(SAMPLES[kind], to=to)
            outbox.queue(session, mail, key=f"{kind}:{to.name}:{to.address}{mark}", now=now)


def deliver(opened: Opener, now: datetime) -> Delivered:
    return deliver_due(opened, now=lambda: now)


def kinds_of(relay: Relay) -> list[str]:
    return [message["X-Youth-Hub-Kind"] for message in relay.messages]


def rows(opened: Opener) -> dict[str, str]:
    with opened() as session:
        found = session.exec(select(Message.kind, Message.state).order_by(col(Message.id)))
        return {kind: state for kind, state in found}  # noqa: C416 -- rows are not pairs


def html_of(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    assert part is not None
    return part.get_content()


def test_three_kinds_of_news_wait_a_quarter_of_an_hour_and_become_one_mail(
    opened: Opener, relay: Relay, now: datetime
) -> None:
    queue(opened, now, "thanks")
    queue(opened, now + SOON, "hub_notice", "decisions")
    assert deliver(opened, now + SOON) == Delivered()
    assert deliver(opened, now + HELD) == Delivered(sent=1)
    assert kinds_of(relay) == ["news"]
    assert rows(opened) == {
        "thanks": "gathered", "hub_notice": "gathered", "decisions": "gathered", "news": "sent",
    }  # fmt: skip


def test_one_mail_says_everything_with_every_link_and_what_must_be_done_first(
    opened: Opener, relay: Relay, now: datetime
) -> None:
    queue(opened, now, "thanks", "hub_notice")
    deliver(opened, now + HELD)
    (message,) = relay.messages
    plain = message.get_body(("plain",))
    assert plain is not None
    text, html = plain.get_content(), html_of(message)
    assert text.index("有1项承诺退回给你们") < text.index("谢谢你，林小满！")
    assert SAMPLES["hub_notice"].url in text
    assert SAMPLES["hub_notice"].url in html
    assert (html.count("<h1"), html.count("<h2")) == (1, 2)
    assert message["Subject"] == "晨光里青年汇：有1项承诺退回给你们；另有1件事"
    assert message["List-Unsubscribe"].endswith("/reminders>")


def test_news_without_company_goes_alone_after_its_wait(opened: Opener, relay: Relay, now: datetime) -> None:
    queue(opened, now, "thanks")
    deliver(opened, now + HELD)
    assert kinds_of(relay) == ["thanks"]


def test_a_digest_comes_at_its_hour_and_takes_along_what_waits(
    opened: Opener, relay: Relay, now: datetime
) -> None:
    queue(opened, now - SOON, "thanks")
    queue(opened, now, "volunteer_digest")
    deliver(opened, now)
    assert kinds_of(relay) == ["news"]


def test_urgent_mail_and_questions_go_at_once_and_alone(opened: Opener, relay: Relay, now: datetime) -> None:
    queue(opened, now, "registration", "thanks", "consent")
    gather_due(opened, now=now)
    assert rows(opened) == {"registration": "queued", "thanks": "queued", "consent": "queued"}
    assert SAMPLES["offer"].can_wait is False
    assert SAMPLES["changed"].can_wait is False
    assert replace(SAMPLES["reminder"], hours=3).can_wait is False


def test_two_readers_of_one_address_keep_their_own_mails(opened: Opener, relay: Relay, now: datetime) -> None:
    queue(opened, now, "thanks")
    queue(opened, now, "hub_notice", to=Recipient("林大海", READER.address))
    deliver(opened, now + HELD)
    assert sorted(kinds_of(relay)) == ["hub_notice", "thanks"]


def test_gathering_twice_makes_nothing_new(opened: Opener, relay: Relay, now: datetime) -> None:
    queue(opened, now, "thanks", "hub_notice")
    assert gather_due(opened, now=now + HELD) == 1
    assert gather_due(opened, now=now + HELD) == 0
    deliver(opened, now + HELD)
    assert kinds_of(relay) == ["news"]


def test_many_readers_are_gathered_in_portions(opened: Opener, relay: Relay, now: datetime) -> None:
    for number in range(130):
        queue(opened, now, "thanks", "hub_notice", to=Recipient("某人", f"v{number}@people.example"))
    assert gather_due(opened, now=now + HELD) == 130


@pytest.mark.parametrize("stop", ["stream", "hold"])
def test_what_no_longer_holds_takes_the_mail_apart_and_the_rest_goes_alone(
    opened: Opener, relay: Relay, now: datetime, stop: str
) -> None:
    queue(opened, now, "thanks", "hub_notice")
    gather_due(opened, now=now + HELD)
    with opened() as session:
        if stop == "stream":
            preferences.unsubscribe(session, READER.address, "reminders", now=now)
        else:
            holding.hold(session, HoldScope.KIND, "thanks", now=now)
    deliver(opened, now + HELD)
    assert kinds_of(relay) == ["hub_notice"]
    thanks = MessageState.SUPPRESSED if stop == "stream" else MessageState.HELD
    assert rows(opened) == {"thanks": thanks, "hub_notice": "sent", "news": "obsolete"}


def test_one_click_stops_every_stream_that_the_mail_brought(
    opened: Opener, relay: Relay, now: datetime
) -> None:
    queue(opened, now, "thanks", "volunteer_digest")
    deliver(opened, now + HELD)
    link = relay.messages[0]["List-Unsubscribe"].strip("<>").rpartition("/")[2]
    assert link == "digests+reminders"
    with opened() as session:
        preferences.unsubscribe(session, READER.address, link, now=now)
        assert preferences.is_unsubscribed(session, READER.address, "digests")
        assert preferences.is_unsubscribed(session, READER.address, link)
        preferences.resubscribe(session, READER.address, link)
        assert not preferences.is_unsubscribed(session, READER.address, "reminders")


def test_what_a_night_brings_becomes_one_mail_in_the_morning(
    opened: Opener, relay: Relay, now: datetime
) -> None:
    with opened() as session:
        rulebook.decide(session, "mail", {"quiet_from": "21", "quiet_until": "8"}, hub_id=None, now=now)
    evening = now + timedelta(hours=13)  # 22:00 in Beijing
    queue(opened, evening, "thanks", "hub_notice")
    assert deliver(opened, evening + HELD).sent == 0
    queue(opened, evening + timedelta(hours=1), "decisions")
    assert deliver(opened, evening + timedelta(hours=2)).sent == 0
    deliver(opened, evening + timedelta(hours=10, minutes=11))
    assert kinds_of(relay) == ["news"]
    assert rows(opened)["decisions"] == "gathered"


def test_without_a_wait_news_goes_at_once(
    opened: Opener, relay: Relay, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YOUTHHUB_HOLD_MINUTES", "0")
    settings.cache_clear()
    queue(opened, now, "thanks")
    assert deliver(opened, now).sent == 1
