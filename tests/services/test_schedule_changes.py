"""An activity is published, moved or cancelled: by its own hub, with a reason, and everybody is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from models import AuditEntry, HoursEntry, Message, Offer, Participation, Venue
from models.states import ActivityState, OfferState, ParticipationState, Presence
from services import attendance, schedule
from services.errors import HubError, NotYours, TooLate
from tests.factories import (
    NOW,
    make_activity,
    make_coordinator,
    make_hub,
    make_need,
    make_offer,
    make_participant,
    make_volunteer,
    save,
)

A, F, P = ActivityState, OfferState, ParticipationState
SATURDAY = NOW + timedelta(days=5, hours=5)
SUNDAY = SATURDAY + timedelta(days=1)


class Busy:
    """An activity with a volunteer and a participant in every state."""

    def __init__(self, session: Session) -> None:
        self.hub = make_hub(session)
        self.coordinator = make_coordinator(session, self.hub)
        self.outsider = make_coordinator(session, make_hub(session))
        self.activity = make_activity(session, self.hub)
        self.need = make_need(session, self.activity, taken=1, maximum=3)
        self.offers = {state: self.offer(session, state) for state in F}
        self.seats = {state: self.sign_up(session, state) for state in P}

    def offer(self, session: Session, state: OfferState) -> Offer:
        person = make_volunteer(session, self.hub, email=f"{state}@people.example")
        expires_at = NOW + timedelta(hours=48)
        return make_offer(session, self.need, person, state=state, sent_at=NOW, expires_at=expires_at)

    def sign_up(self, session: Session, state: ParticipationState) -> Participation:
        person = make_participant(session, self.hub, email=f"{state}@young.example")
        return save(
            session,
            Participation(
                activity_id=self.activity.id, participant_id=person.id, state=state, signed_up_at=NOW
            ),
        )


@pytest.fixture
def busy(session: Session) -> Busy:
    return Busy(session)


def cancel(session: Session, busy: Busy, **over: object) -> schedule.Cancelled:
    values = {"reason": "场地漏水", "by": busy.coordinator.id, "now": NOW, **over}
    return schedule.cancel_activity(session, busy.activity.id, **values)


def move(session: Session, busy: Busy, **over: object) -> schedule.Moved:
    values = {
        "starts_at": SUNDAY,
        "reason": "场地漏水",
        "by": busy.coordinator.id,
        "now": NOW,
        **over,
    }
    return schedule.move_activity(session, busy.activity.id, **values)


def mails(session: Session) -> set[tuple[str, str]]:
    return {(message.kind, message.to_address) for message in session.exec(select(Message))}


YOUNG = {f"{state}@young.example" for state in P if state != P.CANCELLED}


def test_cancelling_withdraws_offers_and_tells_all_who_count_on_it(session: Session, busy: Busy) -> None:
    said = cancel(session, busy)
    asked = {f"{state}@people.example" for state in (F.SENT, F.ACCEPTED, F.STANDBY)}
    assert mails(session) == {("cancelled", address) for address in asked | YOUNG}
    assert said.told == 7
    session.expire_all()
    assert {state for state, offer in busy.offers.items() if offer.state == F.WITHDRAWN} == {
        F.PROPOSED,
        F.SENT,
        F.ACCEPTED,
        F.STANDBY,
        F.WITHDRAWN,
    }
    assert (busy.activity.state, busy.activity.reason, busy.need.taken) == (A.CANCELLED, "场地漏水", 0)
    assert busy.activity.revision == 2
    entry = session.exec(select(AuditEntry)).one()
    assert (entry.verb, entry.by_id, entry.reason) == (
        "activity.cancelled",
        busy.coordinator.id,
        "场地漏水",
    )


def test_cancelling_twice_tells_nobody_twice(session: Session, busy: Busy) -> None:
    cancel(session, busy)
    before = len(session.exec(select(Message)).all())
    assert cancel(session, busy).again
    assert len(session.exec(select(Message)).all()) == before


def test_cancelling_keeps_hours(session: Session, busy: Busy) -> None:
    during = SATURDAY + timedelta(hours=1)
    marks = {busy.offers[F.ACCEPTED].id: Presence.PRESENT}
    attendance.record(session, busy.activity.id, marks, {}, by=busy.coordinator.id, now=during)
    cancel(session, busy, now=during)
    assert [entry.minutes for entry in session.exec(select(HoursEntry))] == [150]


@pytest.mark.parametrize("reason", ["", "  ", "长" * 201])
def test_reason_is_asked_for(session: Session, busy: Busy, reason: str) -> None:
    with pytest.raises(HubError) as refused:
        cancel(session, busy, reason=reason)
    assert refused.value.refusals[0].field == "reason"
    with pytest.raises(HubError):
        move(session, busy, reason=reason)


def test_outsider_changes_nothing(session: Session, busy: Busy) -> None:
    outsider = busy.outsider.id
    with pytest.raises(NotYours):
        cancel(session, busy, by=outsider)
    with pytest.raises(NotYours):
        move(session, busy, by=outsider)
    busy.activity.state = A.PLANNED
    session.flush()
    with pytest.raises(NotYours):
        schedule.publish(session, [busy.activity.id], by=outsider, now=NOW)
    assert (busy.activity.state, mails(session)) == (A.PLANNED, set())


def test_what_is_over_stays_as_it_was(session: Session, busy: Busy) -> None:
    over = busy.activity.ends_at
    with pytest.raises(TooLate, match="activity_over"):
        cancel(session, busy, now=over)
    with pytest.raises(TooLate, match="activity_over"):
        move(session, busy, now=over, starts_at=over + timedelta(days=1))


def test_moving_tells_who_comes_and_asks_the_others_anew(session: Session, busy: Busy) -> None:
    said = move(session, busy)
    assert (said.told, said.revision) == (5, 2)
    assert busy.activity.ends_at - busy.activity.starts_at == timedelta(hours=2, minutes=30)
    assert mails(session) == {("changed", address) for address in YOUNG | {"accepted@people.example"}} | {
        ("offer", "sent@people.example")
    }
    assert (busy.offers[F.ACCEPTED].state, busy.need.taken) == (F.ACCEPTED, 1)


def test_moving_forward_in_time_shortens_deadlines(session: Session, busy: Busy) -> None:
    move(session, busy, starts_at=NOW + timedelta(hours=30))
    assert busy.offers[F.SENT].expires_at == NOW + timedelta(hours=18)


def test_moving_to_where_it_is_tells_nobody(session: Session, busy: Busy) -> None:
    assert move(session, busy, starts_at=SATURDAY).again
    assert (busy.activity.revision, mails(session)) == (1, set())


def test_bad_times_are_refused_all_at_once(session: Session, busy: Busy) -> None:
    with pytest.raises(HubError) as refused:
        move(session, busy, starts_at=NOW, ends_at=NOW)
    assert [refusal.code for refusal in refused.value.refusals] == ["time_past", "time_order"]


def test_moving_into_a_taken_room_names_the_other_activity(session: Session, busy: Busy) -> None:
    venue = save(session, Venue(code="V1", hub_id=busy.hub.id, name="二楼活动室"))
    make_activity(session, busy.hub, code="A-film", title_zh="电影夜", venue_id=venue.id, starts_at=SUNDAY)
    with pytest.raises(HubError, match="venue_taken") as refused:
        move(session, busy, venue_id=venue.id)
    assert "“电影夜”（A-film）" in refused.value.sentence.zh


def test_moving_within_its_own_room_is_no_conflict(session: Session, busy: Busy) -> None:
    busy.activity.venue_id = save(session, Venue(code="V1", hub_id=busy.hub.id, name="二楼活动室")).id
    session.flush()
    assert move(session, busy, starts_at=SATURDAY + timedelta(hours=1)).revision == 2


def test_publishing_opens_planned_activities_once(session: Session, busy: Busy) -> None:
    planned = make_activity(session, busy.hub, state=A.PLANNED)
    ids = [planned.id, busy.activity.id]
    assert schedule.publish(session, ids, by=busy.coordinator.id, now=NOW).published == 1
    assert schedule.publish(session, ids, by=busy.coordinator.id, now=NOW).published == 0
    assert planned.state == A.PUBLISHED
    verbs = session.exec(select(AuditEntry.verb).order_by(col(AuditEntry.id))).all()
    assert verbs == ["activity.published"]
