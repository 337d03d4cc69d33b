"""Engines and sessions: how a door opens the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_UN, flock
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import IO, Any

from sqlalchemy import URL, Engine, create_engine, event, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlmodel import Session

from config.settings import settings
from config.text import Text
from models.network import Installation
from models.schema import SchemaError

CONNECT_SECONDS = 10
"""How long a PostgreSQL server may take to answer the first time."""
NO_ADDRESS = Text(
    zh="数据库的地址写得不对。写成 postgresql+psycopg://用户@主机/库名，或 sqlite:///文件的完整路径。",
    en="The address of the database is not valid. Write postgresql+psycopg://user@host/name, "
    "or sqlite:/// and the file's full path.",
)


def make_engine(url: str, *, durable: bool = False) -> Engine:
    """Return an engine for `url`; on SQLite with WAL, foreign keys and a busy time-out.

    With `durable` a commit survives a power cut also on SQLite, which without it may lose the last ones;
    no commit is lost when a process dies.

    Raises `SchemaError` for what is no address of a PostgreSQL or SQLite database.
    """
    address = _address(url)
    if address.get_backend_name() != "sqlite":
        wait = {"connect_timeout": CONNECT_SECONDS}
        return create_engine(address, pool_pre_ping=True, pool_size=5, max_overflow=10, connect_args=wait)
    database = address.database
    if database and database != ":memory:":
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(address, connect_args={"timeout": 30, "check_same_thread": False})
    event.listen(engine, "connect", _prepare_durable if durable else _prepare_sqlite)
    event.listen(engine, "begin", _begin)
    return engine


def _address(url: str) -> URL:
    try:
        address = make_url(url)
        backend = address.get_backend_name()
    except ArgumentError:
        raise SchemaError(NO_ADDRESS) from None
    if backend in {"postgresql", "postgres"}:
        return address.set(drivername="postgresql+psycopg")
    if address.drivername not in {"sqlite", "sqlite+pysqlite"}:
        raise SchemaError(NO_ADDRESS)
    return address


def _prepare_durable(connection: Any, record: Any) -> None:
    _prepare_sqlite(connection, record)
    connection.execute("PRAGMA synchronous=FULL")


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own BEGIN is late and deferred: two readers that both go on to write would
    # deadlock. We begin ourselves, see `_begin`.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=30000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Any) -> None:
    mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")


@lru_cache(maxsize=4)
def engine_for(url: str, *, durable: bool = False) -> Engine:
    """Return this process's engine for `url`; refuse a movable clock on a database of real people."""
    engine = make_engine(url, durable=durable)
    if settings().is_demo:
        _require_demo(engine)
    return engine


def _require_demo(engine: Engine) -> None:
    if not is_demo_database(engine):
        raise SchemaError(
            Text(
                zh="这个数据库不是演示用的，不能用可拨动的时钟。请去掉 YOUTHHUB_CLOCK_FILE。",
                en="This database is not a demo's, so it cannot live by a movable clock. Unset YOUTHHUB_CLOCK_FILE.",
            )
        )


def is_demo_database(engine: Engine) -> bool:
    """Say whether a database is marked as a demo's."""
    with Session(engine) as session:
        installation = session.get(Installation, 1)
        return installation is not None and installation.is_demo


@contextmanager
def open_session(url: str | None = None, *, durable: bool = False) -> Iterator[Session]:
    """Open a transaction that may write: it commits at the end and rolls back on an exception.

    On SQLite it takes the write lock at once, so that a check and the deed that follows it cannot
    be parted by another writer. `durable` is for results that nobody could find out again, as that a
    mail was sent: on SQLite it waits for the disk. A demo's database is thrown away and never waits.
    """
    waits = durable and not settings().is_demo
    found = (
        engine_for(url or settings().database, durable=True)
        if waits
        else engine_for(url or settings().database)
    )
    engine = _writer(found)
    with _turn_to_write(engine), Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


@lru_cache(maxsize=16)
def _writer(engine: Engine) -> Engine:
    # Kept, as each such view of an engine wires its events afresh: a tenth of a millisecond a transaction.
    return engine.execution_options(sqlite_begin="IMMEDIATE")


def wait_for_turn(session: Session, name: str) -> None:
    """Wait until no other transaction has this turn, and keep it until ours ends.

    On SQLite whoever may write has every turn already.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(name))))


@contextmanager
def _turn_to_write(engine: Engine) -> Iterator[None]:
    """Wait for this SQLite file's turn to write: SQLite itself would poll with pauses of up to 0.1 s.

    Threads wait for a lock of their process, processes for a lock on a file beside the database;
    both are fair and cost microseconds. SQLite's own lock still decides.
    """
    if engine.dialect.name != "sqlite":
        yield
        return
    with _writing(engine.url.database or ""):
        yield


class _Turn:
    """One writer's turn on one SQLite file, among threads and processes."""

    def __init__(self, database: str) -> None:
        self.threads = Lock()
        self.file: IO[str] | None = None
        if database not in {"", ":memory:"}:
            # Open as long as the process lives, like the engine that it belongs to.
            self.file = Path(f"{database}.turn").open("a", encoding="ascii")  # noqa: SIM115 -- see above

    def __enter__(self) -> None:
        self.threads.acquire()
        if self.file is not None:
            flock(self.file, LOCK_EX)

    def __exit__(self, *_: object) -> None:
        if self.file is not None:
            flock(self.file, LOCK_UN)
        self.threads.release()


@lru_cache(maxsize=16)
def _writing(database: str) -> _Turn:
    return _Turn(database)


@contextmanager
def read_session(url: str | None = None) -> Iterator[Session]:
    """Open a transaction that only reads and never waits for a writer."""
    with Session(engine_for(url or settings().database), expire_on_commit=False) as session:
        yield session
