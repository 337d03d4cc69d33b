"""The clock's ticks: what is due becomes rows and bells; what nobody heard is rung for again."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from sqlmodel import Session, select

from cli.clock import ask, ring, start_clock
from config import clock
from config.settings import settings
from models import Dispatch, Installation
from models.session import make_engine, open_session, read_session
from services import dispatch, due
from tests.conftest import NOW
from tests.factories import make_activity, make_hub


@dataclass
class Heard:
    """A bell that remembers."""

    rows: list[int] = field(default_factory=list)
    any: Event = field(default_factory=Event)

    def ring(self, dispatch_id: int) -> None:
        self.rows.append(dispatch_id)
        self.any.set()


@pytest.fixture
def at(sqlite_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A demo's network with its clock file at Monday, nine o'clock."""
    with Session(make_engine(sqlite_database)) as session:
        session.add(Installation(is_demo=True))
        session.commit()
    clock_file = tmp_path / "clock"
    clock.move(clock_file, NOW)
    monkeypatch.setenv("YOUTHHUB_DATABASE_URL", sqlite_database)
    monkeypatch.setenv("YOUTHHUB_CLOCK_FILE", str(clock_file))
    settings.cache_clear()
    yield clock_file
    settings.cache_clear()


def over(session: Session) -> None:
    make_activity(session, make_hub(session), starts_at=NOW - timedelta(hours=5))


def rows() -> list[Dispatch]:
    with read_session() as session:
        return list(session.exec(select(Dispatch)))


def test_tick_asks_once_and_rings(at: Path) -> None:
    bell = Heard()
    assert ask(due.activities_to_close, bell) == []
    with open_session() as session:
        over(session)
    first = ask(due.activities_to_close, bell)
    assert ask(due.activities_to_close, bell) == []
    assert [row.id for row in rows()] == first == bell.rows


def test_unheard_row_is_rung_for_again_each_time_it_has_waited(at: Path) -> None:
    with open_session() as session:
        dispatch.request(session, "send_offers", key="k", params={}, now=NOW)
    bell = Heard()
    rung = []
    for second in (4, 5, 9, 10):
        clock.move(at, NOW + timedelta(seconds=second))
        rung.append(ring(bell))
    assert (rung, rows()[0].bells) == ([0, 1, 0, 1], 2)


def test_worn_out_row_is_given_up(at: Path) -> None:
    with open_session() as session:
        row = dispatch.request(session, "send_offers", key="k", params={}, now=NOW)
        row.attempts = dispatch.ATTEMPTS
    assert ring(Heard()) == 0
    assert [row.outcome for row in rows()] == ["gave_up"]


def test_clock_asks_every_question_by_itself(at: Path) -> None:
    with open_session() as session:
        over(session)
    bell = Heard()
    scheduler = start_clock(bell)
    try:
        assert bell.any.wait(10)
        assert len(scheduler.get_jobs()) == len(due.QUESTIONS) + 1
    finally:
        scheduler.shutdown()
    assert [row.kind for row in rows()] == ["close_activities"]
