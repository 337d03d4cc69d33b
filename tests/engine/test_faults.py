"""SIGKILL in the middle of work: nothing is lost, and nothing is done twice.

The middle is made long by a trigger that makes the database think for seconds while an activity is
closed; whoever is killed then has claimed the row and committed nothing.
"""

import os
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlmodel import select

from cli.engine import EngineServer
from cli.rounds import is_polling
from cli.supervisor import Process
from config import clock
from flows.bell import knock
from models import Activity, Dispatch, Message
from models.session import open_session, read_session
from services import dispatch
from tests.engine.conftest import eventually, view
from tests.factories import make_activity, make_coordinator, make_hub, make_need, make_offer, make_volunteer

pytestmark = [pytest.mark.slow, pytest.mark.prefect]
Start = Callable[..., Process]
THINK = """
CREATE TRIGGER think BEFORE UPDATE OF state ON activity BEGIN
    SELECT count(*) FROM (
        WITH RECURSIVE counting(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counting WHERE n < {steps})
        SELECT n FROM counting
    );
END
"""


ENDLESS, LONG = 300_000_000, 60_000_000
"""Longer than any of these tests look on, and as long as a server needs to be killed meanwhile."""


@pytest.fixture
def row(network: Path) -> int:
    """A dispatch row that closes one activity, which takes the database long to think about."""
    with open_session() as session:
        hub = make_hub(session)
        make_coordinator(session, hub)
        activity = make_activity(session, hub, starts_at=clock.now() - timedelta(hours=5))
        make_offer(session, make_need(session, activity), make_volunteer(session, hub), state="accepted")
        row = dispatch.request(session, "close_activities", key="close", params={}, now=clock.now())
        session.flush()
    think(ENDLESS)
    assert row.id is not None
    return row.id


def think(steps: int) -> None:
    with open_session() as session:
        session.execute(text("DROP TRIGGER IF EXISTS think"))
        if steps:
            session.execute(text(THINK.format(steps=steps)))


def stored(row: int) -> Dispatch:
    with read_session() as session:
        return session.get_one(Dispatch, row)


def wait_for_the_middle(row: int) -> None:
    eventually(lambda: stored(row).flow_run_id)
    eventually(lambda: not can_write())
    assert not view(row).is_over


def can_write() -> bool:
    file = make_url(os.environ["YOUTHHUB_DATABASE_URL"]).database
    with closing(sqlite3.connect(str(file), timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
    return True


def traces() -> tuple[list[str], list[str]]:
    """What the work left: the states of activities, and the mails that ask who came."""
    with read_session() as session:
        return list(session.exec(select(Activity.state))), list(session.exec(select(Message.kind)))


ONCE = (["done"], ["attendance"])
NEVER: tuple[list[str], list[str]] = (["published"], [])


def test_task_worker_killed_in_the_middle(server: EngineServer, start: Start, row: int) -> None:
    worker = start("task-worker", "-m", "cli.worker")
    knock(row)
    wait_for_the_middle(row)
    worker.kill()
    assert traces() == NEVER
    think(0)
    start("task-worker-2", "-m", "cli.worker")
    eventually(lambda: view(row).is_over)
    assert (view(row).state, stored(row).attempts, traces()) == ("done", 2, ONCE)


def test_process_worker_and_its_run_killed_in_the_middle(
    server: EngineServer, start: Start, row: int
) -> None:
    worker = start("worker", "-m", "prefect", "worker", "start", "--pool", "hubs", "--limit", "2")
    eventually(lambda: is_polling(server.api_url, "hubs"))
    with open_session() as session:
        session.get_one(Dispatch, row).bells = dispatch.DEAF
    knock(row)
    wait_for_the_middle(row)
    worker.kill()
    os.kill(int(str(stored(row).claimed_by).split(":")[1]), signal.SIGKILL)
    assert traces() == NEVER
    think(0)
    start("task-worker", "-m", "cli.worker")
    eventually(lambda: view(row).is_over)
    assert (view(row).state, stored(row).attempts, traces()) == ("done", 2, ONCE)


def test_server_killed_in_the_middle(server: EngineServer, start: Start, row: int) -> None:
    think(LONG)
    start("task-worker", "-m", "cli.worker")
    knock(row)
    wait_for_the_middle(row)
    server.process.kill()
    eventually(lambda: view(row).is_over)
    assert (view(row).state, stored(row).attempts, traces()) == ("done", 1, ONCE)
    with open_session() as session:
        asked = dispatch.request(session, "close_activities", key="again", params={}, now=clock.now())
    assert asked.id is not None
    server.start()
    server.wait()
    eventually(lambda: view(asked.id or 0).is_over)
    assert (view(asked.id).state, stored(asked.id).attempts, traces()) == ("done", 1, ONCE)


def test_task_worker_told_to_stop_gives_back_what_it_cannot_finish(
    server: EngineServer, start: Start, row: int
) -> None:
    worker = start("task-worker", "-m", "cli.worker")
    knock(row)
    wait_for_the_middle(row)
    worker.stop()
    think(0)
    start("task-worker-2", "-m", "cli.worker")
    eventually(lambda: view(row).is_over)
    assert (view(row).state, stored(row).attempts, traces()) == ("done", 2, ONCE)
