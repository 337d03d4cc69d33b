"""Flexible work is planned at the time of its window that suits people and room, and who is asked may choose another."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from sqlmodel import Session, col, select

from models import Activity, BlockOut, Message, Need, Offer, SeriesNeed, Venue
from models.states import ActivityState, OfferState
from services import mails, schedule
from services.errors import TooLate
from services.flexible_times import accept_at, other_times
from services.queries import placements
from services.series_effects import Step, series_effect
from tests.factories import (
    NOW,
    make_activity,
    make_coordinator,
    make_hub,
    make_need,
    make_offer,
    make_series,
    make_volunteer,
    save,
)

WEDNESDAY, THURSDAY = (2, 18 * 60, 21 * 60), (3, 18 * 60, 21 * 60)
AT_WEDNESDAY = datetime(2026, 12, 2, 10, 0, tzinfo=UTC)  # 18:00 in Beijing
AT_THURSDAY = datetime(2026, 12, 3, 10, 0, tzinfo=UTC)
UNTIL = date(2026, 12, 6)


class Posters:
    """A hub that wants posters hung up, two hours, some time in the week of 30 November."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.hub = make_hub(session)
        self.worker = make_coordinator(session, self.hub)
        self.room = save(session, Venue(code="V-1", hub_id=self.hub.id, name="活动室"))
        self.series = self.make("R-post")

    def make(self, code: str, **over):
        values = {"rrule": "FREQ=WEEKLY;BYDAY=MO", "starts_on": date(2026, 11, 30), "window_days": 7}
        values |= {"duration_minutes": 120, "venue_id": self.room.id, "title_zh": "贴海报"}
        series = make_series(self.session, self.hub, code=code, **{**values, **over})
        save(self.session, SeriesNeed(series_id=series.id, role_zh="帮手"))
        return series

    def plan(self) -> schedule.Planned:
        return schedule.plan_activities(self.session, now=NOW, until=UNTIL)

    def activity(self, code: str = "R-post") -> Activity:
        question = select(Activity).where(col(Activity.code).startswith(code))
        return self.session.exec(question).one()

    def ask(self, person, activity: Activity | None = None) -> Offer:
        activity = activity or self.activity()
        need = self.session.exec(select(Need).where(Need.activity_id == activity.id)).one()
        return make_offer(
            self.session, need, person, state=OfferState.SENT, expires_at=NOW + timedelta(days=2)
        )


@pytest.fixture
def posters(session: Session) -> Posters:
    return Posters(session)


def test_time_is_chosen_at_which_people_are_free(session, posters) -> None:
    for _ in range(3):
        make_volunteer(session, posters.hub, free=[WEDNESDAY])
    assert posters.plan().added == 1
    found = posters.activity()
    assert (found.starts_at, found.ends_at) == (AT_WEDNESDAY, AT_WEDNESDAY + timedelta(hours=2))
    assert (found.series_date, found.state) == (date(2026, 11, 30), ActivityState.PUBLISHED)
    assert found.window_from == datetime(2026, 11, 29, 16, 0, tzinfo=UTC)
    assert found.window_until == datetime(2026, 12, 6, 16, 0, tzinfo=UTC)


def test_planning_again_adds_nothing_and_moves_nothing(session, posters) -> None:
    make_volunteer(session, posters.hub, free=[WEDNESDAY])
    posters.plan()
    make_volunteer(session, posters.hub, free=[THURSDAY])
    assert (posters.plan().added, posters.activity().starts_at) == (0, AT_WEDNESDAY)


def test_two_in_one_room_do_not_get_one_time(session, posters) -> None:
    posters.make("R-wash")
    for _ in range(3):
        make_volunteer(session, posters.hub, free=[WEDNESDAY])
    assert posters.plan().problems == ()
    first, second = posters.activity("R-post"), posters.activity("R-wash")
    assert first.ends_at <= second.starts_at or second.ends_at <= first.starts_at


def test_fixed_dates_keep_their_time_and_flexible_ones_go_around_them(session, posters) -> None:
    posters.make("R-fixed", rrule="FREQ=WEEKLY;BYDAY=WE", window_days=1, start_time=time(18))
    make_volunteer(session, posters.hub, free=[WEDNESDAY])
    posters.plan()
    assert posters.activity().starts_at != AT_WEDNESDAY


def test_window_without_a_free_time_is_named_and_the_others_go_on(session, posters) -> None:
    start = datetime(2026, 11, 29, 16, 0, tzinfo=UTC)
    make_activity(
        session, posters.hub, venue_id=posters.room.id, starts_at=start, ends_at=start + timedelta(days=7)
    )
    posters.make("R-else", venue_id=None)
    planned = posters.plan()
    assert (planned.added, [one.code for one in planned.problems]) == (1, ["no_free_time"])
    assert "贴海报" in planned.problems[0].sentence.zh


def test_change_of_the_series_leaves_chosen_times_alone(session, posters) -> None:
    make_volunteer(session, posters.hub, free=[WEDNESDAY])
    posters.plan()
    effect = series_effect(session, "R-post", {}, hub_id=None, now=NOW)
    assert effect.of(Step.MOVES, Step.FALLS_OUT) == ()


