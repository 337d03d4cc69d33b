"""How a hub asks: by a button or by itself, one by one or many at once, with reserves or without."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from models import Activity, Attendance, Dispatch, Hub, Message, Need, Offer, Person
from models.states import OfferState, Presence
from services import due, offers, policies
from services.offer_rules import OfferRules
from services.over_inviting import chances, propose_reserves
from services.roster import roster
from tests.factories import (
    NOW,
    make_activity,
    make_coordinator,
    make_hub,
    make_need,
    make_offer,
    make_volunteer,
    save,
)
from tests.services.test_offers_sending import make_run

F = OfferState
HOUR = timedelta(hours=1)


@pytest.fixture
def hub(session: Session) -> Hub:
    return make_hub(session)


@pytest.fixture
def need(session: Session, hub: Hub) -> Need:
    return make_need(session, make_activity(session, hub))


def crowd(session: Session, hub: Hub, count: int) -> list[Person]:
    return [make_volunteer(session, hub) for _ in range(count)]


def decide(session: Session, hub: Hub, **given: object) -> None:
    policies.set_rules(session, OfferRules, given, hub_id=hub.id, now=NOW)


def states(session: Session) -> list[str]:
    session.expire_all()
    return [offer.state for offer in session.exec(select(Offer).order_by(col(Offer.id)))]


def asked_for(session: Session) -> list[str]:
    rows = due.ask(session, due.offers_to_send, now=NOW + 2 * HOUR)
    return [session.get_one(Dispatch, row).kind for row in rows]


def test_hub_that_sends_by_a_button_keeps_its_proposals(session: Session, hub: Hub, need: Need) -> None:
    decide(session, hub, sends_by_itself=False)
    make_offer(session, need, make_volunteer(session, hub))
    assert asked_for(session) == []
    assert offers.send_offers(session, now=NOW + 2 * HOUR, on_time=True).sent == 0
    assert offers.send_offers(session, now=NOW + 2 * HOUR).sent == 0
    assert offers.send_offers(session, now=NOW + 2 * HOUR, hubs=[hub.id or 0]).sent == 1


def test_next_person_is_only_proposed_where_a_coordinator_sends(
    session: Session, hub: Hub, need: Need
) -> None:
    decide(session, hub, sends_by_itself=False)
    first, following = crowd(session, hub, 2)
    make_run(session, need, first, following)
    sent = {"state": F.SENT, "sent_at": NOW, "expires_at": NOW + 48 * HOUR}
    offer = make_offer(session, need, first, **sent)
    assert offers.decline(session, offer.id or 0, now=NOW).asked_next == 0
    assert states(session) == [F.DECLINED, F.PROPOSED]


def test_hubs_own_time_to_look_counts(session: Session, hub: Hub, need: Need) -> None:
    decide(session, hub, minutes_to_look=180)
    make_offer(session, need, make_volunteer(session, hub))
    assert asked_for(session) == []
    assert offers.send_offers(session, now=NOW + 2 * HOUR, on_time=True).sent == 0
    assert offers.send_offers(session, now=NOW + 3 * HOUR, on_time=True).sent == 1


def test_many_are_asked_at_once_and_the_first_yes_takes_the_place(
    session: Session, hub: Hub, need: Need
) -> None:
    decide(session, hub, asks_per_place=3)
    make_run(session, need, *crowd(session, hub, 5))
    assert offers.follow_up(session, now=NOW).asked_next == 3
    assert offers.follow_up(session, now=NOW).asked_next == 0
    first, second, third = session.exec(select(Offer).order_by(col(Offer.id))).all()
    assert isinstance(offers.accept(session, second.id or 0, now=NOW), offers.Accepted)
    assert isinstance(offers.accept(session, first.id or 0, now=NOW), offers.StandbyOffered)
    offers.decline(session, third.id or 0, now=NOW)
    assert (need.taken, len(states(session))) == (1, 3)


def test_one_no_among_many_asked_brings_one_more(session: Session, hub: Hub, need: Need) -> None:
    decide(session, hub, asks_per_place=2)
    make_run(session, need, *crowd(session, hub, 4))
    offers.follow_up(session, now=NOW)
    (first, _) = session.exec(select(Offer).order_by(col(Offer.id))).all()
    assert offers.decline(session, first.id or 0, now=NOW).asked_next == 1
    assert states(session) == [F.DECLINED, F.SENT, F.SENT]


def test_offer_lives_by_the_rules_of_its_hub(session: Session, hub: Hub, need: Need) -> None:
    decide(session, hub, life=((3, 20), (0, 6)))
    offer = make_offer(session, need, make_volunteer(session, hub))
    near = make_need(session, make_activity(session, hub, starts_at=NOW + 48 * HOUR))
    soon = make_offer(session, near, make_volunteer(session, hub))
    offers.send_offers(session, now=NOW)
    assert (offer.expires_at, soon.expires_at) == (NOW + 20 * HOUR, NOW + 6 * HOUR)


def full_team(session: Session, hub: Hub, need: Need, people: list[Person]) -> None:
    for person in people:
        make_offer(session, need, person, state=F.ACCEPTED, answered_at=NOW)
    need.desired = need.maximum = need.taken = len(people)
    session.flush()


def test_reserves_are_proposed_as_many_as_the_chance_asks(session: Session, hub: Hub, need: Need) -> None:
    decide(session, hub, show_up_target=0.9)
    full_team(session, hub, need, crowd(session, hub, 4))
    make_run(session, need, *crowd(session, hub, 5))
    assert propose_reserves(session, now=NOW) == 2  # nobody is known: 0.85 each, six for four
    assert propose_reserves(session, now=NOW) == 0
    assert offers.send_offers(session, now=NOW).sent == 2
    reserves = session.exec(select(Offer).where(col(Offer.is_reserve))).all()
    assert [offer.state for offer in reserves] == [F.SENT, F.SENT]


def test_without_a_rule_nobody_is_a_reserve(session: Session, hub: Hub, need: Need) -> None:
    full_team(session, hub, need, crowd(session, hub, 2))
    make_run(session, need, *crowd(session, hub, 3))
    assert propose_reserves(session, now=NOW) == 0


def test_reserve_says_yes_beside_the_places_and_moves_up_when_one_is_given_back(
    session: Session, hub: Hub, need: Need
) -> None:
    decide(session, hub, show_up_target=0.9)
    (holder,) = crowd(session, hub, 1)
    full_team(session, hub, need, [holder])
    make_run(session, need, *crowd(session, hub, 2))
    propose_reserves(session, now=NOW)
    offers.send_offers(session, now=NOW)
    held, reserve = session.exec(select(Offer).order_by(col(Offer.id))).all()
    assert isinstance(offers.accept(session, reserve.id or 0, now=NOW), offers.Accepted)
    assert (need.taken, reserve.is_reserve) == (1, True)
    assert offers.withdraw_acceptance(session, held.id or 0, now=NOW).asked_next == 0
    session.refresh(need)
    assert (need.taken, reserve.state, reserve.is_reserve) == (1, F.ACCEPTED, False)
    kinds = session.exec(select(Message.kind).order_by(col(Message.id))).all()
    assert kinds == ["offer", "confirmation", "reserve_needed"]


def test_reserve_who_drops_out_frees_no_place(session: Session, hub: Hub, need: Need) -> None:
    full_team(session, hub, need, crowd(session, hub, 1))
    reserve = make_offer(session, need, make_volunteer(session, hub), state=F.ACCEPTED, is_reserve=True)
    offers.withdraw_acceptance(session, reserve.id or 0, now=NOW)
    assert need.taken == 1


def test_coordinator_sees_who_is_a_reserve(session: Session, hub: Hub, need: Need) -> None:
    coordinator = make_coordinator(session, hub)
    full_team(session, hub, need, crowd(session, hub, 1))
    make_offer(session, need, make_volunteer(session, hub), state=F.SENT, is_reserve=True)
    code = session.get_one(Activity, need.activity_id).code
    (role,) = roster(session, code, hub_id=hub.id or 0, by=coordinator.id or 0, now=NOW).roles
    assert (role.taken, role.asked, role.open) == (1, 0, 0)
    assert [person.is_reserve for person in role.people] == [False, True]


def test_chances_come_from_the_newest_records(session: Session, hub: Hub, need: Need) -> None:
    came, stayed_away = crowd(session, hub, 2)
    for person, marks in ((came, [Presence.NO_SHOW, Presence.PRESENT]), (stayed_away, [Presence.NO_SHOW])):
        offer = make_offer(session, need, person, state=F.ACCEPTED)
        for mark in marks:
            save(session, Attendance(offer_id=offer.id, presence=mark, recorded_at=NOW))
    known = chances(session, [came.id or 0, stayed_away.id or 0], [hub.id or 0])
    assert known.people == {came.id: (1, 1), stayed_away.id: (0, 1)}
    assert known.hubs == {hub.id: (1, 2)}
    assert (
        known.of(stayed_away.id or 0, hub.id or 0)
        < known.of_hub(hub.id or 0)
        < known.of(came.id or 0, hub.id or 0)
    )
