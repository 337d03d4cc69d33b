"""Frameworks and inputs for tests of the pure room."""

from __future__ import annotations

from pathlib import Path

from evaluation.framework import Framework
from evaluation.loading import load

HERE = Path(__file__).parent
FRAMEWORKS = Path(__file__).resolve().parents[2] / "data/frameworks"
FACTS = {"open_audit_finding", "under_investigation", "fulfilment"}


def framework_of(text: str) -> Framework:
    """The framework of a text that has nothing wrong with it but warnings."""
    loaded = load(text, facts=FACTS)
    assert [problem.told.en for problem in loaded.problems if not problem.is_warning] == []
    assert loaded.framework is not None
    return loaded.framework
