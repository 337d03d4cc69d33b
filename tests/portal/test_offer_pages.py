"""A volunteer's answer page: every state in both languages, and what each button does."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from models import Activity, Message, Need, Offer
from notifications.links import Purpose
from tests import factories
from tests.portal.pages import answers, form, heading, main

STATES = {
    "open": (
        "叶青岚，周六下午来“修理角”当接待员吗？",
        "叶青岚, can you help as greeter at “Repair Corner” on Saturday afternoon?",
    ),
    "accepted": ("说好了，周六下午见！", "See you on Saturday afternoon!"),
    "declined": ("知道了，谢谢你告诉我们", "Thank you for telling us"),
    "expired": (
        "回答时间过了，位置已问给下一位",
        "The time to answer has passed, and we have asked someone else",
    ),
    "gone": ("刚刚满员了，谢谢你愿意来", "It has just filled up. Thank you"),
    "standby": ("你排在候补第1位", "You are number 1 in line"),
    "withdrawn": ("这个邀请已撤回，你不用做什么", "This offer was withdrawn; you need not do anything"),
    "cancelled": ("这场活动取消了，你不用做什么", "This activity is cancelled; you need not do anything"),
    "over": ("这场活动已经结束了", "This activity is over"),
    "needs_guardian": ("叶青岚，先等监护人同意", "叶青岚, your guardian answers first"),
}
BUTTONS = {
    "open": ["yes", "no"],
    "accepted": ["substitute", "withdraw"],
    "declined": ["no"],
    "gone": ["standby", "no"],
    "standby": ["no"],
    "needs_guardian": ["no"],
}


def make(session: Session, now: datetime, situation: str) -> int:
    """An offer in a situation; returns its id."""
    hub = factories.make_hub(session)
    factories.make_coordinator(session, hub, name="沈之槐", phone="010-5555 0123")
    birth = date(2010, 5, 1) if situation == "needs_guardian" else date(1998, 5, 1)
    person = factories.make_volunteer(
        session, hub, name="叶青岚", birth_date=birth, email="ye@people.example"
    )
    activity: dict[str, Any] = {"title_zh": "修理角", "title_en": "Repair Corner"}
    if situation == "cancelled":
        activity |= {"state": "cancelled", "reason": "当天有大风"}
    if situation == "over":
        activity["starts_at"] = now - timedelta(days=1)
    need = factories.make_need(
        session,
        factories.make_activity(session, hub, **activity),
        role_zh="接待员",
        role_en="greeter",
        taken=int(situation in ("gone", "accepted")),
    )
    stored = situation if situation in ("accepted", "declined", "expired", "standby", "withdrawn") else "sent"
    offer = factories.make_offer(
        session,
        need,
        person,
        state=stored,
        sent_at=now,
        answered_at=now,
        expires_at=now + timedelta(hours=40),
    )
    assert offer.id is not None
    return offer.id


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
@pytest.mark.parametrize("situation", STATES)
def test_offer_page_says_how_things_stand(site, situation, language) -> None:
    with site.db() as session:
        offer = make(session, site.now, situation)
    page = site.browser.get(site.link(Purpose.OFFER, offer), params={"lang": language})
    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.text
    assert heading(page.text) == STATES[situation][language == "en"]
    assert answers(page.text) == BUTTONS.get(situation, [])


def test_offer_page_is_in_the_language_of_the_person(site) -> None:
    with site.db() as session:
        offer = session.get_one(Offer, make(session, site.now, "open"))
        session.get_one(factories.Person, offer.person_id).language = "en"
    page = site.browser.get(site.link(Purpose.OFFER, offer.id), headers={"Accept-Language": "zh-CN"})
    assert '<html lang="en">' in page.text
    assert 'href="' + page.request.url.path + '?lang=zh-Hans" lang="zh-Hans"' in page.text


def test_offer_page_tells_where_when_with_whom_and_until_when(site) -> None:
    with site.db() as session:
        offer = make(session, site.now, "open")
    text = main(site.browser.get(site.link(Purpose.OFFER, offer)).text)
    for fact in (
        "11月28日（周六）14:00–16:30",
        "晨光里",
        "社工沈之槐",
        "010-5555 0123",
        "请在11月25日（周三）1:00前回答",
    ):
        assert fact in text


def test_offer_page_shows_the_address_masked(site) -> None:
    with site.db() as session:
        offer = make(session, site.now, "open")
    text = site.browser.get(site.link(Purpose.OFFER, offer)).text
    assert "y***@people.example" in text
    assert "ye@people.example" not in text


def test_get_changes_nothing_even_with_the_mails_answer(site) -> None:
    with site.db() as session:
        offer = make(session, site.now, "open")
    before = site.rows()
    page = site.browser.get(site.link(Purpose.OFFER, offer), params={"answer": "no"})
    assert site.rows() == before
    assert '<button class="btn solid" name="answer" value="no">' in page.text


@pytest.mark.parametrize(
    ("situation", "answer", "state", "then"),
    [
        ("open", "yes", "accepted", "accepted"),
        ("open", "no", "declined", "declined"),
        ("accepted", "withdraw", "declined", "declined"),
        ("gone", "yes", "sent", "gone"),
        ("gone", "standby", "standby", "standby"),
        ("standby", "no", "declined", "declined"),
        ("expired", "yes", "expired", "expired"),
        ("withdrawn", "yes", "withdrawn", "withdrawn"),
        ("cancelled", "yes", "sent", "cancelled"),
        ("needs_guardian", "yes", "sent", "needs_guardian"),
    ],
)
def test_answer_leads_back_to_the_present_state(site, situation, answer, state, then) -> None:
    with site.db() as session:
        offer = make(session, site.now, situation)
    path = site.link(Purpose.OFFER, offer)
    done = site.browser.post(path, data={"answer": answer})
    assert (done.status_code, done.headers["location"]) == (303, path)
    with site.db() as session:
        assert session.get_one(Offer, offer).state == state
    assert heading(site.browser.get(path).text) == STATES[then][0]


def test_second_yes_takes_no_second_place_and_sends_no_second_mail(site) -> None:
    with site.db() as session:
        offer = make(session, site.now, "open")
    path = site.link(Purpose.OFFER, offer)
    assert [site.browser.post(path, data={"answer": "yes"}).status_code for _ in range(3)] == [303] * 3
    with site.db() as session:
        assert session.exec(select(Need.taken)).one() == 1
        assert [mail.kind for mail in session.exec(select(Message))] == ["confirmation"]


def test_yes_to_two_places_at_once_is_refused_with_the_other_place(site) -> None:
    with site.db() as session:
        first = session.get_one(Offer, make(session, site.now, "accepted"))
        need = factories.make_need(session, factories.make_activity(session, factories.make_hub(session)))
        person = session.get_one(factories.Person, first.person_id)
        second = factories.make_offer(
            session, need, person, state="sent", expires_at=site.now + timedelta(days=1)
        )
    done = site.browser.post(site.link(Purpose.OFFER, second.id), data={"answer": "yes"})
    assert done.status_code == 422
    assert "你那时已经答应了“修理角”" in main(done.text)
    assert "<title>有错误：" in done.text


def test_reason_for_a_no_is_kept_when_it_is_on_the_list(site) -> None:
    with site.db() as session:
        offer = make(session, site.now, "declined")
    path = site.link(Purpose.OFFER, offer)
    site.browser.post(path, data={"answer": "no", "reason": "too_far"})
    with site.db() as session:
        assert session.get_one(Offer, offer).decline_reason == "too_far"
    assert "你说的原因：太远了" in main(site.browser.get(path).text)


def test_answer_that_is_none_is_refused_and_changes_nothing(site) -> None:
    with site.db() as session:
        offer = make(session, site.now, "open")
    before = site.rows()
    done = site.browser.post(site.link(Purpose.OFFER, offer), data={"answer": "maybe"})
    assert done.status_code == 422
    assert "先选“我能来”或“这次来不了”。" in main(done.text)
    assert site.rows() == before


def test_chosen_language_stays_after_the_answer(site) -> None:
    with site.db() as session:
        offer = make(session, site.now, "open")
    path = site.link(Purpose.OFFER, offer)
    done = site.browser.post(f"{path}?lang=en", data={"answer": "yes"})
    assert done.headers["location"] == f"{path}?lang=en"


def test_accepted_place_can_be_put_into_a_calendar(site) -> None:
    with site.db() as session:
        offer = make(session, site.now, "accepted")
    path = site.link(Purpose.OFFER, offer)
    assert f'href="{path}/calendar.ics"' in site.get(path).text
    entry = site.get(f"{path}/calendar.ics")
    assert entry.headers["content-type"] == "text/calendar; charset=utf-8"
    assert "SUMMARY:修理角（接待员）" in entry.text
    assert "DTSTART:20261128T060000Z" in entry.text


def test_place_that_was_not_accepted_has_no_calendar_entry(site) -> None:
    with site.db() as session:
        offer = make(session, site.now, "open")
    assert site.get(f"{site.link(Purpose.OFFER, offer)}/calendar.ics").status_code == 404


def test_who_looks_for_a_substitute_keeps_the_place_and_may_stop_looking(site) -> None:
    with site.db() as session:
        offer = make(session, site.now, "accepted")
    path = site.link(Purpose.OFFER, offer)
    assert site.post(path, answer="substitute").status_code == 303
    page = site.get(path).text
    assert heading(page) == STATES["accepted"][0]
    assert "正在找人替你。有人答应了就写信告诉你；在那之前，这个位置还是你的。" in main(page)
    assert answers(page) == ["come", "withdraw"]
    site.post(path, answer="come")
    assert answers(site.get(path).text) == ["substitute", "withdraw"]


def test_reserve_reads_what_a_reserve_is_before_and_after_a_yes(site) -> None:
    with site.db() as session:
        offer = make(session, site.now, "gone")
        session.get_one(Offer, offer).is_reserve = True
    path = site.link(Purpose.OFFER, offer)
    assert "这次请你当备份。位置够了，可总有人临时来不了" in main(site.get(path).text)
    site.post(path, answer="yes")
    assert "You are a reserve" in main(site.get(path, "en").text)


def test_flexible_work_lets_the_person_choose_another_time(site) -> None:
    with site.db() as session:
        hub = factories.make_hub(session)
        person = factories.make_volunteer(session, hub)
        starts_at = site.now + timedelta(days=3)
        window = {
            "window_from": starts_at - timedelta(hours=12),
            "window_until": starts_at + timedelta(days=1),
        }
        activity = factories.make_activity(session, hub, starts_at=starts_at, **window)
        need = factories.make_need(session, activity)
        offer = factories.make_offer(
            session, need, person, state="sent", expires_at=site.now + timedelta(days=2)
        )
        link, activity_id = site.link(Purpose.OFFER, offer.id), activity.id
    shown = site.get(link)
    assert "换一个" in shown.text
    chosen = form(shown.text, "at").choices["at"][-1]
    before = site.rows()
    assert site.post(link, answer="yes_at", at="whenever").status_code == 422
    assert site.rows() == before
    assert site.post(link, answer="yes_at", at=chosen).status_code == 303
    with site.db() as session:
        assert session.get(Activity, activity_id).starts_at.isoformat() == chosen
    assert "说好了" in site.get(link).text
