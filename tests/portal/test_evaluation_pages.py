"""An assessor's form and a resident's survey: every state, once only, and nobody named."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlmodel import Session, select

from models import Assessment, Cycle, CycleHub, Invitation, Observation, SurveyAnswer
from notifications.links import Purpose
from services.frameworks import newest_framework
from tests import factories
from tests.portal.pages import form, heading, main, own_forms, unlabelled

ASSESSOR = {
    "asked": ("请给晨光里青年汇评分，共{n}项", "Please score Chenguangli Hub: {n} questions"),
    "submitted": ("评好了，谢谢您", "Submitted. Thank you"),
    "conflict": ("知道了，这家换别人评", "Noted: somebody else will score this hub"),
    "missed": ("评分时间过了", "The time to score has passed"),
}
RESIDENT = {
    "drawn": ("晨光里青年汇怎么样？{n}个问题，两分钟", "How is Chenguangli Hub? {n} questions, two minutes"),
    "answered": ("收到了，谢谢您", "Received. Thank you"),
    "refused": ("好的，不打扰您了", "That is fine, we will not ask again"),
    "unanswered": ("问卷已经收完了", "The survey has closed"),
}


def make_cycle(session: Session, now: datetime, closes_at: datetime | None = None) -> tuple[int, int]:
    hub = factories.make_hub(session, name_zh="晨光里青年汇", name_en="Chenguangli Hub")
    cycle = Cycle(
        code="C",
        name_zh="2026年度评估",
        name_en="Evaluation 2026",
        framework_id=newest_framework(session, "youth-hub", now=now).id or 0,
        unit_id=hub.unit_id,
        year=2026,
        period_start=date(2026, 1, 1),
        period_end=date(2026, 12, 31),
        opened_at=now,
        closes_at=closes_at or now + timedelta(days=6),
        seed=1,
        state="collecting",
    )
    factories.save(session, cycle)
    factories.save(session, CycleHub(cycle_id=cycle.id or 0, hub_id=hub.id or 0, frame={"18_24:no": 5}))
    return cycle.id or 0, hub.id or 0


def make_assessment(session: Session, now: datetime, state: str = "asked") -> int:
    cycle, hub = make_cycle(session, now)
    assessor = factories.make_person(session, name="方映")
    row = Assessment(cycle_id=cycle, hub_id=hub, assessor_id=assessor.id or 0, state=state)
    return factories.save(session, row).id or 0


def make_invitation(session: Session, now: datetime, state: str = "drawn") -> int:
    cycle, hub = make_cycle(session, now)
    resident = factories.make_participant(session, session.get_one(factories.Hub, hub), name="白露")
    row = Invitation(
        cycle_id=cycle,
        hub_id=hub,
        participant_id=resident.id or 0,
        stratum="18_24:no",
        state=state,
        drawn_on=now.date(),
    )
    return factories.save(session, row).id or 0


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
@pytest.mark.parametrize("state", ASSESSOR)
def test_assessor_page_says_how_things_stand(site, state, language) -> None:
    with site.db() as session:
        assessment = make_assessment(session, site.now, state)
    page = site.get(site.link(Purpose.ASSESSMENT, assessment), language)
    items = len(form(page.text, "note").choices) if state == "asked" else 0
    assert heading(page.text) == ASSESSOR[state][language == "en"].format(n=items)
    assert bool(own_forms(page.text)) == (state in {"asked", "submitted"})  # a slip can be corrected
    assert unlabelled(page.text) == []


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
@pytest.mark.parametrize("state", RESIDENT)
def test_resident_page_says_how_things_stand(site, state, language) -> None:
    with site.db() as session:
        invitation = make_invitation(session, site.now, state)
    page = site.get(site.link(Purpose.SURVEY, invitation), language)
    items = page.text.count("<fieldset")
    assert heading(page.text) == RESIDENT[state][language == "en"].format(n=items)
    assert bool(own_forms(page.text)) == (state == "drawn")
    assert unlabelled(page.text) == []
    assert "白露" not in page.text


def test_every_rubric_item_has_its_five_levels_in_words(site) -> None:
    with site.db() as session:
        assessment = make_assessment(session, site.now)
    rubric = form(site.get(site.link(Purpose.ASSESSMENT, assessment)).text, "note")
    assert rubric.choices
    assert {tuple(levels) for levels in rubric.choices.values()} == {("0", "1", "2", "3", "4")}


def test_assessor_submits_once_and_sees_that_it_is_in(site) -> None:
    with site.db() as session:
        assessment = make_assessment(session, site.now)
    path = site.link(Purpose.ASSESSMENT, assessment)
    rubric = form(site.get(path).text, "note")
    levels = dict.fromkeys(rubric.choices, "3")
    assert [site.post(path, note="门口有坡道", **levels).status_code for _ in range(2)] == [303, 303]
    assert heading(site.get(path).text) == "评好了，谢谢您"
    with site.db() as session:
        assert session.get_one(Assessment, assessment).note == "门口有坡道"
        assert {row.indicator: row.value for row in session.exec(select(Observation))} == dict.fromkeys(
            levels, 3.0
        )


def test_assessor_steps_aside(site) -> None:
    with site.db() as session:
        assessment = make_assessment(session, site.now)
    path = site.link(Purpose.ASSESSMENT, assessment)
    assert site.post(path, conflict="1").status_code == 303
    assert heading(site.get(path).text) == ASSESSOR["conflict"][0]


def test_level_that_there_is_not_is_refused_at_its_item_and_the_rest_is_kept(site) -> None:
    with site.db() as session:
        assessment = make_assessment(session, site.now)
    path = site.link(Purpose.ASSESSMENT, assessment)
    first, second = list(form(site.get(path).text, "note").choices)[:2]
    before = site.rows()
    page = site.post(path, **{first: "9", second: "2"})
    assert page.status_code == 422
    assert f'href="#{first}"' in page.text
    assert form(page.text, "note").values == {second: "2", "note": ""}
    assert site.rows() == before


def test_resident_answers_once_and_may_skip(site) -> None:
    with site.db() as session:
        invitation = make_invitation(session, site.now)
    path = site.link(Purpose.SURVEY, invitation)
    questions = [name for one in own_forms(site.get(path).text) for name in one.choices if name != "refuse"]
    site.post(path, **{questions[0]: "5", questions[1]: ""})
    site.post(path, **{questions[0]: "1"})
    with site.db() as session:
        assert [row.answers for row in session.exec(select(SurveyAnswer))] == [{questions[0]: 5}]
        assert session.get_one(Invitation, invitation).state == "answered"


def test_resident_refuses_and_is_left_alone(site) -> None:
    with site.db() as session:
        invitation = make_invitation(session, site.now)
    path = site.link(Purpose.SURVEY, invitation)
    site.post(path, refuse="1")
    assert heading(site.get(path).text) == RESIDENT["refused"][0]


def test_survey_says_that_nobody_can_see_who_answered(site) -> None:
    with site.db() as session:
        invitation = make_invitation(session, site.now)
    assert "没人看得到是谁答的。" in main(site.get(site.link(Purpose.SURVEY, invitation)).text)


def test_opening_the_forms_changes_nothing(site) -> None:
    with site.db() as session:
        assessment = make_assessment(session, site.now)
    before = site.rows()
    site.get(site.link(Purpose.ASSESSMENT, assessment))
    assert site.rows() == before


def test_form_after_closing_asks_nothing(site) -> None:
    with site.db() as session:
        invitation = make_invitation(session, site.now)
        session.exec(select(Cycle)).one().closes_at = site.now - timedelta(minutes=1)
    page = site.get(site.link(Purpose.SURVEY, invitation))
    assert heading(page.text) == RESIDENT["unanswered"][0]
