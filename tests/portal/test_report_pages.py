"""A manager's report and a hub's own score: before and after the release, and who may see what."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from sqlmodel import select

from models import Message, Report, SurveyAnswer
from notifications.links import Purpose
from services import reports
from tests.portal.pages import heading, main, own_forms, unlabelled
from tests.services.evaluation_cast import LATER, scored_cycle


@dataclass(frozen=True)
class Draft:
    report: str
    outsider: str
    below: str
    score: str
    other_hub: str
    hub_name: str
    other_name: str
    report_id: int


@pytest.fixture
def draft(site) -> Draft:
    with site.db() as session:
        network = scored_cycle(session)
        report = reports.draft_report(session, "E1", now=LATER).report_id
        link, hubs = site.link, network.hubs
        return Draft(
            report=link(Purpose.REPORT, report, network.manager.id),
            outsider=link(Purpose.REPORT, report, network.outsider.id),
            below=link(Purpose.REPORT, report, network.street_manager.id),
            score=link(Purpose.HUB_SCORE, report, hubs[0].id, network.coordinators[0].id),
            other_hub=link(Purpose.HUB_SCORE, report, hubs[0].id, network.coordinators[1].id),
            hub_name=hubs[0].name_zh,
            other_name=hubs[1].name_zh,
            report_id=report,
        )


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_draft_shows_figures_every_hub_with_its_interval_and_what_is_left(site, draft, language) -> None:
    page = site.get(draft.report, language)
    assert heading(page.text) == ("2026 year-end evaluation" if language == "en" else "2026年年终评估")
    text = main(page.text)
    assert ("Waits for you" if language == "en" else "等你签发") in text
    assert ("Release and send to 3 hubs" if language == "en" else "签发并发给3家") in text
    assert page.text.count('<circle class="point"') == 3
    assert len(re.findall(r"\d\d\.\d</b> ?[（(]\d\d\.\d–\d\d\.\d[）)]", page.text)) == 3
    assert unlabelled(page.text) == []


def test_reading_a_report_and_a_score_changes_nothing(site, draft) -> None:
    site.post(f"{draft.report}/release")
    before = site.rows()
    assert site.get(draft.report).status_code == 200
    assert site.get(draft.score).status_code == 200
    assert site.rows() == before


def test_release_is_one_press_sends_once_and_shows_by_whom(site, draft) -> None:
    (form, *_) = [one for one in own_forms(site.get(draft.report).text) if one.action.endswith("/release")]
    for _ in range(2):
        done = site.post(form.action)
        assert (done.status_code, done.headers["location"]) == (303, draft.report)
    text = main(site.get(draft.report).text)
    assert "祁望舒在11月23日（周一）9:00签发了。" in text
    assert own_forms(site.get(draft.report).text) == []
    with site.db() as session:
        kinds = list(session.exec(select(Message.kind)))
    assert kinds.count("hub_score") == 3


def test_return_needs_a_reason_and_keeps_it(site, draft) -> None:
    page = site.post(f"{draft.report}/return", reason=" ")
    assert page.status_code == 422
    assert 'href="#reason">写明哪里要改。</a>' in page.text
    assert site.post(f"{draft.report}/return", reason="听泉的问卷太少").status_code == 303
    text = main(site.get(draft.report).text)
    assert "退回修改了，原因：听泉的问卷太少" in text
    assert "签发并发给" not in text
    with site.db() as session:
        assert session.get_one(Report, draft.report_id).returned_reason == "听泉的问卷太少"


@pytest.mark.parametrize("who", ["outsider", "below"])
def test_draft_is_for_who_may_release_it(site, draft, who) -> None:
    path = getattr(draft, who)
    before = site.rows()
    for answer in (site.get(path), site.post(f"{path}/release"), site.post(f"{path}/return", reason="x")):
        assert answer.status_code == 403
        assert draft.hub_name not in answer.text
    assert site.rows() == before


def test_manager_below_reads_their_own_branch_after_release_and_cannot_release(site, draft) -> None:
    site.post(f"{draft.report}/release")
    page = site.get(draft.below)
    assert draft.other_name in page.text
    assert draft.hub_name not in page.text
    assert own_forms(page.text) == []


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_hub_reads_its_own_score_after_release(site, draft, language) -> None:
    assert site.get(draft.score, language).status_code == 403
    site.post(f"{draft.report}/release")
    page = site.get(draft.score, language)
    assert heading(page.text) == ("Our result" if language == "en" else "我们的评估结果")
    text = main(page.text)
    assert re.search(
        r"Very likely between \d" if language == "en" else r"很可能在\d\d\.\d到\d\d\.\d之间", text
    )
    assert ("What would raise it most" if language == "en" else "怎样加分最多") in text
    assert draft.other_name not in page.text


def test_score_of_a_hub_is_closed_to_other_hubs(site, draft) -> None:
    site.post(f"{draft.report}/release")
    page = site.get(draft.other_hub)
    assert page.status_code == 403
    assert draft.hub_name not in page.text


@pytest.mark.parametrize(("kind", "begins"), [("pdf", b"%PDF-"), ("xlsx", b"PK")])
def test_report_and_score_are_taken_home_as_files_by_who_may_read_them(site, draft, kind, begins) -> None:
    assert site.get(f"{draft.outsider}/report.{kind}").status_code == 403
    assert site.get(f"{draft.below}/report.{kind}").status_code == 403, "a draft is for who may release it"
    before = site.rows()
    own = site.get(f"{draft.report}/report.{kind}", "en")
    assert (own.status_code, own.content[: len(begins)]) == (200, begins)
    assert own.headers["content-disposition"] == f"attachment; filename*=UTF-8''report-E1-r1.{kind}"
    assert own.headers["cache-control"] == "no-store"
    assert site.rows() == before
    assert site.get(f"{draft.score}/report.{kind}").status_code == 403, "not before the release"
    site.post(f"{draft.report}/release")
    assert site.get(f"{draft.score}/report.{kind}").content[: len(begins)] == begins
    assert site.get(f"{draft.other_hub}/report.{kind}").status_code == 403
    assert site.get(f"{draft.below}/report.{kind}").status_code == 200


def test_rows_behind_a_report_are_for_who_may_audit_it(site, draft) -> None:
    site.post(f"{draft.report}/release")
    assert site.get(f"{draft.report}/audit.zip").content[:2] == b"PK"
    assert site.get(f"{draft.below}/audit.zip").status_code == 403
    assert f"{draft.report}/audit.zip" in site.get(draft.report).text
    assert "audit.zip" not in site.get(draft.below).text
    assert site.get(f"{draft.report}/report.exe").status_code == 404


@pytest.mark.parametrize(
    ("indicator", "expected"),
    [
        ("ef.held", "没有取消的占多少"),
        ("ef.reach", "来了几次，不写姓名"),
        ("st.case", "评估员1"),
        ("sv.staff", "12份，平均"),
    ],
)
def test_every_number_leads_to_the_rows_behind_it_and_to_no_name(site, draft, indicator, expected) -> None:
    assert site.get(f"{draft.score}/from/{indicator}").status_code == 403, "not before the release"
    site.post(f"{draft.report}/release")
    assert f"{draft.score}/from/{indicator}" in site.get(draft.score).text
    before = site.rows()
    page = site.get(f"{draft.score}/from/{indicator}")
    assert page.status_code == 200
    assert expected in main(page.text)
    assert "乔安禾" not in page.text
    assert unlabelled(page.text) == []
    assert site.rows() == before
    assert site.get(f"{draft.other_hub}/from/{indicator}").status_code == 403
    assert site.get(f"{draft.score}/from/no.such").status_code == 404


def test_answers_below_the_smallest_number_are_shown_to_nobody(site, draft) -> None:
    site.post(f"{draft.report}/release")
    with site.db() as session:
        for place, answer in enumerate(session.exec(select(SurveyAnswer)).all()):
            answer.hub_id = 1 if place < 2 else 3
    text = main(site.get(f"{draft.score}/from/sv.staff").text)
    assert "只有2份回答，不到6份，不给任何人看" in text
    assert "这个数从哪来（0行）" in text
