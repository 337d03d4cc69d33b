"""What tests of delivery share: a mail server of their own, and a way to open their database."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import TypeAlias

import pytest
from sqlmodel import Session

from config.settings import settings
from models.session import open_session
from tests.relay import Relay, running_relay

Opener: TypeAlias = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def relay(monkeypatch: pytest.MonkeyPatch) -> Iterator[Relay]:
    with running_relay() as relay:
        monkeypatch.setenv("YOUTHHUB_SMTP_PORT", str(relay.port))
        settings.cache_clear()
        yield relay
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def opened(database: str) -> Opener:
    return partial(open_session, database)
