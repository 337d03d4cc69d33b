"""What every table shares: names of constraints, times in UTC, JSON columns."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, MetaData
from sqlalchemy.orm import declared_attr
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """Store aware times only, and give them back in UTC.

    SQLite forgets the zone even of a `DateTime(timezone=True)` column; a naive time that slipped
    in would be eight hours wrong in Beijing and nobody would notice.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 -- the signature is SQLAlchemy's
        """Refuse a naive time and turn an aware one into UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value.isoformat()}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 -- the signature is SQLAlchemy's
        """Give the time back in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Table(SQLModel):
    """Base of all tables: named after their class, in snake case."""

    metadata = MetaData(naming_convention=NAMING)

    @declared_attr.directive
    def __tablename__(cls) -> str:  # noqa: N805 -- SQLAlchemy hands us the class
        """Return the table's name, as "background_check" for BackgroundCheck."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


def when(*, index: bool = False, **field: Any) -> Any:
    """Declare a column that holds a moment in UTC."""
    return Field(sa_type=UtcDateTime, index=index, **field)


def data(**field: Any) -> Any:
    """Declare a column that holds plain JSON data."""
    return Field(sa_type=JSON, **field)
