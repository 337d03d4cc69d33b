"""`make mutants`: break the arithmetic of evaluation in known ways, and see that a test tells of each.

Each mutant is one change of one place, made in a copy of the tree. The first test that fails is printed; a mutant
that no test notices fails the command, and so does one whose place is no longer there.
`make mutants ARGS="clipping rounding"` runs those whose names hold one of the words.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("cli", "config", "data", "evaluation", "migrations", "models", "services", "tests", "notifications")
FILES = ("alembic.ini", "pyproject.toml")
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S.*?)(?: - .*)?$", re.MULTILINE)
LIMIT_SECONDS = 900
THIS_YEAR = """    import dataclasses

    seen = defaultdict(list)
    for row in inputs.observations:
        seen[row.indicator].append(row.value)
    framework = dataclasses.replace(
        framework,
        indicators=tuple(
            dataclasses.replace(one, goalposts=(min(seen[one.id]), max(seen[one.id]) + 1e-9))
            if one.kind == Kind.AUTO and seen[one.id]
            else one
            for one in framework.indicators
        ),
    )
    by_cell: dict[tuple[str, str], list[Observation]] = defaultdict(list)
"""


@dataclass(frozen=True)
class Mutant:
    """Hold one change: in `file` of evaluation `old` becomes `new`; it has to be there exactly once."""

    name: str
    file: str
    old: str
    new: str


MUTANTS = (
    Mutant(
        "no clipping at the goalposts",
        "normalising.py",
        "share = min(max((value - low) / (high - low), 0.0), 1.0)",
        "share = (value - low) / (high - low)",
    ),
    Mutant(
        "goalposts from this year's minimum and maximum",
        "measures.py",
        "    by_cell: dict[tuple[str, str], list[Observation]] = defaultdict(list)\n",
        THIS_YEAR,
    ),
    Mutant("no population correction of a mean", "surveys.py", "(1 - n / size) * spread / n", "spread / n"),
    Mutant(
        "population size passed as one minus the fraction",
        "surveys.py",
        "(1 - n / size) * spread / n",
        "size * spread / n",
    ),
    Mutant(
        "no population correction of a share",
        "shares.py",
        "many = float(n) if size is None else n * (size - 1) / (size - n)",
        "many = float(n)",
    ),
    Mutant(
        "ranks after rounding",
        "ranks.py",
        "own = _places(np.array([[settle(total)]",
        "own = _places(np.array([[round(total, 1)]",
    ),
    Mutant(
        "missing counted as zero",
        "tree.py",
        "        share = shares.get(indicator.id)\n",
        "        share = shares.get(indicator.id) or 0.0\n",
    ),
    Mutant(
        "bands before gates",
        "scoring.py",
        "band=_band(framework, total, cap)",
        "band=_band(framework, total, None)",
    ),
    Mutant(
        "half to even",
        "rounding.py",
        "Decimal(1).scaleb(-decimals), ROUND_HALF_UP",
        "Decimal(1).scaleb(-decimals)",
    ),
    Mutant(
        "bands of a rounded total",
        "scoring.py",
        "framework.band_of(settle(total))",
        "framework.band_of(round(total))",
    ),
    Mutant(
        "ordinal distances without frequencies", "agreement.py", '"ordinal": _ordinal', '"ordinal": _interval'
    ),
    Mutant(
        "discoveries judged one by one",
        "comparison.py",
        "p_values[place] <= rank * rate / len(p_values)",
        "p_values[place] <= rate",
    ),
    Mutant(
        "direction left out",
        "normalising.py",
        "indicator.direction < 0 else share",
        "indicator.direction < -1 else share",
    ),
    Mutant(
        "a correction counted beside what it corrects",
        "observations.py",
        "return [row for row in rows if row.id not in replaced]",
        "return rows",
    ),
)


def main(words: list[str]) -> int:
    """Run the mutants and return how many survive."""
    chosen = [one for one in MUTANTS if not words or any(word in one.name for word in words)]
    survivors = 0
    with tempfile.TemporaryDirectory(prefix="youthhub-mutants-") as folder:
        tree = Path(folder) / "tree"
        copy_tree(tree)
        for mutant in chosen:
            found = first_failure(tree, mutant)
            survivors += found is None
            say(f"{'SURVIVES' if found is None else 'caught  '}  {mutant.name}: {found or 'no test fails'}")
    say(f"{len(chosen)} mutants, {survivors} survive")
    return 1 if survivors or not chosen else 0


def say(line: str) -> None:
    """Print a line at once: the whole takes minutes."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def copy_tree(tree: Path) -> None:
    """Copy what the tests of evaluation need."""
    leave = shutil.ignore_patterns("__pycache__", "*.pyc", ".hypothesis")
    for name in COPIED:
        shutil.copytree(ROOT / name, tree / name, ignore=leave)
    for name in FILES:
        shutil.copy(ROOT / name, tree / name)


def first_failure(tree: Path, mutant: Mutant) -> str | None:
    """Return the first test that fails with the mutant in place, and put the place right again."""
    path = tree / "evaluation" / mutant.file
    whole = path.read_text(encoding="utf-8")
    if whole.count(mutant.old) != 1:
        raise SystemExit(f"{mutant.name}: its place in evaluation/{mutant.file} is not there exactly once")
    path.write_text(whole.replace(mutant.old, mutant.new), encoding="utf-8")
    try:
        return _run(tree)
    finally:
        path.write_text(whole, encoding="utf-8")


def _run(tree: Path) -> str | None:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "-m",
        "not slow",
        "-p",
        "no:cacheprovider",
        "tests/evaluation",
    ]
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, cwd=tree, env=environment, check=False, capture_output=True, text=True, timeout=LIMIT_SECONDS
    )
    if done.returncode == 0:
        return None
    named = FAILED.search(done.stdout)
    if named is None or done.returncode != 1:
        raise SystemExit(f"The tests did not run:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return named[1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
