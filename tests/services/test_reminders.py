"""Who said yes is reminded in time, once a lead, and of nothing that no longer is so."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from models import Activity, Message, Need, Offer
from models.states import ActivityState, OfferState
from services import reminders
from tests.factories import NOW, make_activity, make_hub, make_need, make_offer, make_volunteer

START = NOW + timedelta(days=5, hours=5)


@pytest.fixture
def activity(session: Session) -> Activity:
    return make_activity(session, make_hub(session), starts_at=START)


@pytest.fixture
def offer(session: Session, activity: Activity) -> Offer:
    return make_placed(session, activity)


def make_placed(session: Session, activity: Activity, state: OfferState = OfferState.ACCEPTED) -> Offer:
    need = make_need(session, activity)
    person = make_volunteer(session, make_hub(session))
    return make_offer(session, need, person, state=state, answered_at=NOW)


def before(**lead: float) -> datetime:
    return START - timedelta(**lead)


def keys(session: Session) -> list[str]:
    return [message.key for message in session.exec(select(Message).order_by(col(Message.id)))]


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        (before(hours=48, seconds=1), []),
        (before(hours=48), [48]),
        (before(hours=47), [48]),
        (before(hours=3, seconds=1), [48]),
        (before(hours=3), [3]),
        (before(seconds=1), [3]),
        (START, []),
    ],
)
def test_each_lead_is_due_in_its_time(
    session: Session, offer: Offer, now: datetime, hours: list[int]
) -> None:
    assert reminders.queue_due(session, now=now).queued == len(hours)
    assert keys(session) == [f"reminder:{offer.id}:20261128T0600Z:{lead}" for lead in hours]


def test_second_look_reminds_nobody_again(session: Session, offer: Offer) -> None:
    counts = [reminders.queue_due(session, now=before(hours=hours)).queued for hours in (48, 40, 3, 2)]
    assert counts == [1, 0, 1, 0]


def test_moved_activity_reminds_afresh(session: Session, offer: Offer, activity: Activity) -> None:
    reminders.queue_due(session, now=before(hours=48))
    activity.starts_at += timedelta(hours=1)
    session.flush()
    assert reminders.queue_due(session, now=before(hours=47)).queued == 1


def test_late_yes_is_not_reminded_of_at_once(session: Session, offer: Offer) -> None:
    offer.answered_at = before(hours=47)
    session.flush()
    assert reminders.queue_due(session, now=before(hours=46)).queued == 0
    assert reminders.queue_due(session, now=before(hours=3)).queued == 1


@pytest.mark.parametrize("state", [state for state in OfferState if state != OfferState.ACCEPTED])
def test_only_who_said_yes_is_reminded(session: Session, activity: Activity, state: OfferState) -> None:
    make_placed(session, activity, state)
    assert reminders.queue_due(session, now=before(hours=3)).queued == 0


@pytest.mark.parametrize("state", [state for state in ActivityState if state != ActivityState.PUBLISHED])
def test_only_what_takes_place_is_reminded_of(
    session: Session, offer: Offer, activity: Activity, state: ActivityState
) -> None:
    activity.state = state
    session.flush()
    assert reminders.queue_due(session, now=before(hours=3)).queued == 0


def make_asked(session: Session, activity: Activity, **over: object) -> Offer:
    need = make_need(session, activity)
    person = make_volunteer(session, make_hub(session))
    values = {"state": OfferState.SENT, "sent_at": NOW, "expires_at": NOW + timedelta(hours=48), **over}
    return make_offer(session, need, person, **values)


@pytest.mark.parametrize(
    ("hours", "reminded"), [(35, 0), (36, 1), (47, 1), (48, 0)], ids=["before", "at", "after", "closed"]
)
def test_silence_is_reminded_of_the_deadline(
    session: Session, activity: Activity, hours: int, reminded: int
) -> None:
    make_asked(session, activity)
    said = reminders.queue_due(session, now=NOW + timedelta(hours=hours))
    assert (said.queued, said.to_answer) == (0, reminded)


def test_deadline_is_reminded_of_once(session: Session, activity: Activity) -> None:
    offer = make_asked(session, activity)
    counts = [reminders.queue_due(session, now=NOW + timedelta(hours=h)).to_answer for h in (36, 40)]
    assert (counts, keys(session)) == ([1, 0], [f"answer_by:{offer.id}:20261125T010000Z"])


def test_who_was_just_asked_is_not_pressed(session: Session, activity: Activity) -> None:
    make_asked(session, activity, expires_at=NOW + timedelta(hours=4))
    assert reminders.queue_due(session, now=NOW + timedelta(hours=1)).to_answer == 0


def test_nobody_is_pressed_for_a_place_that_is_gone(session: Session, activity: Activity) -> None:
    offer = make_asked(session, activity)
    session.get(Need, offer.need_id).taken = 1
    session.flush()
    assert reminders.queue_due(session, now=NOW + timedelta(hours=40)).to_answer == 0
