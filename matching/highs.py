"""HiGHS behind two calls, with a watchdog outside the solver, whose own time limit may be overrun."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from threading import Thread
from time import monotonic
from typing import Any

import highspy
import numpy as np

from matching.linear import LinearModel
from matching.pool import Floats

SOLVER = f"HiGHS {version('highspy')}"
GRACE_SECONDS = 1.0
CLAIM_TOLERANCE = 1e-6
NO_LIMIT = highspy.kHighsIInf


class SolverGaveUp(Exception):  # noqa: N818 -- it is no error: the caller holds another plan
    """Say that the solver failed, or did not stop in time and was left behind."""


@dataclass(frozen=True)
class LinearAnswer:
    """Hold the optimum of a relaxation and the prices of its rows, all >= 0."""

    columns: Floats
    duals: Floats


@dataclass(frozen=True)
class IntegerAnswer:
    """Hold the best whole solution found, None for none, and a proven upper bound of all."""

    columns: Floats | None
    bound: float


class _SilentHighs(highspy.Highs):
    def enableCallbacks(self) -> None:  # noqa: N802 -- HiGHS names it so
        # Called while the object is made: later would be too late to keep a banner off standard output.
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()  # type: ignore[no-untyped-call]  # -- HiGHS has few annotations


def solve_relaxation(linear: LinearModel, *, seconds: float, seed: int) -> LinearAnswer:
    """Solve the model without wholeness; raise `SolverGaveUp` without an optimum in time."""
    solver = _load(linear, seconds=seconds, seed=seed, whole=False)
    _run(solver, seconds)
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise SolverGaveUp(solver.modelStatusToString(solver.getModelStatus()))
    solution = solver.getSolution()
    duals = np.maximum(0.0, -np.asarray(solution.row_dual, dtype=np.float64))
    return LinearAnswer(columns=np.asarray(solution.col_value, dtype=np.float64), duals=duals)


def solve_whole(
    linear: LinearModel, start: Floats, *, seconds: float, seed: int, nodes: int = NO_LIMIT
) -> IntegerAnswer:
    """Solve the model in whole numbers from a starting solution, as far as the time allows."""
    deadline = monotonic() + seconds
    answer, claimed = _search(linear, start, seconds=seconds, seed=seed, nodes=nodes)
    # HiGHS 1.16 may improve the start in its presolved space and hand back the start all the same.
    is_short = answer.columns is None or float(linear.cost @ answer.columns) < claimed - CLAIM_TOLERANCE
    if is_short and monotonic() < deadline:
        answer, _ = _search(linear, None, seconds=deadline - monotonic(), seed=seed, nodes=nodes)
    return answer


def _search(
    linear: LinearModel, start: Floats | None, *, seconds: float, seed: int, nodes: int
) -> tuple[IntegerAnswer, float]:
    """Return what the solver found, and the value that it claims for it."""
    solver = _load(linear, seconds=seconds, seed=seed, whole=True)
    solver.setOptionValue("mip_max_nodes", nodes)
    if start is not None:
        solution = highspy.HighsSolution()
        solution.col_value = start.tolist()
        solver.setSolution(solution)
    _run(solver, seconds)
    if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        raise SolverGaveUp("infeasible")
    info = solver.getInfo()
    has_plan = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    columns = np.asarray(solver.getSolution().col_value, dtype=np.float64) if has_plan else None
    bound = -float(info.mip_dual_bound)
    answer = IntegerAnswer(columns=columns, bound=bound if np.isfinite(bound) else float("inf"))
    return answer, -float(info.objective_function_value) if has_plan else -float("inf")


def _load(linear: LinearModel, *, seconds: float, seed: int, whole: bool) -> Any:
    solver = _SilentHighs()  # type: ignore[no-untyped-call]  # -- HiGHS has few annotations
    # One thread and one seed: the same question gets the same plan.
    options = {
        "threads": 1,
        "random_seed": seed,
        "time_limit": max(0.05, seconds),
        "mip_rel_gap": 0.0,
        "mip_abs_gap": 1e-6,
        "mip_feasibility_tolerance": 1e-8,
    }
    for name, value in options.items():
        solver.setOptionValue(name, value)
    solver.passModel(_as_highs(linear, whole=whole))
    return solver


def _as_highs(linear: LinearModel, *, whole: bool) -> Any:
    order = np.lexsort((linear.row, linear.column))
    counts = np.bincount(linear.column, minlength=len(linear.cost))
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(linear.cost), len(linear.limit)
    lp.col_cost_ = -linear.cost
    lp.col_lower_ = np.zeros(len(linear.cost))
    lp.col_upper_ = linear.upper
    lp.row_lower_ = np.full(len(linear.limit), -highspy.kHighsInf)
    lp.row_upper_ = linear.limit
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    lp.a_matrix_.index_ = linear.row[order].astype(np.int32)
    lp.a_matrix_.value_ = linear.entry[order]
    if whole:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[int(flag)] for flag in linear.integral]
    return lp


def _run(solver: Any, seconds: float) -> None:
    """Run the solver in a thread of its own; leave it behind when it does not stop."""
    solver.HandleUserInterrupt = True
    failures: list[BaseException] = []
    runner = Thread(target=_guarded, args=(solver, failures), daemon=True)
    runner.start()
    runner.join(max(0.05, seconds) + GRACE_SECONDS)
    if runner.is_alive():
        solver.cancelSolve()
        runner.join(GRACE_SECONDS)
    if runner.is_alive() or failures:
        raise SolverGaveUp(str(failures[0]) if failures else "late")


def _guarded(solver: Any, failures: list[BaseException]) -> None:
    try:
        solver.run()
    except Exception as error:  # noqa: BLE001 -- handed to the waiting thread, which raises
        failures.append(error)
