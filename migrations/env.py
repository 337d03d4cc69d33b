"""How Alembic reaches the database: through the connection or the URL that the door hands over."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

import models
from config.settings import settings
from models.session import make_engine


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=models.Table.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


handed: Connection | None = context.config.attributes.get("connection")
if handed is not None:
    run(handed)
else:
    engine = make_engine(settings().database)
    with engine.begin() as own:
        run(own)
