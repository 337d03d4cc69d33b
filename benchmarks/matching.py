"""The matcher beside plain greedy, HiGHS and CP-SAT given the whole month at once, in one run.

`python -m benchmarks.matching` takes some minutes: a small month, the district's, and a tight one;
`--size 2000x10000` is the very tight one. Ratios decide; seconds are for orientation.
"""

from __future__ import annotations

import argparse
import csv
import gzip
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from time import monotonic
from zoneinfo import ZoneInfo

import numpy as np

from benchmarks.matching_instances import ZONE, Size, make_instance, size_of
from benchmarks.memory import count_anew, peak_mib
from benchmarks.whole_month import has_solver, solve_alone
from matching.conflicts import Timeline
from matching.ejection import plan_without_solver
from matching.eligibility import Eligibility
from matching.fairness import PRICES, gini
from matching.formulation import Formulation
from matching.greedy import greedy_plan
from matching.inputs import MatchingPolicy, Staffing
from matching.pairs import PairModel
from matching.pool import Floats, Ints, Pool, week_of
from matching.problem import solve_problem
from matching.problem_inputs import Problem, ProblemActivity, ProblemPair, ProblemSlot, ProblemVolunteer
from matching.search import promising
from matching.staffing import match_staffing
from matching.verification import verify_plan

POLICY = MatchingPolicy()
GAP_FOLDER = Path(__file__).resolve().parents[2] / "shared" / "benchmarks" / "gap"


def compare(size: Size, *, time_limit: float, whole_limit: float, seed: int) -> float:
    """Print our plan of an instance beside those of every baseline; return our seconds a place."""
    staffing = make_instance(size, seed).in_order()
    count_anew()
    before, began = peak_mib(), monotonic()
    # The plan itself: what a run spends on after that goes into the proof.
    result = match_staffing(staffing, POLICY, time_limit=time_limit, patience=0.0, seed=seed)
    broken = verify_plan(result.staffing, result.pairings, POLICY)
    ours_peak = peak_mib()
    ours, bound, model = monotonic() - began, result.plan.bound, result.model
    print(
        f"\n{size}, {len(model.person):,} eligible pairs, proven bound {bound:,.0f}, rules broken: {len(broken)}"
    )
    print(f"{'method':<38}{'seconds':>9}{'MiB':>7}{'value':>13}{'filled':>8}{'below the bound':>17}")
    _row("ours, eligibility and check included", (ours, ours_peak), model, result.plan.chosen, bound)
    print(f"{'  before, with the instance':<38}{'':>9}{before:>7,}")
    print(f"{'  of which eligibility':<38}{_eligibility_seconds(staffing):>9.2f}")
    one = replace(staffing, volunteers=staffing.volunteers[:1])
    print(f"{'  eligibility of one changed person':<38}{_eligibility_seconds(one):>9.3f}")
    seconds, chosen = _timed(lambda: greedy_plan(model, np.arange(len(model.person))))
    _row("plain greedy", (seconds, 0), model, chosen, bound)
    seconds, chosen = _timed(
        lambda: plan_without_solver(model, promising(model, POLICY.candidates_per_place))
    )
    _row("ours without a solver", (seconds, 0), model, chosen, bound)
    for name, title in (("highs", "HiGHS"), ("cp_sat", "CP-SAT")):
        _whole_month(name, f"{title}, whole month, {whole_limit:.0f} s at most", model, whole_limit, bound)
    return ours / size.places


def _row(name: str, spent: tuple[float, int], model: PairModel, chosen: Ints, bound: float) -> None:
    seconds, peak = spent
    value = model.worth(chosen)
    memory = f"{peak:,}" if peak else ""
    print(
        f"{name:<38}{seconds:>9.2f}{memory:>7}{value:>13,.0f}{len(chosen):>8,}{(bound - value) / bound:>17.4%}"
    )


def _timed(method: Callable[[], Ints]) -> tuple[float, Ints]:
    began = monotonic()
    chosen = method()
    return monotonic() - began, chosen


def _eligibility_seconds(staffing: Staffing) -> float:
    began = monotonic()
    for _ in Eligibility(staffing, POLICY, Pool(staffing)).pools():
        pass
    return monotonic() - began


def _whole_month(name: str, title: str, model: PairModel, seconds: float, bound: float) -> None:
    """Give a solver everything at once, without our start, pruning or split."""
    if not has_solver(name):
        print(f"{title:<38} is not installed: pip install .[bench]")
        return
    form = Formulation(model, np.arange(len(model.person)), Timeline(model))
    columns, spent, peak = solve_alone(name, form.linear, seconds)
    if columns is None:
        print(f"{title:<38}{spent:>9.2f}{peak or '':>7}{'no plan':>13}")
        return
    _row(title, (spent, peak), model, form.pairs[columns[: len(form.pairs)] > 0.5], bound)


