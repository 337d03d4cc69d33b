"""From a shared draft over an objection to a corrected score, all by the pages of the people concerned."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from notifications.links import Purpose
from services import reports
from tests.factories import make_manager
from tests.portal.pages import form, heading, main, unlabelled
from tests.services.evaluation_cast import LATER, scored_cycle


@dataclass(frozen=True)
class Draft:
    report: str
    score: str
    branch: str
    second: str


@pytest.fixture
def draft(site) -> Draft:
    with site.db() as session:
        network = scored_cycle(session)
        report = reports.draft_report(session, "E1", now=LATER).report_id
        second = make_manager(session, network.district)
        district = network.district.id
        return Draft(
            report=site.link(Purpose.REPORT, report, network.manager.id),
            score=site.link(Purpose.HUB_SCORE, report, network.hubs[0].id, network.coordinators[0].id),
            branch=site.link(Purpose.BRANCH, district, network.manager.id),
            second=site.link(Purpose.BRANCH, district, second.id),
        )


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_hub_checks_its_draft_after_the_manager_shared_it(site, draft, language) -> None:
    assert site.get(draft.score).status_code == 403
    assert site.post(f"{draft.report}/share").status_code == 303
    page = site.get(draft.score, language)
    assert ("Draft, not released" if language == "en" else "草稿，还没有签发") in main(page.text)
    assert ("Is a fact wrong? Say so" if language == "en" else "哪个事实不对？提出来") in main(page.text)
    assert unlabelled(page.text) == []
    report = main(site.get(draft.report, language).text)
    assert ("The hubs check their own data" if language == "en" else "各家正在核对自己的数据") in report


def test_objection_is_decided_and_the_number_set_right_by_two_people(site, draft) -> None:
    site.post(f"{draft.report}/share")
    wrong = site.post(f"{draft.score}/object", indicator="pj.quality", ground="", words="")
    assert (wrong.status_code, 'href="#ground"' in wrong.text) == (422, True)
    words = {"ground": "evidence", "words": "交过评估计划"}
    assert site.post(f"{draft.score}/object", indicator="pj.quality", **words).status_code == 303
    assert "我们对项目申报质量的异议：交过评估计划 等裁定".replace(" ", "") in main(
        site.get(draft.score).text
    ).replace(" ", "")

    desk = site.get(draft.second)
    assert heading(desk.text) == "等你定的1件事"
    path = desk.text.partition(f'href="{draft.second}/objections/')[2].partition('"')[0]
    decide = f"{draft.second}/objections/{path}"
    assert unlabelled(site.get(decide).text) == []
    assert site.post(decide, deed="uphold", answer="").status_code == 422
    assert site.post(decide, deed="uphold", answer="计划在第7页").status_code == 303
    page = site.get(decide)
    chosen = form(page.text, "observation").choices["observation"][0]
    fields = {"deed": "correct", "observation": chosen, "reason": "计划在第7页"}
    assert site.post(decide, **fields, value="9").status_code == 422
    assert site.post(decide, **fields, value="4").status_code == 303

    assert heading(site.get(draft.second).text) == "现在没有等你定的事"
    override = site.get(draft.branch).text.partition(f'href="{draft.branch}/overrides/')[2].partition('"')[0]
    assert site.post(f"{draft.second}/overrides/{override}", deed="confirm").status_code == 403
    assert site.post(f"{draft.branch}/overrides/{override}", deed="confirm").status_code == 303
    assert "改正了" in main(site.get(f"{draft.branch}/overrides/{override}").text)
    assert "成立。计划在第7页" in main(site.get(draft.score).text)


def test_objection_after_the_window_is_refused_with_the_date(site, draft, monkeypatch) -> None:
    from datetime import timedelta  # noqa: PLC0415 -- used here alone

    from config import clock  # noqa: PLC0415 -- used here alone

    site.post(f"{draft.report}/share")
    monkeypatch.setattr(clock, "now", lambda: site.now + timedelta(days=20))
    answer = site.post(f"{draft.score}/object", indicator="pj.quality", ground="fact", words="x")
    assert (answer.status_code, "2026年12月7日" in answer.text) == (409, True)
