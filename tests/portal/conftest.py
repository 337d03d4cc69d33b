"""The portal over a real database, asked as a browser asks, at a fixed time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlmodel import Session

from config import clock
from config.settings import settings
from models import Table
from models.session import engine_for, open_session
from portal import words
from portal.app import create_app

Rows = dict[str, list[tuple[object, ...]]]


@pytest.fixture
def database_url(sqlite_database: str, monkeypatch: pytest.MonkeyPatch, now: datetime) -> Iterator[str]:
    monkeypatch.setenv("YOUTHHUB_DATABASE_URL", sqlite_database)
    monkeypatch.setenv("YOUTHHUB_SECRET", "a key for tests only")
    monkeypatch.setattr(clock, "now", lambda: now)
    settings.cache_clear()
    words._environment.cache_clear()
    yield sqlite_database
    engine_for(sqlite_database).dispose()
    settings.cache_clear()


@pytest.fixture
def db(database_url: str) -> Callable[[], AbstractContextManager[Session]]:
    """Opens a transaction on the portal's database."""
    return open_session


@pytest.fixture
def browser(database_url: str) -> Iterator[TestClient]:
    with TestClient(create_app(), follow_redirects=False) as client:
        yield client


@pytest.fixture
def rows(database_url: str) -> Callable[[], Rows]:
    """Reads every row of every table, to compare before and after."""

    def dump() -> Rows:
        with engine_for(database_url).connect() as connection:
            return {
                table.name: [tuple(row) for row in connection.execute(text(f'SELECT * FROM "{table.name}"'))]
                for table in Table.metadata.sorted_tables
            }

    return dump
