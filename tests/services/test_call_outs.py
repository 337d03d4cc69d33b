"""In an emergency the nearest fitting people are asked at once, and nobody comes in vain."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from models import Activity, BlockOut, CallOut, Hub, Message, Need, Offer, Person
from models.states import ActivityState, MessageState, OfferState
from services import call_outs, offers, rulebook
from services.call_out_view import callable_needs
from services.errors import HubError, TooLate
from tests.factories import NOW, make_activity, make_hub, make_need, make_skill, make_volunteer, save

SOON = NOW + timedelta(hours=2)
KM_NORTH = 1 / 111.0
SNOW = "暴雪里有老人要送饭"


@pytest.fixture
def hub(session: Session) -> Hub:
    return make_hub(session)


@pytest.fixture
def activity(session: Session, hub: Hub) -> Activity:
    return make_activity(session, hub, starts_at=SOON)


@pytest.fixture
def need(session: Session, activity: Activity) -> Need:
    return make_need(session, activity, minimum=1, desired=2, maximum=4)


def volunteer(session: Session, hub: Hub, km: float, **over: object) -> Person:
    assert hub.lat is not None
    profile = {"lat": hub.lat + km * KM_NORTH, **dict(over.pop("profile", {}))}  # type: ignore[call-overload] -- as make_volunteer takes it
    return make_volunteer(session, hub, profile=profile, **over)  # type: ignore[arg-type] -- as make_volunteer takes it


def call(session: Session, need: Need, people: int = 3, now: datetime = NOW) -> call_outs.Called:
    assert need.id is not None
    return call_outs.call_out(session, need.id, people=people, reason=SNOW, now=now)


def offer_of(session: Session, person: Person) -> Offer:
    return session.exec(select(Offer).where(Offer.person_id == person.id)).one()


def mails(session: Session, kind: str) -> list[str]:
    rows = session.exec(select(Message.to_address).where(Message.kind == kind).order_by(col(Message.id)))
    return list(rows)


def deliver_all(session: Session) -> None:
    for row in session.exec(select(Message)):
        row.state = MessageState.SENT
    session.flush()


def test_the_nearest_are_asked_at_once_whatever_their_week_is_like(
    session: Session, hub: Hub, need: Need
) -> None:
    far, near, middle = (volunteer(session, hub, km) for km in (5, 1, 3))
    busy_week = volunteer(
        session, hub, 0.5, free=[], profile={"hours_per_week": 0, "offers_per_week": 0, "radius_km": 0.1}
    )
    assert call(session, need).asked == 3
    assert mails(session, "call_out") == [busy_week.email, near.email, middle.email]
    row = session.exec(select(Message).where(Message.kind == "call_out")).first()
    assert row is not None
    assert (row.lane, row.expires_at) == (0, NOW + timedelta(hours=1))
    assert session.exec(select(Offer).where(Offer.person_id == far.id)).first() is None


def test_who_is_unsafe_blocked_or_unfit_is_never_called(
    session: Session, hub: Hub, activity: Activity
) -> None:
    skill = make_skill(session)
    need = make_need(session, activity, desired=1, skill_id=skill.id)
    volunteer(session, hub, 1)
    plain = make_need(session, activity, desired=1)
    volunteer(session, hub, 1, birth_date=date(2010, 1, 1))
    volunteer(session, hub, 11)
    away = volunteer(session, hub, 1)
    span = BlockOut(person_id=away.id, starts_at=SOON - timedelta(hours=1), ends_at=SOON + timedelta(hours=9))
    save(session, span)
    with pytest.raises(HubError, match="nobody_to_call"):
        call(session, need)
    assert call(session, plain, 9).asked == 1


def test_the_rest_is_stood_down_when_enough_come_and_only_those_who_heard_of_it(
    session: Session, hub: Hub, need: Need
) -> None:
    people = [volunteer(session, hub, km) for km in (1, 2, 3, 4)]
    call(session, need, 3)
    deliver_all(session)
    call(session, need, 1)  # the fourth one's mail has not left yet
    for person in people[:2]:
        offers.accept(session, offer_of(session, person).id or 0, now=NOW)
    assert mails(session, "stand_down") == [people[2].email]
    assert [offer_of(session, person).state for person in people] == [
        OfferState.ACCEPTED, OfferState.ACCEPTED, OfferState.WITHDRAWN, OfferState.WITHDRAWN,
    ]  # fmt: skip
    row = session.exec(select(CallOut)).one()
    assert (row.has_enough, row.ended_at) == (True, NOW)


def test_answers_are_counted_as_they_come(session: Session, hub: Hub, activity: Activity, need: Need) -> None:
    people = [volunteer(session, hub, km, phone="010-5555 0123") for km in (1, 2, 3)]
    call(session, need, 3)
    offers.accept(session, offer_of(session, people[0]).id or 0, now=NOW)
    offers.decline(session, offer_of(session, people[1]).id or 0, now=NOW)
    (role,) = callable_needs(session, activity.id or 0, now=NOW)
    assert role.latest is not None
    latest = role.latest
    assert (latest.asked, len(latest.coming), latest.declined, latest.silent) == (3, 1, 1, 1)
    assert (latest.coming[0].km, latest.is_running, role.missing) == (1.0, True, 1)


def test_nobody_is_asked_twice_and_the_next_nearest_follow(session: Session, hub: Hub, need: Need) -> None:
    people = [volunteer(session, hub, km) for km in (1, 2, 3)]
    call(session, need, 2)
    assert call(session, need, 2).asked == 1
    assert mails(session, "call_out") == [person.email for person in people]
    assert len(session.exec(select(CallOut)).all()) == 1
    with pytest.raises(HubError, match="nobody_to_call"):
        call(session, need, 2)


def test_called_off_by_hand_tells_everybody_silent_once(session: Session, hub: Hub, need: Need) -> None:
    volunteer(session, hub, 1)
    call_out_id = call(session, need).call_out_id
    deliver_all(session)
    assert call_outs.call_off(session, call_out_id, now=NOW) == 1
    assert call_outs.call_off(session, call_out_id, now=NOW) == 0
    assert mails(session, "stand_down") == ["".join(mails(session, "call_out"))]


def test_a_call_for_what_is_full_begun_or_cancelled_is_refused(
    session: Session, hub: Hub, activity: Activity, need: Need
) -> None:
    volunteer(session, hub, 1)
    with pytest.raises(TooLate):
        call(session, need, now=SOON)
    need.taken = need.desired
    session.flush()
    with pytest.raises(TooLate):
        call(session, need)
    need.taken, activity.state = 0, ActivityState.CANCELLED
    session.flush()
    with pytest.raises(TooLate):
        call(session, need)


def test_every_wrong_value_is_named_at_once(session: Session, hub: Hub, need: Need) -> None:
    with pytest.raises(HubError) as refused:
        call_outs.call_out(session, need.id or 0, people=0, reason=" ", now=NOW)
    assert [refusal.field for refusal in refused.value.refusals] == ["people", "reason"]


def test_how_far_and_how_long_are_rules(session: Session, hub: Hub, need: Need) -> None:
    volunteer(session, hub, 3)
    near = volunteer(session, hub, 1)
    rulebook.decide(session, "call_out", {"farthest_km": "2", "answer_minutes": "10"}, hub_id=None, now=NOW)
    assert call(session, need).asked == 1
    assert offer_of(session, near).expires_at == NOW + timedelta(minutes=10)
