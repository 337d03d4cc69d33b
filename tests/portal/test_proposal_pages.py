"""On a phone a coordinator sees when one more date can be staffed, and taps once to plan it."""

from __future__ import annotations

import pytest
from sqlmodel import select

from models import Activity, SeriesNeed
from notifications.links import Purpose
from simulator.forms import forms_of
from tests import factories
from tests.portal.pages import heading, main, unlabelled


@pytest.fixture
def page(site) -> str:
    with site.db() as session:
        hub = factories.make_hub(session)
        worker = factories.make_coordinator(session, hub)
        series = factories.make_series(session, hub, code="R-fix", title_zh="修理角", title_en="Repair")
        factories.save(session, SeriesNeed(series_id=series.id, role_zh="师傅"))
        factories.make_volunteer(session, hub, free=[(2, 18 * 60, 21 * 60)])
        return f"{site.link(Purpose.HUB, hub.id, worker.id)}/schedule/R-fix/propose"


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_page_lists_times_with_what_they_promise(site, page, language) -> None:
    before = site.rows()
    shown = site.get(page, language)
    assert (
        heading(shown.text)
        == {"zh-Hans": "再办一场“修理角”，哪天好", "en": "One more “Repair”: when"}[language]
    )
    assert unlabelled(shown.text) == []
    assert {"zh-Hans": "合适的有1人", "en": "1 person fit"}[language] in main(shown.text)
    assert site.rows() == before


def test_one_tap_plans_the_first_time(site, page) -> None:
    fields = next(one for one in forms_of(site.get(page).text) if "starts_at" in one.values).values
    done = site.post(page, **fields)
    assert done.status_code == 303
    assert "排好了" in main(site.get(done.headers["location"]).text)
    site.post(page, **fields)
    with site.db() as session:
        (activity,) = session.exec(select(Activity))
        assert activity.starts_at.isoformat() == fields["starts_at"]


@pytest.mark.parametrize(
    "fields", [{}, {"starts_at": "tomorrow"}, {"starts_at": "0001-01-01T00:00:00+14:00"}]
)
def test_time_that_is_none_is_refused_on_the_page(site, page, fields) -> None:
    refused = site.post(page, **fields)
    assert refused.status_code == 422
    assert "选一个时间" in main(refused.text) or "已经过了" in main(refused.text)


def test_unknown_series_has_no_page(site, page) -> None:
    assert site.get(page.replace("R-fix", "R-none")).status_code == 404
