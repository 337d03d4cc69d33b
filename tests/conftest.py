"""Databases for tests: real ones, SQLite and PostgreSQL, made by the migrations.

`session` rolls back at the end, and serves everything that never commits. `database` is a whole
database of its own, for what opens transactions by itself.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from config.settings import settings
from models import schema
from models.session import make_engine
from tests.relay import Relay, running_relay

os.environ.setdefault("YOUTHHUB_QUIET_HOURS", "")  # tests live at any hour

# Tests are not timed: on a busy machine one example may take a second.
hypothesis_settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("untimed")

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # Monday, 9:00 in Beijing
POSTGRES = os.environ.get("YOUTHHUB_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")


@pytest.fixture(scope="session", autouse=True)
def _quiet_engine() -> None:
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database, to be copied."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    engine = make_engine(f"sqlite:///{path}")
    schema.upgrade(engine)
    engine.dispose()
    with make_engine(f"sqlite:///{path}").connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    return path


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    """The name of a migrated PostgreSQL database, to be copied; skips where there is no server."""
    admin = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    name = f"youthhub_template_{uuid.uuid4().hex[:8]}"
    try:
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    except OperationalError as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI needs PostgreSQL: {error}")
        pytest.skip("no PostgreSQL on this machine (YOUTHHUB_TEST_POSTGRES)")
    engine = make_engine(make_url(POSTGRES).set(database=name).render_as_string(hide_password=False))
    schema.upgrade(engine)
    engine.dispose()
    yield name
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@contextmanager
def _copy_postgres(template: str) -> Iterator[str]:
    name = f"youthhub_test_{uuid.uuid4().hex[:8]}"
    admin = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty, migrated database of this test's own, on each kind of server."""
    if request.param == "sqlite":
        yield _copy_sqlite(request.getfixturevalue("sqlite_template"), tmp_path)
    else:
        with _copy_postgres(request.getfixturevalue("postgres_template")) as url:
            yield url


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of an empty, migrated SQLite database, where the kind of server does not matter."""
    return _copy_sqlite(sqlite_template, tmp_path)


def _copy_sqlite(template: Path, folder: Path) -> str:
    path = folder / "youthhub.sqlite3"
    shutil.copy(template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def _shared_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = make_engine(_copy_sqlite(sqlite_template, tmp_path_factory.mktemp("shared")))
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def _shared_postgres(postgres_template: str) -> Iterator[Engine]:
    with _copy_postgres(postgres_template) as url:
        engine = make_engine(url)
        yield engine
        engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """An engine on a migrated database that all tests of the session share and leave empty."""
    shared: Engine = request.getfixturevalue(
        "_shared_sqlite" if request.param == "sqlite" else "_shared_postgres"
    )
    return shared


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session whose work is rolled back when the test ends."""
    with engine.connect() as connection:
        transaction = connection.begin()
        with Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as session:
            yield session
        transaction.rollback()


@pytest.fixture
def relay(monkeypatch: pytest.MonkeyPatch) -> Iterator[Relay]:
    """A mail server of the test's own, to which everything of ours sends."""
    with running_relay() as relay:
        monkeypatch.setenv("YOUTHHUB_SMTP_PORT", str(relay.port))
        settings.cache_clear()
        yield relay
    monkeypatch.undo()
    settings.cache_clear()
