"""Digests: what needs somebody first, nothing without news, one a period, and nobody else's affairs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event
from sqlmodel import Session, select

from models import (
    BackgroundCheck,
    Candidate,
    Consent,
    ConsentPurpose,
    Guardian,
    HoursEntry,
    Hub,
    MatchingRun,
    Message,
    Participation,
    Person,
)
from models.states import ActivityState, ConsentState, OfferState, Presence
from notifications.wordings import own_wordings
from services.attendance import record
from services.digests import (
    DigestsQueued,
    Matter,
    attention,
    queue_coordinator_digests,
    queue_manager_digests,
    queue_volunteer_digests,
)
from services.digests_weeks import iso_week, month_before, month_of, week_before, week_of
from services.funding_rules import funding_rules
from services.gate_rules import gate_rules
from tests.factories import (
    make_activity,
    make_coordinator,
    make_hub,
    make_manager,
    make_need,
    make_offer,
    make_participant,
    make_unit,
    make_volunteer,
    save,
)

MONDAY = date(2026, 11, 23)


@dataclass
class Town:
    """A hub with its coordinator and a volunteer, and another hub that nobody should hear of."""

    hub: Hub
    other: Hub
    coordinator: Person
    volunteer: Person


@pytest.fixture
def town(session: Session) -> Town:
    hub, other = make_hub(session), make_hub(session)
    coordinator = make_coordinator(session, hub, name="沈之槐")
    make_coordinator(session, other, name="外人", email="outsider@hubs.example")
    return Town(hub, other, coordinator, make_volunteer(session, hub, name="林小满"))


def mails(session: Session) -> dict[str, str]:
    """The text of every queued mail, by address."""
    found = {}
    for row in session.exec(select(Message)).all():
        body = message_from_bytes(row.content, policy=default).get_body(("plain",))
        assert body is not None
        found[row.to_address] = body.get_content()
    return found


def held_activity(session: Session, hub: Hub, now: datetime, **over: Any) -> Any:
    values = {"state": ActivityState.DONE, "closed_at": now - timedelta(days=2), **over}
    return make_activity(session, hub, starts_at=now - timedelta(days=3), **values)


def test_attention_lists_what_gets_worse_soonest_first(session: Session, town: Town, now: datetime) -> None:
    soon = make_activity(session, town.hub, starts_at=now + timedelta(days=1), title_zh="棋牌角")
    make_need(session, soon, role_zh="教练", desired=2, maximum=2)
    later = make_activity(session, town.hub, starts_at=now + timedelta(days=6), title_zh="读书会")
    make_need(session, later, role_zh="主持", desired=1, minimum=0)
    over = held_activity(session, town.hub, now)
    make_offer(session, make_need(session, over), town.volunteer, state=OfferState.ACCEPTED)
    items = attention(session, town.hub.id, now=now).items
    assert [item.matter for item in items] == [Matter.PLACES, Matter.ATTENDANCE, Matter.PLACES]
    assert items[0].title.zh == "棋牌角还缺2位教练"
    assert items[0].tag.zh == "缺2人"
    assert [item.gets_worse_at for item in items] == sorted(item.gets_worse_at for item in items)


def test_attention_says_who_is_left_to_ask(session: Session, town: Town, now: datetime) -> None:
    need = make_need(session, make_activity(session, town.hub), desired=3, maximum=3)
    make_offer(session, need, town.volunteer, state=OfferState.SENT, expires_at=now + timedelta(days=2))
    run = save(
        session,
        MatchingRun(
            created_at=now, inputs_hash="", solver="", status="", value=0, bound=0, gap=0, seconds=0,
            places=0, filled=0,
        ),
    )  # fmt: skip
    for person in (town.volunteer, make_volunteer(session, town.hub), make_volunteer(session, town.hub)):
        session.add(Candidate(need_id=need.id, person_id=person.id, run_id=run.id, place=1))
    session.flush()
    (item,) = attention(session, town.hub.id, now=now).items
    assert item.sentence.zh.endswith("1人还没答复。后面还有2位合适的，系统会接着问。")


def test_attention_leaves_out_places_with_enough_open_offers(
    session: Session, town: Town, now: datetime
) -> None:
    need = make_need(session, make_activity(session, town.hub))
    offer = make_offer(session, need, town.volunteer, state=OfferState.SENT)
    offer.expires_at = now + timedelta(days=3)
    session.flush()
    assert attention(session, town.hub.id, now=now).items == ()
    offer.expires_at = now + timedelta(hours=10)
    session.flush()
    (item,) = attention(session, town.hub.id, now=now).items
    assert (item.matter, item.count, item.gets_worse_at) == (Matter.OFFERS, 1, offer.expires_at)


def test_attention_counts_checks_and_consents_that_lapse_by_their_newest(
    session: Session, town: Town, now: datetime
) -> None:
    today = now.date()
    minor = make_volunteer(session, town.hub, birth_date=date(2010, 6, 1))
    guardian = save(session, Guardian(person_id=minor.id, name="乔守正"))
    for granted, expires_in in ((True, 5), (False, 6)):
        session.add(
            Consent(
                guardian_id=guardian.id,
                purpose=ConsentPurpose.VOLUNTEERING,
                state=ConsentState.GRANTED if granted else ConsentState.REFUSED,
                asked_at=now - timedelta(days=expires_in),
                expires_on=today + timedelta(days=expires_in),
            )
        )
    renewed = make_volunteer(session, town.hub)
    for person, expires_in in ((town.volunteer, 10), (renewed, 10), (renewed, 400)):
        day = today + timedelta(days=expires_in)
        session.add(
            BackgroundCheck(person_id=person.id, checked_on=day - timedelta(days=700), expires_on=day)
        )
    session.flush()
    items = attention(session, town.hub.id, now=now).items
    assert [(item.matter, item.count) for item in items] == [(Matter.CONSENTS, 1), (Matter.CHECKS, 1)]


def test_coordinator_digest_tells_needs_the_week_and_last_week(
    session: Session, town: Town, now: datetime
) -> None:
    last = held_activity(session, town.hub, now, title_zh="周五夜跑")
    offer = make_offer(
        session, make_need(session, last), town.volunteer, state=OfferState.ACCEPTED,
        sent_at=now - timedelta(days=5),
    )  # fmt: skip
    record(
        session,
        last.id,
        {offer.id: Presence.PRESENT},
        {},
        by=town.coordinator.id,
        now=now - timedelta(days=1),
    )
    guest = make_participant(session, town.hub)
    save(
        session,
        Participation(
            activity_id=last.id, participant_id=guest.id, signed_up_at=now, presence=Presence.PRESENT
        ),
    )
    coming = make_activity(session, town.hub, starts_at=now + timedelta(days=2), title_zh="棋牌角")
    make_need(session, coming, role_zh="接待员", desired=2, maximum=2)
    assert queue_coordinator_digests(session, now=now, week=MONDAY) == DigestsQueued(1, 0, 1)
    text = mails(session)[town.coordinator.email]
    assert "棋牌角还缺2位接待员" in text
    assert "办了1场，来了1人次，志愿服务2小时30分。" in text
    assert "发出1个邀请：1人能来，0人来不了，0人没答。" in text


def test_coordinator_digest_of_a_quiet_hub_is_not_written(
    session: Session, town: Town, now: datetime
) -> None:
    assert queue_coordinator_digests(session, now=now, week=MONDAY) == DigestsQueued(0, 0, 2)
    assert mails(session) == {}


def test_coordinator_digest_tells_an_outsider_nothing(session: Session, town: Town, now: datetime) -> None:
    """The other hub has news of its own, so its coordinator does get a mail, without a word of ours."""
    for hub, title in ((town.hub, "我们的事"), (town.other, "他们的事")):
        make_need(session, make_activity(session, hub, title_zh=title))
    queue_coordinator_digests(session, now=now, week=MONDAY)
    text = mails(session)["outsider@hubs.example"]
    assert "他们的事" in text
    assert not {word for word in ("我们的事", "沈之槐", "林小满", town.hub.name_zh) if word in text}


def test_digests_of_one_week_are_written_once(session: Session, town: Town, now: datetime) -> None:
    make_need(session, make_activity(session, town.hub))
    first = queue_coordinator_digests(session, now=now, week=MONDAY)
    again = queue_coordinator_digests(session, now=now + timedelta(hours=3), week=date(2026, 11, 29))
    assert (first.queued, again.queued, again.already_there) == (1, 0, 1)
    assert queue_coordinator_digests(session, now=now, week=date(2026, 11, 30)).queued == 1


def test_volunteer_digest_goes_only_to_those_with_news(session: Session, town: Town, now: datetime) -> None:
    make_volunteer(session, town.hub, name="没消息的人", email="quiet@people.example")
    other = make_volunteer(session, town.hub, name="别人", email="other@people.example")
    activity = make_activity(session, town.hub, starts_at=now + timedelta(days=2), title_zh="棋牌角")
    make_offer(session, make_need(session, activity), town.volunteer, state=OfferState.ACCEPTED)
    asked = make_activity(session, town.hub, starts_at=now + timedelta(days=3), title_zh="读书会")
    make_offer(
        session, make_need(session, asked), other, state=OfferState.SENT, expires_at=now + timedelta(days=1)
    )
    assert queue_volunteer_digests(session, now=now, week=MONDAY).queued == 2
    texts = mails(session)
    assert set(texts) == {town.volunteer.email, "other@people.example"}
    assert "棋牌角" in texts[town.volunteer.email]
    assert "读书会" not in texts[town.volunteer.email]
    assert "林小满" not in texts["other@people.example"]


def test_volunteer_digest_adds_the_hours_entered_last_week(
    session: Session, town: Town, now: datetime
) -> None:
    last = held_activity(session, town.hub, now)
    offer = make_offer(session, make_need(session, last), town.volunteer, state=OfferState.ACCEPTED)
    record(
        session,
        last.id,
        {offer.id: Presence.PRESENT},
        {},
        by=town.coordinator.id,
        now=now - timedelta(days=1),
    )
    session.exec(select(HoursEntry)).one()
    queue_volunteer_digests(session, now=now, week=MONDAY)
    assert "新记下2小时30分，今年一共2小时30分。" in mails(session)[town.volunteer.email]


def test_manager_digest_rolls_up_units_and_names_silent_hubs(session: Session, now: datetime) -> None:
    district = make_unit(session, name_zh="西城区")
    north, south = (make_unit(session, parent=district, name_zh=name) for name in ("北街道", "南街道"))
    busy, silent = make_hub(session, unit=north), make_hub(session, unit=south)
    manager, local = make_manager(session, district), make_manager(session, north)
    activity = held_activity(session, busy, now)
    make_need(session, activity, desired=4, maximum=4, taken=3)
    result = queue_manager_digests(session, now=now, month=date(2026, 11, 1))
    assert (result.queued, result.nothing_to_say) == (2, 0)
    text = mails(session)[manager.email]
    assert "1家青年汇11月没有活动" in text
    assert silent.name_zh in text
    assert "北街道 | 1 | 75% | 0 | 0家" in text
    assert "南街道 | 0 | – | 0 | 1家" in text
    assert silent.name_zh not in mails(session)[local.email]


def test_manager_digest_of_an_empty_month_is_not_written(session: Session, now: datetime) -> None:
    unit = make_unit(session)
    make_hub(session, unit=unit)
    make_manager(session, unit)
    assert queue_manager_digests(session, now=now, month=date(2026, 10, 1)).nothing_to_say == 1


def test_coordinator_digests_ask_no_more_for_many_hubs_than_for_few(session: Session, now: datetime) -> None:
    def questions() -> int:
        asked = []
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", lambda *call: asked.append(call[2]))
        queue_coordinator_digests(session, now=now, week=MONDAY + timedelta(days=7 * len(counts)))
        return len([statement for statement in asked if statement.lstrip().startswith("SELECT")])

    counts: list[int] = []
    gate_rules(session, now=now)  # the network's rules and own words are read once a session
    own_wordings(session)
    funding_rules(session, now=now)
    for _ in range(2):
        for _ in range(4):
            hub = make_hub(session)
            make_coordinator(session, hub)
            make_need(session, make_activity(session, hub))
        counts.append(questions())
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 167), (date(2026, 10, 25), 169), (date(2026, 6, 3), 168)]
)
def test_week_of_a_clock_change_runs_from_midnight_to_midnight(day: date, hours: int) -> None:
    week = week_of(day, "Europe/Berlin")
    assert (week.end.astimezone(UTC) - week.start.astimezone(UTC)) == timedelta(hours=hours)
    assert week.start.astimezone(ZoneInfo("Europe/Berlin")).hour == 0
    assert week_before(week).end == week.start


def test_weeks_and_months_meet_at_the_turn_of_the_year() -> None:
    assert iso_week(date(2027, 1, 3)) == "2026-W53"
    assert week_of(date(2027, 1, 1), "Asia/Shanghai").first == date(2026, 12, 28)
    assert month_before(date(2027, 1, 31), "Asia/Shanghai") == month_of(date(2026, 12, 9), "Asia/Shanghai")
