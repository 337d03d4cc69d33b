# ruff: noqa: PLC0415 -- the engine reads its settings when it is imported
"""How long it takes from a bell to its result: warm work, a bell nobody heard, a process of its own.

`python -m benchmarks.latency` starts an engine and its workers in a home that is removed afterwards. The
baseline is the warm row: what a bell spares beside a sweep, and a warm worker beside a fresh process.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

TURNS = 5
LIMIT_SECONDS = 120.0


def measure(home: Path) -> list[tuple[str, float]]:
    from cli.deploying import bootstrap  # the engine reads its settings when it is imported
    from cli.rounds import is_polling
    from models import schema
    from models.session import engine_for
    from services import dispatch

    schema.upgrade(engine_for(os.environ["YOUTHHUB_DATABASE_URL"]))
    bootstrap(os.environ["PREFECT_API_URL"])
    with _part(home, "task-worker", "-m", "cli.worker"):
        _result("first")
        figures = [
            ("bell, warm worker", median(_result(f"warm{n}") for n in range(TURNS))),
            ("no bell, warm worker", median(_result(f"quiet{n}", rung=False) for n in range(TURNS))),
        ]
    with _part(home, "worker", "-m", "prefect", "worker", "start", "--pool", "hubs", "--limit", "2"):
        _wait(lambda: is_polling(os.environ["PREFECT_API_URL"], "hubs"))
        bulk = median(_result(f"bulk{n}", bells=dispatch.DEAF) for n in range(TURNS))
    return [*figures, ("a process of its own", bulk)]


@contextmanager
def _part(home: Path, name: str, *arguments: str) -> Iterator[None]:
    from cli.supervisor import Process

    process = Process(name, [sys.executable, *arguments], {}, home / f"{name}.log")
    process.start()
    try:
        yield
    finally:
        process.stop()


def _result(key: str, *, bells: int = 0, rung: bool = True) -> float:
    from config import clock
    from flows.bell import knock
    from models.session import open_session, read_session
    from services import dispatch

    with open_session() as session:
        row = dispatch.request(session, "answer_the_bell", key=key, params={}, now=clock.now())
        row.bells = bells
        session.flush()
        number = row.id
    assert number is not None
    began = time.monotonic()
    if rung:
        knock(number)

    def is_over() -> bool:
        with read_session() as session:
            return bool(dispatch.result_view(session, number).is_over)

    _wait(is_over)
    return time.monotonic() - began


def _wait(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + LIMIT_SECONDS
    while not is_so():
        assert time.monotonic() < end, "it never came to be so"
        time.sleep(0.02)


def main(_arguments: list[str] | None = None) -> None:
    from cli.engine import EngineServer

    with tempfile.TemporaryDirectory(prefix="youthhub-bench-") as folder:
        home = Path(folder)
        os.environ["YOUTHHUB_HOME"] = str(home)
        os.environ["YOUTHHUB_DATABASE_URL"] = f"sqlite:///{home / 'network.sqlite3'}"
        # A worker starts its runs by the name `python`, which must be this one.
        os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        server = EngineServer(home / "engine")
        os.environ.update(server.env)
        with server:
            figures = measure(home)
    baseline = figures[0][1]
    print(f"{'from bell to result':24}{'seconds':>9}{'times the warm one':>20}")
    for name, seconds in figures:
        print(f"{name:24}{seconds:9.2f}{seconds / baseline:20.1f}")


if __name__ == "__main__":
    main()
