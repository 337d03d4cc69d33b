"""Hours apart from the plan: said by one, confirmed by another, set right beside, counted by the rules of the day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from models import Attendance, HoursCategory, HoursClaim, HoursEntry, HoursSource, Message
from models.states import OfferState, Presence
from services import attendance, hours_claims, hours_corrections, hours_desk, hours_view
from services.errors import HubError, NotFound, NotYours, TooLate
from services.hours_claims import ClaimForm
from services.hours_rules import HoursRules, StarRules, hours_rules
from services.policies import set_rules
from services.policy_history import History
from tests.factories import (
    NOW,
    make_activity,
    make_coordinator,
    make_hub,
    make_manager,
    make_need,
    make_offer,
    make_unit,
    make_volunteer,
    save,
)

TODAY = date(2026, 11, 23)
FORM = ClaimForm("2026-11-21", "1.5", "给普通话角做卡片", "preparation")


class Desk:
    """A hub with two social workers, its manager, and one volunteer."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.unit = make_unit(session)
        self.hub = make_hub(session, unit=self.unit)
        self.worker, self.other = make_coordinator(session, self.hub), make_coordinator(session, self.hub)
        self.manager = make_manager(session, self.unit)
        self.outsider = make_coordinator(session, make_hub(session))
        self.volunteer = make_volunteer(session, self.hub)

    def claim(self, form: ClaimForm = FORM, **over: Any) -> hours_claims.Claimed:
        return hours_claims.claim_hours(self.session, self.volunteer.id, form, now=NOW, **over)

    def decide(
        self, claim_id: int, by: int, *, is_right: bool = True, reason: str = ""
    ) -> hours_claims.Decided:
        return hours_claims.decide(self.session, claim_id, is_right=is_right, by=by, now=NOW, reason=reason)

    def ledger(self) -> list[tuple[int, str, bool]]:
        rows = self.session.exec(select(HoursEntry).order_by(col(HoursEntry.id)))
        return [(row.minutes, row.source, row.counts) for row in rows]

    def serve(self, minutes: int, day: date = TODAY, **over: Any) -> HoursEntry:
        claim = save(
            self.session,
            HoursClaim(
                person_id=self.volunteer.id,
                hub_id=self.hub.id,
                served_on=day,
                minutes=minutes,
                what="帮忙",
                asked_by_id=self.volunteer.id,
                asked_at=NOW,
                state="confirmed",
            ),
        )
        values = {"source": HoursSource.CLAIM, "category": HoursCategory.OTHER, **over}
        return save(
            self.session,
            HoursEntry(
                claim_id=claim.id,
                person_id=self.volunteer.id,
                hub_id=self.hub.id,
                minutes=minutes,
                served_on=day,
                entered_at=NOW,
                **values,
            ),
        )

    def balance(self) -> hours_view.Balance:
        return hours_view.balance(self.session, self.volunteer.id, today=TODAY)

    def mails(self) -> list[str]:
        return [mail.key for mail in self.session.exec(select(Message).order_by(col(Message.id)))]


@pytest.fixture
def desk(session: Session) -> Desk:
    return Desk(session)


def test_claim_is_in_the_ledger_only_once_another_person_confirms_it(desk: Desk) -> None:
    claimed = desk.claim()
    assert (claimed.minutes, desk.ledger()) == (90, [])
    done = desk.decide(claimed.claim_id, desk.worker.id)
    assert (done.state, done.minutes, desk.ledger()) == ("confirmed", 90, [(90, "claim", True)])
    assert desk.decide(claimed.claim_id, desk.other.id).again
    assert (len(desk.ledger()), desk.mails()) == (1, [f"hours_decided:{claimed.claim_id}"])


def test_same_claim_twice_is_one(desk: Desk) -> None:
    first = desk.claim()
    assert desk.claim() == hours_claims.Claimed(first.claim_id, 90, first.sentence, again=True)


