"""A coordinator asks why somebody is not placed: the page answers and changes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from notifications.links import Purpose
from tests import factories
from tests.portal.pages import LANGUAGES, main, unlabelled


@pytest.fixture
def path(site) -> str:
    with site.db() as session:
        hub = factories.make_hub(session)
        worker = factories.make_coordinator(session, hub)
        one = factories.make_activity(session, hub, title_zh="修理角")
        factories.make_need(session, one)
        factories.make_volunteer(session, hub, name="陆小满")
        factories.make_volunteer(session, hub, name="乔安禾", profile={"lon": 116.38})
        return f"{site.link(Purpose.HUB, hub.id, worker.id)}/activities/{one.code}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_asks_whom_and_is_linked_from_the_roster(site, path, language) -> None:
    assert "/why" in site.get(path, language).text
    page = site.get(f"{path}/why", language)
    assert page.status_code == 200
    assert unlabelled(page.text) == []


def test_answer_says_why_not_and_what_would_change(site, path) -> None:
    before = site.rows()
    text = main(site.get(f"{path}/why?person=乔安禾").text)
    assert "别人更合适" in text
    assert "陆小满不再排在这里" in text
    assert site.rows() == before


def test_stranger_is_refused_beside_the_field(site, path) -> None:
    page = site.get(f"{path}/why?person=张三")
    assert page.status_code == 404
    assert "没有叫“张三”的志愿者" in main(page.text)


def test_roster_of_an_activity_that_is_over_still_leads_there(site) -> None:
    """What its run kept can be told after the activity."""
    with site.db() as session:
        hub = factories.make_hub(session)
        worker = factories.make_coordinator(session, hub)
        one = factories.make_activity(session, hub, starts_at=factories.NOW - timedelta(days=2))
        factories.make_need(session, one)
        factories.make_volunteer(session, hub, name="陆小满")
        over = f"{site.link(Purpose.HUB, hub.id, worker.id)}/activities/{one.code}"
    assert "/why" in site.get(over).text
    page = site.get(f"{over}/why?person=陆小满")
    assert page.status_code == 409
    assert "以前配人的记录也没有了" in main(page.text)
