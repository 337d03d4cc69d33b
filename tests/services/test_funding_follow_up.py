"""Who decides is reminded, then the next unit up is told, and a hub is asked to close what is over: each once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlmodel import Session, col, select

from models import Dispatch, Message
from services import due, funding, funding_follow_up, funding_review, funding_spending, rulebook
from services.digests_attention import attention
from services.digests_managers import manager_digests
from services.funding_follow_up import FollowedUp, follow_up
from tests.factories import NOW
from tests.services.funding_cast import GIVEN, LARGE, Cast, answered, drafted, hand_in, make_cast, seal

DAY = timedelta(days=1)


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def asked(session: Session, what: str) -> list[str]:
    wanted = Message.kind == "funding_asked", col(Message.key).contains(what)
    return list(session.exec(select(Message.to_address).where(*wanted).order_by(col(Message.id))))


def counts(done: FollowedUp) -> tuple[int, int, int, int]:
    return done.reminded, done.escalated, done.to_close, done.stepped


def test_reminded_once_before_the_day_then_up_the_tree_a_unit_at_a_time(session: Session, cast: Cast) -> None:
    hand_in(session, cast)
    assert counts(follow_up(session, now=NOW + 22 * DAY)) == (0, 0, 0, 0)
    assert counts(follow_up(session, now=NOW + 24 * DAY)) == (1, 0, 0, 0)
    assert counts(follow_up(session, now=NOW + 25 * DAY)) == (0, 0, 0, 0)
    assert asked(session, ":reminder:") == [cast.street_manager.email]
    for days, told in ((31, 1), (32, 1), (38, 2), (45, 3)):
        follow_up(session, now=NOW + days * DAY)
        assert len(asked(session, ":overdue:")) == told
    people = [cast.street_manager.email, cast.district_manager.email, cast.district_manager.email]
    assert asked(session, ":overdue:") == people


def test_times_are_rules(session: Session, cast: Cast) -> None:
    rulebook.decide(session, "funding", {"answer_days": "5", "remind_days": "0"}, hub_id=None, now=NOW)
    hand_in(session, cast)
    assert counts(follow_up(session, now=NOW + 4 * DAY)) == (0, 0, 0, 0)
    assert counts(follow_up(session, now=NOW + 5 * DAY)) == (0, 1, 0, 0)


def test_clock_asks_once_a_day_and_only_where_something_is_due(session: Session, cast: Cast) -> None:
    hand_in(session, cast)
    question = due.fundings_to_follow_up
    assert due.ask(session, question, now=NOW + 2 * DAY) == []
    (row,) = due.ask(session, question, now=NOW + 24 * DAY)
    assert session.get_one(Dispatch, row).kind == "follow_up_funding"
    assert due.ask(session, question, now=NOW + 24 * DAY) == []
    assert not funding_follow_up.is_due(session, now=NOW + 2 * DAY)


def test_step_whose_work_was_given_up_is_taken_once_more(session: Session, cast: Cast) -> None:
    found, asker = drafted(session, cast), cast.asker.id or 0
    funding.submit(session, found.id or 0, seal=seal(session, found), by=asker, now=NOW)
    assert counts(follow_up(session, now=NOW + timedelta(minutes=59))) == (0, 0, 0, 0)
    assert counts(follow_up(session, now=NOW + timedelta(hours=1))) == (0, 0, 0, 1)
    assert found.state == "under_review"
    by, seen = cast.street_manager.id or 0, seal(session, found)
    funding_review.answer(session, found.id or 0, "approve", "", seal=seen, by=by, now=NOW + DAY)
    follow_up(session, now=NOW + 2 * DAY)
    assert found.state == "approved"


def test_project_that_is_over_is_asked_to_be_closed_once(session: Session, cast: Cast) -> None:
    short = replace(GIVEN, starts_on=date(2026, 11, 24), ends_on=date(2026, 11, 30))
    found = answered(session, hand_in(session, cast, short), "approve", cast.street_manager)
    funding_spending.begin(session, found.id or 0, by=cast.asker.id or 0, now=NOW)
    assert counts(follow_up(session, now=NOW + 30 * DAY)) == (0, 0, 0, 0)
    assert counts(follow_up(session, now=NOW + 40 * DAY)) == (0, 0, 1, 0)
    assert counts(follow_up(session, now=NOW + 41 * DAY)) == (0, 0, 0, 0)
    (item,) = attention(session, cast.hub.id or 0, now=NOW + 40 * DAY).items
    assert (item.title.en, item.path) == (f"{found.title}: over, and not closed yet", f"/funding/{found.id}")


def test_digests_of_manager_and_coordinator_have_a_line(session: Session, cast: Cast) -> None:
    hand_in(session, cast)
    found = hand_in(session, cast, replace(GIVEN, lines=LARGE))
    mails = [mail for _, mail in manager_digests(session, now=NOW + DAY, month=date(2026, 11, 1)) if mail]
    lines = {mail.funding.en for mail in mails if mail.funding}
    assert lines == {
        "2 project applications wait for a decision, ¥35,600.51 in all; the first is due on 23 Dec."
    }
    answered(session, found, "return", cast.street_manager, reason="人数对不上")
    (item,) = attention(session, cast.hub.id or 0, now=NOW).items
    assert item.sentence.zh == "人数对不上"
