"""Frameworks and hubs for tests of the pure room; nothing here knows a database."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.framework import Framework
from evaluation.loading import load

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent


def framework_of(text: str) -> Framework:
    loaded = load(text, facts={"open_audit_finding", "under_investigation", "fulfilment"})
    assert [problem.told.en for problem in loaded.problems if not problem.is_warning] == []
    assert loaded.framework is not None
    return loaded.framework


@pytest.fixture(scope="session")
def youth_hub() -> Framework:
    loaded = load((ROOT / "data/frameworks/youth-hub-2026.yaml").read_text(encoding="utf-8"))
    assert loaded.problems == ()
    assert loaded.framework is not None
    return loaded.framework


@pytest.fixture(scope="session")
def worked() -> Framework:
    """The example of a hub whose score was worked out by hand."""
    return framework_of((HERE / "worked.yaml").read_text(encoding="utf-8"))
