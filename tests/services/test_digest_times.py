"""Digests come at each reader's own cadence and hour, in their zone: each period once, at a valid time."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from models import Message, Person
from models.states import OfferState
from services import digest_times, digests, due, rulebook
from services.digest_slots import OVERDUE_AFTER, Cadence, Slot
from services.errors import HubError
from services.work import Audience
from tests.factories import (
    NOW,
    make_activity,
    make_coordinator,
    make_hub,
    make_manager,
    make_need,
    make_offer,
    make_unit,
    make_volunteer,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
MINUTES = 3 * 366 * 24 * 60
ZONES = ("Asia/Shanghai", "Europe/Berlin", "Europe/London", "America/New_York", "Australia/Lord_Howe")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY_8 = Slot(Audience.COORDINATORS, Cadence.WEEKLY, 1, 8, "Asia/Shanghai")
SLOTS = st.builds(
    Slot,
    st.sampled_from(list(Audience)),
    st.sampled_from(list(Cadence)),
    st.integers(1, 7),
    st.integers(0, 23),
    st.sampled_from(ZONES),
)
MOMENTS = st.integers(0, MINUTES).map(lambda minutes: START + timedelta(minutes=minutes))
LONGEST = {Cadence.DAILY: 25 * HOUR, Cadence.WEEKLY: 7 * DAY + HOUR, Cadence.MONTHLY: 31 * DAY + HOUR}


@given(slot=SLOTS, now=MOMENTS)
def test_the_last_moment_is_past_recent_and_of_the_slot(slot: Slot, now: datetime) -> None:
    last = slot.last(now)
    local = last.astimezone(ZoneInfo(slot.zone))
    assert timedelta(0) <= now - last < LONGEST[slot.cadence]
    # An hour that the clock leaves out comes later on the same day.
    assert local.hour == slot.hour or (local.hour - slot.hour, local.minute) in {(1, 0), (0, 30)}
    if slot.cadence is Cadence.WEEKLY:
        assert local.isoweekday() == slot.weekday
    if slot.cadence is Cadence.MONTHLY:
        assert local.day == 1


@given(slot=SLOTS, now=MOMENTS, later=st.integers(0, 40 * 24 * 60))
def test_moments_and_periods_never_go_back_and_one_moment_has_one_period(
    slot: Slot, now: datetime, later: int
) -> None:
    first, second = slot.last(now), slot.last(now + timedelta(minutes=later))
    assert first <= second
    assert (first == second) == (slot.period(first).key == slot.period(second).key)
    assert slot.last(first) == first


@given(slot=SLOTS, now=MOMENTS)
def test_what_one_digest_calls_ahead_the_next_calls_before(slot: Slot, now: datetime) -> None:
    period = slot.period(slot.last(now))
    assert period.before.after == period.ahead.first
    following = slot.period(slot.last(period.ahead.end + (slot.hour + 2) * HOUR))
    assert following.before == period.ahead


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("hour", [2, 8])
def test_three_years_have_each_period_once_whatever_the_clocks_do(zone: str, hour: int) -> None:
    """Stepped by a quarter of an hour: clock changes, leap day, week 53, ends of months and years."""
    for cadence, most in ((Cadence.DAILY, 1096), (Cadence.WEEKLY, 157), (Cadence.MONTHLY, 36)):
        slot = Slot(Audience.VOLUNTEERS, cadence, 1, hour, zone)
        moments = Counter(slot.last(START + 40 * DAY + n * HOUR / 4) for n in range(0, 3 * 365 * 96, 7))
        keys = [slot.period(moment).key for moment in sorted(moments)]
        assert len(keys) == len(set(keys))
        assert abs(len(keys) - most) <= most / 300 + 1


def test_a_slot_is_one_word_and_comes_back_from_it() -> None:
    assert MONDAY_8.code == "coordinators:weekly:1:8:Asia/Shanghai"
    assert Slot.of_code(MONDAY_8.code) == MONDAY_8


@pytest.fixture
def coordinator(session: Session) -> Person:
    hub = make_hub(session)
    make_need(session, make_activity(session, hub, starts_at=NOW + 2 * DAY))
    return make_coordinator(session, hub)


def choose(
    session: Session, person: Person, audience: str, cadence: str, *, hour: int, weekday: int = 1
) -> None:
    typed = {"audience": audience, "cadence": cadence, "weekday": str(weekday), "hour": str(hour)}
    digest_times.choose(session, person.id or 0, typed, now=NOW)


def told(session: Session) -> list[str]:
    return list(session.exec(select(Message.key).order_by(col(Message.id))))


def asked(session: Session, now: datetime) -> list[str]:
    return [str(one.params["slot"]) for one in due.digests_to_send(session, now)]


def test_who_chose_nothing_gets_it_at_the_network_s_time(session: Session, coordinator: Person) -> None:
    assert digests.queue_slot(session, MONDAY_8, now=NOW).queued == 1
    assert told(session)[0].endswith(":2026-W48")
    assert digests.queue_slot(session, MONDAY_8, now=NOW + HOUR).queued == 0
    rulebook.decide(session, "digests", {"hour": "10"}, hub_id=None, now=NOW)
    assert digest_times.readers(session, MONDAY_8, now=NOW) == set()


def test_a_choice_moves_one_reader_and_keeps_the_period_s_key(session: Session, coordinator: Person) -> None:
    digests.queue_slot(session, MONDAY_8, now=NOW)
    choose(session, coordinator, "coordinators", "weekly", hour=9, weekday=2)
    tuesday = Slot(Audience.COORDINATORS, Cadence.WEEKLY, 2, 9, "Asia/Shanghai")
    assert digests.queue_slot(session, MONDAY_8, now=NOW + 7 * DAY).queued == 0
    assert digests.queue_slot(session, tuesday, now=NOW + DAY + HOUR).queued == 0  # told on Monday
    assert digests.queue_slot(session, tuesday, now=NOW + 8 * DAY + HOUR).queued == 1


def test_a_daily_digest_speaks_of_today_and_yesterday(session: Session, coordinator: Person) -> None:
    choose(session, coordinator, "coordinators", "daily", hour=7)
    daily = Slot(Audience.COORDINATORS, Cadence.DAILY, 1, 7, "Asia/Shanghai")
    assert digests.queue_slot(session, daily, now=NOW).queued == 1
    assert told(session)[0].endswith(":2026-11-23")


def test_volunteers_and_managers_get_theirs_at_their_own_time_too(session: Session) -> None:
    unit = make_unit(session)
    hub = make_hub(session, unit=unit)
    manager = make_manager(session, unit)
    held = make_activity(session, hub, starts_at=NOW - 3 * DAY, state="done")
    make_need(session, held, desired=1)
    person = make_volunteer(session, hub)
    need = make_need(session, make_activity(session, hub, starts_at=NOW + DAY))
    make_offer(session, need, person, state=OfferState.ACCEPTED)
    choose(session, person, "volunteers", "daily", hour=6)
    choose(session, manager, "managers", "weekly", hour=6)
    for audience, cadence in ((Audience.VOLUNTEERS, Cadence.DAILY), (Audience.MANAGERS, Cadence.WEEKLY)):
        slot = Slot(audience, cadence, 1, 6, "Asia/Shanghai")
        assert digests.queue_slot(session, slot, now=NOW).queued == 1
    assert [key.rpartition(":")[2] for key in told(session)] == ["2026-11-23", "2026-W48"]


def test_the_clock_asks_for_a_slot_once_a_period_and_only_soon_after_its_hour(
    session: Session, coordinator: Person
) -> None:
    assert MONDAY_8.code in asked(session, NOW)
    assert MONDAY_8.code not in asked(session, NOW - HOUR - timedelta(minutes=1))
    assert MONDAY_8.code not in asked(session, NOW + OVERDUE_AFTER[Cadence.WEEKLY])
    first = len(due.ask(session, due.digests_to_send, now=NOW))
    assert first >= 1
    assert due.ask(session, due.digests_to_send, now=NOW + HOUR) == []
    choose(session, coordinator, "coordinators", "daily", hour=9)
    assert len(due.ask(session, due.digests_to_send, now=NOW + HOUR)) == 1


def test_every_wrong_value_is_named_and_a_foreign_digest_is_refused(
    session: Session, coordinator: Person
) -> None:
    wrong = {"audience": "coordinators", "cadence": "hourly", "weekday": "8", "hour": "24"}
    with pytest.raises(HubError) as refused:
        digest_times.choose(session, coordinator.id or 0, wrong, now=NOW)
    assert [one.field for one in refused.value.refusals] == ["cadence", "weekday", "hour"]
    with pytest.raises(HubError, match="no_such_digest"):
        choose(session, coordinator, "managers", "weekly", hour=8)
