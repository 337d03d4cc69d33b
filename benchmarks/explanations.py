"""The flip test of explanations: grant the stated reason, solve again, and see whether the outcome is as said.

`python -m benchmarks.explanations` takes 200 pairs of 2,000 people x 500 places; `--size 20000x5000` is the
district's month. Baseline: the reduced cost alone, which is what a linear program gives without a second solve.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from statistics import median
from time import monotonic
from zoneinfo import ZoneInfo

import numpy as np

from benchmarks.matching_instances import Size, make_instance
from matching.assignment import solve
from matching.counterfactual import placed_by_force
from matching.eligibility import Eligibility, Lack, Reason
from matching.inputs import Activity, Index, MatchingPolicy, Need, Staffing, Volunteer, Window
from matching.rules import AttributeRule
from matching.splitting import independent_parts
from matching.staffing import StaffingPlan, match_staffing
from matching.why import Standing, verdict

POLICY = MatchingPolicy()
ALWAYS = tuple(Window(day, 0, 1440) for day in range(7))
Grant = Callable[[Volunteer, Need, Activity], dict[str, object]]


def grant(staffing: Staffing, volunteer_id: int, need_id: int, lack: Lack) -> Staffing:
    """Return the question in which a person no longer misses one rule for a place."""
    index = Index.of(staffing)
    who, need = index.volunteers[volunteer_id], index.needs[need_id]
    activity = index.activities[need.activity_id]
    if isinstance(lack, AttributeRule):
        return replace(staffing, rules=tuple(rule for rule in staffing.rules if rule.code != lack.code))
    if lack is Reason.BLOCKED_PAIR:
        return replace(staffing, blocked=frozenset(p for p in staffing.blocked if volunteer_id not in p))
    changed = replace(who, **GRANTS[lack](who, need, activity))  # type: ignore[arg-type]  # -- by name
    return replace(
        staffing, volunteers=tuple(changed if one.id == who.id else one for one in staffing.volunteers)
    )


def _of_age(who: Volunteer, need: Need, activity: Activity) -> dict[str, object]:
    # Whose age is unknown is granted an adult's, or consent would be missed next.
    day, years = activity.first_day, 30 if who.birth_date is None else need.min_age or 30
    return {"birth_date": day.replace(year=day.year - years, day=min(day.day, 28))}


def _lives_there(who: Volunteer, _need: Need, activity: Activity) -> dict[str, object]:
    if activity.lon is None:
        return {"home_hub_ids": who.home_hub_ids | {activity.hub_id}, "lon": None, "lat": None}
    return {"lon": activity.lon, "lat": activity.lat}


def _last_day(activity: Activity) -> object:
    return (activity.ends_at - timedelta(seconds=1)).astimezone(ZoneInfo(activity.zone)).date()


def _without_commitments(within: timedelta) -> Grant:
    def change(who: Volunteer, _need: Need, activity: Activity) -> dict[str, object]:
        kept = tuple(
            held
            for held in who.commitments
            if held.ends_at + within <= activity.starts_at or held.starts_at - within >= activity.ends_at
        )
        return {"commitments": kept}

    return change


GRANTS: Mapping[Reason, Grant] = {
    Reason.INACTIVE: lambda *_: {"is_active": True},
    Reason.SKILL: lambda who, need, _: {"skills": who.skills | {need.skill_id}},
    Reason.AVAILABILITY: lambda *_: {"windows": ALWAYS},
    Reason.BLOCKOUT: lambda *_: {"blockouts": ()},
    Reason.OVERLAP: _without_commitments(timedelta(hours=4)),
    Reason.REST: _without_commitments(timedelta(hours=POLICY.rest_hours)),
    Reason.AGE: _of_age,
    Reason.CONSENT: lambda _who, _need, activity: {"consent_until": _last_day(activity)},
    Reason.CHECK: lambda _who, _need, activity: {"check_expires_on": _last_day(activity)},
    Reason.DISTANCE: _lives_there,
    Reason.MEMBERSHIP: lambda who, _, activity: {"home_hub_ids": who.home_hub_ids | {activity.hub_id}},
    Reason.HOURS: lambda *_: {"weekly_hours": None},
    Reason.DECLINED: lambda who, _, activity: {
        "declined_activity_ids": who.declined_activity_ids - {activity.id}
    },
    Reason.ASKED_ENOUGH: lambda *_: {"asks_left": None},
    Reason.GENDER: lambda _who, need, _: {"gender": need.gender},
    Reason.LANGUAGE: lambda who, need, _: {"languages": who.languages | {need.language}},
}


def hard_reasons_flip(staffing: Staffing, volunteer_id: int, need_id: int, lacks: list[Lack]) -> bool:
    """Say whether each stated rule, once granted, is missed no more, the others are, and all together admit."""
    alone = _alone(staffing, volunteer_id, need_id)
    for lack in lacks:
        after = _lacks(grant(alone, volunteer_id, need_id, lack))
        if lack in after or not set(after) <= set(lacks):
            return False
    everything = alone
    for lack in lacks:
        everything = grant(everything, volunteer_id, need_id, lack)
    return bool(lacks) and not _lacks(everything)


def _alone(staffing: Staffing, volunteer_id: int, need_id: int) -> Staffing:
    index = Index.of(staffing)
    need = index.needs[need_id]
    activities = (index.activities[need.activity_id],)
    return replace(
        staffing, volunteers=(index.volunteers[volunteer_id],), activities=activities, needs=(need,)
    )


def _lacks(alone: Staffing) -> tuple[Lack, ...]:
    judged = Eligibility(alone, POLICY)
    return judged.lacks(int(judged.bits(alone.needs[0])[0]))


def price_flips(result: StaffingPlan, pair: int, cost: float) -> bool:
    """Say whether one point more than stated places the person, and one point less does not.

    The week is solved anew with all its pairs, not only those that the explanation looked at.
    """
    model = result.model
    usable = np.flatnonzero(model.load <= model.capacity[model.person, model.period])
    part = next(part for part in independent_parts(model, usable) if pair in part)
    for points, is_placed in ((cost + 1, True), (cost - 1, False)):
        if points < 0:
            continue
        value = model.value.copy()
        value[pair] += points
        plan = solve(replace(model, value=value).restricted_to(part), time_limit=30)
        if (pair in part[plan.chosen]) is not is_placed:
            return False
    return True


def flip(size: Size, pairs: int, seed: int) -> None:
    """Print how many of some explanations hold, and how long one takes."""
    staffing = make_instance(size, seed).in_order()
    result = match_staffing(staffing, POLICY, time_limit=30, seed=seed)
    chance = random.Random(seed)
    print(f"\n{size}, {pairs} pairs each, seed {seed}, the plan is {result.plan.status}")
    _hard(result, pairs, chance)
    _priced(result, pairs, chance)


def _hard(result: StaffingPlan, pairs: int, chance: random.Random) -> None:
    needs, people = result.staffing.needs, result.staffing.volunteers
    held, tried, named = 0, 0, Counter[str]()
    while tried < pairs:
        need, who = chance.choice(needs), chance.choice(people)
        said = verdict(result, POLICY, who.id, need.id)
        if said.standing is Standing.BARRED:
            lacks = [miss.lack for miss in said.misses]
            named.update(str(lack.name) for lack in lacks)
            held += hard_reasons_flip(result.staffing, who.id, need.id, lacks)
            tried += 1
    print(f"hard reasons: {held} of {tried} flip as said ({held / tried:.1%}); named {dict(named)}")


def _priced(result: StaffingPlan, pairs: int, chance: random.Random) -> None:
    model, seconds = result.model, []
    free = np.setdiff1d(np.arange(len(model.person)), result.plan.chosen)
    held = by_price = 0
    sample = chance.sample(free.tolist(), pairs)
    for pair in sample:
        began = monotonic()
        cost = placed_by_force(result, pair).cost
        seconds.append(monotonic() - began)
        held += price_flips(result, pair, cost)
        by_price += abs(-result.plan.reduced[pair] - cost) < 1
    print(
        f"price reasons: {held} of {pairs} flip as said ({held / pairs:.1%}); the reduced cost alone: {by_price / pairs:.1%}"
    )
    print(f"what if, solved anew: median {median(seconds):.2f} s, worst {max(seconds):.2f} s")


def main(argv: list[str] | None = None) -> None:
    """Read the options and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=Size.read, action="append", help="people x places, such as 2000x500")
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    for size in options.size or [Size(2_000, 500)]:
        flip(size, options.pairs, options.seed)


if __name__ == "__main__":
    main()
