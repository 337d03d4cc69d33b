"""Repair: who has not answered may be moved where that fills more; who said yes, or starts soon, never is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from models import Hub, Message, Need, Offer, Person, PersonSkill
from models.states import OfferState
from services import matchmaking
from services.matchmaking_result import MatchResult
from tests.factories import (
    NOW,
    make_activity,
    make_hub,
    make_need,
    make_offer,
    make_skill,
    make_volunteer,
    save,
)


def repair(session: Session, **over: object) -> MatchResult:
    values = {"now": NOW, "until": NOW + timedelta(weeks=2), "repair": True, **over}
    return matchmaking.match(session, **values)  # type: ignore[arg-type]


def states(session: Session) -> list[tuple[int, int, str]]:
    rows = session.exec(select(Offer).order_by(col(Offer.id)))
    return [(offer.need_id, offer.person_id, offer.state) for offer in rows]


@pytest.fixture
def hub(session: Session) -> Hub:
    return make_hub(session)


class Town:
    """One who can do everything is asked for what anybody can do; nobody else can do the other."""

    def __init__(self, session: Session, hub: Hub, **offer: object) -> None:
        days = int(offer.pop("days", 5))  # type: ignore[call-overload]
        starts_at = NOW + timedelta(days=days, hours=5)
        skill = make_skill(session)
        self.easy = make_need(session, make_activity(session, hub, starts_at=starts_at))
        self.hard = make_need(session, make_activity(session, hub, starts_at=starts_at), skill_id=skill.id)
        self.able = make_volunteer(session, hub)
        save(session, PersonSkill(person_id=self.able.id, skill_id=skill.id))
        self.other = make_volunteer(session, hub)
        asked = {"state": OfferState.SENT, "sent_at": NOW, "expires_at": NOW + timedelta(days=2), **offer}
        self.offer = make_offer(session, self.easy, self.able, **asked)

    def of(self, need: Need, person: Person, state: OfferState) -> tuple[int, int, str]:
        return need.id or 0, person.id or 0, state


def test_who_has_not_answered_moves_where_that_fills_a_place_more(session: Session, hub: Hub) -> None:
    town = Town(session, hub)
    result = repair(session)
    assert (result.moved, result.proposed, result.unfilled) == (1, 2, ())
    assert states(session) == [
        town.of(town.easy, town.able, OfferState.WITHDRAWN),
        town.of(town.easy, town.other, OfferState.PROPOSED),
        town.of(town.hard, town.able, OfferState.PROPOSED),
    ]
    assert [message.kind for message in session.exec(select(Message))] == ["place_taken"]
    assert result.sentences[-1].zh == "1个还没答复的邀请里，1个换给别人，其余不动。"


def test_without_repair_nobody_is_moved(session: Session, hub: Hub) -> None:
    town = Town(session, hub)
    result = repair(session, repair=False)
    assert (result.moved, states(session)) == (0, [town.of(town.easy, town.able, OfferState.SENT)])


def test_trial_says_who_would_move_and_moves_nobody(session: Session, hub: Hub) -> None:
    town = Town(session, hub)
    assert repair(session, dry_run=True).moved == 1
    assert states(session) == [town.of(town.easy, town.able, OfferState.SENT)]


def test_who_said_yes_is_never_moved(session: Session, hub: Hub) -> None:
    town = Town(session, hub, state=OfferState.ACCEPTED)
    town.easy.taken = 1
    assert repair(session).moved == 0
    assert town.offer.state == OfferState.ACCEPTED


def test_nobody_is_moved_within_two_days_of_the_start(session: Session, hub: Hub) -> None:
    Town(session, hub, days=1)
    assert repair(session).moved == 0


def test_better_points_alone_move_nobody(session: Session, hub: Hub) -> None:
    need = make_need(session, make_activity(session, hub))
    far = make_volunteer(session, hub, profile={"lon": 116.40})
    make_offer(session, need, far, state=OfferState.SENT, sent_at=NOW, expires_at=NOW + timedelta(days=2))
    make_volunteer(session, hub)
    assert repair(session).moved == 0


def test_second_repair_changes_nothing(session: Session, hub: Hub) -> None:
    Town(session, hub)
    repair(session)
    before = states(session)
    assert (repair(session).moved, states(session)) == (0, before)


def test_who_was_asked_often_enough_is_not_asked_for_something_else(session: Session, hub: Hub) -> None:
    town = Town(session, hub)
    town.able.email = "a@people.example"
    volunteer = session.get_one(matchmaking.Volunteer, town.able.id)
    volunteer.offers_per_week = 1
    save(session, volunteer)
    assert (repair(session).moved, town.offer.state) == (0, OfferState.SENT)


def test_several_who_are_asked_for_one_place_are_left_to_answer(session: Session, hub: Hub) -> None:
    need = make_need(session, make_activity(session, hub))
    for _ in range(2):
        person = make_volunteer(session, hub)
        make_offer(
            session, need, person, state=OfferState.SENT, sent_at=NOW, expires_at=NOW + timedelta(days=2)
        )
    assert repair(session).moved == 0
