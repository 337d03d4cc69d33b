"""Checking in: by the digits of the day or the picture at the door, within its time, and what it is worth."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from models import Attendance, CheckIn, HoursEntry, Message, Participation
from models.states import ActivityState, OfferState, ParticipationState, Presence
from services import attendance, check_in
from services.check_in import Outcome
from services.check_in_rules import CheckInRules, code_of
from services.check_in_view import check_in_view
from services.errors import HubError, TooLate
from services.hours_corrections import correct
from services.hours_view import balance
from services.policies import set_rules
from services.queries import placements
from tests.factories import (
    NOW,
    make_activity,
    make_coordinator,
    make_hub,
    make_need,
    make_offer,
    make_participant,
    make_person,
    make_volunteer,
    save,
)

MINUTE = timedelta(minutes=1)
STARTS = NOW + timedelta(hours=1)
ENDS = STARTS + timedelta(minutes=150)


class Today:
    """An activity from ten to half past twelve: one volunteer, one participant, at nine o'clock."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.hub = make_hub(session)
        self.worker = make_coordinator(session, self.hub)
        self.activity = make_activity(session, self.hub, starts_at=STARTS)
        self.need = make_need(session, self.activity, maximum=3, desired=3, taken=1)
        self.volunteer = make_volunteer(session, self.hub, email="ye@people.example")
        self.offer = make_offer(session, self.need, self.volunteer, state=OfferState.ACCEPTED)
        self.guest = make_participant(session, self.hub, email="fang@young.example")
        self.seat = self.sit(self.guest.id)

    @property
    def code(self) -> str:
        return code_of(self.activity)

    @property
    def wrong(self) -> str:
        return f"{(int(self.code) + 1) % 10**6:06}"

    def sit(self, participant_id: int | None) -> Participation:
        return save(
            self.session,
            Participation(
                activity_id=self.activity.id,
                participant_id=participant_id,
                state=ParticipationState.SIGNED_UP,
                signed_up_at=NOW,
            ),
        )

    def enter(self, code: str = "", *, at: datetime = STARTS) -> check_in.CheckedIn:
        return check_in.volunteer_by_code(self.session, self.offer.id, code or self.code, now=at)

    def close(self, *, at: datetime = ENDS) -> None:
        attendance.close_activities(self.session, now=at)

    def record(self, presence: Presence, *, at: datetime) -> attendance.Recorded:
        marks = {self.offer.id: presence}
        return attendance.record(
            self.session, self.activity.id, marks, {}, by=self.worker.id, now=at, reason="记错了"
        )

    def ledger(self) -> list[tuple[int, str]]:
        lines = self.session.exec(select(HoursEntry).order_by(col(HoursEntry.id)))
        return [(line.minutes, line.source) for line in lines]

    def presences(self) -> list[tuple[str, str]]:
        rows = self.session.exec(select(Attendance).order_by(col(Attendance.id)))
        return [(row.presence, row.source) for row in rows]


@pytest.fixture
def today(session: Session) -> Today:
    return Today(session)


def test_code_has_six_digits_and_changes_with_the_start(today: Today) -> None:
    before = today.code
    assert (len(before), before.isdecimal()) == (6, True)
    today.activity.starts_at += MINUTE
    assert today.code != before


def test_right_code_records_presence_and_enters_hours_when_it_is_over(today: Today) -> None:
    assert today.enter().outcome == Outcome.IN
    assert (today.presences(), today.ledger()) == ([("present", "check_in")], [])
    today.close()
    assert today.ledger() == [(150, "check_in")]
    assert "thanks" in [mail.kind for mail in today.session.exec(select(Message))]


def test_code_typed_full_width_and_with_a_gap_is_the_same_code(today: Today) -> None:
    typed = f"{today.code[:3]} {today.code[3:]}".translate({48 + n: 0xFF10 + n for n in range(10)})
    assert today.enter(typed).outcome == Outcome.IN


def test_checking_in_twice_changes_nothing(today: Today) -> None:
    today.enter()
    assert today.enter(at=STARTS + 30 * MINUTE).outcome == Outcome.AGAIN
    (check,) = today.session.exec(select(CheckIn))
    assert (check.at, len(today.presences())) == (STARTS, 1)


@pytest.mark.parametrize(
    ("at", "refused"),
    [
        (STARTS - 61 * MINUTE, "check_in_early"),
        (STARTS - 60 * MINUTE, None),
        (ENDS - MINUTE, None),
        (ENDS, "check_in_over"),
    ],
)
def test_checking_in_is_open_from_an_hour_before_until_the_end(
    today: Today, at: datetime, refused: str | None
) -> None:
    if refused is None:
        assert today.enter(at=at).is_in
        return
    with pytest.raises(HubError, match=refused):
        today.enter(at=at)
    assert today.presences() == []


def test_cancelled_activity_and_given_up_place_take_no_check_in(today: Today) -> None:
    today.offer.state = OfferState.DECLINED
    today.session.flush()
    with pytest.raises(TooLate, match="check_in_not_expected"):
        today.enter()
    today.offer.state, today.activity.state = OfferState.ACCEPTED, ActivityState.CANCELLED
    today.session.flush()
    with pytest.raises(TooLate, match="check_in_cancelled"):
        today.enter()


def test_too_many_wrong_codes_lock_even_the_right_one_for_a_while(today: Today) -> None:
    assert {today.enter(today.wrong).outcome for _ in range(5)} == {Outcome.WRONG_CODE}
    assert today.enter().outcome == Outcome.LOCKED
    assert today.presences() == []
    assert today.enter(at=STARTS + 16 * MINUTE).outcome == Outcome.IN