def fairness(size: Size, seed: int) -> None:
    """Print what a price on hours already given buys, week after week, and what it costs."""
    staffing = make_instance(size, seed)
    staffing = replace(staffing, volunteers=tuple(replace(v, hours_given=0.0) for v in staffing.volunteers))
    print(f"\nFairness, {size}, weeks in order; Gini of hours over hours offered, of all who could come")
    print(
        f"{'price an hour':>13}{'people used':>13}{'most hours':>12}{'Gini':>8}{'filled':>8}{'points lost':>13}"
    )
    scores: list[float] = []
    for price in PRICES:
        hours, offered, filled, score = _month(staffing, replace(POLICY, fairness_per_hour=price))
        scores.append(score)
        lost = (scores[0] - score) / max(1, filled)
        willing = offered > 0
        even = gini(hours[willing] / offered[willing])
        print(
            f"{price:>13}{int((hours > 0).sum()):>13,}{hours.max():>12.1f}{even:>8.3f}{filled:>8,}{lost:>13.2f}"
        )


def _month(staffing: Staffing, policy: MatchingPolicy) -> tuple[Floats, Floats, int, float]:
    """Return hours given and offered by those who could come, how many places were filled, and their worth."""
    people = staffing.in_order().volunteers
    hours, offered = np.zeros(len(people)), np.zeros(len(people))
    filled, score = 0, 0.0
    for week in _weeks(staffing):
        own = tuple(replace(v, hours_given=given) for v, given in zip(people, hours.tolist(), strict=True))
        result = match_staffing(replace(week, volunteers=own), policy, time_limit=20, patience=0.0)
        model, chosen = result.model, result.plan.chosen
        filled += len(chosen)
        priced = model.person[chosen]
        price = np.minimum(hours[priced] * policy.fairness_per_hour, policy.fairness_limit)
        score += result.plan.value + float(price.sum())
        np.add.at(hours, priced, model.load[chosen])
        could = np.unique(model.person)
        offered[could] += result.pool.weekly_hours[could]
    return hours, offered, filled, score


def _weeks(staffing: Staffing) -> Iterator[Staffing]:
    zone = ZoneInfo(ZONE)
    weeks: dict[date, list[int]] = {}
    for activity in staffing.activities:
        weeks.setdefault(week_of(activity.starts_at, zone), []).append(activity.id)
    for _, ids in sorted(weeks.items()):
        known = set(ids)
        activities = tuple(a for a in staffing.activities if a.id in known)
        yield replace(
            staffing, activities=activities, needs=tuple(n for n in staffing.needs if n.activity_id in known)
        )


def gap_instances(folder: Path, seconds: float) -> None:
    """Print our cost beside the best known one of the public generalised-assignment instances."""
    if not folder.is_dir():
        print(
            "\nThe public generalised-assignment instances are not on this machine; --gap FOLDER names them."
        )
        return
    known = {row["name"]: row for row in csv.DictReader((folder / "best_known.csv").open(encoding="utf-8"))}
    print(f"\nGeneralised assignment, {seconds:.0f} s at most: cost, best known, above it, proven, seconds")
    for path in sorted(folder.glob("*.gz")):
        name = path.name.removesuffix(".gz")
        problem, offset = _read_gap(path)
        answer = solve_problem(problem, time_limit=seconds)
        cost, best = offset - answer.objective, float(known[name]["min_ub"])
        proven = "optimal" if answer.status == "optimal" else f">= {offset - answer.bound:.0f}"
        print(f"{name:<10}{cost:>8.0f}{best:>8.0f}{cost / best - 1:>9.3%}{proven:>12}{answer.seconds:>8.1f}")


def _read_gap(path: Path) -> tuple[Problem, float]:
    with gzip.open(path, "rt", encoding="ascii") as file:
        numbers = [int(word) for word in file.read().split()]
    agents, jobs = numbers[:2]
    cells = agents * jobs
    costs, loads = numbers[2 : 2 + cells], numbers[2 + cells : 2 + 2 * cells]
    # A job done must be worth more than any cost, so that a plan leaves none out to save.
    worth = 10 * max(costs)
    problem = Problem(
        volunteers=tuple(
            ProblemVolunteer(agent, {"all": float(limit)})
            for agent, limit in enumerate(numbers[2 + 2 * cells :])
        ),
        slots=tuple(ProblemSlot(job, "all", "all") for job in range(jobs)),
        activities=(ProblemActivity("all"),),
        pairs=tuple(
            ProblemPair(cell // jobs, cell % jobs, float(worth - costs[cell]), float(loads[cell]))
            for cell in range(cells)
        ),
    )
    return problem, float(worth * jobs)


def main(argv: list[str] | None = None) -> None:
    """Read the options and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=size_of, action="append", help="people x places, such as 20000x5000")
    parser.add_argument("--time-limit", type=float, default=10.0, help="seconds for ours")
    parser.add_argument("--whole-limit", type=float, default=30.0, help="seconds for the whole-month model")
    parser.add_argument(
        "--gap", type=Path, default=GAP_FOLDER, help="folder of generalised-assignment instances"
    )
    parser.add_argument("--gap-seconds", type=float, default=5.0, help="seconds an instance")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    first: float | None = None
    for size in options.size or [Size(2_000, 500), Size(20_000, 5_000), Size(2_000, 5_000)]:
        cost = compare(
            size, time_limit=options.time_limit, whole_limit=options.whole_limit, seed=options.seed
        )
        first = first or cost
        print(f"{1000 * cost:.2f} ms a place, {cost / first:.2f} times that of the first size")
    fairness(Size(2_000, 5_000), options.seed)
    gap_instances(options.gap, options.gap_seconds)


if __name__ == "__main__":
    main()
