"""A hub is told when one more date of a series can be staffed, and plans it with one tap that can be undone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from models import (
    Activity,
    ActivityStaff,
    BulkChange,
    Equipment,
    Need,
    SeriesNeed,
    SeriesStaff,
    SeriesUse,
    Venue,
)
from models.states import ActivityState
from services import bulk_changes
from services.errors import HubError, NotFound, NotYours
from services.policies import set_rules
from services.proposal_planning import plan_extra_date
from services.proposal_rules import ProposalRules
from services.proposals import propose
from tests.factories import (
    NOW,
    make_activity,
    make_coordinator,
    make_hub,
    make_series,
    make_volunteer,
    save,
)

WEDNESDAY_EVENING = (2, 18 * 60, 21 * 60)
FIRST_WEDNESDAY = datetime(2026, 12, 2, 10, 0, tzinfo=UTC)  # 18:00 in Beijing; 25 November is too near


class Corner:
    """A hub with a repair corner whose people are free on Wednesday evenings only."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.hub = make_hub(session)
        self.worker = make_coordinator(session, self.hub)
        self.room = save(session, Venue(code="V-1", hub_id=self.hub.id, name="活动室", capacity=30))
        self.series = make_series(
            session, self.hub, code="R-fix", title_zh="修理角", venue_id=self.room.id, duration_minutes=120
        )
        save(session, SeriesNeed(series_id=self.series.id, role_zh="师傅", desired=2, maximum=2))
        for _ in range(4):
            make_volunteer(session, self.hub, free=[WEDNESDAY_EVENING])

    def propose(self, **over):
        known = {"hub_id": self.hub.id, "now": NOW, "weeks": 2}
        return propose(self.session, "R-fix", **{**known, **over})

    def plan(self, starts_at: datetime = FIRST_WEDNESDAY, venue_id: int | None = None, **over):
        known = {"hub_id": self.hub.id, "by": self.worker.id, "now": NOW}
        return plan_extra_date(
            self.session, "R-fix", starts_at, venue_id or self.room.id, **{**known, **over}
        )


@pytest.fixture
def corner(session: Session) -> Corner:
    return Corner(session)


def test_time_at_which_people_are_free_comes_first(corner) -> None:
    first = corner.propose().proposals[0]
    assert (first.starts_at, first.venue, first.eligible, first.places) == (FIRST_WEDNESDAY, "活动室", 4, 2)
    assert first.sentence.zh.startswith("1. 12月2日周三18:00，活动室：2个空位大约能补上1.6个，合适的有4人")


def test_taken_room_busy_staff_and_used_things_are_no_free_times(session, corner) -> None:
    evening = FIRST_WEDNESDAY, FIRST_WEDNESDAY + timedelta(hours=3)
    before = corner.propose().compared
    make_activity(session, corner.hub, venue_id=corner.room.id, starts_at=evening[0], ends_at=evening[1])
    found = corner.propose()
    assert before > found.compared
    assert all(one.ends_at <= evening[0] or one.starts_at >= evening[1] for one in found.proposals)


def test_staff_elsewhere_take_the_time_away(session, corner) -> None:
    save(session, SeriesStaff(series_id=corner.series.id, person_id=corner.worker.id))
    away = make_activity(session, make_hub(session), starts_at=FIRST_WEDNESDAY)
    save(session, ActivityStaff(activity_id=away.id, person_id=corner.worker.id))
    assert corner.propose().proposals[0].starts_at != FIRST_WEDNESDAY


def test_days_on_which_the_series_happens_anyway_and_holidays_are_left_out(session, corner) -> None:
    make_activity(session, corner.hub, series_id=corner.series.id, starts_at=FIRST_WEDNESDAY)
    assert FIRST_WEDNESDAY.date() not in {one.starts_at.date() for one in corner.propose(count=50).proposals}
    before_national_day = datetime(2026, 9, 25, 1, 0, tzinfo=UTC)
    found = corner.propose(now=before_national_day, weeks=2, count=50).proposals
    assert {one.starts_at.date().isoformat() for one in found} == {
        *(f"2026-09-{day}" for day in (28, 29, 30)),
        *(f"2026-10-{day:02}" for day in (8, 9)),
    }


