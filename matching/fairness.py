"""How evenly a plan asks those who are willing, and what each price on hours already given would change.

Everybody is measured against what they offered: who offers two hours and gives two is treated as fairly
as who offers eight and gives eight. Willing is who could take at least one of the open places.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from matching.assignment import Plan, solve
from matching.eligibility import Eligibility
from matching.inputs import MatchingPolicy, Staffing
from matching.pairs import PairModel
from matching.pool import Floats, Ints, Pool
from matching.staffing import StaffingPlan, build_model

PRICES = (0.0, 2.5, 7.5, 20.0)
# Of a smaller group one person more or less would decide.
SMALLEST_GROUP = 10
AGES = (18, 35, 60)


@dataclass(frozen=True)
class Fairness:
    """Hold how evenly a plan asks.

    `gini` is that of hours, recent and planned, over hours offered: 0 when all give the same share.
    `share_used` is the part of the willing who get a place. `largest_ratio` is the largest one between
    two groups of one kind (`between`: gender, age or hub) in the mean of that share; None where a group
    has nothing at all or no two groups are large enough.
    """

    willing: int
    share_used: float
    most_hours: float
    gini: float
    largest_ratio: float | None
    between: str | None


@dataclass(frozen=True)
class PriceOutcome:
    """Hold what one price an hour already given leads to; `points_lost` counts fit a filled place."""

    price: float
    filled: int
    points_lost: float
    fairness: Fairness


def compare_prices(
    staffing: Staffing,
    policy: MatchingPolicy,
    *,
    prices: Sequence[float] = PRICES,
    time_limit: float = 10.0,
    seed: int = 0,
) -> tuple[PriceOutcome, ...]:
    """Return the outcome of each price, who may do what being worked out only once."""
    staffing = staffing.in_order()
    pool = Pool(staffing)
    pools = tuple(Eligibility(staffing, policy, pool).pools())

    def model_at(price: float) -> PairModel:
        return build_model(staffing, replace(policy, fairness_per_hour=price), pool, pools)

    free = model_at(0.0)
    plans = [
        solve(model_at(price), time_limit=time_limit, seed=seed, per_slot=policy.candidates_per_place)
        for price in prices
    ]
    best = max((free.worth(plan.chosen) for plan in plans), default=0.0)
    day = _first_day(staffing)

    def outcome(price: float, plan: Plan) -> PriceOutcome:
        lost = (best - free.worth(plan.chosen)) / max(1, len(plan.chosen))
        return PriceOutcome(price, len(plan.chosen), lost, fairness_of(free, plan.chosen, pool, day=day))

    return tuple(outcome(price, plan) for price, plan in zip(prices, plans, strict=True))


def fairness_of_plan(plan: StaffingPlan) -> Fairness:
    """Return how evenly a plan asks."""
    return fairness_of(plan.model, plan.plan.chosen, plan.pool, day=_first_day(plan.staffing))


def fairness_of(model: PairModel, chosen: Ints, pool: Pool, *, day: date) -> Fairness:
    """Return how evenly the chosen pairs ask the people of a pool, their ages taken on a day."""
    willing = np.unique(model.person)
    planned = np.bincount(model.person[chosen], weights=model.load[chosen], minlength=pool.size)
    hours = (pool.hours_given + planned)[willing]
    share = hours / _offered(model, pool, willing)
    ratio, between = _largest_ratio(share, willing, pool, day)
    return Fairness(
        willing=len(willing),
        share_used=len(np.unique(model.person[chosen])) / max(1, len(willing)),
        most_hours=float(hours.max(initial=0.0)),
        gini=gini(share),
        largest_ratio=ratio,
        between=between,
    )


def _first_day(staffing: Staffing) -> date:
    return min((activity.first_day for activity in staffing.activities), default=date.max)


def gini(values: Floats) -> float:
    """Return the Gini coefficient: 0 when all have the same, near 1 when one has all."""
    total = float(values.sum())
    if not total:
        return 0.0
    rank = np.arange(1, len(values) + 1)
    return float((2 * rank - len(values) - 1) @ np.sort(values) / (len(values) * total))


def _offered(model: PairModel, pool: Pool, willing: Ints) -> Floats:
    """Return the hours that each offered over all weeks; who set no limit counts like the middle one who did."""
    offered = np.maximum(pool.weekly_hours[willing], 0.0) * model.capacity.shape[1]
    said = offered[np.isfinite(offered) & (offered > 0)]
    usual = float(np.median(said)) if len(said) else 1.0
    return np.where(np.isfinite(offered) & (offered > 0), offered, usual)


def _largest_ratio(share: Floats, willing: Ints, pool: Pool, day: date) -> tuple[float | None, str | None]:
    found: list[tuple[float, str]] = []
    for kind, group in _groups(pool, day):
        names, own = np.unique(group[willing], return_inverse=True)
        size = np.bincount(own, minlength=len(names))
        mean = np.bincount(own, weights=share, minlength=len(names)) / np.maximum(size, 1)
        means = mean[(size >= SMALLEST_GROUP) & (names >= 0)]
        if len(means) > 1 and means.max() > 0:
            found.append((float(means.max() / means.min()) if means.min() > 0 else np.inf, kind))
    ratio, between = max(found, default=(np.inf, None))
    return (float(ratio) if np.isfinite(ratio) else None), between


def _groups(pool: Pool, day: date) -> Iterator[tuple[str, Ints]]:
    """Yield the kinds of groups with everybody's group, -1 where it is not known."""
    _, gender = np.unique(pool.gender, return_inverse=True)
    yield "gender", np.where(pool.gender == "", -1, gender)
    ages = pool.ages_on(day)
    yield "age", np.where(ages < 0, -1, np.searchsorted(AGES, ages, side="right"))
    hub = np.full(pool.size, -1, dtype=np.int64)
    for number, members in sorted(pool.hubs.items(), reverse=True):
        hub[members] = number
    yield "hub", hub
