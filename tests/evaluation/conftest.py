"""Frameworks for tests of the pure room; nothing here knows a database."""

from __future__ import annotations

import pytest

from evaluation.framework import Framework
from evaluation.loading import load
from tests.evaluation.builders import FRAMEWORKS, HERE, framework_of


@pytest.fixture(scope="session")
def youth_hub() -> Framework:
    """The framework that ships."""
    loaded = load((FRAMEWORKS / "youth-hub-2026.yaml").read_text(encoding="utf-8"))
    assert loaded.problems == ()
    assert loaded.framework is not None
    return loaded.framework


@pytest.fixture(scope="session")
def worked() -> Framework:
    """The example of a hub whose score was worked out by hand."""
    return framework_of((HERE / "worked.yaml").read_text(encoding="utf-8"))
