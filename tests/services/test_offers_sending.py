"""Offers leave once, with a deadline that leaves time to think; silence asks the next."""

from __future__ import annotations

from datetime import date, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from sqlmodel import Session, col, select

from models import Activity, Candidate, Consent, Guardian, MatchingRun, Message, Need, Offer, Person
from models.states import ActivityState, ConsentState, OfferState, PersonState
from services import offers
from services.offer_rules import OfferRules
from tests.factories import NOW, make_activity, make_hub, make_need, make_offer, make_volunteer, save

F = OfferState
HOUR = timedelta(hours=1)


def volunteer(session: Session, **over: object) -> Person:
    return make_volunteer(session, make_hub(session), **over)


def make_run(session: Session, need: Need, *people: Person) -> None:
    """Let matching have priced `people` for a need, best first."""
    figures = {"value": 0, "bound": 0, "gap": 0, "seconds": 0, "places": 1, "filled": 0}
    run = MatchingRun(created_at=NOW, inputs_hash="x", solver="highs", status="optimal", **figures)
    save(session, run)
    for place, person in enumerate(people):
        save(session, Candidate(need_id=need.id, person_id=person.id, run_id=run.id, place=place))


@pytest.fixture
def activity(session: Session) -> Activity:
    return make_activity(session, make_hub(session))


@pytest.fixture
def need(session: Session, activity: Activity) -> Need:
    return make_need(session, activity, desired=2, maximum=2)


def mails(session: Session) -> list[tuple[str, str]]:
    rows = session.exec(select(Message).order_by(col(Message.id)))
    return [(message.kind, message.to_address) for message in rows]


def states(session: Session) -> list[str]:
    session.expire_all()
    return [offer.state for offer in session.exec(select(Offer).order_by(col(Offer.id)))]


def test_proposed_offers_leave_once(session: Session, need: Need) -> None:
    person = volunteer(session)
    offer = make_offer(session, need, person)
    assert offers.send_offers(session, now=NOW).sent == 1
    assert offers.send_offers(session, now=NOW).sent == 0
    assert (offer.state, offer.sent_at, offer.expires_at) == (F.SENT, NOW, NOW + 48 * HOUR)
    assert mails(session) == [("offer", person.email)]


def test_offers_wait_until_the_activity_is_published(
    session: Session, need: Need, activity: Activity
) -> None:
    offer = make_offer(session, need, volunteer(session))
    activity.state = ActivityState.PLANNED
    session.flush()
    said = offers.send_offers(session, now=NOW)
    assert (said.sent, said.withdrawn, offer.state) == (0, 0, F.PROPOSED)


@pytest.mark.parametrize(
    ("starts_in", "open_for"),
    [(340, 96), (100, 48), (60, 48), (59, 47), (16, 4), (15, 4), (5, 4), (4, 3), (2, 1)],
)
def test_deadline_leaves_time_to_think_and_time_to_ask_another(starts_in: int, open_for: int) -> None:
    assert OfferRules().expires_at(NOW + starts_in * HOUR, NOW) == NOW + open_for * HOUR


def test_other_hubs_offers_stay(session: Session, need: Need, activity: Activity) -> None:
    make_offer(session, need, volunteer(session))
    other = make_need(session, make_activity(session, make_hub(session)))
    make_offer(session, other, volunteer(session))
    assert offers.send_offers(session, now=NOW, hubs=[activity.hub_id]).sent == 1
    assert states(session) == [F.SENT, F.PROPOSED]


def test_proposals_that_make_no_sense_any_more_are_withdrawn(session: Session, need: Need) -> None:
    hub = make_hub(session)
    for over in ({"state": ActivityState.CANCELLED}, {"starts_at": NOW + HOUR}):
        make_offer(session, make_need(session, make_activity(session, hub, **over)), volunteer(session))
    full = make_need(session, make_activity(session, hub), taken=1)
    make_offer(session, full, volunteer(session))
    make_offer(session, need, volunteer(session, state=PersonState.INACTIVE))
    make_offer(session, need, volunteer(session, email=""))
    said = offers.send_offers(session, now=NOW)
    assert (said.sent, said.withdrawn) == (0, 5)
    assert states(session) == [F.WITHDRAWN] * 5
    assert "5" in said.sentence.zh
    assert mails(session) == []