def test_who_claims_cannot_confirm_also_not_for_somebody_else(desk: Desk) -> None:
    by_staff = desk.claim(by=desk.worker.id)
    with pytest.raises(HubError, match="claim_own"):
        desk.decide(by_staff.claim_id, desk.worker.id)
    assert desk.decide(by_staff.claim_id, desk.manager.id).minutes == 90
    assert desk.ledger() == [(90, "staff", True)]


def test_strangers_neither_claim_for_others_nor_confirm(desk: Desk) -> None:
    with pytest.raises(NotYours):
        desk.claim(by=desk.outsider.id)
    claimed = desk.claim()
    with pytest.raises(NotYours):
        desk.decide(claimed.claim_id, desk.outsider.id)
    with pytest.raises(NotYours):
        hours_desk.hub_hours(desk.session, desk.hub.id, by=desk.outsider.id, now=NOW)


def test_refusal_needs_a_reason_and_the_volunteer_reads_it(desk: Desk) -> None:
    claimed = desk.claim()
    with pytest.raises(HubError, match="claim_reason"):
        desk.decide(claimed.claim_id, desk.worker.id, is_right=False, reason=" ")
    desk.decide(claimed.claim_id, desk.worker.id, is_right=False, reason="那天记过了")
    with pytest.raises(TooLate, match="claim_decided"):
        desk.decide(claimed.claim_id, desk.other.id)
    (line,) = hours_view.hours_page(desk.session, desk.volunteer.id, now=NOW).claims
    assert (line.state, line.reason, desk.ledger()) == ("refused", "那天记过了", [])


def test_own_claim_can_be_taken_back_and_made_again_but_not_anybody_elses(desk: Desk) -> None:
    claimed = desk.claim()
    with pytest.raises(NotFound):
        hours_claims.withdraw(desk.session, claimed.claim_id, person_id=desk.worker.id, now=NOW)
    done = hours_claims.withdraw(desk.session, claimed.claim_id, person_id=desk.volunteer.id, now=NOW)
    assert done.state == "withdrawn"
    assert not desk.claim().again


def test_every_wrong_field_of_a_claim_is_named_at_once(desk: Desk) -> None:
    with pytest.raises(HubError) as refused:
        desk.claim(ClaimForm("21/11", "nan", "  ", "fun"))
    assert [one.field for one in refused.value.refusals] == ["served_on", "hours", "category", "what"]


@pytest.mark.parametrize(
    ("form", "code"),
    [
        (ClaimForm("2026-11-24", "1", "x", "other"), "claim_future"),
        (ClaimForm("2026-08-24", "1", "x", "other"), "claim_old"),
        (ClaimForm("2026-11-21", "24.5", "x", "other"), "claim_hours"),
        (ClaimForm("2026-11-21", "1_0", "x", "other"), "claim_hours"),
        (ClaimForm("2026-11-21", "0.001", "x", "other"), "claim_too_short"),
    ],
)
def test_claim_that_cannot_be_true_is_refused(desk: Desk, form: ClaimForm, code: str) -> None:
    with pytest.raises(HubError, match=code):
        desk.claim(form)


def test_hours_typed_as_people_type_them_are_read(desk: Desk) -> None:
    assert desk.claim(ClaimForm("2026-11-21", "１.５小时", "a", "other")).minutes == 90


def test_training_is_on_the_record_and_counts_for_no_star(desk: Desk) -> None:
    claimed = desk.claim(ClaimForm("2026-11-21", "2", "急救培训", "training"))
    desk.decide(claimed.claim_id, desk.worker.id)
    found = desk.balance()
    assert (found.total, found.this_year, found.counted) == (120, 120, 0)


def test_lines_are_kept_apart_by_how_they_are_known(desk: Desk) -> None:
    desk.serve(60, source=HoursSource.CHECK_IN)
    desk.serve(90, source=HoursSource.STAFF, day=TODAY - timedelta(days=1))
    desk.serve(30, day=date(2025, 12, 31))
    found = desk.balance()
    assert (found.timed, found.staff, found.claimed, found.total, found.this_year) == (60, 90, 30, 180, 150)


