"""A series is changed or ended: nobody placed is moved unseen, everybody hears, and one step undoes it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlmodel import Session, col, select

from models import Activity, AuditEntry, BulkChange, Message, Offer, Participation, Series, Venue
from models.states import ActivityState, OfferState
from services import bulk_changes, closing_days, schedule
from services.errors import HubError, NotFound, NotYours, TooLate
from services.schedule_changes import move_activity
from services.series_changes import SeriesChanged, change_series
from services.series_effects import Step, series_effect
from services.undo_effects import undo_effect
from tests.factories import (
    NOW,
    make_activity,
    make_coordinator,
    make_hub,
    make_need,
    make_offer,
    make_participant,
    make_series,
    make_volunteer,
    save,
)

SUNDAYS = {"rrule": "FREQ=WEEKLY;BYDAY=SU"}
LATER = NOW + timedelta(hours=3)


class Weekly:
    """A series with four Saturdays; a volunteer and a participant count on the second."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.hub = make_hub(session)
        self.worker = make_coordinator(session, self.hub)
        self.room = save(session, Venue(code=f"V{self.hub.code}", hub_id=self.hub.id, name="活动室"))
        self.series = make_series(session, self.hub, code="R-fix", title_zh="修理角", venue_id=self.room.id)
        schedule.plan_activities(session, now=NOW, until=date(2026, 12, 20))
        self.second = self.dates()[1]
        need = make_need(session, self.second, taken=1, maximum=3)
        self.helper = make_volunteer(session, self.hub, name="陆小满", email="lu@people.example")
        self.offer = make_offer(session, need, self.helper, state=OfferState.ACCEPTED)
        guest = make_participant(session, self.hub, email="guest@young.example")
        seat = Participation(activity_id=self.second.id, participant_id=guest.id, signed_up_at=NOW)
        save(session, seat)

    def dates(self) -> list[Activity]:
        question = select(Activity).where(
            Activity.series_id == self.series.id, Activity.state == ActivityState.PUBLISHED
        )
        return list(self.session.exec(question.order_by(col(Activity.starts_at))))

    def days(self) -> list[date]:
        return [one.starts_at.date() for one in self.dates()]

    def effect(self, **values: object) -> object:
        return series_effect(self.session, "R-fix", values, hub_id=self.hub.id, now=NOW)

    def change(self, seal: str = "", **values: object) -> SeriesChanged:
        said = {
            "seal": seal or self.effect(**values).seal,
            "reason": "换个时间",
            "hub_id": self.hub.id,
            "by": self.worker.id,
            "now": NOW,
        }
        return change_series(self.session, "R-fix", values, **said)

    def undo(self, change_id: int, now: datetime = LATER) -> bulk_changes.Undone:
        return bulk_changes.undo(self.session, change_id, hub_id=self.hub.id, by=self.worker.id, now=now)

    def mails(self) -> list[tuple[str, str]]:
        return sorted((m.kind, m.to_address) for m in self.session.exec(select(Message)))

    def offer_state(self) -> str:
        self.session.refresh(self.offer)
        return self.offer.state

    def mails_leave(self) -> None:
        for message in self.session.exec(select(Message)):
            message.state = "sent"
        self.session.flush()


@pytest.fixture
def weekly(session: Session) -> Weekly:
    return Weekly(session)


def test_effect_names_who_counts_on_each_date_and_writes_nothing(session: Session, weekly: Weekly) -> None:
    before = weekly.days()
    effect = weekly.effect(**SUNDAYS)
    assert [line.step for line in effect.lines] == [Step.MOVES] * 4 + [Step.NEW] * 2
    second = effect.lines[1]
    assert (second.volunteers, second.participants) == (("陆小满",), 1)
    assert effect.sentence.zh == "4场改期，0场取消，2场新增；2人会收到通知。"
    assert weekly.days() == before
    assert session.get_one(Series, weekly.series.id).rrule == "FREQ=WEEKLY;BYDAY=SA"


