"""Checking in on a phone: one's own page, the picture at the door, and the sheet of the coordinator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlmodel import select

from models import Attendance, Participation
from notifications.links import Purpose
from services.check_in_rules import code_of
from tests import factories
from tests.portal.pages import answers, heading, main, unlabelled


@dataclass(frozen=True)
class Now:
    """An activity that began ten minutes ago."""

    activity_id: int
    worker_id: int
    offer_id: int
    seat_id: int
    code: str

    @property
    def wrong(self) -> str:
        return f"{(int(self.code) + 1) % 10**6:06}"


@pytest.fixture
def scene(site) -> Now:
    with site.db() as session:
        hub = factories.make_hub(session)
        worker = factories.make_coordinator(session, hub, name="沈之槐")
        activity = factories.make_activity(
            session, hub, starts_at=site.now - timedelta(minutes=10), title_zh="修理角"
        )
        person = factories.make_volunteer(session, hub, name="叶青岚", email="ye@people.example")
        need = factories.make_need(session, activity, taken=1)
        offer = factories.make_offer(session, need, person, state="accepted")
        guest = factories.make_participant(session, hub, name="方南", email="fang@young.example")
        seat = factories.save(
            session,
            Participation(activity_id=activity.id, participant_id=guest.id, signed_up_at=site.now),
        )
        return Now(activity.id or 0, worker.id or 0, offer.id or 0, seat.id or 0, code_of(activity))


def test_volunteer_checks_in_by_the_digits_and_may_leave_early(site, scene) -> None:
    path = site.link(Purpose.OFFER, scene.offer_id)
    page = site.get(path).text
    assert heading(page) == "叶青岚，到了吗？签个到"
    assert (answers(page), unlabelled(page)) == ([], [])
    wrong = site.post(f"{path}/check-in", code=scene.wrong)
    assert wrong.headers["location"] == f"{path}?tried=wrong_code"
    assert "这6位数字不对" in main(site.get(wrong.headers["location"]).text)
    assert site.post(f"{path}/check-in", code=scene.code).headers["location"] == path
    page = site.get(path).text
    assert heading(page) == "签到好了，谢谢你来！"
    assert "9:00签到了。 时长从8:50算到活动结束。" in main(page)
    site.post(f"{path}/leave")
    assert "9:00先走了，时长算到那时。" in main(site.get(path).text)


def test_participant_checks_in_by_the_digits(site, scene) -> None:
    path = site.link(Purpose.PARTICIPATION, scene.seat_id)
    assert heading(site.get(path, "en").text) == "方南, are you here? Check in"
    site.post(f"{path}/check-in", code=scene.code)
    assert heading(site.get(path, "en").text) == "You are checked in. Thank you for coming!"
    with site.db() as session:
        assert session.get_one(Participation, scene.seat_id).presence == "present"


def test_looking_at_pages_checks_nobody_in(site, scene) -> None:
    before = site.rows()
    door = site.link(Purpose.CHECK_IN, scene.activity_id)
    sheet = site.link(Purpose.ATTENDANCE, scene.activity_id, scene.worker_id)
    for path in (site.link(Purpose.OFFER, scene.offer_id), door, sheet, f"{sheet}/door", f"{sheet}/qr.png"):
        assert site.get(path).status_code == 200
    assert site.rows() == before


def test_sheet_shows_the_digits_and_a_picture_that_leads_to_the_door_page(site, scene) -> None:
    sheet = site.link(Purpose.ATTENDANCE, scene.activity_id, scene.worker_id)
    assert f"{scene.code[:3]} {scene.code[3:]}" in main(site.get(sheet).text)
    assert f"{scene.code[:3]} {scene.code[3:]}" in main(site.get(f"{sheet}/door").text)
    picture = site.get(f"{sheet}/qr.png")
    assert (picture.headers["content-type"], picture.content[:8]) == ("image/png", b"\x89PNG\r\n\x1a\n")


def test_picture_and_digits_are_for_the_hubs_own_coordinators(site, scene) -> None:
    with site.db() as session:
        stranger = factories.make_coordinator(session, factories.make_hub(session)).id
    sheet = site.link(Purpose.ATTENDANCE, scene.activity_id, stranger)
    assert [site.get(f"{sheet}{rest}").status_code for rest in ("", "/door", "/qr.png")] == [403] * 3


def test_door_page_checks_in_by_address_and_names_only_who_is_known(site, scene) -> None:
    door = site.link(Purpose.CHECK_IN, scene.activity_id)
    page = site.get(door).text
    assert (heading(page), unlabelled(page)) == ("到了，签个到", [])
    assert "叶青岚" not in page
    refused = site.post(door, address="nobody@people.example")
    assert refused.status_code == 422
    assert "这个邮箱没有报这一场。" in main(refused.text)
    assert heading(site.post(door, address="YE@people.example").text) == "叶青岚，签到好了"
    with site.db() as session:
        row = session.exec(select(Attendance)).one()
        assert (row.presence, row.source) == ("present", "check_in")


def test_correction_asks_why_and_then_shows_what_was_there_before(site, scene) -> None:
    sheet = site.link(Purpose.ATTENDANCE, scene.activity_id, scene.worker_id)
    row = f"offer-{scene.offer_id}"
    site.post(sheet, **{row: "no_show"})
    refused = site.post(sheet, **{row: "present"})
    assert refused.status_code == 422
    assert "改动已经记下的人，要写一句为什么。" in main(refused.text)
    assert site.post(sheet, **{row: "present", "reason": "认错人了"}).status_code == 303
    page = main(site.get(sheet).text)
    assert "改过1次" in page
    assert "来了（沈之槐）：认错人了" in page
    assert site.post(sheet, **{row: "unknown", "reason": "还要问"}).status_code == 303
    assert "已记0 / 共2人" in main(site.get(sheet).text)


def test_before_its_time_and_after_the_end_the_door_page_says_so(site, scene) -> None:
    with site.db() as session:
        hub = factories.make_hub(session)
        later = factories.make_activity(session, hub).id
        over = factories.make_activity(session, hub, starts_at=site.now - timedelta(hours=3)).id
    assert heading(site.get(site.link(Purpose.CHECK_IN, later)).text) == "还没到签到的时候"
    assert heading(site.get(site.link(Purpose.CHECK_IN, over)).text) == "这场的签到结束了"
    assert site.post(site.link(Purpose.CHECK_IN, over), address="a@b.example").status_code == 303
