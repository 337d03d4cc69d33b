"""`youthhub gate` at the command line: the questions, a new version of them, and what it refuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from services.checklists import shipped_text

Run = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def gate(tmp_path: Path, sqlite_database: str) -> Run:
    """Run `youthhub gate` on a migrated database, as a person would."""

    def run(*words: str, language: str = "en") -> subprocess.CompletedProcess[str]:
        own = {"YOUTHHUB_HOME": str(tmp_path), "YOUTHHUB_DATABASE_URL": sqlite_database}
        return subprocess.run(
            [sys.executable, "-m", "cli", "gate", *words],
            cwd=ROOT,
            env={**os.environ, **own, "YOUTHHUB_LANGUAGE": language},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run


def test_empty_list_says_so(gate: Run) -> None:
    said = gate("list", language="zh-Hans")
    assert (said.returncode, said.stdout.strip()) == (0, "没有活动在等风险检查。")
    assert json.loads(gate("list", "--json", "-").stdout) == []


def test_new_version_is_kept_and_shown(gate: Run, tmp_path: Path) -> None:
    file = tmp_path / "questions.yaml"
    file.write_text(shipped_text().replace('"2026.1"', '"2026.2"'), encoding="utf-8")
    assert "version 2026.2, counts from 2026-01-01" in gate("checklist", str(file)).stdout
    assert json.loads(gate("checklist", "--json", "-").stdout)["version"] == "2026.2"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read"),
        (b"\xff\xfe\x00", "no text in UTF-8"),
        (b"a: [", "Reading stops at line 1"),
        (b"version: 1", "questions: it is missing"),
    ],
)
def test_wrong_file_is_refused_with_a_sentence(
    gate: Run, tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    file = tmp_path / "questions.yaml"
    if content is not None:
        file.write_bytes(content)
    said = gate("checklist", str(file))
    assert (said.returncode, "Traceback" in said.stderr) == (1, False)
    assert sentence in said.stderr