def test_silence_expires_and_the_next_is_asked_at_once(session: Session, need: Need) -> None:
    silent, following, last = (volunteer(session) for _ in range(3))
    need.desired = need.maximum = 1
    make_offer(session, need, silent)
    make_run(session, need, silent, following, last)
    offers.send_offers(session, now=NOW)
    assert offers.follow_up(session, now=NOW + 48 * HOUR - timedelta(seconds=1)).expired == 0
    said = offers.follow_up(session, now=NOW + 48 * HOUR)
    assert (said.expired, said.asked_next, said.left_open) == (1, 1, 0)
    assert states(session) == [F.EXPIRED, F.SENT]
    assert mails(session) == [("offer", silent.email), ("offer", following.email)]


def test_every_open_place_is_asked_for(session: Session, need: Need) -> None:
    people = [volunteer(session) for _ in range(3)]
    make_run(session, need, *people)
    said = offers.follow_up(session, now=NOW)
    assert (said.asked_next, said.left_open) == (2, 0)
    assert [address for _, address in mails(session)] == [person.email for person in people[:2]]


def test_second_follow_up_asks_nobody_again(session: Session, need: Need) -> None:
    make_run(session, need, *(volunteer(session) for _ in range(3)))
    offers.follow_up(session, now=NOW)
    again = offers.follow_up(session, now=NOW)
    assert (again.expired, again.asked_next) == (0, 0)


def test_places_that_stay_open_are_counted(session: Session, need: Need) -> None:
    said = offers.follow_up(session, now=NOW)
    assert (said.asked_next, said.left_open) == (0, 2)
    assert said.sentence.zh == "0个邀请过了回答时间，又问了0个人，还空着2个位置。"


@pytest.mark.parametrize("over", [{"state": ActivityState.CANCELLED}, {"starts_at": NOW + HOUR}])
def test_nobody_is_asked_for_what_is_off_or_about_to_begin(session: Session, over: dict[str, object]) -> None:
    need = make_need(session, make_activity(session, make_hub(session), **over))
    make_run(session, need, volunteer(session))
    said = offers.follow_up(session, now=NOW)
    assert (said.asked_next, said.left_open) == (0, 0)


def test_standby_is_asked_before_anybody_new_and_beyond_desired(session: Session, need: Need) -> None:
    need.desired, need.maximum, need.taken = 1, 2, 1
    waiting, fresh = volunteer(session), volunteer(session)
    make_offer(session, need, waiting, state=F.STANDBY, answered_at=NOW)
    make_run(session, need, fresh)
    assert offers.follow_up(session, now=NOW).asked_next == 1
    assert mails(session) == [("offer", waiting.email)]


def test_next_person_without_an_address_is_passed_over(session: Session, need: Need) -> None:
    unreachable, following = volunteer(session, email=""), volunteer(session)
    need.desired = need.maximum = 1
    make_run(session, need, unreachable, following)
    assert offers.follow_up(session, now=NOW).asked_next == 1
    assert mails(session) == [("offer", following.email)]


def test_offer_to_a_minor_says_that_the_guardian_has_agreed(session: Session, need: Need) -> None:
    people = {}
    for name, until in (("agreed", date(2027, 6, 1)), ("lapsed", NOW.date()), ("never", None)):
        people[name] = volunteer(session, name=name, birth_date=date(2010, 5, 1))
        guardian = save(session, Guardian(person_id=people[name].id, name="乔木"))
        granted = {"state": ConsentState.GRANTED, "expires_on": until} if until else {}
        save(session, Consent(guardian_id=guardian.id, purpose="volunteering", asked_at=NOW, **granted))
        make_offer(session, need, people[name])
    offers.send_offers(session, now=NOW)
    told = {
        message.to_address: "监护人：已经同意你来当志愿者" in email_text(message.content)
        for message in session.exec(select(Message))
    }
    assert told == {people["agreed"].email: True, people["lapsed"].email: False, people["never"].email: False}


def email_text(content: bytes) -> str:
    body = message_from_bytes(content, policy=default).get_body(("plain",))
    assert body is not None
    return str(body.get_content())