def test_hub_decides_its_hours_and_how_long_before(session, corner) -> None:
    rules = {"opens_hour": 10, "closes_hour": 12, "lead_days": 9}
    set_rules(session, ProposalRules, rules, hub_id=corner.hub.id, now=NOW)
    found = corner.propose(count=50).proposals
    assert {one.starts_at.hour + 8 for one in found} == {10}
    assert min(one.starts_at for one in found) > NOW + timedelta(days=8)


def test_answer_is_kept_until_something_changes(session, corner, monkeypatch) -> None:
    first = corner.propose()
    assert corner.propose() is first
    corner.plan()
    assert corner.propose() != first


def test_tap_plans_the_date_with_needs_staff_and_things(session, corner) -> None:
    save(session, SeriesStaff(series_id=corner.series.id, person_id=corner.worker.id))
    tables = save(session, Equipment(code="E-1", hub_id=corner.hub.id, name="折叠桌", quantity=4))
    save(session, SeriesUse(series_id=corner.series.id, equipment_id=tables.id, quantity=4))
    said = corner.plan()
    activity = session.get(Activity, said.activity_id)
    assert (activity.starts_at, activity.state, activity.series_date) == (FIRST_WEDNESDAY, "published", None)
    assert [one.desired for one in session.exec(select(Need))] == [2]
    assert session.get(ActivityStaff, (activity.id, corner.worker.id)) is not None
    with pytest.raises(HubError, match="equipment_taken"):
        corner.plan(FIRST_WEDNESDAY + timedelta(hours=1))


def test_second_tap_changes_nothing(session, corner) -> None:
    first, second = corner.plan(), corner.plan()
    assert (second.activity_id, second.again) == (first.activity_id, True)
    assert len(session.exec(select(Activity)).all()) == 1


def test_planned_date_is_undone_in_one_step_and_can_be_planned_again(session, corner) -> None:
    first = corner.plan()
    change = session.exec(select(BulkChange)).one()
    bulk_changes.undo(session, change.id, hub_id=corner.hub.id, by=corner.worker.id, now=NOW)
    assert session.get(Activity, first.activity_id).state == ActivityState.CANCELLED
    assert corner.plan().activity_id != first.activity_id


def test_cancelled_date_can_be_planned_again(session, corner) -> None:
    first = session.get(Activity, corner.plan().activity_id)
    first.state = ActivityState.CANCELLED
    again = corner.plan()
    assert (again.again, again.activity_code) == (False, f"{first.code}2")


def test_risky_date_waits_for_its_check(session, corner) -> None:
    corner.series.is_outdoors = True
    said = corner.plan()
    assert (said.is_waiting, session.get(Activity, said.activity_id).state) == (True, "planned")
    assert "先过风险检查" in said.sentence.zh


@pytest.mark.parametrize(
    ("over", "code"),
    [
        ({"starts_at": NOW - timedelta(hours=1)}, "time_past"),
        ({"venue_id": 999_999}, "not_your_venue"),
    ],
)
def test_bad_times_and_rooms_are_refused(corner, over, code) -> None:
    with pytest.raises(HubError, match=code):
        corner.plan(**over)


def test_time_that_was_taken_meanwhile_is_refused_with_what_is_there(session, corner) -> None:
    make_activity(session, corner.hub, code="A-there", venue_id=corner.room.id, starts_at=FIRST_WEDNESDAY)
    with pytest.raises(HubError, match="venue_taken") as refused:
        corner.plan()
    assert "A-there" in refused.value.sentence.zh


def test_others_can_neither_see_nor_plan(session, corner) -> None:
    other = make_hub(session)
    stranger = make_coordinator(session, other)
    with pytest.raises(NotFound):
        propose(session, "R-fix", hub_id=other.id, now=NOW)
    with pytest.raises(NotYours):
        corner.plan(by=stranger.id)


def test_too_many_weeks_are_refused(corner) -> None:
    with pytest.raises(HubError, match="bad_weeks"):
        corner.propose(weeks=9)


def test_hub_without_rooms_or_needs_still_gets_times(session) -> None:
    hub = make_hub(session)
    make_series(session, hub, code="R-walk")
    found = propose(session, "R-walk", hub_id=hub.id, now=NOW)
    assert [one.places for one in found.proposals] == [0] * 5
    assert session.exec(select(Activity).where(col(Activity.hub_id) == hub.id)).all() == []
