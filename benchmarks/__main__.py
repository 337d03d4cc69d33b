"""`make bench`: every figure that the documents claim, each beside its baseline. `make bench ARGS=matching` runs one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module

SUITES = (
    "matching",
    "proposals",
    "explanations",
    "repair",
    "decline",
    "problem_file",
    "import_people",
    "evaluation",
    "reports",
    "mail",
    "stages",
    "latency",
)


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in SUITES]
    if unknown:
        print(f"There is no benchmark {', '.join(unknown)}; there are: {', '.join(SUITES)}.", file=sys.stderr)
        return 1
    for name in names or SUITES:
        print(f"\n== {name}")
        run: Callable[[list[str] | None], None] = import_module(f"benchmarks.{name}").main
        run([])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
