"""The demo's own home: a folder, free ports, a marked database, a clock of its own, and settings."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, inspect
from sqlmodel import Session

from cli.demo.hours import FIRST_MONDAY, MORNING, moment
from config import clock
from config.settings import settings
from models import Installation, schema
from models.session import engine_for, is_demo_database, make_engine
from services.errors import refuse

FREE_BYTES_NEEDED = 400 * 1024 * 1024
"""Room for the district's week: database, engine, Maildir and logs."""


@dataclass(frozen=True)
class Home:
    """Where one demo lives, and by which doors it is reached."""

    folder: Path
    database_url: str
    portal_port: int
    smtp_port: int
    engine_port: int

    @property
    def maildir(self) -> Path:
        """Return the folder of all mail."""
        return self.folder / "mail"

    @property
    def clock_file(self) -> Path:
        """Return the file that holds the demo's time."""
        return self.folder / "clock"

    @property
    def logs(self) -> Path:
        """Return the folder of the processes' logs."""
        return self.folder / "logs"

    @property
    def portal_url(self) -> str:
        """Return the address that links in mails begin with."""
        return f"http://127.0.0.1:{self.portal_port}"

    def environment(self) -> dict[str, str]:
        """Return the settings of every process of this demo."""
        return {
            "YOUTHHUB_HOME": str(self.folder),
            "YOUTHHUB_DATABASE_URL": self.database_url,
            "YOUTHHUB_CLOCK_FILE": str(self.clock_file),
            "YOUTHHUB_PORTAL_URL": self.portal_url,
            "YOUTHHUB_PORTAL_PORT": str(self.portal_port),
            "YOUTHHUB_PORTAL_PROCESSES": "2",
            "YOUTHHUB_ENGINE_PORT": str(self.engine_port),
            "YOUTHHUB_SMTP_HOST": "127.0.0.1",
            "YOUTHHUB_SMTP_PORT": str(self.smtp_port),
            # The demo's evenings are at nine, and its people read before they sleep.
            "YOUTHHUB_QUIET_HOURS": "22-8",
            "YOUTHHUB_LOG_LEVEL": "WARNING",
        }


def settle(*, keep: Path | None, database: str | None) -> Home:
    """Make a home and live by its settings from here on; raise `HubError` or `OSError` if it cannot be.

    1. A folder that is empty and has room, or a temporary one.
    2. A database that is empty or a demo's, migrated and marked.
    3. The settings of this process and of its children, and the clock on the first Monday.
    """
    folder = _folder(keep)
    url = database or f"sqlite:///{folder / 'youthhub.sqlite3'}"
    _prepare_database(url)
    portal_port, smtp_port, engine_port = _free_ports(3)
    home = Home(folder, url, portal_port, smtp_port, engine_port)
    home.logs.mkdir(exist_ok=True)
    clock.move(home.clock_file, moment(FIRST_MONDAY, MORNING))
    _live_by(home)
    return home


def _live_by(home: Home) -> None:
    for name in [name for name in os.environ if name.startswith("YOUTHHUB_")]:
        if name != "YOUTHHUB_LANGUAGE":
            del os.environ[name]
    os.environ.update(home.environment())
    settings.cache_clear()
    engine_for.cache_clear()
    # `cd HOME && youthhub portal` finds these again when the demo is over.
    lines = (f"{name}={value}\n" for name, value in home.environment().items())
    (home.folder / ".env").write_text("".join(lines), encoding="utf-8")
    assert settings().signing_key  # made here, before two processes make two


def _folder(keep: Path | None) -> Path:
    if keep is None:
        folder = Path(tempfile.mkdtemp(prefix="youthhub-demo-"))
    else:
        keep.mkdir(parents=True, exist_ok=True)
        folder = keep.resolve()
        if any(folder.iterdir()):
            raise refuse(
                "folder_not_empty",
                f"文件夹{keep}里已经有东西。换一个空的。",
                f"The folder {keep} is not empty. Choose another one.",
            )
    if shutil.disk_usage(folder).free < FREE_BYTES_NEEDED:
        raise refuse(
            "disk_full",
            f"{folder}所在的磁盘不到400 MB空间。腾出空间，或用 --keep 换一个地方。",
            f"Less than 400 MB are free where {folder} is. Free some space, or choose another place with --keep.",
        )
    return folder


def _prepare_database(url: str) -> None:
    engine = make_engine(url)
    try:
        if _has_tables(engine):
            _clear_demo(engine)
        schema.upgrade(engine)
        with Session(engine) as session, session.begin():
            session.merge(Installation(id=1, is_demo=True))
    finally:
        engine.dispose()


def _has_tables(engine: Engine) -> bool:
    return bool(set(inspect(engine).get_table_names()) - {"alembic_version"})


def _clear_demo(engine: Engine) -> None:
    if not inspect(engine).has_table("installation") or not is_demo_database(engine):
        safe = engine.url.render_as_string(hide_password=True)
        raise refuse(
            "not_a_demo",
            f"数据库{safe}里有别的数据，演示不会动它。请给一个空的数据库。",
            f"The database {safe} holds something else, and the demo leaves it alone. Give it an empty one.",
        )
    schema.downgrade(engine)


def _free_ports(count: int) -> list[int]:
    with ExitStack() as probes:
        bound = [probes.enter_context(socket.socket()) for _ in range(count)]
        for probe in bound:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in bound]
