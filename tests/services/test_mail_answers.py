"""Answers by mail: what can mean nothing else counts, everything else reaches a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlmodel import Session, select

from config.settings import settings
from models import Message, Offer
from models.states import OfferState
from notifications.answers import CalendarReply, calendar_reply, meant
from notifications.mime import number_of
from notifications.return_path import address_for
from services.inbound import take
from services.offer_sending import send_offers
from tests import returns
from tests.factories import make_activity, make_coordinator, make_hub, make_need, make_offer, make_volunteer


@pytest.fixture(autouse=True)
def _signed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("YOUTHHUB_RETURN_PATH", "bounces@hubs.example")
    monkeypatch.setenv("YOUTHHUB_SECRET", "a key for tests only")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def offer(session: Session, now: datetime) -> Offer:
    """An offer that was sent by mail to v@people.example."""
    hub = make_hub(session)
    make_coordinator(session, hub, email="worker@hub.example")
    need = make_need(session, make_activity(session, hub))
    made = make_offer(session, need, make_volunteer(session, hub, email="v@people.example"))
    send_offers(session, now=now)
    session.refresh(made)
    assert made.state == OfferState.SENT
    return made


def mail_of(session: Session, kind: str) -> Message:
    return session.exec(select(Message).where(Message.kind == kind)).one()


def reply_address(session: Session) -> str:
    return address_for(number_of(mail_of(session, "offer").key))


def ics(offer: Offer, status: str, who: str = "v@people.example", method: str = "REPLY") -> str:
    return (
        f"BEGIN:VCALENDAR\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\nUID:offer-{offer.id}@youth-hubs.exam\r\n ple\r\n"
        f'ATTENDEE;CN="Lin";PARTSTAT={status}:mailto:{who}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n'
    )


def calendar_mail(text: str, sender: str = "v@people.example") -> bytes:
    content = returns.letter("hubs@youth-hubs.example", text, sender=sender)
    return content.replace(b"text/plain", b"text/calendar; method=REPLY")


def notices(session: Session) -> int:
    return len(session.exec(select(Message).where(Message.kind == "hub_notice")).all())


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("能来", True),
        ("我能来，谢谢！", True),
        ("好的\n\n发自我的手机", True),
        ("Yes, I can come.\nThanks", True),
        ("接受\n\n在 2026年11月23日，社区青年汇 写道：\n> 不能来", True),
        ("不能来", False),
        ("抱歉，我来不了。", False),
        ("Sorry, I can't come", False),
        ("No\n\nOn Mon, Nov 23, 2026 at 9:00 Hub wrote:\n> yes", False),
        ("能来，但是要晚半小时", None),
        ("能来吗？我不确定", None),
        ("不能不来", None),
        ("yes or no?", None),
        ("可以来？", None),
        ("Not this time?", None),
        ("Yes\n\nOn Mon, Nov 23, 2026 at 9:00 AM Hub <\nbounces+abc@hubs.example> wrote:\n\n> no?", True),
        ("能来 不能来", None),
        ("", None),
        ("谢谢", None),
    ],
)
def test_only_words_that_mean_one_thing_are_an_answer(text: str, answer: bool | None) -> None:
    assert meant(text) is answer


def test_offer_s_mail_takes_answers_at_the_coordinator_s_and_at_its_own_address(
    session: Session, offer: Offer
) -> None:
    content = mail_of(session, "offer").content.replace(b"\r\n ", b" ").decode()
    (line,) = [line for line in content.splitlines() if line.startswith("Reply-To:")]
    assert "<worker@hub.example>," in line
    assert f"<{reply_address(session)}>" in line


@pytest.mark.parametrize(("words", "state"), [("我能来", "accepted"), ("来不了", "declined")])
def test_plain_yes_or_no_counts_once(
    session: Session, now: datetime, offer: Offer, words: str, state: str
) -> None:
    content = returns.letter(reply_address(session), words)
    assert [take(session, content, now=now) for _ in range(2)] == ["answers", "again"]
    session.refresh(offer)
    assert offer.state == state
    assert notices(session) == 0


@pytest.mark.parametrize(
    ("status", "counted", "state"),
    [
        ("ACCEPTED", "answers", "accepted"),
        ("DECLINED", "answers", "declined"),
        ("TENTATIVE", "letters", "sent"),
    ],
)
def test_calendar_s_reply_counts_unless_it_is_a_perhaps(  # noqa: PLR0917 -- one a fixture
    session: Session, now: datetime, offer: Offer, status: str, counted: str, state: str
) -> None:
    assert take(session, calendar_mail(ics(offer, status)), now=now) == counted
    session.refresh(offer)
    assert offer.state == state
    assert notices(session) == (1 if state == "sent" else 0)


def test_calendar_s_reply_counts_however_the_address_is_spelt(
    session: Session, offer: Offer, now: datetime
) -> None:
    mail_of(session, "offer").to_address = "V@people.example"
    take(session, calendar_mail(ics(offer, "ACCEPTED")), now=now)
    session.refresh(offer)
    assert offer.state == OfferState.ACCEPTED


def test_letter_that_is_no_answer_reaches_the_coordinator_in_its_own_words(
    session: Session, now: datetime, offer: Offer
) -> None:
    assert take(session, returns.letter(reply_address(session), "可以带朋友来吗？"), now=now) == "letters"
    session.refresh(offer)
    assert offer.state == OfferState.SENT
    assert mail_of(session, "hub_notice").to_address == "worker@hub.example"


def test_automatic_reply_and_stranger_s_yes_change_nothing(
    session: Session, now: datetime, offer: Offer
) -> None:
    address = reply_address(session)
    for content in (
        returns.letter(address, "能来", more="Auto-Submitted: auto-replied\r\n"),
        returns.letter(address, "能来", sender="stranger@people.example"),
        returns.letter("bounces+aaaaaaaaaaaaaaaaaaaaaaaaaaaaa@hubs.example", "能来"),
        calendar_mail(ics(offer, "ACCEPTED"), sender="stranger@people.example"),
        calendar_mail(ics(offer, "ACCEPTED", "stranger@people.example"), "stranger@people.example"),
        calendar_mail(ics(offer, "ACCEPTED", method="COUNTER")),
    ):
        assert take(session, content, now=now) in {"letters", "auto_replies"}
    session.refresh(offer)
    assert offer.state == OfferState.SENT
    assert notices(session) == 0


def test_calendar_reply_is_read_folded_and_refused_when_it_names_two() -> None:
    made = Offer(id=41, activity_id=1, need_id=1, person_id=1)
    assert calendar_reply(ics(made, "DECLINED")) == CalendarReply(41, "v@people.example", comes=False)
    assert calendar_reply(ics(made, "DECLINED") * 2) is None
    assert calendar_reply("BEGIN:VCALENDAR") is None
