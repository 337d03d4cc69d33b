"""A coordinator changes a series on a phone: sees whom it affects, confirms, and undoes it in one step."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import select

from models import Activity, BulkChange, Hub, Series, Unit
from notifications.links import Purpose
from services import schedule
from tests import factories
from tests.portal.pages import form, heading, main, unlabelled


@pytest.fixture
def desk(site) -> str:
    with site.db() as session:
        hub = factories.make_hub(session, name_zh="晨光里青年汇")
        worker = factories.make_coordinator(session, hub)
        factories.make_series(session, hub, code="R-fix", title_zh="修理角")
        schedule.plan_activities(session, now=site.now, until=date(2026, 12, 6))
        first = session.exec(select(Activity)).first()
        helper = factories.make_volunteer(session, hub, name="陆小满")
        factories.make_offer(session, factories.make_need(session, first, taken=1), helper, state="accepted")
        return str(site.link(Purpose.HUB, hub.id, worker.id))


def confirmed(page) -> dict[str, str]:
    """What the page sends when its button is pressed."""
    shown = form(page.text, "seal")
    return shown.values | {"seal": shown.choices["seal"][0]}


def weekdays(site) -> list[int]:
    with site.db() as session:
        found = session.exec(select(Activity).where(Activity.state == "published")).all()
        return sorted({one.starts_at.weekday() for one in found})


SUNDAYS = {"recurrence": "每周日 14:00", "duration_minutes": "150", "reason": "周日人多"}


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_schedule_lists_series_and_what_is_not_known_yet(site, desk, language) -> None:
    page = site.get(f"{desk}/schedule", language)
    assert heading(page.text) == {"zh-Hans": "1个系列活动", "en": "1 series"}[language]
    assert unlabelled(page.text) == []
    assert "2027" in main(page.text)
    assert unlabelled(site.get(f"{desk}/schedule/R-fix", language).text) == []


def test_change_shows_whom_it_affects_then_does_it_and_is_undone(site, desk) -> None:
    before = site.rows()
    shown = site.post(f"{desk}/schedule/R-fix", **SUNDAYS)
    assert heading(shown.text) == "2场改期，0场取消，4场新增；1人会收到通知。"
    assert "陆小满" in main(shown.text)
    assert site.rows() == before
    done = site.post(f"{desk}/schedule/R-fix", **confirmed(shown))
    assert done.status_code == 303
    assert weekdays(site) == [6]
    assert "改好了" in main(site.get(done.headers["location"]).text)
    with site.db() as session:
        change = session.exec(select(BulkChange).where(BulkChange.kind == "series")).one().id
    undone = site.post(f"{desk}/undo/{change}")
    assert "撤销好了" in main(site.get(undone.headers["location"]).text)
    assert weekdays(site) == [5]


def test_rule_that_cannot_be_read_is_refused_at_its_field(site, desk) -> None:
    page = site.post(f"{desk}/schedule/R-fix", **{**SUNDAYS, "recurrence": "有空就办"})
    assert page.status_code == 422
    assert 'id="recurrence-error"' in page.text


def test_change_without_reason_changes_nothing(site, desk) -> None:
    shown = site.post(f"{desk}/schedule/R-fix", **{**SUNDAYS, "reason": ""})
    page = site.post(f"{desk}/schedule/R-fix", **confirmed(shown))
    assert page.status_code == 422
    assert 'id="reason-error"' in page.text
    with site.db() as session:
        assert session.exec(select(Series)).one().rrule == "FREQ=WEEKLY;BYDAY=SA"


def test_closed_days_show_whom_they_affect_first(site, desk) -> None:
    days = {"first": "2026-11-28", "last": "2026-11-29", "reason": "装修"}
    shown = site.post(f"{desk}/closing", **days)
    assert heading(shown.text) == "11月28日到11月29日停办：取消1场活动，1人会收到通知。"
    assert site.post(f"{desk}/closing", **confirmed(shown)).status_code == 303
    with site.db() as session:
        assert len(session.exec(select(Activity).where(Activity.state == "cancelled")).all()) == 1


def test_schedule_of_another_hub_does_not_open(site, desk) -> None:
    with site.db() as session:
        hub = session.exec(select(Series)).one().hub_id
        stranger = factories.make_coordinator(session, factories.make_hub(session)).id
    link = site.link(Purpose.HUB, hub, stranger)
    for path in ("/schedule", "/schedule/R-fix"):
        assert site.get(link + path).status_code == 403
    assert site.post(f"{link}/schedule/R-fix", **SUNDAYS).status_code == 403


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_coverage_is_shown_to_the_hub_and_to_its_managers_and_changes_nothing(site, desk, language) -> None:
    with site.db() as session:
        hub = session.exec(select(Hub)).one()
        manager = factories.make_manager(session, session.get_one(Unit, hub.unit_id))
        branch = str(site.link(Purpose.BRANCH, hub.unit_id, manager.id))
    before = site.rows()
    for page in (site.get(f"{desk}/coverage", language), site.get(f"{branch}/coverage", language)):
        assert page.status_code == 200
        assert {"zh-Hans": "平日晚间：一场也没有", "en": "weekday evening: nothing"}[language] in main(
            page.text
        )
    assert site.rows() == before