def test_change_moves_dates_tells_people_and_plans_what_is_new(session: Session, weekly: Weekly) -> None:
    said = weekly.change(**SUNDAYS)
    assert (said.moved, said.cancelled, said.added, said.told) == (4, 0, 2, 2)
    assert weekly.days() == [date(2026, 11, 29) + timedelta(weeks=n) for n in range(6)]
    assert weekly.mails() == [("changed", "guest@young.example"), ("changed", "lu@people.example")]
    assert session.get_one(Offer, weekly.offer.id).state == OfferState.ACCEPTED
    assert schedule.plan_activities(session, now=NOW, until=date(2027, 1, 3)).added == 0


def test_ending_a_series_cancels_what_comes_after(session: Session, weekly: Weekly) -> None:
    said = weekly.change(ends_on=date(2026, 11, 30))
    assert (said.moved, said.cancelled, said.told) == (0, 3, 2)
    assert weekly.days() == [date(2026, 11, 28)]
    assert {kind for kind, _ in weekly.mails()} == {"cancelled"}
    assert weekly.offer_state() == OfferState.WITHDRAWN


def test_what_was_not_seen_is_not_done(session: Session, weekly: Weekly) -> None:
    seal = weekly.effect(**SUNDAYS).seal
    need = make_need(session, weekly.dates()[2])
    make_offer(session, need, make_volunteer(session, weekly.hub), state=OfferState.SENT)
    with pytest.raises(TooLate, match="effect_changed"):
        weekly.change(seal, **SUNDAYS)
    assert weekly.mails() == []
    with pytest.raises(TooLate, match="effect_changed"):
        weekly.change("anything", ends_on=date(2026, 12, 1))


def test_change_into_a_taken_room_is_refused_with_the_other_named(session: Session, weekly: Weekly) -> None:
    starts_at = datetime(2026, 12, 6, 5, 0, tzinfo=UTC)
    make_activity(
        session, weekly.hub, code="A-movie", title_zh="电影夜", venue_id=weekly.room.id, starts_at=starts_at
    )
    with pytest.raises(HubError, match="venue_taken") as refused:
        weekly.change(**SUNDAYS)
    assert refused.value.sentence.zh == (
        "“修理角”排不进12月6日周日14:00：活动室那时有“电影夜”（A-movie）。换个时间或换个房间。"
    )


def test_dates_may_swap_places_with_their_neighbours(session: Session) -> None:
    hub = make_hub(session)
    room = save(session, Venue(code="V1", hub_id=hub.id, name="活动室"))
    make_series(
        session, hub, code="R-two", rrule="FREQ=WEEKLY;BYDAY=TU,WE,TH", venue_id=room.id, title_zh="晨读"
    )
    schedule.plan_activities(session, now=NOW, until=date(2026, 11, 29))
    values = {"rrule": "FREQ=WEEKLY;BYDAY=WE,TH,FR"}
    effect = series_effect(session, "R-two", values, hub_id=None, now=NOW)
    assert [line.step for line in effect.lines[:3]] == [Step.MOVES, Step.STAYS, Step.STAYS]
    change_series(session, "R-two", values, seal=effect.seal, reason="周五人多", by=None, now=NOW)
    week = session.exec(select(Activity.series_date).order_by(col(Activity.starts_at))).all()[:3]
    assert week == [date(2026, 11, 25), date(2026, 11, 26), date(2026, 11, 27)]


def test_date_moved_by_hand_stays_where_people_put_it(session: Session, weekly: Weekly) -> None:
    evening = datetime(2026, 11, 28, 11, 0, tzinfo=UTC)
    first = weekly.dates()[0]
    schedule.move_activity(session, first.id, starts_at=evening, reason="占用", by=weekly.worker.id, now=NOW)
    weekly.change(start_time=time(15, 0))
    assert [one.starts_at.hour for one in weekly.dates()] == [11, 7, 7, 7, 7, 7]


