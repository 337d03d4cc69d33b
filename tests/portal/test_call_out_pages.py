"""A coordinator calls people out on a page that counts their answers live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlmodel import col, select

from models import Message, Offer
from notifications.links import Purpose
from tests import factories
from tests.portal.pages import form, heading, main, unlabelled

REFRESH = '<meta http-equiv="refresh"'


@dataclass(frozen=True)
class Town:
    roster: str
    need: int

    @property
    def path(self) -> str:
        return f"{self.roster}/call-out"


@pytest.fixture
def town(site) -> Town:
    with site.db() as session:
        hub = factories.make_hub(session)
        worker = factories.make_coordinator(session, hub)
        one = factories.make_activity(session, hub, title_zh="送饭", starts_at=site.now + timedelta(hours=3))
        need = factories.make_need(session, one, desired=1, role_zh="送饭的")
        for name in ("陆小满", "韩若川"):
            factories.make_volunteer(session, hub, name=name, phone="010-5555 0123")
        return Town(f"{site.link(Purpose.HUB, hub.id, worker.id)}/activities/{one.code}", need.id or 0)


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_page_says_who_could_be_asked_and_changes_nothing(site, town, language) -> None:
    before = site.rows()
    page = site.get(town.path, language)
    assert page.status_code == 200
    assert ("2个合适的成年人" in page.text) or ("2 adults near" in page.text)
    assert (unlabelled(page.text), REFRESH in page.text) == ([], False)
    assert f"{town.path}" in site.get(town.roster, language).text
    assert site.rows() == before


def test_a_call_is_counted_live_and_ends_when_enough_come(site, town) -> None:
    asked = site.post(town.path, need=str(town.need), people="2", reason="暴雪", call="1")
    assert asked.status_code == 303
    page = site.get(town.path)
    assert REFRESH in page.text
    assert "要1人，0人能来。问了2人，0人来不了，2人还没答" in main(page.text)
    with site.db() as session:
        for message in session.exec(select(Message)):
            message.state = "sent"
        first = session.exec(select(Offer).order_by(col(Offer.id))).first()
        assert first is not None
        answer = site.link(Purpose.OFFER, first.id)
    site.post(answer, answer="yes")
    page = site.get(town.path)
    assert "人够了，没答的人都告诉了不用来" in main(page.text)
    assert REFRESH not in page.text
    with site.db() as session:
        assert len(session.exec(select(Message).where(Message.kind == "stand_down")).all()) == 1


def test_a_call_can_be_stopped(site, town) -> None:
    site.post(town.path, need=str(town.need), people="2", reason="暴雪", call="1")
    assert form(site.get(town.path).text, sends="end")
    site.post(town.path, need=str(town.need), end="1")
    assert "这次动员结束了" in main(site.get(town.path).text)


def test_wrong_values_are_said_at_the_fields_and_kept(site, town) -> None:
    page = site.post(town.path, need=str(town.need), people="many", reason="", call="1")
    assert page.status_code == 422
    assert "人数要在1到200之间" in page.text
    assert "写明为什么急" in page.text
    assert 'value="many"' in page.text
    assert heading(page.text) == "紧急动员：送饭"


def test_one_wrong_value_is_said_beside_its_field(site, town) -> None:
    page = site.post(town.path, need=str(town.need), people="2", reason="", call="1")
    assert page.status_code == 422
    assert "写明为什么急" in page.text


def test_a_need_of_another_activity_is_not_found(site, town) -> None:
    assert site.post(town.path, need="999", people="2", reason="x").status_code == 404
