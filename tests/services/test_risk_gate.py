"""Nothing risky is published, and nobody asked, before the answers allow it and a second person agrees."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from models import Activity, AuditEntry, Message, RiskCheck, RoleKind, Venue
from models.states import ActivityState, OfferState, RiskCheckState
from scheduling import risks
from scheduling.risks import Risk
from services import gate, gate_lines, offer_sending, risk_checks, schedule
from services.checklists import UNFIT, current_checklist, read_checklist, register_checklist, shipped_text
from services.decisions import branch_desk
from services.digests_attention import Matter, attention
from services.errors import HubError, NotYours, TooLate
from services.gate_rules import GateRules
from services.policies import set_rules
from tests.factories import (
    NOW,
    make_activity,
    make_coordinator,
    make_hub,
    make_manager,
    make_need,
    make_offer,
    make_role,
    make_series,
    make_unit,
    make_volunteer,
    save,
)

UNTIL = date(2026, 12, 6)
GOOD = {"in_charge": "yes", "emergency": "yes", "weather": "yes", "route": "yes"}
BAD = {**GOOD, "route": "no"}


class Walks:
    """A hub with a weekly walk outdoors, its social worker, and the managers above it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.unit = make_unit(session)
        self.hub = make_hub(session, unit=self.unit)
        self.worker = make_coordinator(session, self.hub, name="雷秋池")
        self.manager = make_manager(session, self.unit, name="万知夏")
        self.series = make_series(session, self.hub, code="R-walk", title_zh="拍照散步", is_outdoors=True)

    def plan(self, now: datetime = NOW) -> schedule.Planned:
        return schedule.plan_activities(self.session, now=now, until=UNTIL)

    def answer(self, answers: dict[str, str], now: datetime = NOW, by: int | None = None):
        subject = risk_checks.subject_of_series(self.session, "R-walk", hub_id=self.hub.id)
        return risk_checks.answer(self.session, subject, answers, by=by or self.worker.id, now=now)

    def clear(self, check_id: int, now: datetime = NOW):
        return risk_checks.decide(self.session, check_id, is_cleared=True, by=self.manager.id, now=now)

    def states(self) -> list[str]:
        question = select(Activity).where(Activity.series_id == self.series.id)
        return [one.state for one in self.session.exec(question.order_by(col(Activity.starts_at)))]

    def mails(self, kind: str) -> list[Message]:
        return list(self.session.exec(select(Message).where(Message.kind == kind)))


@pytest.fixture
def walks(session: Session) -> Walks:
    return Walks(session)


def test_risky_dates_are_planned_and_wait_while_others_are_published(session, walks) -> None:
    make_series(session, walks.hub, code="R-fix", rrule="FREQ=WEEKLY;BYDAY=SU")
    planned = walks.plan()
    assert (planned.added, planned.waiting) == (4, 2)
    assert "其中2场要先过风险检查才发布" in planned.sentence.zh
    assert walks.states() == ["planned", "planned"]


def test_hub_is_told_once_which_dates_wait(session, walks) -> None:
    walks.plan()
    schedule.plan_activities(session, now=NOW, until=UNTIL + timedelta(weeks=2))
    (mail,) = walks.mails("hub_notice")
    assert mail.to_address == walks.worker.email


def test_todo_list_and_digest_name_what_stands_in_the_way(session, walks) -> None:
    walks.plan()
    (item,) = attention(session, walks.hub.id, now=NOW).items
    assert (item.matter, item.count, item.path) == (Matter.RISKS, 2, "/schedule/R-walk/check")
    check = walks.answer(GOOD)
    (item,) = attention(session, walks.hub.id, now=NOW).items
    assert item.tag.zh == "等点头"
    walks.clear(check.check_id)
    assert attention(session, walks.hub.id, now=NOW).items == ()


def test_good_answers_go_to_the_managers_who_then_publish(session, walks) -> None:
    walks.plan()
    answered = walks.answer(GOOD)
    assert (answered.state, answered.asked) == (RiskCheckState.ASKED, 1)
    assert [one.to_address for one in walks.mails("decisions")] == [walks.manager.email]
    (waiting,) = branch_desk(session, walks.unit.id, by=walks.manager.id, now=NOW).waiting
    assert waiting.path == f"/checks/{answered.check_id}"
    decided = walks.clear(answered.check_id)
    assert decided.published == 2
    assert walks.states() == ["published", "published"]
    assert len(walks.mails("hub_notice")) == 2


def test_answers_that_forbid_it_are_kept_and_nobody_is_asked_to_agree(session, walks) -> None:
    walks.plan()
    answered = walks.answer(BAD)
    assert (answered.state, answered.asked) == (RiskCheckState.BLOCKED, 0)
    assert [one.zh for one in answered.to_mend] == ["先走一遍路线，买好保险"]
    assert walks.mails("decisions") == []
    with pytest.raises(TooLate):
        walks.clear(answered.check_id)
    assert walks.states() == ["planned", "planned"]