def test_correction_is_a_line_beside_the_old_one(desk: Desk) -> None:
    entry = desk.serve(120)
    done = hours_corrections.correct(
        desk.session, entry.id, 90, reason="先走了半小时", by=desk.worker.id, now=NOW
    )
    again = hours_corrections.correct(
        desk.session, entry.id, 90, reason="先走了半小时", by=desk.worker.id, now=NOW
    )
    assert (done.minutes, again.minutes) == (-30, 0)
    assert desk.ledger() == [(120, "claim", True), (-30, "staff", True)]
    lines = hours_view.hours_lines(desk.session, col(HoursEntry.person_id) == desk.volunteer.id)
    assert [(one.minutes, one.what.zh, one.reason) for one in lines] == [
        (120, "帮忙", ""),
        (-30, "帮忙", "先走了半小时"),
    ]
    assert len(desk.mails()) == 1


def test_correction_of_a_claim_lowers_what_was_claimed_and_nothing_of_the_staff(desk: Desk) -> None:
    entry = desk.serve(120)
    hours_corrections.correct(desk.session, entry.id, 30, reason="记多了", by=desk.worker.id, now=NOW)
    found = desk.balance()
    assert (found.timed, found.staff, found.claimed, found.total) == (0, 0, 30, 30)


def test_correction_needs_a_reason_somebody_else_and_a_first_line(desk: Desk) -> None:
    entry = desk.serve(120)
    with pytest.raises(NotYours):
        hours_corrections.correct(desk.session, entry.id, 90, reason="x", by=desk.outsider.id, now=NOW)
    with pytest.raises(HubError) as refused:
        hours_corrections.correct(desk.session, entry.id, 1441, reason="", by=desk.worker.id, now=NOW)
    assert [one.code for one in refused.value.refusals] == ["hours_minutes", "hours_reason"]
    entry.person_id = desk.worker.id
    desk.session.flush()
    with pytest.raises(HubError, match="hours_own"):
        hours_corrections.correct(desk.session, entry.id, 90, reason="x", by=desk.worker.id, now=NOW)


def test_changed_attendance_takes_back_what_its_correction_left(desk: Desk) -> None:
    activity = make_activity(desk.session, desk.hub, starts_at=NOW - timedelta(hours=3))
    offer = make_offer(
        desk.session, make_need(desk.session, activity, taken=1), desk.volunteer, state=OfferState.ACCEPTED
    )

    def record(presence: Presence) -> None:
        attendance.record(
            desk.session, activity.id, {offer.id: presence}, {}, by=desk.worker.id, now=NOW, reason="记错了"
        )

    record(Presence.PRESENT)
    (entry,) = desk.session.exec(select(HoursEntry))
    hours_corrections.correct(desk.session, entry.id, 60, reason="x", by=desk.worker.id, now=NOW)
    record(Presence.NO_SHOW)
    assert [minutes for minutes, _, _ in desk.ledger()] == [150, -90, -60]
    assert len(desk.session.exec(select(Attendance)).all()) == 2


def test_rules_of_the_day_of_service_decide_what_counts(desk: Desk) -> None:
    monday = date(2026, 11, 23)
    set_rules(desk.session, HoursRules, {"counts_claims": False}, hub_id=None, now=NOW, valid_from=monday)
    for day in ("2026-11-22", "2026-11-23"):
        claimed = desk.claim(ClaimForm(day, "1", "帮忙", "other"))
        desk.decide(claimed.claim_id, desk.worker.id)
    assert desk.ledger() == [(60, "claim", True), (60, "claim", False)]


def test_day_counts_at_most_its_cap_by_the_rules_of_that_day(desk: Desk) -> None:
    set_rules(desk.session, HoursRules, {"daily_cap_hours": 2}, hub_id=None, now=NOW, valid_from=TODAY)
    for day in (TODAY - timedelta(days=1), TODAY):
        desk.serve(100, day)
        desk.serve(100, day)
    found = desk.balance()
    assert (found.total, found.counted) == (400, 200 + 120)


def test_times_are_rounded_down_by_the_rule(desk: Desk) -> None:
    set_rules(desk.session, HoursRules, {"round_to_minutes": 30}, hub_id=None, now=NOW)
    assert desk.claim(ClaimForm("2026-11-23", "1.9", "帮忙", "other")).minutes == 90


