"""Hours on a phone: a volunteer's own page, the way to it, and the hub's desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from sqlmodel import select

from models import HoursClaim, HoursEntry, Message
from notifications.links import Purpose
from tests import factories
from tests.portal.pages import form, heading, main, unlabelled

CLAIM = {"served_on": "2026-11-21", "hours": "1.5", "what": "给普通话角做卡片", "category": "preparation"}


@dataclass(frozen=True)
class Scene:
    """A volunteer with a hundred hours, and the page of their hub."""

    own: str
    desk: str
    code: str
    entry: int


@pytest.fixture
def scene(site) -> Scene:
    with site.db() as session:
        hub = factories.make_hub(session)
        worker = factories.make_coordinator(session, hub, name="沈之槐")
        person = factories.make_volunteer(session, hub, name="叶青岚", email="ye@people.example")
        activity = factories.make_activity(session, hub, title_zh="修理角", state="done")
        claim = factories.save(
            session,
            HoursClaim(
                person_id=person.id,
                hub_id=hub.id,
                served_on=date(2026, 10, 1),
                minutes=600,
                what="x",
                asked_by_id=person.id,
                asked_at=site.now,
                state="confirmed",
            ),
        )
        entry = factories.save(
            session,
            HoursEntry(
                claim_id=claim.id,
                person_id=person.id,
                hub_id=hub.id,
                activity_id=activity.id,
                minutes=600,
                source="check_in",
                served_on=date(2026, 10, 1),
                entered_at=site.now,
            ),
        )
        return Scene(
            site.link(Purpose.VOLUNTEER, person.id),
            site.link(Purpose.HUB, hub.id, worker.id),
            person.code,
            entry.id or 0,
        )


def test_own_page_tells_hours_and_what_the_next_star_takes(site, scene) -> None:
    page = site.get(scene.own).text
    assert heading(page) == "叶青岚，你一共服务了10小时"
    assert unlabelled(page) == []
    assert "还没有星级 再服务90小时就是1星。" in main(page)
    assert "修理角 10小时" in main(page)
    assert "90 hours more and you have 1 star." in main(site.get(scene.own, "en").text)


def test_claim_goes_to_the_hub_and_back_into_the_own_page(site, scene) -> None:
    done = site.post(f"{scene.own}/claims", **CLAIM)
    assert done.headers["location"] == f"{scene.own}?done=claimed"
    assert "等确认" in main(site.get(done.headers["location"]).text)
    assert "1条时长申报等你确认" in main(site.get(scene.desk).text)
    page = site.get(f"{scene.desk}/hours").text
    assert (heading(page), unlabelled(page)) == ("1条申报等你确认", [])
    action = form(page, "answer").action
    refused = site.post(action, answer="no")
    assert refused.status_code == 422
    assert "写一句为什么不确认" in main(refused.text)
    assert site.post(action, answer="yes").headers["location"] == f"{scene.desk}/hours?done=confirmed"
    assert heading(site.get(scene.own).text) == "叶青岚，你一共服务了11小时30分"


def test_own_claim_can_be_taken_back(site, scene) -> None:
    site.post(f"{scene.own}/claims", **CLAIM)
    with site.db() as session:
        claim = session.exec(select(HoursClaim).where(HoursClaim.state == "asked")).one().id
    assert site.post(f"{scene.own}/claims/{claim}/withdraw").status_code == 303
    assert "已撤回" in main(site.get(scene.own).text)


def test_wrong_claim_comes_back_with_what_was_typed(site, scene) -> None:
    answer = site.post(f"{scene.own}/claims", **{**CLAIM, "hours": "30"})
    assert answer.status_code == 422
    assert "填小时数，大于0、不超过24，如1.5" in main(answer.text)
    assert form(answer.text, "hours").values["what"] == CLAIM["what"]


def test_line_is_set_right_from_the_hubs_page_of_a_person(site, scene) -> None:
    path = f"{scene.desk}/hours/{scene.code}"
    page = site.get(path).text
    assert (heading(page), unlabelled(page)) == ("叶青岚的时长", [])
    refused = site.post(path, entry=str(scene.entry), minutes="", reason="x")
    assert (refused.status_code, "填0到1440之间的整分钟数" in main(refused.text)) == (422, True)
    done = site.post(path, entry=str(scene.entry), minutes="540", reason="先走一小时")
    assert done.headers["location"] == f"{path}?done=1"
    assert "更正原因：先走一小时" in main(site.get(path).text)
    assert heading(site.get(scene.own).text) == "叶青岚，你一共服务了9小时"


def test_looking_at_hours_changes_nothing(site, scene) -> None:
    before = site.rows()
    for path in (scene.own, f"{scene.desk}/hours", f"{scene.desk}/hours/{scene.code}", "/my-hours"):
        assert site.get(path).status_code == 200
    assert site.rows() == before


def test_person_of_another_hub_is_not_found(site, scene) -> None:
    with site.db() as session:
        stranger = factories.make_volunteer(session, factories.make_hub(session)).code
    assert site.get(f"{scene.desk}/hours/{stranger}").status_code == 404


def test_way_to_the_own_page_comes_by_mail_and_says_the_same_to_everybody(site, scene) -> None:
    stamp = form(site.get("/my-hours").text, "address").values["stamp"]
    known = site.post("/my-hours", stamp=stamp, address="ye@people.example")
    unknown = site.post("/my-hours", stamp=stamp, address="nobody@people.example")
    assert main(known.text) == main(unknown.text)
    assert heading(known.text) == "看看你的邮箱"
    with site.db() as session:
        assert [mail.kind for mail in session.exec(select(Message))] == ["my_page"]


def test_certificate_is_a_pdf_whose_number_anybody_can_check(site, scene) -> None:
    done = site.post(f"{scene.own}/certificate", first_day="2026-01-01", last_day="2026-11-23", id_kind="")
    assert (done.status_code, done.headers["content-type"], done.content[:5]) == (
        200,
        "application/pdf",
        b"%PDF-",
    )
    number = done.headers["content-disposition"].partition('"')[2].removesuffix('.pdf"')
    assert number in main(site.get(scene.own).text)
    assert site.get(f"/certificates?number=+{number}+").headers["location"] == f"/certificates/{number}"
    page = site.get(f"/certificates/{number}").text
    assert heading(page) == "这张证明是真的"
    assert "叶**" in main(page)
    assert "叶青岚" not in page


def test_wrong_certificate_form_comes_back_and_issues_nothing(site, scene) -> None:
    before = site.rows()
    answer = site.post(f"{scene.own}/certificate", first_day="2026-11-01", id_kind="id_card")
    assert answer.status_code == 422
    assert "证件类型和号码要么都填，要么都空着" in main(answer.text)
    assert site.rows() == before


def test_number_of_nobody_is_a_page_that_says_so(site) -> None:
    page = site.get("/certificates/2026-1-X")
    assert (page.status_code, heading(page.text)) == (200, "没有这个编号的证明")
    assert unlabelled(site.get("/certificates").text) == []
