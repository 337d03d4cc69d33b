"""The matcher beside plain greedy and beside HiGHS given the whole month at once, in one run.

`python -m benchmarks.matching` takes half a minute; `--size 20000x5000` is the district's month and
`--size 2000x5000` the tight one. Ratios decide; seconds are for orientation.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import resource
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from time import monotonic
from zoneinfo import ZoneInfo

import numpy as np

from benchmarks.matching_instances import ZONE, Size, make_instance
from matching.conflicts import Timeline
from matching.eligibility import Eligibility
from matching.formulation import Formulation
from matching.greedy import greedy_plan
from matching.highs import SolverGaveUp, solve_whole
from matching.inputs import MatchingPolicy, Staffing
from matching.pairs import PairModel
from matching.pool import Ints, Pool, week_of
from matching.problem import solve_problem
from matching.problem_inputs import Problem, ProblemActivity, ProblemPair, ProblemSlot, ProblemVolunteer
from matching.staffing import match_staffing
from matching.verification import verify_plan

POLICY = MatchingPolicy()
NOTHING: Ints = np.empty(0, dtype=np.int64)
GAP_FOLDER = Path(__file__).resolve().parents[2] / "shared" / "benchmarks" / "gap"


def compare(size: Size, *, time_limit: float, whole_limit: float, seed: int) -> None:
    """Print our plan, a greedy one and the whole-month one of the same instance."""
    staffing = make_instance(size, seed).in_order()
    began = monotonic()
    result = match_staffing(staffing, POLICY, time_limit=time_limit, seed=seed)
    broken = verify_plan(result.staffing, result.pairings, POLICY)
    ours, bound = monotonic() - began, result.plan.bound
    model = result.model
    print(f"\n{size}, {len(model.person):,} eligible pairs, bound {bound:,.0f}, rules broken: {len(broken)}")
    print(f"{'method':<38}{'seconds':>9}{'value':>13}{'filled':>9}{'points below the bound a place':>32}")
    _row("ours, eligibility and check included", ours, model, result.plan.chosen, bound)
    print(f"{'  of which eligibility':<38}{_eligibility_seconds(staffing):>9.2f}")
    seconds, chosen = _timed(lambda: greedy_plan(model, np.arange(len(model.person))))
    _row("plain greedy", seconds, model, chosen, bound)
    seconds, chosen = _timed(lambda: _whole_month(model, whole_limit, seed))
    _row(f"HiGHS, whole month, {whole_limit:.0f} s at most", seconds, model, chosen, bound)
    print(f"peak memory of all: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB")


def _row(name: str, seconds: float, model: PairModel, chosen: Ints, bound: float) -> None:
    value, places = model.worth(chosen), int(model.slots.seats.sum())
    print(f"{name:<38}{seconds:>9.2f}{value:>13,.0f}{len(chosen):>9,}{(bound - value) / places:>32.3f}")


def _timed(method: Callable[[], Ints]) -> tuple[float, Ints]:
    began = monotonic()
    chosen = method()
    return monotonic() - began, chosen


def _eligibility_seconds(staffing: Staffing) -> float:
    began = monotonic()
    for _ in Eligibility(staffing, POLICY, Pool(staffing)).pools():
        pass
    return monotonic() - began


def _whole_month(model: PairModel, seconds: float, seed: int) -> Ints:
    """Give HiGHS everything at once, without our start, pruning or split."""
    form = Formulation(model, np.arange(len(model.person)), Timeline(model))
    try:
        answer = solve_whole(form.linear, form.start_from(NOTHING), seconds=seconds, seed=seed)
    except SolverGaveUp:
        return NOTHING
    if answer.columns is None:
        return NOTHING
    return form.pairs[answer.columns[: len(form.pairs)] > 0.5]


def fairness(size: Size, seed: int) -> None:
    """Print what a price on hours already given buys, week after week, and what it costs."""
    print(
        f"\nFairness, {size}, weeks in order: price an hour, people used, most hours, Gini, filled, points lost"
    )
    scores: list[float] = []
    for price in (0.0, 2.5, 7.5, 20.0):
        hours, filled, score = _month(make_instance(size, seed), replace(POLICY, fairness_per_hour=price))
        scores.append(score)
        used = [given for given in hours if given]
        lost = (scores[0] - score) / max(1, filled)
        print(
            f"{price:>6}{len(used):>10,}{max(hours):>8.1f}{gini(hours):>8.3f}{filled:>9,}{lost:>8.2f} a place"
        )


def _month(staffing: Staffing, policy: MatchingPolicy) -> tuple[list[float], int, float]:
    given = {volunteer.id: 0.0 for volunteer in staffing.volunteers}
    filled, score = 0, 0.0
    for week in _weeks(staffing):
        people = tuple(replace(v, hours_given=given[v.id]) for v in staffing.volunteers)
        result = match_staffing(replace(week, volunteers=people), policy, time_limit=20)
        hours = {need.id: a.hours for need in week.needs for a in week.activities if a.id == need.activity_id}
        filled += len(result.pairings)
        paid = sum(
            min(given[p.volunteer_id] * policy.fairness_per_hour, policy.fairness_limit)
            for p in result.pairings
        )
        score += result.plan.value + paid
        for pairing in result.pairings:
            given[pairing.volunteer_id] += hours[pairing.need_id]
    return list(given.values()), filled, score


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


def gini(values: list[float]) -> float:
    """Return the Gini coefficient: 0 when all have the same, near 1 when one has all."""
    ordered = np.sort(np.array(values))
    total = float(ordered.sum())
    if not total:
        return 0.0
    rank = np.arange(1, len(ordered) + 1)
    return float((2 * rank - len(ordered) - 1) @ ordered / (len(ordered) * total))


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


def _size(text: str) -> Size:
    volunteers, places = text.lower().split("x")
    return Size(int(volunteers), int(places))


def main(argv: list[str] | None = None) -> None:
    """Read the options and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=_size, action="append", help="people x places, such as 20000x5000")
    parser.add_argument("--time-limit", type=float, default=10.0, help="seconds for ours")
    parser.add_argument("--whole-limit", type=float, default=30.0, help="seconds for the whole-month model")
    parser.add_argument(
        "--gap", type=Path, default=GAP_FOLDER, help="folder of generalised-assignment instances"
    )
    parser.add_argument("--gap-seconds", type=float, default=5.0, help="seconds an instance")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    for size in options.size or [Size(2_000, 500)]:
        compare(size, time_limit=options.time_limit, whole_limit=options.whole_limit, seed=options.seed)
    fairness(Size(500, 500), options.seed)
    gap_instances(options.gap, options.gap_seconds)


if __name__ == "__main__":
    main()
