"""Who is left out in the next weeks: by age, kind, time and interest; what is not known is not a gap."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import event
from sqlmodel import Session

from services.coverage import Column, coverage, neighbours
from tests.factories import NOW, make_activity, make_hub, make_participant, make_unit

WEDNESDAY_EVENING = NOW + timedelta(days=2, hours=10)


@pytest.fixture
def hub(session: Session) -> object:
    return make_hub(session, unit=make_unit(session, code="U-sub", name_zh="展览路街道", name_en="Zhanlan"))


def area(session: Session, hub: object) -> object:
    (found,) = coverage(session, [hub.id], now=NOW).areas
    return found


def test_activities_are_counted_by_age_kind_and_local_time(session: Session, hub: object) -> None:
    make_activity(session, hub, gathered_by="hobby")
    make_activity(session, hub, gathered_by="work", starts_at=WEDNESDAY_EVENING, has_minors=True)
    make_activity(session, hub, starts_at=NOW + timedelta(weeks=5))
    make_activity(session, hub, state="cancelled")
    found = area(session, hub)
    assert (found.hubs, found.activities) == (1, 2)
    assert found.counts == {
        Column.ADULTS: 1,
        Column.MINORS: 1,
        Column.HOBBY: 1,
        Column.WORK: 1,
        Column.WEEKEND: 1,
        Column.EVENING: 1,
    }
    assert found.gaps == (Column.PLACE, Column.DAYTIME)


def test_age_is_a_gap_only_where_somebody_of_that_age_is_known(session: Session, hub: object) -> None:
    make_activity(session, hub)
    make_participant(session, hub, birth_date=None)
    assert Column.MINORS not in area(session, hub).gaps
    make_participant(session, hub, birth_date=date(2011, 5, 1))
    assert area(session, hub).gaps[0] == Column.MINORS


def test_interests_that_nothing_meets_are_named_most_wanted_first(session: Session, hub: object) -> None:
    make_activity(session, hub, topic="阅读")
    for interests in ("阅读,音乐", "音乐、骑行", "摄影"):
        make_participant(session, hub, interests=interests)
    make_participant(session, hub, interests="下棋", state="inactive")
    found = area(session, hub)
    assert found.unmet == (("音乐", 2), ("摄影", 1), ("骑行", 1))
    assert found.sentence.zh == (
        "展览路街道（1家，1场）：没有活动：地域、工作、平日白天、平日晚间；没人管的兴趣：音乐（2人）、摄影（1人）、骑行（1人）"
    )


def test_hub_with_nothing_at_all_leaves_everybody_out(session: Session, hub: object) -> None:
    make_participant(session, hub)
    found = coverage(session, None, now=NOW)
    assert found.with_gaps == len(found.areas)
    assert found.sentences[0].en.startswith("In the next 4 weeks ")


def test_neighbours_are_the_hubs_of_the_same_unit(session: Session, hub: object) -> None:
    make_hub(session)
    beside = make_hub(session, unit_id=hub.unit_id)
    assert neighbours(session, hub.id) == [hub.id, beside.id]


def test_number_of_questions_does_not_grow_with_the_network(session: Session) -> None:
    statements: list[str] = []
    bind = session.get_bind()

    def count(*args: object) -> None:
        statements.append(str(args[2]))

    event.listen(bind, "before_cursor_execute", count)
    counts = []
    for _ in range(2):
        for _ in range(4):
            make_participant(session, make_hub(session))
        statements.clear()
        coverage(session, None, now=NOW)
        counts.append(len(statements))
    event.remove(bind, "before_cursor_execute", count)
    assert counts[0] == counts[1]
