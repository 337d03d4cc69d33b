"""What comes of a promise, told once: a no, the next in line, a substitute, who came and who did not, and the paper.

As in the story of a month, every deed goes through the real doors, and whoever is not named by `post()` has got
nothing.
"""

from __future__ import annotations

from datetime import date, time

import pytest
from sqlmodel import Session, col, select

from models import Activity, HoursEntry, Offer, Person, SeriesNeed
from notifications import links
from notifications.links import Purpose
from services import attendance, matchmaking, offers, reminders, schedule
from services.check_in_rules import code_of
from simulator.forms import forms_of
from tests.factories import make_coordinator, make_hub, make_series, make_volunteer, save
from tests.journeys.conftest import Network
from tests.portal.pages import heading, main

NAMES = {"shen": "沈之槐", "gu": "顾望舒", "lei": "雷初", "bi": "毕青"}


def people_of(session: Session) -> tuple[int, int]:
    """A hub with its social worker, four volunteers who fit, and a corner that takes two of them."""
    hub = make_hub(session, code="XC-001", name_zh="晨光里青年汇")
    worker = make_coordinator(session, hub, name="裴书意", email="pei@hub.example", phone="010-5555 0123")
    for user, name in NAMES.items():
        make_volunteer(session, hub, name=name, email=f"{user}@people.example")
    series = make_series(
        session, hub, title_zh="老物件修理角", starts_on=date(2026, 11, 1), start_time=time(14)
    )
    save(
        session,
        SeriesNeed(series_id=series.id, role_zh="接待员", role_en="Greeter", minimum=2, desired=2, maximum=2),
    )
    return hub.id or 0, worker.id or 0


def code(session: Session) -> str:
    """The digits that are shown at the first activity."""
    return code_of(session.exec(select(Activity).order_by(col(Activity.starts_at))).all()[0])


def ledger(session: Session) -> list[tuple[str, int, str]]:
    """Every line of the hours ledger by the person's address."""
    rows = session.exec(
        select(Person.email, HoursEntry.minutes, HoursEntry.source)
        .join(Person, col(Person.id) == HoursEntry.person_id)
        .order_by(col(HoursEntry.id))
    )
    return [(email.partition("@")[0], minutes, source) for email, minutes, source in rows]


def states(session: Session) -> dict[str, str]:
    """How every offer stands, by the person's address."""
    rows = session.exec(select(Person.email, Offer.state).join(Person, col(Person.id) == Offer.person_id))
    return {email.partition("@")[0]: state for email, state in rows}


def send(network: Network, path: str, to: str, **fields: str) -> str:
    """Fill in the form of a page whose address ends with `to`, and return the page that follows."""
    page = network.browser.get(path)
    assert page.status_code == 200, page.text
    form = next(one for one in forms_of(page.text) if one.action.partition("?")[0].endswith(to))
    answer = network.browser.post(form.action, data={**form.values, **fields})
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.slow
def test_promise_from_the_first_no_to_the_certificate(network: Network) -> None:
    hub_id, worker_id = network.ask(people_of)
    now = network.at("2026-11-02 08:00")
    network.do(schedule.plan_activities, until=date(2026, 11, 7))
    network.do(matchmaking.match, until=now.replace(day=8))
    network.do(offers.send_offers)
    first, second = asked = list(network.post())

    # One says no, and the next in line is asked in the same breath; both who are asked now say yes.
    network.answer(first, "offer", "/o/", answer="no", reason="too_far")
    (third,) = network.post()
    assert third not in asked
    for name in (second, third):
        network.answer(name, "offer", "/o/", answer="yes")
    assert network.post() == {name: ["confirmation"] for name in sorted((second, third))}

    # One of them would rather not, keeps the place until the last of the four says yes, and is then free.
    network.answer(third, "confirmation", "/o/", answer="substitute")
    (fourth,) = network.post()
    assert network.ask(states) == {first: "declined", second: "accepted", third: "accepted", fourth: "sent"}
    network.answer(fourth, "offer", "/o/", answer="yes")
    assert network.post() == {fourth: ["confirmation"], third: ["substitute"]}
    assert network.ask(states)[third] == "declined"

    # On the day one checks in by the digits that are shown there, a little late; the other does not come.
    network.at("2026-11-07 11:00")
    network.do(reminders.queue_due)
    network.post()
    network.at("2026-11-07 14:40")
    own = network.link(second, "confirmation", "/o/")
    assert "这6位数字不对" in send(network, own, "/check-in", code="x")
    page = send(network, own, "/check-in", code=network.ask(code))
    assert heading(page) == "签到好了，谢谢你来！"
    assert "14:40签到了。 时长从14:40算到活动结束。" in main(page)

    # It is over: who checked in has hours and thanks, and the social worker is asked for the other alone.
    network.at("2026-11-07 16:31")
    network.do(attendance.close_activities)
    network.at("2026-11-07 17:00")  # thanks wait a little for company
    assert network.post() == {"pei": ["attendance"], second: ["thanks"]}
    assert network.ask(ledger) == [(second, 110, "check_in")]
    sheet = network.link("pei", "attendance", "/t/")
    assert "记“没来”：90天里第1次，只写信问一声，没有别的影响。" in main(network.browser.get(sheet).text)
    network.record("pei", "present", NAMES[fourth])
    network.at("2026-11-07 17:30")
    assert network.post() == {fourth: ["no_show"]}
    assert network.ask(ledger) == [(second, 110, "check_in")]

    # Who came claims what nobody had planned; somebody else confirms it.
    own = network.link(second, "thanks", "/v/")
    send(network, own, "/claims", served_on="2026-11-05", hours="1.5", what="做卡片", category="preparation")
    desk = links.make(
        Purpose.HUB, hub_id, worker_id, expires_at=network.at("2026-11-09 09:00").replace(year=2027)
    )
    assert "1条时长申报等你确认" in main(network.browser.get(f"/h/{desk}").text)
    claim = next(
        one for one in forms_of(network.browser.get(f"/h/{desk}/hours").text) if "/claims/" in one.action
    )
    assert network.browser.post(claim.action, data={"answer": "yes"}).status_code == 200
    network.at("2026-11-09 09:30")
    assert network.post() == {second: ["hours_decided"]}

    # The paper says what the page says, and anybody can check its number.
    assert "你一共服务了3小时20分" in heading(network.browser.get(own).text)
    paper = network.browser.post(f"{own}/certificate", data={"first_day": "2026-01-01"})
    assert (paper.headers["content-type"], paper.content[:5]) == ("application/pdf", b"%PDF-")
    number = paper.headers["content-disposition"].partition('"')[2].removesuffix('.pdf"')
    checked = network.browser.get(f"/certificates/{number}").text
    assert heading(checked) == "这张证明是真的"
    assert "3小时20分" in main(checked)