def test_undo_before_the_mail_left_tells_nobody(session: Session, weekly: Weekly) -> None:
    before = [(one.id, one.starts_at, one.series_date) for one in weekly.dates()]
    said = weekly.change(**SUNDAYS)
    undone = weekly.undo(said.change_id)
    assert (undone.restored, undone.told, undone.problems) == (6, 0, ())
    assert [(one.id, one.starts_at, one.series_date) for one in weekly.dates()] == before
    assert session.get_one(Series, weekly.series.id).rrule == "FREQ=WEEKLY;BYDAY=SA"
    assert {kind for kind, _ in weekly.mails()} == {"changed"}
    again = weekly.undo(said.change_id)
    assert (again.again, again.restored) == (True, 0)
    assert schedule.plan_activities(session, now=NOW, until=date(2026, 12, 20)).added == 0


def test_undo_after_the_mail_left_gives_places_back_and_tells_those_who_heard(
    session: Session, weekly: Weekly
) -> None:
    said = weekly.change(ends_on=date(2026, 11, 30))
    weekly.mails_leave()
    undone = weekly.undo(said.change_id)
    assert undone.told == 2
    session.expire_all()
    assert weekly.offer_state() == OfferState.ACCEPTED
    assert weekly.days() == [date(2026, 11, 28) + timedelta(weeks=n) for n in range(4)]
    assert [kind for kind, _ in weekly.mails()].count("on_again") == 2
    weekly.change(ends_on=date(2026, 11, 30))
    assert [kind for kind, _ in weekly.mails()].count("cancelled") == 4  # called off again, told again


def test_undo_leaves_out_who_has_promised_to_be_elsewhere(session: Session, weekly: Weekly) -> None:
    said = weekly.change(ends_on=date(2026, 11, 30))
    other = make_activity(session, make_hub(session), title_zh="读书会", starts_at=weekly.second.starts_at)
    make_offer(session, make_need(session, other, taken=1), weekly.helper, state=OfferState.ACCEPTED)
    undone = weekly.undo(said.change_id)
    assert [problem.sentence.zh for problem in undone.problems] == [
        "陆小满那时已经答应了“读书会”，没有放回“修理角”。"
    ]
    assert weekly.offer_state() == OfferState.WITHDRAWN


def test_undo_is_refused_where_somebody_changed_an_activity_since(session: Session, weekly: Weekly) -> None:
    said = weekly.change(**SUNDAYS)
    schedule.cancel_activity(session, weekly.second.id, reason="下雨", by=weekly.worker.id, now=NOW)
    with pytest.raises(HubError, match="changed_since"):
        weekly.undo(said.change_id)
    assert weekly.days()[0] == date(2026, 11, 29)


def test_undo_of_another_hub_or_of_an_old_change_is_refused(session: Session, weekly: Weekly) -> None:
    said = weekly.change(**SUNDAYS)
    stranger = make_coordinator(session, make_hub(session))
    with pytest.raises(NotYours):
        bulk_changes.undo(session, said.change_id, hub_id=weekly.hub.id, by=stranger.id, now=LATER)
    with pytest.raises(NotFound):
        bulk_changes.undo(session, said.change_id, hub_id=make_hub(session).id, by=None, now=LATER)
    with pytest.raises(TooLate, match="change_too_old"):
        weekly.undo(said.change_id, NOW + timedelta(days=15))


def test_planning_can_be_undone_and_keeps_what_has_people(session: Session, weekly: Weekly) -> None:
    change = session.exec(select(BulkChange)).one()
    undone = weekly.undo(change.id)
    assert undone.restored == 3
    assert [problem.code for problem in undone.problems] == ["people_placed"]
    assert weekly.days() == [date(2026, 12, 5)]
    assert schedule.plan_activities(session, now=NOW, until=date(2026, 12, 20)).added == 3


def test_planning_undone_late_says_what_has_begun_and_does_not_count_it(
    session: Session, weekly: Weekly
) -> None:
    change = session.exec(select(BulkChange)).one()
    undone = weekly.undo(change.id, datetime(2026, 11, 29, tzinfo=UTC))
    assert undone.restored == 2
    assert [one.code for one in undone.problems] == ["activity_over", "people_placed"]


