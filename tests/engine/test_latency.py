"""From button to result: warm work within 2 s, a process of its own within seconds, no work lost."""

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pytest

from cli.engine import EngineServer
from cli.rounds import is_polling
from cli.supervisor import Process
from config import clock
from flows.bell import knock
from models.session import open_session
from services import dispatch
from tests.engine.conftest import eventually, view

pytestmark = [pytest.mark.slow, pytest.mark.prefect]
Start = Callable[..., Process]


def ask(key: str, *, bells: int = 0) -> int:
    with open_session() as session:
        row = dispatch.request(session, "answer_the_bell", key=key, params={}, now=clock.now())
        row.bells = bells
        session.add(row)
        session.flush()
        assert row.id is not None
        return row.id


def seconds_to_result(row: int, *, rung: bool = True) -> float:
    started = time.monotonic()
    if rung:
        knock(row)
    eventually(lambda: view(row).is_over)
    return time.monotonic() - started


def test_warm_work_is_done_within_two_seconds_of_the_bell(
    server: EngineServer, network: Path, start: Start
) -> None:
    start("task-worker", "-m", "cli.worker")
    seconds_to_result(ask("first"))
    assert median(seconds_to_result(ask(f"k{n}")) for n in range(5)) < 2
    assert view(1).flow_run_id


def test_unheard_bell_costs_seconds_and_not_the_work(
    server: EngineServer, network: Path, start: Start
) -> None:
    start("task-worker", "-m", "cli.worker")
    seconds_to_result(ask("first"))
    assert seconds_to_result(ask("quiet"), rung=False) < 5


def test_work_that_no_task_worker_hears_is_done_in_a_process_of_its_own(
    server: EngineServer, network: Path, start: Start
) -> None:
    start("worker", "-m", "prefect", "worker", "start", "--pool", "hubs", "--limit", "2")
    eventually(lambda: is_polling(server.api_url, "hubs"))
    assert seconds_to_result(ask("bulk", bells=dispatch.DEAF)) < 12
