"""The migrations lead from nothing to the models and back, on both kinds of database."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

import models
from models import schema
from models.session import make_engine


def test_migrations_equal_models(database: str) -> None:
    engine = make_engine(database)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, models.Table.metadata) == []
    engine.dispose()


def test_migrations_taken_back_leave_an_empty_database(database: str) -> None:
    engine = make_engine(database)
    schema.downgrade(engine)
    assert inspect(engine).get_table_names() == ["alembic_version"]
    schema.upgrade(engine)
    assert set(inspect(engine).get_table_names()) == {"alembic_version", *models.Table.metadata.tables}
    engine.dispose()


def test_database_from_a_newer_version_is_refused(database: str) -> None:
    engine = make_engine(database)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(schema.SchemaError, match="newer version"):
        schema.upgrade(engine)
    with pytest.raises(schema.SchemaError, match="newer version"):
        schema.require_current(engine)
    engine.dispose()


def test_database_without_tables_is_refused_with_the_command_to_run(tmp_path: object) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/empty.sqlite3")
    with pytest.raises(schema.SchemaError, match="youthhub db upgrade"):
        schema.require_current(engine)
    engine.dispose()
