"""What the tables refuse, whoever writes them; and the states with their moves."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import Session

from config.settings import settings
from models import Installation, Need, states
from models.base import Table
from models.schema import SchemaError
from models.session import engine_for, open_session
from models.states import ActivityState, MessageState, OfferState, may_move
from tests.factories import NOW, make_activity, make_hub, make_need, make_offer, make_volunteer, save


def test_time_without_zone_is_refused_and_a_stored_one_comes_back_in_utc(session: Session) -> None:
    hub = make_hub(session)
    activity = make_activity(session, hub, starts_at=NOW)
    session.expire(activity)
    assert activity.starts_at == NOW
    assert activity.starts_at.tzinfo == UTC
    with pytest.raises(StatementError, match="without a zone"):
        make_activity(session, hub, starts_at=datetime(2026, 11, 23, 9, 0))  # noqa: DTZ001 -- the fault under test


@pytest.mark.parametrize(
    "places", [{"minimum": 3, "desired": 2}, {"maximum": 0}, {"taken": 2}, {"minimum": -1}]
)
def test_need_with_impossible_places_is_refused(session: Session, places: dict[str, int]) -> None:
    activity = make_activity(session, make_hub(session))
    with pytest.raises(IntegrityError):
        make_need(session, activity, **{"maximum": 1, **places})


def test_person_is_asked_once_for_a_need(session: Session) -> None:
    hub = make_hub(session)
    need: Need = make_need(session, make_activity(session, hub))
    volunteer = make_volunteer(session, hub)
    make_offer(session, need, volunteer)
    with pytest.raises(IntegrityError):
        make_offer(session, need, volunteer)


def test_every_state_lists_its_moves_to_states_of_its_own_kind() -> None:
    for kind, moves in states.ALLOWED.items():
        assert set(moves) == set(kind)
        assert set().union(*moves.values()) <= set(kind)


def test_finished_things_do_not_move() -> None:
    assert not may_move(OfferState.DECLINED, OfferState.ACCEPTED)
    assert not may_move(ActivityState.DONE, ActivityState.PUBLISHED)
    assert may_move(OfferState.SENT, OfferState.ACCEPTED)
    assert not may_move(MessageState.QUEUED, OfferState.WITHDRAWN)


def test_movable_clock_is_refused_on_a_database_of_real_people(
    sqlite_database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("YOUTHHUB_CLOCK_FILE", f"{tmp_path}/clock")
    settings.cache_clear()
    engine_for.cache_clear()
    try:
        with pytest.raises(SchemaError, match="not a demo's"), open_session(sqlite_database):
            pass
        monkeypatch.delenv("YOUTHHUB_CLOCK_FILE")
        settings.cache_clear()
        with open_session(sqlite_database) as session:
            save(session, Installation(is_demo=True))
        monkeypatch.setenv("YOUTHHUB_CLOCK_FILE", f"{tmp_path}/clock")
        settings.cache_clear()
        engine_for.cache_clear()
        with open_session(sqlite_database) as session:
            assert session.get(Installation, 1) is not None
    finally:
        settings.cache_clear()
        engine_for.cache_clear()


def test_failed_door_leaves_nothing_behind(database: str) -> None:
    def fail() -> None:
        with open_session(database) as session:
            make_hub(session, code="H-HALF")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with open_session(database) as session:
        assert [
            table.name for table in Table.metadata.sorted_tables if session.execute(table.select()).first()
        ] == []
