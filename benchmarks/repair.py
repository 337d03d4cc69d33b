"""Repair after declines: the bonus for staying beside a free new solve, and filling freed seats only.

`python -m benchmarks.repair` takes 2,000 people x 500 places; `--size 20000x5000` is the district's month,
of which the coming week is repaired. One assigned person in twenty declines, all at once.
"""

from __future__ import annotations

import argparse
import random
from dataclasses import replace
from time import monotonic

from benchmarks.matching import _weeks
from benchmarks.matching_instances import Size, make_instance
from matching.inputs import MatchingPolicy, Pairing, Staffing
from matching.staffing import StaffingPlan, match_staffing
from matching.verification import verify_plan

POLICY = MatchingPolicy()
SHARE = 20
BONUSES = (0, 20, 60, 500)


def declined(staffing: Staffing, plan: StaffingPlan, chance: random.Random) -> tuple[Staffing, set[Pairing]]:
    """Return the question after some have said no to one activity each, and who said it."""
    gone = set(chance.sample(plan.pairings, len(plan.pairings) // SHARE))
    activity = {need.id: need.activity_id for need in staffing.needs}
    noes: dict[int, set[int]] = {}
    for pairing in gone:
        noes.setdefault(pairing.volunteer_id, set()).add(activity[pairing.need_id])
    people = tuple(
        replace(one, declined_activity_ids=one.declined_activity_ids | noes.get(one.id, set()))
        for one in staffing.volunteers
    )
    return replace(staffing, volunteers=people), gone


def repair(staffing: Staffing, kept: list[Pairing], bonus: int, seed: int) -> tuple[StaffingPlan, float]:
    """Return the plan with a bonus for who is asked already, and the seconds from question to checked plan."""
    stay = tuple((one.volunteer_id, one.need_id, bonus) for one in kept)
    began = monotonic()
    result = match_staffing(replace(staffing, stay=stay), POLICY, time_limit=20, patience=1.0, seed=seed)
    broken = verify_plan(result.staffing, result.pairings, POLICY)
    assert not broken, broken
    return result, monotonic() - began


def row(name: str, staffing: Staffing, seed: int) -> None:
    """Print what a repair costs and whom it moves, by bonus."""
    plan = match_staffing(staffing, POLICY, time_limit=20, patience=1.0, seed=seed)
    question, gone = declined(staffing, plan, random.Random(seed))
    kept = [pairing for pairing in plan.pairings if pairing not in gone]
    print(f"\n{name}: {len(plan.pairings)} placed, {len(gone)} decline at once")
    print(
        f"{'bonus for staying':<20}{'seconds':>9}{'filled':>8}{'moved':>7}{'moved per 20 declines':>24}{'points':>14}"
    )
    for bonus in BONUSES:
        result, seconds = repair(question, kept, bonus, seed)
        stayed = len(set(kept) & set(result.pairings))
        moved = len(kept) - stayed
        value = result.plan.value - bonus * stayed
        per = 20 * moved / max(1, len(gone))
        print(f"{bonus:<20}{seconds:>9.2f}{len(result.pairings):>8}{moved:>7}{per:>24.2f}{value:>14,.0f}")


def main(argv: list[str] | None = None) -> None:
    """Read the options and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=Size.read, action="append", help="people x places, such as 2000x500")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    for size in options.size or [Size(2_000, 500)]:
        staffing = make_instance(size, options.seed).in_order()
        row(f"{size}, its first week", next(iter(_weeks(staffing))), options.seed)


if __name__ == "__main__":
    main()
