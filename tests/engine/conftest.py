"""A Prefect server of the tests' own, once a session, and small networks for it to work on.

The flows run against SQLite networks of each test's own; only the engine is shared.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_HOME,
    PREFECT_SERVER_ALLOW_EPHEMERAL_MODE,
    temporary_settings,
)

from cli.deploying import bootstrap
from cli.engine import EngineServer
from cli.supervisor import Process
from config.settings import settings
from models.session import engine_for, read_session
from services import dispatch

PATIENCE = 240.0
"""Only what hangs takes longer, however busy the machine is."""


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineServer]:
    """A running server on which prefect.yaml is deployed, known to this process and its children."""
    server = EngineServer(tmp_path_factory.mktemp("engine") / "home")
    with pytest.MonkeyPatch.context() as patch, server:
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        for name, value in server.env.items():
            patch.setenv(name, value)
        ours = {
            PREFECT_API_URL: server.api_url,
            PREFECT_HOME: server.home,
            PREFECT_SERVER_ALLOW_EPHEMERAL_MODE: False,
        }
        with temporary_settings(ours):
            bootstrap(server.api_url)
            yield server


@pytest.fixture
def network(sqlite_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of an empty network, to which this process and its children belong."""
    monkeypatch.setenv("YOUTHHUB_HOME", str(tmp_path))
    monkeypatch.setenv("YOUTHHUB_DATABASE_URL", sqlite_database)
    settings.cache_clear()
    yield tmp_path
    engine_for(sqlite_database).dispose()
    settings.cache_clear()


@pytest.fixture
def start(network: Path) -> Iterator[Callable[..., Process]]:
    """Start a part of the engine in a process of its own, and end it with the test."""
    started: list[Process] = []

    def start(name: str, *arguments: str) -> Process:
        process = Process(name, [sys.executable, *arguments], {}, network / "log" / f"{name}.log")
        process.start()
        started.append(process)
        return process

    yield start
    for process in reversed(started):
        process.stop()


def eventually(is_so: Callable[[], object]) -> None:
    """Wait until it is so; how long that may take is asked in benchmarks/, on a machine that is quiet."""
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, "it never came to be so"
        time.sleep(0.02)


def view(dispatch_id: int) -> dispatch.WorkView:
    with read_session() as session:
        return dispatch.result_view(session, dispatch_id)


@contextmanager
def nothing() -> Iterator[None]:
    yield
