"""A swap from the first mail to the two calendars, told once through the real doors."""

from __future__ import annotations

from datetime import date, time

import pytest
from sqlmodel import Session, col, select

from models import Activity, Need, Offer, Person
from models.states import OfferState
from services import offers, reminders, schedule
from tests.factories import make_coordinator, make_hub, make_need, make_offer, make_series, make_volunteer
from tests.journeys.conftest import Network
from tests.portal.pages import heading, main


def people_of(session: Session) -> None:
    """A hub with its social worker, two volunteers, and a corner every Saturday."""
    hub = make_hub(session, code="XC-001", name_zh="晨光里青年汇")
    make_coordinator(session, hub, name="裴书意", email="pei@hub.example")
    make_series(session, hub, title_zh="老物件修理角", starts_on=date(2026, 11, 1), start_time=time(14))
    for user, name in (("shen", "沈之槐"), ("gu", "顾望舒")):
        make_volunteer(session, hub, name=name, email=f"{user}@people.example")


def ask_each(session: Session) -> None:
    """One of them is asked for the first Saturday, the other for the second."""
    people = session.exec(select(Person).where(col(Person.email).endswith("people.example"))).all()
    dates = session.exec(select(Activity).order_by(col(Activity.starts_at))).all()
    for person, activity in zip(people, dates, strict=False):
        make_offer(session, make_need(session, activity), person, proposed_at=activity.starts_at)


def who_comes(session: Session) -> list[str]:
    """Who holds the place of each Saturday, by address."""
    rows = session.exec(
        select(Person.email)
        .join(Offer, col(Offer.person_id) == Person.id)
        .join(Activity, col(Activity.id) == Offer.activity_id)
        .where(Offer.state == OfferState.ACCEPTED)
        .order_by(col(Activity.starts_at))
    )
    return [address.partition("@")[0] for address in rows]


@pytest.mark.slow
def test_two_swap_their_saturdays_and_are_reminded_of_the_new_ones(network: Network) -> None:
    network.ask(people_of)
    network.at("2026-11-02 09:00")
    network.do(schedule.plan_activities, until=date(2026, 11, 14))
    network.ask(ask_each)
    network.do(offers.send_offers)
    assert network.post() == {"gu": ["offer"], "shen": ["offer"]}
    for name in ("shen", "gu"):
        network.answer(name, "offer", "/o/", answer="yes")
    network.post()
    assert network.ask(who_comes) == ["shen", "gu"]

    # One would rather come the week after; the other is asked, without a name, and agrees.
    own = f"{network.link('shen', 'confirmation', '/o/')}/swap"
    page = network.press(own, "activity", activity=network.ask(second_code), answer="propose")
    assert heading(page) == "正在问一位志愿者愿不愿换"
    assert network.post() == {"gu": ["swap_asked"]}
    asked = network.link("gu", "swap_asked", "/o/")
    assert "沈之槐" not in network.browser.get(asked).text
    network.press(asked, "answer", answer="yes")
    assert network.post() == {"pei": ["hub_notice"], "shen": ["swap"]}

    # The social worker sees both names and says yes; both get a cancelled and a new calendar entry.
    desk = network.link("pei", "hub_notice", "/h/")
    assert "沈之槐和顾望舒想换班" in main(network.browser.get(desk).text)
    network.press(desk, "deed", deed="agree")
    assert network.post() == {name: ["confirmation", "swap"] for name in ("gu", "shen")}
    assert network.ask(who_comes) == ["gu", "shen"]
    assert list(network.ask(lambda session: session.exec(select(Need.taken)).all())) == [1, 1]
    entries = [
        part for part in network.newest("shen", "swap").walk() if part.get_content_subtype() == "calendar"
    ]
    assert "STATUS:CANCELLED" in entries[0].get_content()

    # On the Thursday before, only the one who now comes first is reminded.
    network.at("2026-11-05 14:30")
    network.do(reminders.queue_due)
    assert network.post() == {"gu": ["reminder"]}


def second_code(session: Session) -> str:
    """The code of the second Saturday."""
    return session.exec(select(Activity.code).order_by(col(Activity.starts_at))).all()[1]
