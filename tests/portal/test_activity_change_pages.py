"""A coordinator moves or cancels one activity: sees who counts on it, and everybody is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlmodel import select

from models import Activity, Message, Venue
from notifications.links import Purpose
from tests import factories
from tests.portal.pages import form, main, unlabelled


@dataclass(frozen=True)
class Town:
    path: str
    desk: str
    other: int


@pytest.fixture
def town(site) -> Town:
    with site.db() as session:
        hub = factories.make_hub(session)
        worker = factories.make_coordinator(session, hub)
        rooms = [factories.save(session, Venue(code=f"V{n}", hub_id=hub.id, name=f"{n}号室")) for n in (1, 2)]
        one = factories.make_activity(session, hub, title_zh="修理角", venue_id=rooms[0].id)
        helper = factories.make_volunteer(session, hub, name="陆小满")
        factories.make_offer(session, factories.make_need(session, one, taken=1), helper, state="accepted")
        factories.make_activity(
            session,
            hub,
            code="A-movie",
            title_zh="电影夜",
            venue_id=rooms[1].id,
            starts_at=datetime(2026, 11, 29, 6, 0, tzinfo=UTC),
        )
        desk = str(site.link(Purpose.HUB, hub.id, worker.id))
        return Town(f"{desk}/activities/{one.code}/change", desk, rooms[1].id or 0)


SUNDAY = {"deed": "move", "day": "2026-11-29", "clock": "14:00", "minutes": "120", "reason": "换窗户"}


def activity(site) -> Activity:
    with site.db() as session:
        return session.exec(select(Activity).where(Activity.title_zh == "修理角")).one()


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_page_names_who_is_told_and_changes_nothing(site, town, language) -> None:
    before = site.rows()
    page = site.get(town.path, language)
    assert "陆小满" in main(page.text)
    assert unlabelled(page.text) == []
    assert site.rows() == before


def test_roster_leads_to_it(site, town) -> None:
    roster = town.path.removesuffix("/change")
    assert f'href="{town.path}"' in site.get(roster).text


def test_moving_tells_people_and_leads_back_to_the_roster(site, town) -> None:
    shown = form(site.get(town.path).text, "day").values
    done = site.post(town.path, **{**shown, **SUNDAY})
    assert done.headers["location"] == town.path.removesuffix("/change")
    assert activity(site).starts_at == datetime(2026, 11, 29, 6, 0, tzinfo=UTC)
    assert activity(site).ends_at == datetime(2026, 11, 29, 8, 0, tzinfo=UTC)
    with site.db() as session:
        assert [mail.kind for mail in session.exec(select(Message))] == ["changed"]


def test_moving_into_a_taken_room_names_the_other_activity(site, town) -> None:
    page = site.post(town.path, **SUNDAY, venue=str(town.other))
    assert page.status_code == 422
    assert "“修理角”排不进11月29日周日14:00：2号室那时有“电影夜”（A-movie）。" in main(page.text)


@pytest.mark.parametrize(
    ("field", "wrong"), [("day", ""), ("clock", "later"), ("minutes", "0"), ("reason", "")]
)
def test_what_is_wrong_is_said_at_its_field(site, town, field, wrong) -> None:
    page = site.post(town.path, **{**SUNDAY, field: wrong})
    assert page.status_code == 422
    assert f'id="{field}-error"' in page.text


def test_cancelling_needs_a_reason_and_tells_people(site, town) -> None:
    refused = site.post(town.path, deed="cancel", why="")
    assert 'id="why-error"' in refused.text
    assert site.post(town.path, deed="cancel", why="下雨").status_code == 303
    assert activity(site).state == "cancelled"


def test_activity_of_another_hub_is_not_found(site, town) -> None:
    with site.db() as session:
        other = factories.make_activity(session, factories.make_hub(session)).code
    assert site.get(f"{town.desk}/activities/{other}/change").status_code == 404
