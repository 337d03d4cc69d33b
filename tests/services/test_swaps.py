"""A swap: one is asked without a name, a coordinator says yes, and both places change hands at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from models import Activity, Hub, Message, Need, Offer, Person, Swap, Volunteer
from models.states import ActivityState, OfferState, SwapState
from services import due, offers, swap_decisions, swap_views, swaps
from services.digests_attention import Matter, attention
from services.errors import HubError, NotFound, NotYours, TooLate
from services.roster import roster
from tests.factories import (
    NOW,
    make_activity,
    make_coordinator,
    make_hub,
    make_need,
    make_offer,
    make_skill,
    make_volunteer,
)

S = SwapState
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SATURDAY = NOW + timedelta(days=5, hours=5)


@dataclass
class World:
    """A hub with a place on Saturday that is mine and one on Sunday that somebody else holds."""

    session: Session
    hub: Hub
    worker: Person
    mine: Offer
    other: Offer

    @property
    def sunday(self) -> Activity:
        return self.session.get_one(Activity, self.other.activity_id)

    def propose(self) -> int:
        return swaps.propose(self.session, self.mine.id or 0, self.sunday.code, now=NOW).swap_id

    def answer(self, swap_id: int, *, is_yes: bool = True, **over: Any) -> SwapState:
        values = {"offer_id": self.other.id, "now": NOW + HOUR, **over}
        return swaps.answer(self.session, swap_id, is_yes=is_yes, **values).state

    def decide(self, swap_id: int, *, is_yes: bool = True, **over: Any) -> SwapState:
        values = {"by": self.worker.id, "now": NOW + 2 * HOUR, **over}
        return swap_decisions.decide(self.session, swap_id, is_yes=is_yes, **values).state

    def another(self, **over: Any) -> Offer:
        """Somebody more who holds a place on Sunday."""
        need = make_need(self.session, self.sunday, taken=1, maximum=3)
        return hold(self.session, need, make_volunteer(self.session, self.hub, **over))

    def states(self) -> list[str]:
        self.session.expire_all()
        return list(self.session.exec(select(Swap.state).order_by(col(Swap.id))))

    def told(self) -> list[tuple[str, str]]:
        """Who got which mail, in order."""
        rows = self.session.exec(select(Message.to_address, Message.kind).order_by(col(Message.id)))
        return [(address.partition("@")[0], kind) for address, kind in rows]


def hold(session: Session, need: Need, person: Person) -> Offer:
    return make_offer(session, need, person, state=OfferState.ACCEPTED, answered_at=NOW)


@pytest.fixture
def world(session: Session) -> World:
    hub = make_hub(session)
    worker = make_coordinator(session, hub, email="worker@hub.example")
    places = [
        hold(
            session,
            make_need(session, make_activity(session, hub, starts_at=SATURDAY + days * DAY), taken=1),
            make_volunteer(session, hub, name=name, email=f"{user}@people.example"),
        )
        for days, user, name in ((0, "mine", "毕青"), (1, "other", "雷初"))
    ]
    return World(session, hub, worker, *places)


def test_places_change_hands_once_both_and_a_coordinator_have_said_yes(world: World) -> None:
    swap_id = world.propose()
    assert world.told() == [("other", "swap_asked")]
    assert world.answer(swap_id) == S.AGREED
    assert world.told()[1:] == [("mine", "swap"), ("worker", "hub_notice")]
    assert world.decide(swap_id) == S.DONE
    rows = world.session.exec(select(Offer).order_by(col(Offer.id))).all()
    mine, other, *new = [(row.person_id, row.need_id, row.state, row.decline_reason) for row in rows]
    assert mine == (world.mine.person_id, world.mine.need_id, "declined", "swapped")
    assert other == (world.other.person_id, world.other.need_id, "declined", "swapped")
    assert new == [
        (world.other.person_id, world.mine.need_id, "accepted", ""),
        (world.mine.person_id, world.other.need_id, "accepted", ""),
    ]
    assert list(world.session.exec(select(Need.taken))) == [1, 1]
    assert sorted(world.told()[3:]) == [
        ("mine", "confirmation"),
        ("mine", "swap"),
        ("other", "confirmation"),
        ("other", "swap"),
    ]
    with pytest.raises(TooLate, match="swap_closed"):
        world.decide(swap_id)


def test_nobody_who_swaps_reads_the_others_name(world: World) -> None:
    swap_id = world.propose()
    world.answer(swap_id)
    world.decide(swap_id)
    letters = world.session.exec(select(Message).where(Message.kind != "hub_notice"))
    names = {"mine": "雷初", "other": "毕青"}
    told = [
        names[letter.to_address.partition("@")[0]] in letter.content.decode("utf-8") for letter in letters
    ]
    assert told == [False] * 6
    page = swap_views.swap_page(world.session, world.mine.id or 0, now=NOW)
    assert page.latest is not None
    assert (page.latest.there.person_name, page.mine.person_name) == ("", "")


def test_no_of_one_asks_the_next_who_serves_there_and_then_says_that_nobody_is_left(world: World) -> None:
    second = world.another(email="second@people.example")
    first = world.propose()
    assert world.answer(first, is_yes=False) == S.DECLINED
    assert world.states() == [S.DECLINED, S.ASKED]
    assert world.answer(first + 1, is_yes=False, offer_id=second.id) == S.DECLINED
    assert world.told() == [("other", "swap_asked"), ("second", "swap_asked"), ("mine", "swap")]
    with pytest.raises(HubError, match="nobody_to_swap"):
        world.propose()


def test_silence_of_one_asks_the_next_and_the_clock_sees_it(world: World) -> None:
    world.another(email="second@people.example")
    world.propose()
    assert list(due.offers_to_follow_up(world.session, NOW + HOUR)) == []
    late = NOW + 49 * HOUR
    assert [one.kind for one in due.offers_to_follow_up(world.session, late)] == ["follow_up_offers"]
    assert offers.follow_up(world.session, now=late).swaps_closed == 1
    assert world.states() == [S.EXPIRED, S.ASKED]
    assert list(due.offers_to_follow_up(world.session, late)) == []


def test_coordinators_silence_leaves_everything_as_it_was_and_all_hear_it(world: World) -> None:
    world.answer(world.propose())
    before = len(world.told())
    offers.follow_up(world.session, now=NOW + 50 * HOUR)
    assert world.states() == [S.EXPIRED]
    assert world.told()[before:] == [("mine", "swap"), ("other", "swap"), ("worker", "hub_notice")]
    assert {world.mine.state, world.other.state} == {OfferState.ACCEPTED}


def test_coordinator_refuses_with_a_reason_that_both_read(world: World) -> None:
    swap_id = world.propose()
    world.answer(swap_id)
    with pytest.raises(HubError, match="reason"):
        world.decide(swap_id, is_yes=False, reason="  ")
    before = len(world.told())
    assert world.decide(swap_id, is_yes=False, reason="周日要老手在") == S.REFUSED
    assert world.told()[before:] == [("mine", "swap"), ("other", "swap")]
    found = swap_views.latest(world.session, world.other.id or 0)
    assert found is not None
    assert found.reason == "周日要老手在"


def test_who_proposed_may_take_it_back_until_it_is_decided(world: World) -> None:
    swap_id = world.propose()
    world.answer(swap_id)
    with pytest.raises(NotFound):
        swaps.take_back(world.session, swap_id, world.other.id or 0, now=NOW + HOUR)
    before = len(world.told())
    assert swaps.take_back(world.session, swap_id, world.mine.id or 0, now=NOW + HOUR).state == S.WITHDRAWN
    assert world.told()[before:] == [("other", "swap"), ("worker", "hub_notice")]
    with pytest.raises(TooLate):
        world.decide(swap_id)


def test_who_was_asked_may_think_again_until_it_is_decided(world: World) -> None:
    swap_id = world.propose()
    world.answer(swap_id)
    assert world.answer(swap_id, is_yes=False) == S.DECLINED
    with pytest.raises(TooLate):
        world.decide(swap_id)


@pytest.mark.parametrize("what", ["declined", "moved", "cancelled", "seeks"])
@pytest.mark.parametrize("whose", ["mine", "other"])
def test_change_of_either_place_meanwhile_ends_the_swap(world: World, what: str, whose: str) -> None:
    swap_id = world.propose()
    world.answer(swap_id)
    offer: Offer = getattr(world, whose)
    activity = world.session.get_one(Activity, offer.activity_id)
    if what == "declined":
        offers.withdraw_acceptance(world.session, offer.id or 0, now=NOW + HOUR)
    elif what == "seeks":
        offers.find_substitute(world.session, offer.id or 0, now=NOW + HOUR)
    elif what == "moved":
        activity.revision += 1
    else:
        activity.state = ActivityState.CANCELLED
    world.session.flush()
    before = len(world.told())
    assert [one.kind for one in due.offers_to_follow_up(world.session, NOW + HOUR)] == ["follow_up_offers"]
    assert offers.follow_up(world.session, now=NOW + 2 * HOUR).swaps_closed == 1
    assert world.states() == [S.VOID]
    reached = {name for name, kind in world.told()[before:] if kind in {"swap", "hub_notice"}}
    gone = {whose} if what == "declined" else set()
    assert reached == {"mine", "other", "worker"} - gone


def test_yes_of_a_coordinator_to_what_has_become_impossible_changes_no_place(world: World) -> None:
    swap_id = world.propose()
    world.answer(swap_id)
    need = world.session.get_one(Need, world.mine.need_id)
    need.skill_id = make_skill(world.session).id
    world.session.flush()
    assert not swap_views.swap_desk(
        world.session, swap_id, hub_id=world.hub.id or 0, by=world.worker.id or 0, now=NOW
    ).still_fits
    assert world.decide(swap_id) == S.VOID
    assert {world.mine.state, world.other.state} == {OfferState.ACCEPTED}


def test_two_hubs_each_have_their_say(world: World) -> None:
    elsewhere = make_hub(world.session)
    worker = make_coordinator(world.session, elsewhere)
    world.sunday.hub_id = elsewhere.id or 0
    world.session.flush()
    swap_id = world.propose()
    world.answer(swap_id)
    assert world.decide(swap_id) == S.AGREED
    assert world.mine.state == OfferState.ACCEPTED
    waiting = swap_views.waiting_swaps(world.session, [world.hub.id or 0, elsewhere.id or 0], now=NOW)
    assert [one.hub_id for one in waiting] == [elsewhere.id]
    assert world.decide(swap_id, by=worker.id) == S.DONE


def test_stranger_and_who_holds_a_place_have_no_say(world: World) -> None:
    swap_id = world.propose()
    world.answer(swap_id)
    with pytest.raises(NotYours, match="not_your_hub"):
        world.decide(swap_id, by=make_coordinator(world.session, make_hub(world.session)).id)
    swap = world.session.get_one(Swap, swap_id)
    holder = world.session.get_one(Offer, swap.offer_id)
    holder.person_id = world.worker.id or 0
    world.session.flush()
    with pytest.raises(NotYours, match="own_swap"):
        world.decide(swap_id)


def test_coordinator_sees_the_swap_among_what_waits_and_on_the_roster(world: World) -> None:
    world.answer(world.propose())
    hub_id, worker = world.hub.id or 0, world.worker.id or 0
    items = attention(world.session, hub_id, now=NOW).items
    assert [(one.title.zh, one.path) for one in items if one.matter == Matter.SWAPS] == [
        ("毕青和雷初想换班", f"/swaps/{world.session.exec(select(Swap.id)).one()}")
    ]
    found = roster(world.session, world.sunday.code, hub_id=hub_id, by=worker, now=NOW)
    assert [person.is_swapping for role in found.roles for person in role.people] == [True]


def choices(world: World) -> list[str]:
    page = swap_views.swap_page(world.session, world.mine.id or 0, now=NOW)
    return [one.activity_code for one in page.choices]


def test_only_days_are_offered_and_each_once(world: World) -> None:
    world.another()
    assert choices(world) == [world.sunday.code]


@pytest.mark.parametrize(
    "obstacle", ["skill", "busy", "rest", "age", "team", "reserve", "asked_enough", "far"]
)
def test_day_is_not_offered_when_a_hard_rule_forbids_either_way(world: World, obstacle: str) -> None:
    session = world.session
    saturday = session.get_one(Activity, world.mine.activity_id)
    need, person = session.get_one(Need, world.mine.need_id), session.get_one(Person, world.other.person_id)
    if obstacle == "skill":
        need.skill_id = make_skill(session).id
    if obstacle == "busy":
        busy = make_activity(session, world.hub, starts_at=saturday.starts_at + HOUR)
        hold(session, make_need(session, busy), person)
    if obstacle == "rest":
        starts_at, ends_at = (saturday.starts_at - hours * HOUR for hours in (15, 9))
        night = make_activity(session, world.hub, starts_at=starts_at, ends_at=ends_at)
        hold(session, make_need(session, night), person)
    if obstacle == "age":
        person.birth_date = date(2010, 1, 1)
    if obstacle == "team":
        session.get_one(Need, world.other.need_id).needs_experience = True
    if obstacle == "reserve":
        world.other.is_reserve = True
    if obstacle == "asked_enough":
        world.other.sent_at = NOW
        make_profile(session, person).offers_per_week = 0
    if obstacle == "far":
        profile = make_profile(session, person)
        profile.lon, profile.lat = 117.5, 39.0
    session.flush()
    assert world.sunday.code not in choices(world)
    with pytest.raises(HubError):
        world.propose()


def make_profile(session: Session, person: Person) -> Volunteer:
    return session.get_one(Volunteer, person.id)


def test_team_rule_counts_who_comes_in_place_of_who_goes(world: World) -> None:
    session = world.session
    session.get_one(Need, world.other.need_id).needs_experience = True
    for offer in (world.mine, world.other):
        profile = make_profile(session, session.get_one(Person, offer.person_id))
        profile.is_experienced = True
    session.flush()
    assert choices(world) == [world.sunday.code]


def test_place_that_is_in_a_swap_is_in_no_other(world: World) -> None:
    third = hold(
        world.session,
        make_need(
            world.session, make_activity(world.session, world.hub, starts_at=SATURDAY + 2 * DAY), taken=1
        ),
        make_volunteer(world.session, world.hub),
    )
    saturday = world.session.get_one(Activity, world.mine.activity_id)
    world.propose()
    with pytest.raises(TooLate, match="cannot_swap"):
        world.propose()
    with pytest.raises(TooLate, match="cannot_swap"):
        swaps.propose(world.session, world.other.id or 0, saturday.code, now=NOW)
    with pytest.raises(HubError, match="nobody_to_swap"):
        swaps.propose(world.session, third.id or 0, world.sunday.code, now=NOW)


def test_answer_of_somebody_else_finds_no_question(world: World) -> None:
    swap_id = world.propose()
    with pytest.raises(NotFound):
        world.answer(swap_id, offer_id=world.mine.id)