@pytest.mark.parametrize(
    ("hours", "stars", "next_star"),
    [(0, 0, (1, 6000)), (99, 0, (1, 60)), (100, 1, (2, 12_000)), (1000, 4, (5, 30_000)), (1500, 5, None)],
)
def test_ladder_of_the_ministry(hours: int, stars: int, next_star: tuple[int, int] | None) -> None:
    ladder = StarRules()
    assert (ladder.stars(hours * 60), ladder.next_star(hours * 60)) == (stars, next_star)


def test_network_may_have_a_ladder_of_its_own_that_rises(desk: Desk) -> None:
    desk.serve(35 * 60, TODAY - timedelta(days=3))
    desk.serve(0 + 600, TODAY)
    set_rules(desk.session, StarRules, {"ladder": [(1, 10), (2, 20)]}, hub_id=None, now=NOW)
    assert desk.balance().stars == 2
    for ladder in ([(1, 20), (2, 10)], [(2, 10)], []):
        with pytest.raises(HubError, match="policy_value"):
            set_rules(desk.session, StarRules, {"ladder": ladder}, hub_id=None, now=NOW)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-600, 900), st.booleans())))
def test_counted_minutes_never_exceed_what_counts_nor_fall_below_nought(
    lines: list[tuple[int, int, bool]],
) -> None:
    entries = [
        HoursEntry(
            person_id=1,
            hub_id=1,
            minutes=minutes,
            counts=counts,
            served_on=TODAY + timedelta(days=day),
            entered_at=NOW,
        )
        for day, minutes, counts in lines
    ]
    counted = hours_view.counted_minutes(entries, History(HoursRules(daily_cap_hours=8)))
    assert 0 <= counted <= min(sum(max(0, m) for _, m, counts in lines if counts), 4 * 480)
    assert counted == hours_view.counted_minutes(reversed(entries), History(HoursRules(daily_cap_hours=8)))


def test_hub_sees_waiting_claims_beside_what_the_day_already_holds(desk: Desk) -> None:
    desk.serve(120, date(2026, 11, 21))
    claimed = desk.claim()
    found = hours_desk.hub_hours(desk.session, desk.hub.id, by=desk.worker.id, now=NOW)
    assert [(one.claim_id, one.minutes_that_day) for one in found.waiting] == [(claimed.claim_id, 120)]
    assert [(one.code, one.minutes) for one in found.volunteers] == [(desk.volunteer.code, 120)]
    (waiting,) = hours_desk.waiting_claims(desk.session, [desk.hub.id])
    assert (waiting.count, waiting.first) == (1, NOW)


def test_link_to_the_own_page_is_sent_once_an_hour_and_only_to_volunteers(desk: Desk) -> None:
    said = hours_desk.send_link(desk.session, f" {desk.volunteer.email.upper()} ", now=NOW)
    assert (said.queued, desk.mails()) == (1, [f"my_page:{desk.volunteer.id}:20261123T01"])
    again = hours_desk.send_link(desk.session, desk.volunteer.email, now=NOW)
    nobody = [hours_desk.send_link(desk.session, address, now=NOW) for address in ("", desk.worker.email)]
    assert [one.queued for one in (again, *nobody)] == [0, 0, 0]
    assert {one.sentence for one in (again, *nobody)} == {said.sentence}


def test_link_is_sent_to_an_address_typed_with_a_chinese_keyboard(desk: Desk) -> None:
    typed = desk.volunteer.email.replace("@", "＠")
    assert hours_desk.send_link(desk.session, typed, now=NOW).queued == 1


def test_history_of_rules_starts_with_the_built_in_ones(desk: Desk) -> None:
    later = TODAY + timedelta(days=7)
    set_rules(desk.session, HoursRules, {"daily_cap_hours": 8}, hub_id=None, now=NOW, valid_from=later)
    rules = hours_rules(desk.session)
    assert [rules.on(day).daily_cap_hours for day in (date.min, later - timedelta(days=1), later)] == [
        12,
        12,
        8,
    ]
