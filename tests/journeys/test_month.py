"""A month of a small network, told once: from a series on paper to a released report and its digests.

Every deed goes through the real doors: services called by their verbs, mail over SMTP, answers over
HTTP by the links that stand in the mails. `post()` delivers what waits and says who got what; whoever
is not named there has got nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta

from sqlmodel import Session, col, func, select

from models import (
    Activity,
    HoursEntry,
    Hub,
    Offer,
    Participant,
    Participation,
    Person,
    PersonSkill,
    SeriesNeed,
    Unit,
)
from models.states import OfferState, Presence
from services import attendance, matchmaking, offers, reminders, schedule
from tests.factories import (
    make_coordinator,
    make_hub,
    make_manager,
    make_series,
    make_skill,
    make_unit,
    make_volunteer,
    save,
)

SIGN_UP = {"phone": "", "language": "zh-Hans"}


@dataclass(frozen=True)
class Cast:
    """Who is in the story; the outsiders belong to another hub and must never get anything."""

    district: Unit
    hub: Hub
    other_hub: Hub
    coordinator: Person


def people_of(session: Session) -> Cast:
    """Two hubs of one sub-district, a coordinator each, two who can repair, one who cannot, an outsider."""
    district = make_unit(session, code="XC", kind="district")
    street = make_unit(session, parent=district)
    hub = make_hub(session, unit=street, code="XC-001", name_zh="晨光里青年汇")
    other_hub = make_hub(session, unit=street, code="XC-002", name_zh="白塔青年汇")
    coordinator = make_coordinator(session, hub, name="裴书意", email="pei@hub.example")
    make_coordinator(session, other_hub, name="卞松", email="outsider@hub.example")
    make_manager(session, district, name="欧阳静", email="ouyang@office.example")
    repair = make_skill(session, code="repair", name_zh="修理", name_en="Repairing")
    for name, email in (("沈之槐", "shen"), ("顾望舒", "gu")):
        person = make_volunteer(session, hub, name=name, email=f"{email}@people.example")
        save(session, PersonSkill(person_id=person.id or 0, skill_id=repair.id or 0))
    make_volunteer(session, hub, name="雷初", email="unskilled@people.example")
    make_volunteer(session, other_hub, name="毕青", email="stranger@people.example")
    series = make_series(
        session, hub, title_zh="老物件修理角", capacity=2, starts_on=date(2026, 11, 1), start_time=time(14)
    )
    save(session, SeriesNeed(series_id=series.id, role_zh="修理师傅", role_en="Repairer", skill_id=repair.id))
    return Cast(district, hub, other_hub, coordinator)


def states(session: Session) -> dict[str, str]:
    """How the offers of the newest activity that has any stand, by the person's address."""
    rows = session.exec(
        select(Person.email, Offer.state, Offer.activity_id)
        .join(Offer, col(Offer.person_id) == Person.id)
        .order_by(col(Offer.activity_id), col(Offer.id))
    ).all()
    newest = max((activity for *_, activity in rows), default=0)
    return {email.partition("@")[0]: state for email, state, activity in rows if activity == newest}


def seats(session: Session, activity_id: int) -> dict[str, str]:
    """How the places of an activity stand, by the participant's address."""
    rows = session.exec(
        select(Participant.email, Participation.state)
        .join(Participation, col(Participation.participant_id) == Participant.id)
        .where(Participation.activity_id == activity_id)
    )
    return {email.partition("@")[0]: state for email, state in rows}


def presence(session: Session) -> dict[str, str]:
    """Who of the participants came, where anything is known."""
    rows = session.exec(
        select(Participant.email, Participation.presence)
        .join(Participation, col(Participation.participant_id) == Participant.id)
        .where(Participation.presence != Presence.UNKNOWN)
    )
    return {email.partition("@")[0]: came for email, came in rows}


def minutes(session: Session) -> dict[str, int]:
    """The hours ledger, in minutes by the volunteer's address."""
    rows = session.exec(
        select(Person.email, func.sum(HoursEntry.minutes))
        .join(HoursEntry, col(HoursEntry.person_id) == Person.id)
        .group_by(col(Person.email))
    )
    return {email.partition("@")[0]: int(total) for email, total in rows}


def activities(session: Session) -> list[Activity]:
    return list(session.exec(select(Activity).order_by(col(Activity.starts_at))))


