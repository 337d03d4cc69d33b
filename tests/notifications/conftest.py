"""A fixed key, so that links in expected files stay what they are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from config.settings import settings


@pytest.fixture(autouse=True)
def _fixed_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("YOUTHHUB_SECRET", "a key for tests only")
    monkeypatch.setenv("YOUTHHUB_PORTAL_URL", "https://hubs.example.org")
    settings.cache_clear()
    yield
    settings.cache_clear()
