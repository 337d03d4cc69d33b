"""From bell to result: warm work, a bell nobody heard, a process of its own; no work is lost.

How long each takes is measured by `python -m benchmarks.latency`.
"""

from collections.abc import Callable
from pathlib import Path

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


def test_warm_work_is_done_at_the_bell(server: EngineServer, network: Path, start: Start) -> None:
    start("task-worker", "-m", "cli.worker")
    rows = [ask(f"k{n}") for n in range(3)]
    for row in rows:
        knock(row)
    eventually(lambda: all(view(row).is_over for row in rows))
    assert [(view(row).state, view(row).flow_run_id is not None) for row in rows] == [("done", True)] * 3


def test_unheard_bell_does_not_cost_the_work(server: EngineServer, network: Path, start: Start) -> None:
    start("task-worker", "-m", "cli.worker")
    row = ask("quiet")
    eventually(lambda: view(row).is_over)
    assert view(row).state == "done"


def test_work_that_no_task_worker_hears_is_done_in_a_process_of_its_own(
    server: EngineServer, network: Path, start: Start
) -> None:
    start("worker", "-m", "prefect", "worker", "start", "--pool", "hubs", "--limit", "2")
    eventually(lambda: is_polling(server.api_url, "hubs"))
    row = ask("bulk", bells=dispatch.DEAF)
    knock(row)
    eventually(lambda: view(row).is_over)
    assert view(row).state == "done"
