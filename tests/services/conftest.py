"""What tests of delivery share: a mail server of their own, and a way to open their database."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import TypeAlias

import pytest
from sqlmodel import Session

from models.session import open_session

Opener: TypeAlias = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def opened(database: str) -> Opener:
    return partial(open_session, database)