def test_wrong_codes_of_one_person_lock_nobody_else(today: Today) -> None:
    for _ in range(6):
        today.enter(today.wrong)
    done = check_in.participant_by_code(today.session, today.seat.id, today.code, now=STARTS)
    assert done.outcome == Outcome.IN


def test_who_comes_late_or_leaves_early_is_timed(today: Today) -> None:
    today.enter(at=STARTS + 40 * MINUTE)
    (placed,) = placements(today.session)
    seen = check_in_view(today.session, placed, now=STARTS + 41 * MINUTE)
    assert (seen.at, seen.counts_from) == (STARTS + 40 * MINUTE, STARTS + 40 * MINUTE)
    for minutes in (90, 120):
        check_in.leave(today.session, today.offer.id, now=STARTS + minutes * MINUTE)
    today.close()
    assert today.ledger() == [(50, "check_in")]


def test_few_minutes_late_cost_nothing(today: Today) -> None:
    today.enter(at=STARTS + 15 * MINUTE)
    today.close()
    assert today.ledger() == [(150, "check_in")]


def test_hub_decides_when_it_opens_and_how_late_is_late(today: Today) -> None:
    rules = {"opens_minutes_before": 0, "grace_minutes": 0}
    set_rules(today.session, CheckInRules, rules, hub_id=today.hub.id, now=NOW)
    with pytest.raises(HubError, match="check_in_early"):
        today.enter(at=STARTS - MINUTE)
    today.enter(at=STARTS + MINUTE)
    today.close()
    assert today.ledger() == [(149, "check_in")]


def test_staffs_record_stands_and_the_check_in_is_kept_beside_it(today: Today) -> None:
    today.record(Presence.EXCUSED, at=STARTS + MINUTE)
    today.enter(at=STARTS + 2 * MINUTE)
    assert today.presences() == [("excused", "staff")]
    today.close()
    assert today.ledger() == []
    (row,) = attendance.sheet(today.session, today.activity.id, by=today.worker.id, now=ENDS).volunteers
    assert (row.presence, row.checked_in_at) == (Presence.EXCUSED, STARTS + 2 * MINUTE)


def test_check_in_that_staff_takes_back_and_restores_is_worth_its_time_once(today: Today) -> None:
    today.enter(at=STARTS + 30 * MINUTE)
    for presence in (Presence.NO_SHOW, Presence.PRESENT):
        today.record(presence, at=ENDS - MINUTE)
    assert today.ledger() == []
    today.close()
    assert today.ledger() == [(120, "check_in")]
    today.record(Presence.NO_SHOW, at=ENDS + MINUTE)
    today.record(Presence.PRESENT, at=ENDS + MINUTE)
    assert [minutes for minutes, _ in today.ledger()] == [120, -120, 120]


def test_check_in_after_staffs_record_sets_the_whole_length_right(today: Today) -> None:
    today.record(Presence.PRESENT, at=STARTS + MINUTE)
    today.enter(at=STARTS + 30 * MINUTE)
    today.close()
    assert today.ledger() == [(150, "staff"), (-30, "check_in")]
    worth = balance(today.session, today.volunteer.id, today=NOW.date())
    assert (worth.total, worth.staff, worth.timed) == (120, 120, 0)


def test_correction_by_hand_before_the_closing_stands(today: Today) -> None:
    today.enter(at=STARTS + 30 * MINUTE)
    for presence in (Presence.NO_SHOW, Presence.PRESENT):
        today.record(presence, at=ENDS + MINUTE)
    (line,) = today.session.exec(select(HoursEntry))
    assert line.minutes == 120
    correct(today.session, line.id, 60, reason="两点就走了", by=today.worker.id, now=ENDS + MINUTE)
    today.close(at=ENDS + 2 * MINUTE)
    assert [minutes for minutes, _ in today.ledger()] == [120, -60]


def test_who_checked_in_is_not_asked_for(today: Today) -> None:
    today.enter()
    check_in.participant_by_code(today.session, today.seat.id, today.code, now=STARTS)
    today.close()
    assert [mail.kind for mail in today.session.exec(select(Message))] == ["thanks"]


def test_picture_at_the_door_knows_people_by_their_address(today: Today) -> None:
    def scan(address: str, name: str = "") -> check_in.CheckedIn:
        return check_in.by_address(today.session, today.activity.id, address, name, now=STARTS)

    make_person(today.session, email="nobody@people.example")
    assert scan("nobody@people.example").outcome == Outcome.NOT_FOUND
    assert scan("").outcome == Outcome.NOT_FOUND
    done = scan(" YE@people.example ")
    assert (done.outcome, done.name) == (Outcome.IN, today.volunteer.name)
    assert scan("fang@young.example").name == today.guest.name
    today.session.refresh(today.seat)
    assert today.seat.presence == Presence.PRESENT


def test_one_address_for_two_children_asks_for_the_name(today: Today) -> None:
    sister = make_participant(today.session, today.hub, email="fang@young.example", name="方小北")
    seat = today.sit(sister.id)

    def scan(name: str) -> check_in.CheckedIn:
        return check_in.by_address(today.session, today.activity.id, "fang@young.example", name, now=STARTS)

    assert [scan("").outcome, scan("别人").outcome, scan("方小北").outcome] == [
        Outcome.WHICH,
        Outcome.NOT_FOUND,
        Outcome.IN,
    ]
    assert (seat.presence, today.seat.presence) == (Presence.PRESENT, Presence.UNKNOWN)
