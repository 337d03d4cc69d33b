"""The portal over a real database, asked as a browser asks, at a fixed time."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from httpx import Response
from sqlalchemy import text
from sqlmodel import Session

from config import clock
from config.settings import settings
from models import Table
from models.session import engine_for, open_session
from notifications import links
from notifications.links import Purpose
from portal import words
from portal.app import create_app

with warnings.catch_warnings():
    # Starlette would rather have a client that is not on this machine.
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient


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


@dataclass(frozen=True)
class Site:
    """The portal and its database, as one test needs them."""

    browser: TestClient
    url: str
    now: datetime

    @staticmethod
    def db() -> AbstractContextManager[Session]:
        """Open a transaction on the portal's database."""
        return open_session()

    def link(self, purpose: Purpose, *ids: int | None, opens: timedelta = timedelta(days=21)) -> str:
        """Return the path of a token page, open for three weeks."""
        known = [key for key in ids if key is not None]
        return f"/{purpose}/{links.make(purpose, *known, expires_at=self.now + opens)}"

    def get(self, path: str, language: str = "") -> Response:
        """Open a page, in a language that is asked for."""
        return self.browser.get(path, params={"lang": language} if language else None)

    def post(self, path: str, **fields: str) -> Response:
        """Send a form."""
        return self.browser.post(path, data=fields)

    def rows(self) -> dict[str, list[tuple[object, ...]]]:
        """Return every row of every table, to compare before and after."""
        with engine_for(self.url).connect() as connection:
            return {
                table.name: [tuple(row) for row in connection.execute(text(f'SELECT * FROM "{table.name}"'))]
                for table in Table.metadata.sorted_tables
            }


@pytest.fixture
def site(database_url: str, now: datetime) -> Iterator[Site]:
    """A browser without a screen, before a portal of its own; it does not follow redirects by itself."""
    with TestClient(create_app(), follow_redirects=False) as client:
        yield Site(client, database_url, now)