def test_open_questions_are_refused_at_their_fields_and_nothing_is_kept(session, walks) -> None:
    with pytest.raises(HubError) as refused:
        walks.answer({"in_charge": "yes"})
    assert [one.field for one in refused.value.refusals] == ["emergency", "weather", "route"]
    assert session.exec(select(RiskCheck)).all() == []


def test_who_answered_cannot_agree_even_as_a_manager(session, walks) -> None:
    boss = make_coordinator(session, walks.hub)
    make_role(session, boss, RoleKind.MANAGER, unit=walks.unit)
    check = walks.answer(GOOD, by=boss.id)
    with pytest.raises(NotYours):
        risk_checks.decide(session, check.check_id, is_cleared=True, by=boss.id, now=NOW)


def test_without_a_second_person_the_sentence_says_whom_to_name(session) -> None:
    hub = make_hub(session)
    worker = make_coordinator(session, hub)
    make_series(session, hub, code="R-alone", is_outdoors=True)
    subject = risk_checks.subject_of_series(session, "R-alone", hub_id=hub.id)
    with pytest.raises(HubError, match="no_second_person"):
        risk_checks.answer(session, subject, GOOD, by=worker.id, now=NOW)


def test_managers_of_other_branches_and_other_hubs_have_no_say(session, walks) -> None:
    check = walks.answer(GOOD)
    stranger = make_manager(session, make_unit(session))
    with pytest.raises(NotYours):
        risk_checks.decide(session, check.check_id, is_cleared=True, by=stranger.id, now=NOW)
    with pytest.raises(NotYours):
        walks.answer(GOOD, by=stranger.id)


def test_sent_back_with_a_reason_it_stays_unpublished_and_can_be_answered_again(session, walks) -> None:
    walks.plan()
    check = walks.answer(GOOD)
    with pytest.raises(HubError, match="reason_missing"):
        risk_checks.decide(session, check.check_id, is_cleared=False, by=walks.manager.id, now=NOW)
    why = "路线要避开施工"
    risk_checks.decide(session, check.check_id, is_cleared=False, reason=why, by=walks.manager.id, now=NOW)
    assert session.get(RiskCheck, check.check_id).reason == why
    assert walks.states() == ["planned", "planned"]
    walks.clear(walks.answer(GOOD).check_id)
    assert walks.states() == ["published", "published"]


def test_answering_anew_replaces_what_nobody_has_decided(session, walks) -> None:
    first = walks.answer(GOOD)
    second = walks.answer(GOOD)
    assert session.get(RiskCheck, first.check_id).state == RiskCheckState.REPLACED
    with pytest.raises(TooLate):
        walks.clear(first.check_id)
    walks.clear(second.check_id)
    with pytest.raises(TooLate):
        walks.clear(second.check_id)


def test_who_answered_what_and_who_agreed_is_on_the_audit_trail(session, walks) -> None:
    walks.clear(walks.answer(GOOD).check_id, now=NOW + timedelta(hours=1))
    trail = session.exec(select(AuditEntry).where(AuditEntry.thing == "risk_check")).all()
    assert [(one.verb, one.by_id, one.at) for one in trail] == [
        ("risk_check.asked", walks.worker.id, NOW),
        ("risk_check.cleared", walks.manager.id, NOW + timedelta(hours=1)),
    ]
    assert trail[0].changes["route"] == [None, "yes"]


def test_later_dates_of_a_checked_series_are_published_at_once(session, walks) -> None:
    walks.clear(walks.answer(GOOD).check_id)
    assert (walks.plan().waiting, walks.states()) == (0, ["published", "published"])


def test_check_that_has_run_out_on_the_day_covers_nothing(session, walks) -> None:
    set_rules(session, GateRules, {"valid_days": 6}, hub_id=None, now=NOW)
    walks.clear(walks.answer(GOOD).check_id)
    walks.plan()
    assert walks.states() == ["published", "planned"]


def test_offers_wait_until_the_check_has_passed(session, walks) -> None:
    walks.plan()
    activity = session.exec(select(Activity).order_by(col(Activity.starts_at))).first()
    activity.state = ActivityState.PUBLISHED  # as if published before the rule began
    volunteer = make_volunteer(session, walks.hub)
    offer = make_offer(session, make_need(session, activity), volunteer)
    assert offer_sending.send_offers(session, now=NOW, hubs=[walks.hub.id]).sent == 0
    walks.clear(walks.answer(GOOD).check_id)
    assert offer_sending.send_offers(session, now=NOW, hubs=[walks.hub.id]).sent == 1
    session.refresh(offer)
    assert offer.state == OfferState.SENT


