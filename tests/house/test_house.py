"""Rules of the house that no linter knows. Each tells what goes wrong without it."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import statistics
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ROOMS: list[str] = sorted(PYPROJECT["tool"]["importlinter"]["root_packages"])
PURE = ("documents", "evaluation", "matching", "scheduling")


def files(*rooms: str) -> list[Path]:
    return sorted(path for room in rooms for path in (ROOT / room).rglob("*.py"))


def trees(*rooms: str) -> Iterator[tuple[Path, ast.Module]]:
    for path in files(*rooms):
        yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def calls(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every call in a tree as its dotted name and line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node.lineno


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_every_room_is_under_the_import_linter() -> None:
    """A new top-level package would silently stand outside the house."""
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert packages == set(ROOMS)


def test_every_room_says_what_it_is_for() -> None:
    silent = [
        room
        for room in ROOMS
        if not ast.get_docstring(ast.parse((ROOT / room / "__init__.py").read_text("utf-8")))
    ]
    assert silent == []


def test_services_and_rooms_below_never_commit() -> None:
    """A service that commits takes the transaction out of its door's hands: half a deed would stay."""
    exceptions = {Path("services/delivery.py"), Path("services/dispatch.py"), Path("models/session.py")}
    found = [
        f"{path}:{line}"
        for path, tree in trees("services", "models", "notifications", *PURE)
        for name, line in calls(tree)
        if name.endswith((".commit", ".rollback")) and path not in exceptions
    ]
    assert found == []


def test_only_the_clock_asks_what_time_it_is() -> None:
    """A rule that reads the machine's clock cannot be tested at midnight, nor run in the demo's week."""
    found = [
        f"{path}:{line} {name}"
        for path, tree in trees(*(set(ROOMS) - {"simulator", "cli"}))
        for name, line in calls(tree)
        if re.search(r"\b(datetime\.(now|utcnow|today)|date\.today)$", name)
        and path != Path("config/clock.py")
    ]
    assert found == []


def test_pure_rooms_open_no_files() -> None:
    found = [
        f"{path}:{line} {name}"
        for path, tree in trees(*PURE)
        for name, line in calls(tree)
        if name in {"open", "print", "input"}
        or name.endswith((".read_text", ".write_text", ".read_bytes", ".write_bytes"))
    ]
    assert found == []


def test_nothing_is_evaluated_as_python() -> None:
    found = [
        f"{path}:{line}"
        for path, tree in trees(*ROOMS)
        for name, line in calls(tree)
        if name in {"eval", "exec"}
    ]
    assert found == []


def test_flow_files_bear_no_name_of_a_room_or_package() -> None:
    """Loading a flow by its path puts flows/ first on sys.path: flows/matching.py would become `matching`."""
    taken = {*ROOMS, *importlib.metadata.packages_distributions()}
    assert sorted(path.stem for path in files("flows") if path.stem in taken - {"__init__"}) == []


def test_every_function_says_what_it_returns() -> None:
    found = [
        f"{path}:{function.lineno} {function.name}"
        for path, tree in trees(*ROOMS)
        for function in functions(tree)
        if function.returns is None
    ]
    assert found == []


def test_every_suppression_carries_its_reason() -> None:
    suppression = re.compile(r"#\s*(noqa|type:\s*ignore)(?P<rest>.*)$")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files(*ROOMS)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (match := suppression.search(line)) and " -- " not in match["rest"]
    ]
    assert found == []


@pytest.mark.parametrize("folder", [*ROOMS, "tests"])
def test_no_file_is_longer_than_400_lines(folder: str) -> None:
    lengths = {
        path.relative_to(ROOT): len(path.read_text(encoding="utf-8").splitlines()) for path in files(folder)
    }
    assert {path: length for path, length in lengths.items() if length > 400} == {}


def test_files_and_functions_are_small() -> None:
    """Nine files in ten within 250 lines; functions have a median of 8 lines, nine in ten within 25, none over 50."""
    file_lengths = sorted(len(path.read_text(encoding="utf-8").splitlines()) for path in files(*ROOMS))
    function_lengths = sorted(
        (function.end_lineno or function.lineno) - function.lineno + 1
        for _, tree in trees(*ROOMS)
        for function in functions(tree)
    )
    assert file_lengths[int(len(file_lengths) * 0.9)] <= 250
    assert statistics.median(function_lengths) <= 9
    assert function_lengths[int(len(function_lengths) * 0.9)] <= 25
    assert function_lengths[-1] <= 50
