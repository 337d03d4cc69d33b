"""The list of faults in the documents names tests that exist."""

from __future__ import annotations

import re

from tests.faults.conftest import ROOT


def test_list_of_faults_names_tests_that_exist() -> None:
    listed = (ROOT / "docs/mail-faults.md").read_text(encoding="utf-8")
    whole = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    missing = [name for name in re.findall(r"`(test_\w+)`", listed) if f"def {name}(" not in whole]
    missing += [path for path in re.findall(r"`(tests/\w+/\w+\.py)`", listed) if not (ROOT / path).exists()]
    assert missing == []
