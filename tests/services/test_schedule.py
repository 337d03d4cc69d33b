"""From series to dated activities: once each, in free rooms, with the needs of the series."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import event
from sqlmodel import Session, col, select

from models import (
    Activity,
    ActivityStaff,
    ActivityUse,
    Equipment,
    Hub,
    Need,
    SeriesException,
    SeriesNeed,
    SeriesStaff,
    SeriesUse,
    Term,
    Unit,
    Venue,
)
from models.session import open_session
from models.states import ActivityState
from services import schedule
from services.errors import HubError
from tests.factories import NOW, make_activity, make_coordinator, make_hub, make_series, make_unit, save

SUNDAY = date(2026, 11, 29)
TWO_WEEKS = date(2026, 12, 6)


@pytest.fixture
def hub(session: Session) -> Hub:
    return make_hub(session)


def make_venue(session: Session, hub: Hub) -> Venue:
    return save(session, Venue(code=f"V{hub.code}", hub_id=hub.id, name="二楼活动室"))


def plan(session: Session, until: date = TWO_WEEKS, **over: object) -> schedule.Planned:
    return schedule.plan_activities(session, now=NOW, until=until, **over)


def activities(session: Session) -> list[Activity]:
    return list(session.exec(select(Activity).order_by(col(Activity.starts_at), col(Activity.code))))


def test_series_becomes_dated_activities_with_its_needs(session: Session, hub: Hub) -> None:
    series = make_series(session, hub, code="R-fix", title_zh="修理角", capacity=12, topic="修理")
    save(session, SeriesNeed(series_id=series.id, role_zh="师傅", maximum=3, desired=2, needs_check=True))
    save(session, SeriesNeed(series_id=series.id, role_zh="接待"))
    said = plan(session)
    assert (said.added, said.kept, said.problems) == (2, 0, ())
    first, second = activities(session)
    assert (first.code, second.code) == ("R-fix-20261128", "R-fix-20261205")
    assert (first.title_zh, first.capacity, first.topic) == ("修理角", 12, "修理")
    assert (first.starts_at, first.ends_at) == (
        datetime(2026, 11, 28, 6, 0, tzinfo=UTC),
        datetime(2026, 11, 28, 8, 30, tzinfo=UTC),
    )
    assert (first.state, first.series_date, first.revision) == (
        ActivityState.PUBLISHED,
        date(2026, 11, 28),
        1,
    )
    needs = session.exec(select(Need).where(Need.activity_id == second.id).order_by(col(Need.id))).all()
    assert [(need.role_zh, need.maximum, need.needs_check, need.taken) for need in needs] == [
        ("师傅", 3, True, 0),
        ("接待", 1, False, 0),
    ]


def test_second_run_adds_nothing(session: Session, hub: Hub) -> None:
    make_series(session, hub)
    plan(session)
    again = plan(session)
    assert (again.added, again.kept) == (0, 2)
    assert len(activities(session)) == 2


def test_moved_activity_is_not_planned_anew(session: Session, hub: Hub) -> None:
    make_series(session, hub)
    plan(session, SUNDAY)
    (one,) = activities(session)
    one.starts_at += timedelta(days=1)
    one.ends_at += timedelta(days=1)
    session.flush()
    assert plan(session, SUNDAY).added == 0


def test_only_the_hubs_asked_for_are_planned(session: Session, hub: Hub) -> None:
    make_series(session, hub)
    make_series(session, make_hub(session))
    plan(session, hubs=[hub.id])
    assert {one.hub_id for one in activities(session)} == {hub.id}


def test_closed_hub_and_ended_series_plan_nothing(session: Session, hub: Hub) -> None:
    make_series(session, hub, ends_on=date(2026, 11, 20))
    make_series(session, hub, starts_on=date(2026, 12, 7))
    make_series(session, make_hub(session, is_open=False))
    assert plan(session).added == 0


def test_activity_that_began_today_is_not_planned(session: Session, hub: Hub) -> None:
    make_series(session, hub, rrule="FREQ=DAILY", start_time=time(9, 0))
    plan(session, date(2026, 11, 24))
    assert [one.series_date for one in activities(session)] == [date(2026, 11, 24)]


def test_date_whose_room_is_taken_is_refused_and_the_others_go_on(session: Session, hub: Hub) -> None:
    venue = make_venue(session, hub)
    taken = make_activity(
        session, hub, code="A-movie", venue_id=venue.id, title_zh="电影夜", title_en="Film night"
    )
    make_series(session, hub, code="R-fix", title_zh="修理角", title_en="Repairs", venue_id=venue.id)
    said = plan(session)
    assert said.added == 1
    (problem,) = said.problems
    assert (problem.code, problem.field) == ("venue_taken", "R-fix-20261128")
    assert problem.sentence.zh == (
        "“修理角”排不进11月28日周六14:00：二楼活动室那时有“电影夜”（A-movie）。换个时间或换个房间。"
    )
    assert [one.code for one in activities(session)] == [taken.code, "R-fix-20261205"]


def test_cancelled_activity_leaves_its_room_free(session: Session, hub: Hub) -> None:
    venue = make_venue(session, hub)
    make_activity(session, hub, venue_id=venue.id, state=ActivityState.CANCELLED)
    make_series(session, hub, venue_id=venue.id)
    assert plan(session).added == 2


def test_two_series_in_one_room_get_one_activity(session: Session, hub: Hub) -> None:
    venue = make_venue(session, hub)
    for code in ("R-b", "R-a"):
        make_series(session, hub, code=code, venue_id=venue.id)
    said = plan(session, SUNDAY)
    assert [one.code for one in activities(session)] == ["R-a-20261128"]
    assert [problem.field for problem in said.problems] == ["R-b-20261128"]


def test_exceptions_and_holidays_are_skipped(session: Session, hub: Hub) -> None:
    series = make_series(session, hub)
    moved_to = datetime(2026, 12, 6, 2, 0, tzinfo=UTC)
    save(session, SeriesException(series_id=series.id, on_date=date(2026, 11, 28)))
    save(session, SeriesException(series_id=series.id, on_date=date(2026, 12, 5), moved_to=moved_to))
    said = plan(session)
    assert (said.added, said.skipped) == (1, 1)
    (one,) = activities(session)
    assert (one.series_date, one.starts_at, one.code[-8:]) == (date(2026, 12, 5), moved_to, "20261205")


def test_unreadable_rule_is_named_and_the_others_go_on(session: Session, hub: Hub) -> None:
    make_series(session, hub, code="R-bad", rrule="every Saturday")
    make_series(session, hub)
    said = plan(session)
    assert said.added == 2
    assert [(problem.code, problem.field) for problem in said.problems] == [("rule_unreadable", "R-bad")]


def test_year_without_announced_holidays_is_reported_once(session: Session, hub: Hub) -> None:
    for _ in range(2):
        make_series(session, hub, rrule="FREQ=MONTHLY;BYMONTHDAY=10")
    said = plan(session, date(2027, 2, 1))
    assert [problem.sentence.zh for problem in said.problems] == [
        "2027年的放假安排还没有公布，先按没有节假日排。公布以后再看一遍。"
    ]


@pytest.mark.parametrize("until", [date(2026, 11, 22), date(2027, 11, 25)])
def test_week_in_the_past_or_far_away_is_refused(session: Session, until: date) -> None:
    with pytest.raises(HubError, match="until_out_of_range") as refused:
        plan(session, until)
    assert str(until) in refused.value.sentence.zh


def test_today_is_not_the_past(session: Session) -> None:
    assert plan(session, date(2026, 11, 23)).added == 0


def test_activities_may_wait_to_be_published(session: Session, hub: Hub) -> None:
    make_series(session, hub)
    plan(session, SUNDAY, published=False)
    assert [one.state for one in activities(session)] == [ActivityState.PLANNED]


def test_number_of_questions_does_not_grow_with_the_network(session: Session) -> None:
    statements: list[str] = []
    bind = session.get_bind()

    def count(*args: object) -> None:
        statements.append(str(args[2]))

    event.listen(bind, "before_cursor_execute", count)
    counts = []
    plan(session)  # the network's rules are read once a session
    for _ in range(2):
        for _ in range(5):
            make_series(session, make_hub(session))
        statements.clear()
        plan(session)
        counts.append(len(statements))
    event.remove(bind, "before_cursor_execute", count)
    assert counts[0] == counts[1]


def test_staff_and_things_of_a_series_are_those_of_its_activities(session: Session, hub: Hub) -> None:
    series = make_series(session, hub)
    worker = make_coordinator(session, hub)
    tables = save(session, Equipment(code="E1", hub_id=hub.id, name="折叠桌", quantity=8))
    save(session, SeriesStaff(series_id=series.id, person_id=worker.id))
    save(session, SeriesUse(series_id=series.id, equipment_id=tables.id, quantity=6))
    plan(session, SUNDAY)
    (one,) = activities(session)
    assert session.get(ActivityStaff, (one.id, worker.id)) is not None
    assert session.get_one(ActivityUse, (one.id, tables.id)).quantity == 6


def test_worker_of_two_hubs_needs_the_time_to_get_from_one_to_the_other(session: Session, hub: Hub) -> None:
    worker = make_coordinator(session, hub, name="沈之槐")
    near = make_series(session, hub, code="R-near", title_zh="修理角", duration_minutes=60)
    far_hub = make_hub(session, lon=116.45)
    far = make_series(session, far_hub, code="R-far", title_zh="读书会", start_time=time(15, 10))
    for series in (near, far):
        save(session, SeriesStaff(series_id=series.id, person_id=worker.id))
    said = plan(session, SUNDAY)
    (problem,) = said.problems
    assert (problem.code, problem.field) == ("staff_too_far", "R-far-20261128")
    assert problem.sentence.zh == (
        "“读书会”排不进11月28日周六15:10：沈之槐从“修理角”（R-near-20261128）过来或过去要26分钟，来不及。"
        "换个时间或换个人。"
    )


def test_term_of_the_hubs_branch_decides_and_an_unknown_one_is_reported(session: Session, hub: Hub) -> None:
    unit = session.get_one(Unit, hub.unit_id)
    elsewhere = make_unit(session)
    autumn = {"name_zh": "秋季学期", "starts_on": date(2026, 9, 1)}
    save(session, Term(code="T1", unit_id=unit.id, ends_on=date(2026, 11, 29), **autumn))
    save(session, Term(code="T2", unit_id=elsewhere.id, ends_on=date(2027, 1, 29), **autumn))
    make_series(session, hub, code="R-home", held_in="term")
    said = plan(session)
    assert said.added == 2
    assert [problem.sentence.zh for problem in said.problems] == [
        "“R-home”按学期办，可是11月29日以后的学期还没有填，先照规律排。请导入学期表，再看一遍。"
    ]
    save(session, Term(code="T3", name_zh="春季学期", starts_on=date(2027, 3, 1), ends_on=date(2027, 7, 1)))
    make_series(session, hub, code="R-later", held_in="term", rrule="FREQ=WEEKLY;BYDAY=SU")
    again = plan(session)
    assert (again.added, again.skipped, again.problems) == (1, 2, ())


def test_two_planners_at_once_add_every_date_once(database: str) -> None:
    with open_session(database) as session:
        make_series(session, make_hub(session))
    with ThreadPoolExecutor(1) as other:
        with open_session(database) as session:
            first = plan(session)
            second = other.submit(_plan_alone, database)
            wait([second], timeout=0.5)  # it has begun meanwhile, and waits for us
        assert (first.added, second.result(30).added) == (2, 0)


def _plan_alone(database: str) -> schedule.Planned:
    with open_session(database) as session:
        return plan(session)
