"""The workflow engine of one machine: its settings, its server, and what is deployed on it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.error import URLError
from urllib.request import urlopen

import certifi

from cli.ports import free_port
from cli.supervisor import Process
from config.text import Text

START_SECONDS = 60.0
DATABASE = "prefect.db"
ONE_ROOT = "one-root.pem"
END_OF_CERTIFICATE = "-----END CERTIFICATE-----\n"
ENGINE = Text("工作流引擎", "workflow engine")


class EngineError(Exception):
    """A part does not start or answer; `sentence` says which, and why."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence.en)
        self.sentence = sentence


def engine_environment(home: Path, port: int) -> dict[str, str]:
    """Return the settings of an engine on this machine alone, whose files stand in `home`.

    The server, its workers and whoever rings a bell all need the same ones. Nothing phones home;
    services that only a cloud needs are off, because each is one more writer on SQLite's one lock.
    """
    return {**_silent(), **_server(home, port), **_lean(), **_client(home)}


@dataclass
class EngineServer:
    """A Prefect server of ours on loopback, with its own home; use it as a context manager."""

    home: Path
    port: int = field(default_factory=free_port)

    @property
    def api_url(self) -> str:
        """Return the address of its API."""
        return f"http://127.0.0.1:{self.port}/api"

    @property
    def env(self) -> dict[str, str]:
        """Return the settings that every process which uses this server needs."""
        return engine_environment(self.home, self.port)

    @property
    def process(self) -> Process:
        """Return the server's process, started or not."""
        return self._process

    def __post_init__(self) -> None:
        """Prepare the process; nothing is written or started yet."""
        self.home = self.home.resolve()
        command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1"]
        command += ["--port", str(self.port)]
        self._is_new = False
        self._process = Process("engine", command, self.env, self.home / "server.log")

    def prepare(self) -> None:
        """Make the server's home, with a database whose tables are there already if we have one."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.home / ONE_ROOT).write_text(_one_root(), encoding="ascii")
        self._is_new = prepare_database(self.home / DATABASE)

    def start(self) -> None:
        """Begin to start the server, and return before it answers."""
        self.prepare()
        self._process.start()

    def answers(self) -> bool:
        """Say whether the server answers."""
        return answers(f"{self.api_url}/health")

    def wait(self, seconds: float = START_SECONDS) -> None:
        """Wait until the server answers; raises `EngineError` when it ends or takes too long."""
        end = time.monotonic() + seconds
        while not self.answers():
            if not self._process.is_running:
                raise EngineError(has_ended(ENGINE, self._process))
            if time.monotonic() > end:
                raise EngineError(is_silent(ENGINE, seconds, self._process))
            time.sleep(0.1)
        self.keep()

    def keep(self) -> None:
        """Keep the tables that a new server made for the next new one; call it once it answers."""
        if self._is_new:
            keep_prepared(self.home / DATABASE)

    def stop(self) -> None:
        """Stop the server and all that it started."""
        self._process.stop()

    def __enter__(self) -> Self:
        self.start()
        try:
            self.wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def answers(url: str, timeout: float = 2.0) -> bool:
    """Say whether something answers at a loopback address with success."""
    try:
        with urlopen(url, timeout=timeout) as response:  # noqa: S310 -- the addresses are our own
            return bool(response.status < 400)  # noqa: PLR2004 -- success, or a page elsewhere
    except (URLError, OSError):
        return False


def prepare_database(database: Path) -> bool:
    """Give a new engine the tables that an earlier one made; True when it has to make them itself.

    The engine's migrations take longer than everything else in its first start.
    """
    if database.exists():
        return False
    if not _prepared().exists():
        return True
    shutil.copyfile(_prepared(), database)
    return False


def keep_prepared(database: Path) -> None:
    """Keep a copy of a new engine's tables beside the program, for the next new engine."""
    with suppress(OSError, sqlite3.Error):  # a program folder that cannot be written is no fault
        _prepared().parent.mkdir(parents=True, exist_ok=True)
        draft = _prepared().with_suffix(f".{os.getpid()}")
        with closing(sqlite3.connect(database)) as made, closing(sqlite3.connect(draft)) as copy:
            made.backup(copy)
        draft.replace(_prepared())


def _prepared() -> Path:
    return Path(sys.prefix) / "var" / f"engine-{version('prefect')}.db"


def _silent() -> dict[str, str]:
    return {
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
        "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_CLI_PROMPT": "false",
    }


def _server(home: Path, port: int) -> dict[str, str]:
    return {
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_API_HOST": "127.0.0.1",
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": f"http://127.0.0.1:{port}",
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{home / DATABASE}",
        "PREFECT_SERVER_DATABASE_TIMEOUT": "30",
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
        "PREFECT_SERVER_CONCURRENCY_INITIAL_DEPLOYMENT_LEASE_DURATION": "60",
        "PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS": "5",
    }


def _lean() -> dict[str, str]:
    return {
        "PREFECT_SERVER_SERVICES_FOREMAN_ENABLED": "false",
        "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED": "false",
        "PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_ENABLED": "false",
        "PREFECT_SERVER_SERVICES_CLEANUP_RECONCILER_ENABLED": "false",
        "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
        "PREFECT_SERVER_SERVICES_SCHEDULER_MIN_RUNS": "1",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": "P30D",
        "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "P2D",
    }


def _client(home: Path) -> dict[str, str]:
    return {
        # Each run makes three clients, and each client reads all certificates that it might trust, in
        # 40 ms, though this engine is spoken to on loopback alone, without TLS.
        "PREFECT_API_SSL_CERT_FILE": str(home / ONE_ROOT),
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",  # a missing server is an error, not a second server
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    }


def _one_root() -> str:
    bundle = Path(certifi.where()).read_text(encoding="utf-8")
    return bundle[bundle.index("-----BEGIN") :].partition(END_OF_CERTIFICATE)[0] + END_OF_CERTIFICATE


def has_ended(name: Text, process: Process) -> Text:
    """Say that a part ended by itself, with the end of its log."""
    words = f"{process.log}:\n{process.last_words()}"
    return Text(
        f"“{name.zh}”没有起来。日志的最后几行，{words}",
        f"The {name.en} did not start. The end of its log, {words}",
    )


def is_silent(name: Text, seconds: float, process: Process) -> Text:
    """Say that a part does not answer."""
    return Text(
        f"等了{seconds:.0f}秒，“{name.zh}”还没有应答，日志在 {process.log}。",
        f"The {name.en} did not answer within {seconds:.0f} s; its log is {process.log}.",
    )