def test_change_in_the_midst_of_a_window_keeps_what_is_planned_in_it(session, posters) -> None:
    make_volunteer(session, posters.hub, free=[WEDNESDAY])
    posters.plan()
    tuesday = AT_WEDNESDAY - timedelta(days=1)
    effect = series_effect(session, "R-post", {}, hub_id=None, now=tuesday)
    (line,) = [one for one in effect.lines if one.activity_id]
    assert (line.step, line.becomes) == (Step.STAYS, AT_WEDNESDAY)


def test_longer_work_is_checked_at_the_time_that_was_chosen(session, posters) -> None:
    make_volunteer(session, posters.hub, free=[WEDNESDAY])
    posters.plan()
    after = AT_WEDNESDAY + timedelta(hours=2)
    make_activity(session, posters.hub, venue_id=posters.room.id, starts_at=after, title_zh="茶会")
    effect = series_effect(session, "R-post", {"duration_minutes": 180}, hub_id=None, now=NOW)
    (line,) = effect.of(Step.MOVES)
    assert (line.becomes, line.ends_at) == (AT_WEDNESDAY, AT_WEDNESDAY + timedelta(hours=3))
    assert ["茶会" in one.sentence.zh for one in effect.problems] == [True]


def test_mail_for_flexible_work_says_that_another_time_can_be_chosen(session, posters) -> None:
    person = make_volunteer(session, posters.hub, free=[WEDNESDAY])
    posters.plan()
    for activity in (posters.activity(), make_activity(session, posters.hub)):
        if activity.window_from is None:
            make_need(session, activity)
        offer = posters.ask(person, activity)
        mails.queue_offers(session, placements(session, col(Offer.id) == offer.id), now=NOW)
    bodies = [
        message_from_bytes(one.content, policy=default).get_body(("plain",)).get_content()
        for one in session.exec(select(Message).order_by(col(Message.id)))
    ]
    assert ["可以换一个你方便、场地也空的时间" in body.replace("\n", "") for body in bodies] == [True, False]


def test_person_may_choose_what_suits_them_and_the_room(session, posters) -> None:
    person = make_volunteer(session, posters.hub, free=[WEDNESDAY, THURSDAY])
    posters.plan()
    make_activity(session, posters.hub, venue_id=posters.room.id, starts_at=AT_THURSDAY + timedelta(hours=2))
    offer = posters.ask(person)
    times = [one.starts_at for one in other_times(session, offer.id, now=NOW)]
    assert times == [
        AT_WEDNESDAY + timedelta(minutes=30),
        AT_WEDNESDAY + timedelta(hours=1),
        AT_THURSDAY,
    ]


def test_other_promises_blockouts_and_hours_hold_for_the_chosen_time(session, posters) -> None:
    person = make_volunteer(session, posters.hub, free=[WEDNESDAY, THURSDAY], profile={"hours_per_week": 3.0})
    posters.plan()
    offer = posters.ask(person)
    end = AT_THURSDAY + timedelta(hours=3)
    save(session, BlockOut(person_id=person.id, starts_at=AT_THURSDAY, ends_at=end))
    assert {one.starts_at.day for one in other_times(session, offer.id, now=NOW)} == {2}
    elsewhere = make_activity(session, make_hub(session), starts_at=datetime(2026, 12, 4, 10, 0, tzinfo=UTC))
    make_offer(session, make_need(session, elsewhere), person, state=OfferState.ACCEPTED)
    assert other_times(session, offer.id, now=NOW) == ()


def test_yes_to_another_time_moves_the_work_and_takes_the_place(session, posters) -> None:
    person = make_volunteer(session, posters.hub, free=[WEDNESDAY, THURSDAY])
    posters.plan()
    offer = posters.ask(person)
    accept_at(session, offer.id, AT_THURSDAY, now=NOW)
    session.refresh(offer)
    assert (offer.state, posters.activity().starts_at) == (OfferState.ACCEPTED, AT_THURSDAY)
    confirmations = session.exec(select(Message).where(Message.kind == "confirmation")).all()
    assert len(confirmations) == 1
    accept_at(session, offer.id, AT_THURSDAY, now=NOW)
    assert session.exec(select(Need.taken).where(Need.activity_id == posters.activity().id)).one() == 1


def test_who_was_faster_has_set_the_time(session, posters) -> None:
    first, second = (make_volunteer(session, posters.hub, free=[WEDNESDAY, THURSDAY]) for _ in range(2))
    posters.plan()
    one, other = posters.ask(first), posters.ask(second)
    accept_at(session, one.id, AT_THURSDAY, now=NOW)
    assert other_times(session, other.id, now=NOW) == ()
    with pytest.raises(TooLate):
        accept_at(session, other.id, AT_WEDNESDAY, now=NOW)
    assert posters.activity().starts_at == AT_THURSDAY


@pytest.mark.parametrize(
    "starts_at",
    [AT_WEDNESDAY + timedelta(days=7), datetime(2026, 12, 1, 2, 0, tzinfo=UTC), NOW - timedelta(days=1)],
)
def test_time_outside_the_window_or_the_persons_own_is_refused(session, posters, starts_at) -> None:
    person = make_volunteer(session, posters.hub, free=[WEDNESDAY])
    posters.plan()
    offer = posters.ask(person)
    with pytest.raises(TooLate, match="time_gone"):
        accept_at(session, offer.id, starts_at, now=NOW)


def test_fixed_activity_offers_no_other_time(session, posters) -> None:
    activity = make_activity(session, posters.hub)
    make_need(session, activity)
    offer = posters.ask(make_volunteer(session, posters.hub), activity)
    assert other_times(session, offer.id, now=NOW) == ()
