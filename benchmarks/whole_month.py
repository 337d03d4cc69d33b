"""A solver alone with the whole month, in a process of its own: HiGHS, or CP-SAT where OR-Tools is installed.

highspy and ortools cannot live in one process, and a child's peak memory is its own. The question comes as a
file of arrays, the chosen columns go back as one; without a plan in time there is no file.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import asdict
from importlib.util import find_spec
from math import lcm
from pathlib import Path
from time import monotonic

import numpy as np

from benchmarks.memory import peak_mib
from matching.linear import LinearModel
from matching.pool import Floats

SOLVERS = ("highs", "cp_sat")
# Building a model takes a while, and a solver's own limit may be overrun.
GRACE_SECONDS = 60.0


def has_solver(name: str) -> bool:
    """Say whether the solver is installed."""
    return find_spec("ortools" if name == "cp_sat" else "highspy") is not None


def solve_alone(name: str, linear: LinearModel, seconds: float) -> tuple[Floats | None, float, int]:
    """Return the columns found (None for none), the seconds with the start of the process, and the peak in MiB."""
    with tempfile.TemporaryDirectory() as folder:
        question, answer = Path(folder) / "question.npz", Path(folder) / "answer.npy"
        np.savez(question, **asdict(linear))
        command = [
            sys.executable,
            "-m",
            "benchmarks.whole_month",
            name,
            str(question),
            str(answer),
            str(seconds),
        ]
        began = monotonic()
        try:
            done = subprocess.run(command, capture_output=True, timeout=seconds + GRACE_SECONDS, check=False)
            peak = int(done.stdout.split()[-1]) if done.returncode == 0 else 0
        except subprocess.TimeoutExpired:
            peak = 0
        spent = monotonic() - began
        return (np.load(answer) if answer.exists() else None), spent, peak


def _highs(linear: LinearModel, seconds: float) -> Floats | None:
    from matching.highs import SolverGaveUp, solve_whole  # noqa: PLC0415 -- not beside ortools

    try:
        return solve_whole(linear, np.zeros(len(linear.cost)), seconds=seconds, seed=0).columns
    except SolverGaveUp:
        return None


def _cp_sat(linear: LinearModel, seconds: float) -> Floats | None:
    from ortools.sat.python import cp_model  # noqa: PLC0415 -- optional, and not beside highspy

    model = cp_model.CpModel()
    columns = [model.new_int_var(0, int(upper), "") for upper in linear.upper.tolist()]
    scale = lcm(*(_denominator(entry) for entry in np.unique(np.append(linear.entry, linear.limit)).tolist()))
    order = np.argsort(linear.row, kind="stable")
    edges = np.searchsorted(linear.row[order], np.arange(len(linear.limit) + 1))
    for row, limit in enumerate(linear.limit.tolist()):
        own = order[edges[row] : edges[row + 1]]
        entries = np.rint(linear.entry[own] * scale).astype(np.int64).tolist()
        terms = [columns[place] for place in linear.column[own].tolist()]
        model.add(cp_model.LinearExpr.weighted_sum(terms, entries) <= round(limit * scale))
    model.maximize(cp_model.LinearExpr.weighted_sum(columns, np.rint(linear.cost).astype(np.int64).tolist()))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 2
    status = solver.solve(model)
    if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return None
    return np.array([solver.value(column) for column in columns], dtype=np.float64)


def _denominator(entry: float) -> int:
    return next((part for part in (1, 2, 4, 60) if abs(entry * part - round(entry * part)) < 1e-9), 1000)


def main(argv: list[str]) -> None:
    name, question, answer, seconds = argv
    with np.load(question) as found:
        linear = LinearModel(**{field: found[field] for field in found.files})
    columns = (_highs if name == "highs" else _cp_sat)(linear, float(seconds))
    if columns is not None:
        np.save(answer, columns)
    print(peak_mib())


if __name__ == "__main__":
    main(sys.argv[1:])
