"""The version of the database's tables, and how they are brought up to date."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from config.text import Text

ROOT = Path(__file__).resolve().parent.parent


class SchemaError(Exception):
    """The database cannot be used as it is; `sentence` says why and what to do."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence.en)
        self.sentence = sentence


def upgrade(engine: Engine) -> None:
    """Create the tables or bring them up to date; refuse a database from a newer version."""
    _refuse_newer(engine)
    with engine.begin() as connection:
        script = _config()
        script.attributes["connection"] = connection
        command.upgrade(script, "head")


def downgrade(engine: Engine) -> None:
    """Take every migration back, down to an empty database."""
    with engine.begin() as connection:
        script = _config()
        script.attributes["connection"] = connection
        command.downgrade(script, "base")


def require_current(engine: Engine) -> None:
    """Raise `SchemaError` unless the tables are those of this version."""
    _refuse_newer(engine)
    if _revision(engine) != _scripts().get_current_head():
        raise SchemaError(
            Text(
                zh="数据库还不是这个版本的：先运行 youthhub db upgrade。",
                en="The database is not up to date: run youthhub db upgrade first.",
            )
        )


def _refuse_newer(engine: Engine) -> None:
    revision = _revision(engine)
    known = {script.revision for script in _scripts().walk_revisions()}
    if revision is not None and revision not in known:
        raise SchemaError(
            Text(
                zh=f"数据库来自更新的版本（{revision}），这个版本读不懂。请更新程序，或换一个数据库。",
                en=f"The database was made by a newer version ({revision}), which this one cannot read. "
                "Update the program, or use another database.",
            )
        )


def _revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    return Config(ROOT / "alembic.ini")