def test_undo_is_offered_only_for_what_has_not_begun(session: Session, weekly: Weekly) -> None:
    change = session.exec(select(BulkChange)).one()

    def offered(day: int) -> bool:
        now = datetime(2026, 11 if day > 15 else 12, day, tzinfo=UTC)
        (line,) = bulk_changes.recent(session, weekly.hub.id, now=now)
        return line.can_undo

    assert (offered(24), offered(29)) == (True, True)
    effect = undo_effect(session, change.id, now=datetime(2026, 11, 29, tzinfo=UTC))
    assert effect.activities == 2
    assert effect.sentence.zh.endswith("2场活动恢复原样。2场已经开始或已经有人，留着不动。")
    for date_without_people in weekly.dates()[2:]:
        date_without_people.state = ActivityState.CANCELLED
    session.flush()
    assert offered(6) is False


def test_moved_date_that_has_taken_place_is_not_moved_back(session: Session, weekly: Weekly) -> None:
    said = weekly.change(rrule="FREQ=WEEKLY;BYDAY=TU")
    wednesday = datetime(2026, 11, 25, 12, tzinfo=UTC)
    lines = {
        one.change_id: one.can_undo for one in bulk_changes.recent(session, weekly.hub.id, now=wednesday)
    }
    assert lines[said.change_id] is False
    with pytest.raises(HubError, match="activity_over"):
        weekly.undo(said.change_id, wednesday)


def test_date_moved_behind_its_day_by_hand_does_not_fall_out(session: Session, weekly: Weekly) -> None:
    first = weekly.dates()[0]
    move_activity(
        session, first.id, starts_at=first.starts_at + timedelta(days=1), reason="停电", by=None, now=NOW
    )
    between = first.starts_at - timedelta(hours=10)
    effect = series_effect(session, "R-fix", {}, hub_id=weekly.hub.id, now=between)
    assert effect.of(Step.FALLS_OUT) == ()


def test_date_that_fell_out_comes_back_when_the_series_does(session: Session, weekly: Weekly) -> None:
    weekly.change(ends_on=date(2026, 12, 7))
    assert weekly.days() == [date(2026, 11, 28), date(2026, 12, 5)]
    said = weekly.change(ends_on=date(2026, 12, 31))
    assert said.added == 3
    assert weekly.days() == [date(2026, 11, 28) + timedelta(weeks=n) for n in range(5)]


def test_closed_days_cancel_everything_plan_nothing_and_can_be_undone(
    session: Session, weekly: Weekly
) -> None:
    first, last = date(2026, 12, 1), date(2026, 12, 31)
    effect = closing_days.closing_effect(session, weekly.hub.id, first, last, now=NOW)
    assert effect.sentence.zh == "12月1日到12月31日停办：取消3场活动，2人会收到通知。"
    said = closing_days.close_days(
        session, weekly.hub.id, first, last, seal=effect.seal, reason="装修", by=weekly.worker.id, now=NOW
    )
    assert (said.cancelled, said.told) == (3, 2)
    assert schedule.plan_activities(session, now=NOW, until=date(2027, 1, 3)).added == 1
    weekly.undo(said.change_id)
    assert schedule.plan_activities(session, now=NOW, until=date(2027, 1, 3)).added == 1
    assert weekly.days() == [date(2026, 11, 28) + timedelta(weeks=n) for n in range(6)]


def test_everything_is_on_the_audit_trail(session: Session, weekly: Weekly) -> None:
    said = weekly.change(**SUNDAYS)
    weekly.undo(said.change_id)
    verbs = [entry.verb for entry in session.exec(select(AuditEntry).order_by(col(AuditEntry.id)))]
    assert verbs.count("activity.moved") == 4
    assert verbs.count("activity.restored") == 4
    assert {"series.changed", "series.restored", "activity.taken_back"} <= set(verbs)
