"""Who came: recorded once, corrected by a new line, never guessed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from models import Activity, Attendance, AuditEntry, HoursEntry, Message, Offer, Participation
from models.states import ActivityState, OfferState, ParticipationState, Presence
from services import attendance
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

P = Presence
ENDED = NOW + timedelta(hours=3)


class Afternoon:
    """An activity of two and a half hours that began an hour ago: one volunteer, one participant."""

    def __init__(self, session: Session) -> None:
        self.hub = make_hub(session)
        self.coordinator = make_coordinator(session, self.hub)
        self.outsider = make_coordinator(session, make_hub(session))
        self.activity = make_activity(session, self.hub, starts_at=NOW - timedelta(hours=1))
        self.need = make_need(session, self.activity, maximum=2, desired=2)
        self.volunteer = make_volunteer(session, self.hub)
        self.offer = make_offer(session, self.need, self.volunteer, state=OfferState.ACCEPTED)
        self.participation = self.sign_up(session, ParticipationState.SIGNED_UP)

    def sign_up(self, session: Session, state: ParticipationState) -> Participation:
        person = make_participant(session, self.hub)
        return save(
            session,
            Participation(
                activity_id=self.activity.id, participant_id=person.id, state=state, signed_up_at=NOW
            ),
        )

    def record(self, session: Session, presence: Presence, *, by: int | None = None) -> attendance.Recorded:
        marks = {self.offer.id: presence}
        return attendance.record(
            session, self.activity.id, marks, {}, by=by or self.coordinator.id, now=ENDED, reason="x"
        )


@pytest.fixture
def afternoon(session: Session) -> Afternoon:
    return Afternoon(session)


def ledger(session: Session) -> list[int]:
    return [entry.minutes for entry in session.exec(select(HoursEntry).order_by(col(HoursEntry.id)))]


def kinds(session: Session) -> list[str]:
    return [message.kind for message in session.exec(select(Message).order_by(col(Message.id)))]


def test_presence_enters_hours_and_thanks(session: Session, afternoon: Afternoon) -> None:
    said = afternoon.record(session, P.PRESENT)
    assert (said.volunteers, said.minutes, said.still_unknown) == (1, 150, 1)
    entry = session.exec(select(HoursEntry)).one()
    assert (entry.person_id, entry.minutes, entry.entered_by_id) == (
        afternoon.volunteer.id,
        150,
        afternoon.coordinator.id,
    )
    thanks = session.exec(select(Message)).one()
    assert (thanks.key, thanks.to_address) == (f"thanks:{afternoon.offer.id}", afternoon.volunteer.email)


def test_same_marks_again_change_nothing(session: Session, afternoon: Afternoon) -> None:
    afternoon.record(session, P.PRESENT)
    again = afternoon.record(session, P.PRESENT)
    assert (again.volunteers, again.corrected, again.minutes) == (0, 0, 0)
    assert len(session.exec(select(Attendance)).all()) == 1
    assert (ledger(session), kinds(session)) == ([150], ["thanks"])


def test_correction_adds_lines_and_changes_none(session: Session, afternoon: Afternoon) -> None:
    for presence in (P.PRESENT, P.NO_SHOW, P.EXCUSED, P.PRESENT):
        afternoon.record(session, presence)
    records = session.exec(select(Attendance).order_by(col(Attendance.id))).all()
    assert [one.presence for one in records] == [P.PRESENT, P.NO_SHOW, P.EXCUSED, P.PRESENT]
    assert [one.corrects_id for one in records] == [None, *(one.id for one in records[:-1])]
    assert ledger(session) == [150, -150, 150]
    assert kinds(session) == ["thanks", "no_show"]


def test_known_presence_can_become_unknown_again(session: Session, afternoon: Afternoon) -> None:
    afternoon.record(session, P.PRESENT)
    said = afternoon.record(session, P.UNKNOWN)
    assert (said.corrected, ledger(session)) == (1, [150, -150])


@pytest.mark.parametrize("presence", [P.EXCUSED, P.NO_SHOW])
def test_absence_earns_nothing(session: Session, afternoon: Afternoon, presence: Presence) -> None:
    afternoon.record(session, presence)
    assert (ledger(session), "thanks" in kinds(session)) == ([], False)


def test_unnamed_people_stay_unknown(session: Session, afternoon: Afternoon) -> None:
    attendance.record(session, afternoon.activity.id, {}, {}, by=afternoon.coordinator.id, now=ENDED)
    seen = attendance.sheet(session, afternoon.activity.id, by=afternoon.coordinator.id, now=ENDED)
    assert [row.presence for row in (*seen.volunteers, *seen.participants)] == [P.UNKNOWN, P.UNKNOWN]
    assert (seen.recorded, seen.total) == (0, 2)


def test_participant_is_marked_and_a_change_is_audited(session: Session, afternoon: Afternoon) -> None:
    key = afternoon.participation.id
    for presence in (P.PRESENT, P.PRESENT, P.NO_SHOW):
        attendance.record(
            session,
            afternoon.activity.id,
            {},
            {key: presence},
            by=afternoon.coordinator.id,
            now=ENDED,
            reason="认错人了",
        )
    assert (afternoon.participation.presence, afternoon.participation.recorded_at) == (P.NO_SHOW, ENDED)
    entry = session.exec(select(AuditEntry)).one()
    assert (entry.verb, entry.changes) == ("attendance.corrected", {"presence": ["present", "no_show"]})
    (row,) = attendance.sheet(
        session, afternoon.activity.id, by=afternoon.coordinator.id, now=ENDED
    ).participants
    assert [(was.presence, was.by, was.reason) for was in row.history] == [
        (P.NO_SHOW, afternoon.coordinator.name, "认错人了")
    ]


def test_change_of_a_record_without_a_reason_is_refused(session: Session, afternoon: Afternoon) -> None:
    afternoon.record(session, P.PRESENT)
    with pytest.raises(HubError) as refused:
        attendance.record(
            session,
            afternoon.activity.id,
            {afternoon.offer.id: P.NO_SHOW},
            {},
            by=afternoon.coordinator.id,
            now=ENDED,
            reason=" ",
        )
    assert [(one.code, one.field) for one in refused.value.refusals] == [("attendance_reason", "reason")]
    assert ledger(session) == [150]


def test_sheet_tells_what_was_recorded_before_by_whom_and_why(session: Session, afternoon: Afternoon) -> None:
    for presence in (P.NO_SHOW, P.PRESENT):
        afternoon.record(session, presence)
    (row,) = attendance.sheet(
        session, afternoon.activity.id, by=afternoon.coordinator.id, now=ENDED
    ).volunteers
    assert row.corrections == 1
    assert [(was.presence, was.by, was.reason) for was in row.history] == [
        (P.PRESENT, afternoon.coordinator.name, "x"),
        (P.NO_SHOW, afternoon.coordinator.name, ""),
    ]


def test_outsider_sees_and_records_nothing(session: Session, afternoon: Afternoon) -> None:
    with pytest.raises(NotYours):
        attendance.sheet(session, afternoon.activity.id, by=afternoon.outsider.id, now=ENDED)
    with pytest.raises(NotYours):
        afternoon.record(session, P.PRESENT, by=afternoon.outsider.id)
    assert (ledger(session), kinds(session)) == ([], [])


def test_sheet_lists_who_said_yes_and_who_has_a_place(session: Session, afternoon: Afternoon) -> None:
    for state in (OfferState.SENT, OfferState.DECLINED, OfferState.STANDBY):
        make_offer(session, afternoon.need, make_volunteer(session, afternoon.hub), state=state)
    for state in (ParticipationState.WAITING, ParticipationState.CANCELLED, ParticipationState.NEEDS_CONSENT):
        afternoon.sign_up(session, state)
    seen = attendance.sheet(session, afternoon.activity.id, by=afternoon.coordinator.id, now=ENDED)
    assert [row.offer_id for row in seen.volunteers] == [afternoon.offer.id]
    assert [row.participation_id for row in seen.participants] == [afternoon.participation.id]


def test_people_of_other_activities_are_refused_all_at_once(session: Session, afternoon: Afternoon) -> None:
    other = Afternoon(session)
    with pytest.raises(HubError) as refused:
        attendance.record(
            session,
            afternoon.activity.id,
            {other.offer.id: P.PRESENT, afternoon.offer.id: P.PRESENT, 999_999: P.PRESENT},
            {},
            by=afternoon.coordinator.id,
            now=ENDED,
        )
    assert [refusal.field for refusal in refused.value.refusals] == [
        f"offer-{other.offer.id}",
        "offer-999999",
    ]


@pytest.mark.parametrize(
    ("minutes", "open_"), [(-61, False), (-60, True), (-59, True)], ids=["before", "at", "after"]
)
def test_sheet_opens_when_it_begins(
    session: Session, afternoon: Afternoon, minutes: int, open_: bool
) -> None:
    at = NOW + timedelta(minutes=minutes)
    seen = attendance.sheet(session, afternoon.activity.id, by=afternoon.coordinator.id, now=at)
    assert seen.may_record is open_


def test_future_and_cancelled_activities_have_no_attendance(session: Session, afternoon: Afternoon) -> None:
    with pytest.raises(HubError, match="attendance_too_early"):
        attendance.record(
            session,
            afternoon.activity.id,
            {},
            {},
            by=afternoon.coordinator.id,
            now=NOW - timedelta(hours=2),
        )
    afternoon.activity.state = ActivityState.CANCELLED
    session.flush()
    with pytest.raises(TooLate, match="attendance_cancelled"):
        afternoon.record(session, P.PRESENT)


def close(session: Session, **after: float) -> attendance.Closed:
    return attendance.close_activities(session, now=ENDED + timedelta(**after))


def test_closing_asks_the_hubs_own_coordinators_once(session: Session, afternoon: Afternoon) -> None:
    offer = make_offer(
        session, afternoon.need, make_volunteer(session, afternoon.hub), state=OfferState.STANDBY
    )
    assert close(session).closed == 1
    assert close(session).closed == 0
    session.expire_all()
    assert (afternoon.activity.state, afternoon.activity.closed_at) == (ActivityState.DONE, ENDED)
    assert session.get(Offer, offer.id).state == OfferState.EXPIRED
    asked = session.exec(select(Message)).one()
    assert (asked.key, asked.to_address) == (
        f"attendance:{afternoon.activity.id}:{afternoon.coordinator.id}:0",
        afternoon.coordinator.email,
    )


def test_running_activity_is_not_closed(session: Session, afternoon: Afternoon) -> None:
    just_before = afternoon.activity.ends_at - timedelta(seconds=1)
    assert attendance.close_activities(session, now=just_before).closed == 0
    assert attendance.close_activities(session, now=afternoon.activity.ends_at).closed == 1


def test_unrecorded_attendance_is_asked_for_once_more(session: Session, afternoon: Afternoon) -> None:
    close(session)
    assert close(session, days=2, hours=23).chased == 0
    assert close(session, days=3).chased == 1
    assert close(session, days=4).chased == 0
    assert kinds(session) == ["attendance", "attendance"]


def test_recorded_attendance_is_not_asked_for_again(session: Session, afternoon: Afternoon) -> None:
    close(session)
    attendance.record(
        session,
        afternoon.activity.id,
        {afternoon.offer.id: P.NO_SHOW},
        {afternoon.participation.id: P.PRESENT},
        by=afternoon.coordinator.id,
        now=ENDED,
    )
    assert close(session, days=3).chased == 0


def test_activity_without_people_is_closed_in_silence(session: Session) -> None:
    hub = make_hub(session)
    make_coordinator(session, hub)
    activity = make_activity(session, hub, starts_at=NOW - timedelta(hours=1))
    assert close(session).closed == 1
    assert kinds(session) == []
    assert session.get(Activity, activity.id) is activity
