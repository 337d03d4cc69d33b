"""Whoever gets digests says how often and when, on a page that a link in the digest opens."""

from __future__ import annotations

import pytest
from sqlmodel import select

from models import DigestTime
from notifications.links import Purpose
from tests import factories
from tests.portal.pages import heading, main, unlabelled


@pytest.fixture
def page(site) -> str:
    with site.db() as session:
        worker = factories.make_coordinator(session, factories.make_hub(session))
        return str(site.link(Purpose.MAIL, worker.id))


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_page_says_when_and_changes_nothing(site, page, language) -> None:
    before = site.rows()
    found = site.get(page, language)
    assert heading(found.text) in {"什么时候收简报", "When your digests come"}
    assert ("每周一8:00，和大家一样" in main(found.text)) or (
        "every Monday at 8:00, like" in main(found.text)
    )
    assert unlabelled(found.text) == []
    assert site.rows() == before


def test_a_choice_is_kept_and_said(site, page) -> None:
    done = site.post(page, audience="coordinators", cadence="daily", weekday="1", hour="7")
    assert done.status_code == 303
    assert "记下了：每天7:00" in main(site.browser.get(done.headers["location"]).text)
    with site.db() as session:
        row = session.exec(select(DigestTime)).one()
        assert (row.cadence, row.hour) == ("daily", 7)


def test_a_wrong_hour_is_said_at_its_field_and_kept(site, page) -> None:
    found = site.post(page, audience="coordinators", cadence="weekly", weekday="3", hour="25")
    assert found.status_code == 422
    assert "几点要在0到23之间，现在填的是25" in found.text
    assert 'value="25"' in found.text


def test_a_link_of_another_purpose_opens_nothing(site, page) -> None:
    assert site.get(page.replace("/m/", "/h/")).status_code in {400, 404, 410}