def test_a_month_of_a_small_network(network):
    cast = network.ask(people_of)

    # The first Monday: the series becomes four dated activities, and the first one's place is offered.
    network.at("2026-11-02 08:00")
    assert network.do(schedule.plan_activities, until=date(2026, 11, 29)).added == 4
    first, second, *_ = network.ask(activities)
    assert (
        network.do(matchmaking.match, until=network.at("2026-11-02 08:00") + timedelta(weeks=1)).filled == 1
    )
    assert network.do(offers.send_offers).sent == 1
    (asked,) = network.post()
    other = {"shen": "gu", "gu": "shen"}[asked]

    # Cannot come: one tap in the mail, one on the page; the other one who can repair is asked at once.
    network.answer(asked, "offer", "/o/", answer="no")
    assert network.post() == {other: ["offer"]}
    assert "说好了" in network.answer(other, "offer", "/o/", answer="yes")
    assert network.post() == {other: ["confirmation"]}
    assert network.ask(states) == {asked: OfferState.DECLINED, other: OfferState.ACCEPTED}

    # Young people sign up: an adult has a place at once, a minor when the guardian agrees, the third waits.
    network.at("2026-11-03 19:00")
    network.sign_up(first.code, name="方南", email="fang@young.example", birth_date="2001-04-05")
    guardian = {"guardian_name": "江远", "guardian_email": "jiang@family.example"}
    network.sign_up(
        first.code, name="江知夏", email="minor@young.example", birth_date="2010-06-01", **guardian
    )
    assert network.post() == {"fang": ["sign_up_confirmed"], "jiang": ["consent"]}
    network.answer("jiang", "consent", "/g/", answer="yes")
    network.sign_up(first.code, name="钟屿", email="zhong@young.example", birth_date="1999-01-31")
    assert network.post() == {"minor": ["sign_up_confirmed"], "zhong": ["sign_up_waiting"]}

    # One gives the place back, and the first in line is asked before it is given to them.
    network.answer("fang", "sign_up_confirmed", "/p/", answer="cancel")
    assert network.post() == {"zhong": ["place_freed"]}
    network.answer("zhong", "place_freed", "/p/", answer="take")
    assert network.post() == {"zhong": ["sign_up_confirmed"]}

    # Two days and three hours before, whoever promised to come is reminded, once each.
    for local in ("2026-11-05 14:00", "2026-11-05 15:00", "2026-11-07 11:00"):
        network.at(local)
        network.do(reminders.queue_due)
    assert network.post() == {other: ["reminder", "reminder"]}

    # It is over: the coordinator records who came, hours are entered, thanks go out.
    network.at("2026-11-07 17:00")
    assert network.do(attendance.close_activities).closed == 1
    assert network.post() == {"pei": ["attendance"]}
    assert "记好了" in network.record("pei", "present", "钟屿")
    assert network.post() == {other: ["thanks"]}
    assert network.ask(minutes) == {other: 150}
    assert network.ask(presence) == {"minor": Presence.PRESENT, "zhong": Presence.NO_SHOW}
    network.record("pei", "present")
    assert network.post() == {}
    assert network.ask(presence) == {"minor": Presence.PRESENT, "zhong": Presence.PRESENT}
    assert network.ask(minutes) == {other: 150}

    # The second week: nobody answers in time, so the next is asked; then the activity has to be cancelled.
    now = network.at("2026-11-09 08:00")
    network.do(matchmaking.match, until=now + timedelta(weeks=1))
    network.do(offers.send_offers)
    (silent,) = network.post()
    network.at("2026-11-11 09:00")
    followed_up = network.do(offers.follow_up)
    assert (followed_up.expired, followed_up.asked_next) == (1, 1)
    (last,) = network.post()
    assert {silent, last} == {"shen", "gu"}
    network.answer(last, "offer", "/o/", answer="yes")
    network.sign_up(second.code, name="方南", email="fang@young.example", birth_date="2001-04-05")
    assert network.post() == {"fang": ["sign_up_confirmed"], last: ["confirmation"]}
    network.do(schedule.cancel_activity, second.id, reason="停电", by=cast.coordinator.id)
    assert network.post() == {"fang": ["cancelled"], last: ["cancelled"]}
    assert "这场活动取消了" in network.browser.get(network.link(last, "confirmation", "/o/")).text
    network.at("2026-11-14 11:00")
    network.do(reminders.queue_due)
    network.do(attendance.close_activities)
    assert network.post() == {}
