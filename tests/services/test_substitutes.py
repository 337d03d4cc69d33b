"""Find me a substitute: the place stays with its holder until somebody else has said yes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from models import Hub, Message, Need, Offer, Person
from models.states import OfferState
from services import offers
from services.errors import TooLate
from tests.factories import NOW, make_activity, make_hub, make_need, make_offer, make_volunteer
from tests.services.test_offers_sending import make_run

F = OfferState
HOUR = timedelta(hours=1)


@pytest.fixture
def hub(session: Session) -> Hub:
    return make_hub(session)


@pytest.fixture
def need(session: Session, hub: Hub) -> Need:
    return make_need(session, make_activity(session, hub), taken=1)


@pytest.fixture
def mine(session: Session, hub: Hub, need: Need) -> Offer:
    return make_offer(session, need, make_volunteer(session, hub), state=F.ACCEPTED, answered_at=NOW)


@pytest.fixture
def line(session: Session, hub: Hub, need: Need) -> list[Person]:
    people = [make_volunteer(session, hub) for _ in range(2)]
    make_run(session, need, *people)
    return people


def asked(session: Session) -> list[tuple[int, str]]:
    session.expire_all()
    rows = session.exec(select(Offer).where(col(Offer.replaces_id).is_not(None)).order_by(col(Offer.id)))
    return [(offer.person_id, offer.state) for offer in rows]


def newest(session: Session) -> Offer:
    offer = session.exec(select(Offer).order_by(col(Offer.id).desc())).first()
    assert offer is not None
    return offer


def kinds(session: Session) -> list[str]:
    return list(session.exec(select(Message.kind).order_by(col(Message.id))))


def test_next_candidate_is_asked_and_the_place_stays(
    session: Session, need: Need, mine: Offer, line: list[Person]
) -> None:
    said = offers.find_substitute(session, mine.id or 0, now=NOW)
    assert (said.asked, said.again) == (1, False)
    assert asked(session) == [(line[0].id, F.SENT)]
    assert (mine.state, need.taken, kinds(session)) == (F.ACCEPTED, 1, ["offer"])
    assert offers.find_substitute(session, mine.id or 0, now=NOW).again
    assert len(asked(session)) == 1


def test_yes_moves_the_place_and_tells_who_is_free(
    session: Session, need: Need, mine: Offer, line: list[Person]
) -> None:
    offers.find_substitute(session, mine.id or 0, now=NOW)
    substitute = newest(session)
    assert isinstance(offers.accept(session, substitute.id or 0, now=NOW + HOUR), offers.Accepted)
    session.refresh(mine)
    session.refresh(need)
    assert (mine.state, mine.decline_reason, substitute.state) == (F.DECLINED, "substituted", F.ACCEPTED)
    assert (need.taken, mine.seeks_substitute_at) == (1, None)
    assert sorted(kinds(session)) == ["confirmation", "offer", "substitute"]
    said = offers.view(session, mine.id or 0, now=NOW + HOUR).decline_reason
    assert said is not None
    assert said.zh == "有人替你来了"


def test_no_of_one_asks_the_next_and_who_looks_hears_when_nobody_is_left(
    session: Session, mine: Offer, line: list[Person]
) -> None:
    offers.find_substitute(session, mine.id or 0, now=NOW)
    assert offers.decline(session, newest(session).id or 0, now=NOW).asked_next == 1
    assert offers.decline(session, newest(session).id or 0, now=NOW).asked_next == 0
    assert asked(session) == [(line[0].id, F.DECLINED), (line[1].id, F.DECLINED)]
    assert (mine.state, kinds(session)) == (F.ACCEPTED, ["offer", "offer", "substitute"])
    offers.follow_up(session, now=NOW + HOUR)
    assert kinds(session) == ["offer", "offer", "substitute"]


def test_silence_of_a_substitute_asks_the_next(session: Session, mine: Offer, line: list[Person]) -> None:
    offers.find_substitute(session, mine.id or 0, now=NOW)
    said = offers.follow_up(session, now=NOW + 48 * HOUR)
    assert (said.expired, said.asked_next) == (1, 1)
    assert asked(session) == [(line[0].id, F.EXPIRED), (line[1].id, F.SENT)]


def test_coming_after_all_tells_who_was_asked(
    session: Session, need: Need, mine: Offer, line: list[Person]
) -> None:
    offers.find_substitute(session, mine.id or 0, now=NOW)
    substitute = newest(session)
    offers.come_after_all(session, mine.id or 0, now=NOW + HOUR)
    assert asked(session) == [(line[0].id, F.WITHDRAWN)]
    assert kinds(session) == ["offer", "place_taken"]
    with pytest.raises(TooLate):
        offers.accept(session, substitute.id or 0, now=NOW + HOUR)
    assert (mine.state, mine.seeks_substitute_at, need.taken) == (F.ACCEPTED, None, 1)


def test_giving_up_while_looking_turns_the_question_into_one_for_the_free_place(
    session: Session, need: Need, mine: Offer, line: list[Person]
) -> None:
    offers.find_substitute(session, mine.id or 0, now=NOW)
    assert offers.withdraw_acceptance(session, mine.id or 0, now=NOW).asked_next == 0
    session.refresh(need)
    assert (need.taken, mine.state) == (0, F.DECLINED)
    substitute = newest(session)
    assert (substitute.person_id, substitute.replaces_id) == (line[0].id, None)
    assert isinstance(offers.accept(session, substitute.id or 0, now=NOW), offers.Accepted)
    session.refresh(need)
    assert need.taken == 1


def test_substitute_must_keep_the_rule_of_the_team(session: Session, hub: Hub) -> None:
    need = make_need(session, make_activity(session, hub), taken=1, needs_experience=True)
    old_hand = make_volunteer(session, hub, profile={"is_experienced": True})
    mine = make_offer(session, need, old_hand, state=F.ACCEPTED, answered_at=NOW)
    newcomer = make_volunteer(session, hub)
    experienced = make_volunteer(session, hub, profile={"is_experienced": True})
    make_run(session, need, newcomer, experienced)
    offers.find_substitute(session, mine.id or 0, now=NOW)
    assert asked(session) == [(experienced.id, F.SENT)]


@pytest.mark.parametrize("state", [F.SENT, F.DECLINED, F.EXPIRED, F.STANDBY])
def test_only_a_place_that_is_held_can_be_taken_over(
    session: Session, hub: Hub, need: Need, state: OfferState
) -> None:
    offer = make_offer(session, need, make_volunteer(session, hub), state=state, expires_at=NOW + HOUR)
    with pytest.raises(TooLate, match="no_place_to_take_over"):
        offers.find_substitute(session, offer.id or 0, now=NOW)
