"""One button in a mail settles the attendance: the page asks once, and touches nobody who is on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlmodel import select

from models import Attendance, HoursEntry, Message
from notifications.links import Purpose
from services import attendance
from tests import factories
from tests.portal.pages import heading, main, own_forms


@dataclass(frozen=True)
class Afternoon:
    path: str
    activity: int
    worker: int
    offers: tuple[int, ...]


@pytest.fixture
def afternoon(site) -> Afternoon:
    with site.db() as session:
        hub = factories.make_hub(session)
        worker = factories.make_coordinator(session, hub)
        ended = site.now - timedelta(hours=2)
        activity = factories.make_activity(
            session, hub, starts_at=ended - timedelta(hours=3), ends_at=ended, state="done"
        )
        need = factories.make_need(session, activity, desired=3, maximum=3)
        people = [factories.make_volunteer(session, hub) for _ in range(3)]
        offers = [factories.make_offer(session, need, one, state="accepted") for one in people]
        path = site.link(Purpose.ATTENDANCE, activity.id, worker.id)
        return Afternoon(f"{path}/everybody", activity.id, worker.id, tuple(one.id for one in offers))


def presences(site) -> dict[int, str]:
    with site.db() as session:
        return {
            row.offer_id: row.presence for row in session.exec(select(Attendance).order_by(Attendance.id))
        }


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_opening_it_asks_and_changes_nothing(site, afternoon, language) -> None:
    before = site.rows()
    found = site.get(afternoon.path, language)
    assert heading(found.text) in {"这3人都来了吗？", "Did all 3 come?"}
    assert len(own_forms(found.text)) == 1
    assert site.rows() == before


def test_one_button_records_everybody_once(site, afternoon) -> None:
    assert site.post(afternoon.path).status_code == 303
    assert presences(site) == dict.fromkeys(afternoon.offers, "present")
    before = site.rows()
    assert site.post(afternoon.path).status_code == 303
    assert site.rows() == before
    with site.db() as session:
        assert len(session.exec(select(HoursEntry)).all()) == 3
        assert len(session.exec(select(Message).where(Message.kind == "thanks")).all()) == 3
    assert "3人都记过了" in main(site.get(afternoon.path).text)


def test_who_is_on_record_as_absent_stays_so(site, afternoon) -> None:
    absent, *others = afternoon.offers
    with site.db() as session:
        attendance.record(
            session, afternoon.activity, {absent: "no_show"}, {}, by=afternoon.worker, now=site.now
        )
    assert "另外1人已经记过，不会动" in main(site.get(afternoon.path).text)
    site.post(afternoon.path)
    assert presences(site) == {absent: "no_show", **dict.fromkeys(others, "present")}


def test_link_of_somebody_else_or_too_old_records_nothing(site, afternoon) -> None:
    before = site.rows()
    with site.db() as session:
        stranger = factories.make_coordinator(session, factories.make_hub(session)).id
    before = site.rows()
    foreign = site.link(Purpose.ATTENDANCE, afternoon.activity, stranger)
    old = site.link(Purpose.ATTENDANCE, afternoon.activity, afternoon.worker, opens=-timedelta(days=1))
    assert site.post(f"{foreign}/everybody").status_code == 403
    assert site.post(f"{old}/everybody").status_code == 410
    assert site.post("/t/bogus/everybody").status_code in {400, 404, 410}
    assert site.rows() == before


def test_before_the_start_it_records_nothing(site, afternoon) -> None:
    with site.db() as session:
        hub = factories.make_hub(session)
        worker = factories.make_coordinator(session, hub)
        activity = factories.make_activity(session, hub, starts_at=site.now + timedelta(days=1))
        factories.make_offer(
            session,
            factories.make_need(session, activity),
            factories.make_volunteer(session, hub),
            state="accepted",
        )
        path = f"{site.link(Purpose.ATTENDANCE, activity.id, worker.id)}/everybody"
    assert "活动还没开始" in main(site.get(path).text)
    assert site.post(path).status_code == 422
    assert presences(site) == {}
