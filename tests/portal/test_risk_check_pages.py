"""A social worker answers the checklist on a phone, a manager agrees on theirs, and the dates are published."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import select

from models import Activity, RiskCheck
from notifications.links import Purpose
from services import schedule
from tests import factories
from tests.portal.pages import form, heading, main, unlabelled

GOOD = {"in_charge": "yes", "emergency": "yes", "weather": "yes", "route": "yes", "note": "下雨改室内"}


@pytest.fixture
def desks(site) -> dict[str, str]:
    """The addresses of the hub's pages and of the branch's."""
    with site.db() as session:
        unit = factories.make_unit(session)
        hub = factories.make_hub(session, unit=unit, name_zh="晨光里青年汇")
        worker = factories.make_coordinator(session, hub, name="雷秋池")
        manager = factories.make_manager(session, unit, name="万知夏")
        factories.make_series(
            session, hub, code="R-walk", title_zh="拍照散步", title_en="Photo walk", is_outdoors=True
        )
        schedule.plan_activities(session, now=site.now, until=date(2026, 12, 6))
        return {
            "hub": str(site.link(Purpose.HUB, hub.id, worker.id)),
            "branch": str(site.link(Purpose.BRANCH, unit.id, manager.id)),
        }


def check_id(site) -> int:
    with site.db() as session:
        return session.exec(select(RiskCheck)).one().id


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_pages_say_why_it_is_checked_and_label_every_choice(site, desks, language) -> None:
    page = site.get(f"{desks['hub']}/schedule/R-walk/check", language)
    assert heading(page.text) == {"zh-Hans": "风险检查：拍照散步", "en": "Risk check: Photo walk"}[language]
    assert unlabelled(page.text) == []
    assert {"zh-Hans": "在户外", "en": "outdoors"}[language] in main(page.text)


def test_answers_then_agreement_publish_the_dates(site, desks) -> None:
    todo = site.get(desks["hub"])
    assert "拍照散步还没过风险检查" in main(todo.text)
    assert "/schedule/R-walk/check" in todo.text
    sent = site.post(f"{desks['hub']}/schedule/R-walk/check", **GOOD)
    assert sent.status_code == 303
    assert "交上去了" in main(site.get(sent.headers["location"]).text)
    desk = site.get(desks["branch"])
    assert "晨光里青年汇：拍照散步" in main(desk.text)
    shown = site.get(f"{desks['branch']}/checks/{check_id(site)}")
    assert "下雨改室内" in main(shown.text)
    assert form(shown.text, "deed").choices["deed"] == ["clear", "return"]
    done = site.post(f"{desks['branch']}/checks/{check_id(site)}", deed="clear")
    assert done.status_code == 303
    assert "万知夏点头" in main(site.get(done.headers["location"]).text)
    with site.db() as session:
        assert {one.state for one in session.exec(select(Activity))} == {"published"}
    over = main(site.get(f"{desks['hub']}/schedule/R-walk/check").text)
    assert ("通过了，有效到" in over, "<form" in over) == (True, False)


def test_no_go_shows_what_to_do_first(site, desks) -> None:
    sent = site.post(f"{desks['hub']}/schedule/R-walk/check", **{**GOOD, "route": "no"})
    page = site.get(sent.headers["location"])
    assert "先走一遍路线，买好保险" in main(page.text)
    assert "现在没有等你定的事" in main(site.get(desks["branch"]).text)


def test_open_question_is_marked_at_its_field_and_nothing_is_kept(site, desks) -> None:
    before = site.rows()
    page = site.post(f"{desks['hub']}/schedule/R-walk/check", in_charge="yes", note="")
    assert page.status_code == 422
    assert 'id="route-error"' in page.text
    assert site.rows() == before


def test_sending_back_without_a_reason_is_refused_at_its_field(site, desks) -> None:
    site.post(f"{desks['hub']}/schedule/R-walk/check", **GOOD)
    page = site.post(f"{desks['branch']}/checks/{check_id(site)}", deed="return", reason=" ")
    assert page.status_code == 422
    assert 'id="reason-error"' in page.text
    sent = site.post(f"{desks['branch']}/checks/{check_id(site)}", deed="return", reason="路线要避开施工")
    assert "路线要避开施工" in main(site.get(sent.headers["location"]).text)


def test_roster_and_list_of_activities_name_what_stands_in_the_way(site, desks) -> None:
    with site.db() as session:
        code = session.exec(select(Activity)).first().code
    assert "先过风险检查" in main(site.get(f"{desks['hub']}/activities/{code}").text)
    assert "2场在等" in main(site.get(f"{desks['hub']}/activities").text)


def test_looking_changes_nothing(site, desks) -> None:
    before = site.rows()
    site.get(f"{desks['hub']}/schedule/R-walk/check")
    site.get(f"{desks['hub']}/activities")
    assert site.rows() == before


@pytest.mark.parametrize("path", ["schedule/R-none/check", "activities/A-none/check"])
def test_unknown_series_or_activity_has_no_check(site, desks, path) -> None:
    assert site.get(f"{desks['hub']}/{path}").status_code == 404