def test_publish_by_hand_is_refused_with_the_name_of_what_waits(session, walks) -> None:
    activity = make_activity(session, walks.hub, state=ActivityState.PLANNED, takes_money=True)
    with pytest.raises(HubError, match="needs_check"):
        schedule.publish(session, [activity.id], by=walks.worker.id, now=NOW)


def test_date_moved_to_another_room_needs_a_check_of_its_own(session, walks) -> None:
    walks.clear(walks.answer(GOOD).check_id)
    walks.plan()
    park = save(session, Venue(code="V-park", hub_id=walks.hub.id, name="公园"))
    first = session.exec(select(Activity).order_by(col(Activity.starts_at))).first()
    schedule.move_activity(
        session,
        first.id,
        starts_at=first.starts_at,
        venue_id=park.id,
        reason="去公园",
        by=walks.worker.id,
        now=NOW,
    )
    (waiting,) = gate.held(session, [walks.hub.id], now=NOW)
    assert (waiting.series, waiting.path) == (None, f"/activities/{first.code}/check")
    subject = risk_checks.subject_of_activity(session, first.code, hub_id=walks.hub.id)
    walks.clear(risk_checks.answer(session, subject, GOOD, by=walks.worker.id, now=NOW).check_id)
    assert gate.held(session, [walks.hub.id], now=NOW) == []


@pytest.mark.parametrize(
    ("marks", "risks"),
    [
        ({"has_minors": True}, (Risk.MINORS,)),
        ({"takes_money": True, "capacity": 100}, (Risk.CROWD, Risk.MONEY)),
        ({"capacity": 99}, ()),
    ],
)
def test_marks_of_an_activity_decide_what_holds_it(session, walks, marks, risks) -> None:
    activity = make_activity(session, walks.hub, **marks)
    assert GateRules().risks(activity) == risks
    assert len(gate.held(session, [walks.hub.id], now=NOW)) == bool(risks)


def test_network_decides_from_a_day_on_what_needs_a_check(session, walks) -> None:
    set_rules(session, GateRules, {"outdoors": False}, hub_id=None, now=NOW, valid_from=date(2026, 11, 24))
    assert walks.plan().waiting == 2
    later = NOW + timedelta(days=1)
    assert gate.held(session, [walks.hub.id], now=later) == []


def test_list_for_machines_says_why_and_since_which_state(session, walks) -> None:
    walks.plan()
    walks.answer(BAD)
    (line,) = gate_lines.held_lines(session, None, now=NOW)
    assert (line.code, line.dates, line.state) == ("R-walk", 2, "blocked")
    assert line.sentence.en.endswith("outdoors; the answers forbid it for now.")


def test_answers_keep_the_version_of_the_questions_they_were_given_to(session, walks) -> None:
    old = walks.answer(GOOD)
    text = shipped_text().replace('version: "2026.1"', 'version: "2026.2"')
    newer = register_checklist(session, text, now=NOW)
    assert current_checklist(session, now=NOW)[0] == newer
    assert session.get(RiskCheck, old.check_id).checklist_id != newer.id
    assert register_checklist(session, text, now=NOW).id == newer.id
    with pytest.raises(HubError, match="checklist_edited"):
        register_checklist(session, text.replace("急救箱", "药箱"), now=NOW)


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ("no_go: true, mend", "questions.0.answers.1"),
        ("when: [minors]", "questions.2.when.0"),
    ],
)
def test_checklist_with_faults_is_refused_at_the_place_in_the_file(session, wrong, place) -> None:
    broken = {"no_go: true, mend": "no_go: true, note", "when: [minors]": "when: [lions]"}[wrong]
    with pytest.raises(HubError) as refused:
        register_checklist(session, shipped_text().replace(wrong, broken, 1), now=NOW)
    assert any((one.field or "").startswith(place) for one in refused.value.refusals)


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("id: x\n a: [1\nb: 2\n", "第2行读不下去", "Reading stops at line 2"),
        ("just words", "这个文件不是检查表", "This file is no checklist"),
    ],
)
def test_a_file_that_is_no_checklist_is_told_in_words_of_ours(text, zh, en) -> None:
    with pytest.raises(HubError) as refused:
        read_checklist(text)
    assert refused.value.sentence.zh.startswith(zh)
    assert refused.value.sentence.en.startswith(en)


def test_every_misfit_of_a_checklist_is_told_in_both_languages() -> None:
    source = (Path(risks.__file__)).read_text(encoding="utf-8")
    assert set(re.findall(r'raise ValueError\("(.+?)"\)', source)) == set(UNFIT)


def test_checklist_that_begins_later_counts_from_its_day(session) -> None:
    text = shipped_text().replace('version: "2026.1"', 'version: "2027"').replace("2026-01-01", "2027-01-01")
    register_checklist(session, text, now=NOW)
    assert current_checklist(session, now=NOW)[1].version == "2026.1"
    assert current_checklist(session, now=datetime(2027, 1, 2, tzinfo=UTC))[1].version == "2027"
