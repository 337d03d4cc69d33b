"""How well an activity could be staffed at a time, before it exists: people who fit, less what else wants them.

For each need the people who pass every rule are counted by how free each still is: the chance that no open
place at the same hours takes them, times the share of their hours that the week's other open places leave.
Asked one after the other, each says yes with chance `yes`; the number of yeses is then close to a Poisson
variable of mean m = yes * sum of the shares, and E[min(X, d)] of d places are filled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import exp
from zoneinfo import ZoneInfo

import numpy as np

from matching.eligibility import Eligibility, NeedPool
from matching.inputs import Activity, Index, MatchingPolicy, Need, Staffing
from matching.pool import Flags, Floats, Ints, Pool, week_of

YES = 0.6
"""What share of those asked says yes, before anything is known of a hub."""


@dataclass(frozen=True)
class Supply:
    """Hold how an activity could be staffed: `expected` of `places`, by `eligible` people in all.

    `free` is how many of them are left to it by what else is open; `scarcest` is the role that is hardest
    to fill.
    """

    activity_id: int
    expected: float
    places: int
    eligible: int
    free: float
    scarcest: str

    @property
    def share(self) -> float:
        """Return the share of the places that will be filled, 0 to 1."""
        return self.expected / self.places if self.places else 1.0


@dataclass(frozen=True)
class _Claim:
    """Hold what an open place takes from the people who fit it: who, when, and with what chance each."""

    activity: Activity
    people: Ints
    chance: float


class SupplyEstimate:
    """Estimate many times for one activity, or many activities, against one state of the network.

    The people and the open places are read once; what is asked of one person at one time of the week is
    computed once, however many times share it.
    """

    def __init__(self, staffing: Staffing, policy: MatchingPolicy | None = None, *, yes: float = YES) -> None:
        self._staffing, self._policy, self._yes = staffing, policy or MatchingPolicy(), yes
        self._pool = Pool(staffing)
        self._zone = ZoneInfo(staffing.zone)
        pools = Eligibility(staffing, self._policy, self._pool).pools()
        activities = Index.of(staffing).activities
        self._claims = [_claim(pool, activities[pool.need.activity_id]) for pool in pools]
        self._load = self._hours_wanted()
        self._experienced: Flags = np.array([v.is_experienced for v in staffing.volunteers], dtype=bool)

    def of(self, wanted: Sequence[Activity], needs: Sequence[Need]) -> list[Supply]:
        """Return the estimate for each activity, in their order."""
        asked = Staffing(
            self._staffing.volunteers,
            tuple(wanted),
            tuple(sorted(needs, key=lambda need: (need.activity_id, need.id))),
            self._staffing.blocked,
            self._staffing.zone,
        )
        by_activity: dict[int, list[NeedPool]] = {}
        for pool in Eligibility(asked, self._policy, self._pool).pools():
            by_activity.setdefault(pool.need.activity_id, []).append(pool)
        return [self._supply(activity, by_activity.get(activity.id, [])) for activity in wanted]

    def _supply(self, activity: Activity, pools: list[NeedPool]) -> Supply:
        free = self._free(activity)
        weights, filled = free.copy(), {}
        shares = {id(pool): float(free[pool.eligible].sum()) for pool in pools}
        for pool in sorted(
            pools, key=lambda one: (shares[id(one)] / max(1, one.need.open_places), one.need.id)
        ):
            filled[pool.need.role] = self._fill(pool, weights)
        everybody = (
            np.unique(np.concatenate([pool.eligible for pool in pools])) if pools else np.array([], int)
        )
        places = sum(pool.need.open_places for pool in pools)
        expected = sum(filled.values())
        if self._lacks_experience(pools, everybody):
            expected = 0.0
        scarcest = min(
            pools, key=lambda one: (shares[id(one)] / max(1, one.need.open_places), one.need.id), default=None
        )
        return Supply(
            activity.id,
            expected,
            places,
            len(everybody),
            float(free[everybody].sum()) if len(everybody) else 0.0,
            scarcest.need.role if scarcest else "",
        )

    def _fill(self, pool: NeedPool, weights: Floats) -> float:
        """Return how many places of a need will be filled, and take its people's time from `weights`."""
        available = float(weights[pool.eligible].sum())
        places = pool.need.open_places
        filled = expected_filled(self._yes * available, places)
        if available > 0:
            weights[pool.eligible] *= 1 - min(1.0, filled / available)
        return filled

    def _free(self, activity: Activity) -> Floats:
        """Return how much of each person is left to an activity, 0 to 1."""
        free: Floats = np.ones(self._pool.size)
        week = week_of(activity.starts_at, self._zone)
        hours = self._load.get(week, np.zeros(self._pool.size)).copy()
        for claim in self._claims:
            if claim.activity.starts_at < activity.ends_at and activity.starts_at < claim.activity.ends_at:
                free[claim.people] *= 1 - claim.chance
                if week_of(claim.activity.starts_at, self._zone) == week:  # not counted twice
                    hours[claim.people] -= claim.chance * claim.activity.hours
        left = np.maximum(self._pool.hours_left(week), 1e-9)
        return free * np.clip(1 - hours / left, 0.0, 1.0)

    def _hours_wanted(self) -> dict[date, Floats]:
        """Return, by week, the hours that open places may take from each person."""
        load: dict[date, Floats] = {}
        for claim in self._claims:
            week = week_of(claim.activity.starts_at, self._zone)
            hours = load.setdefault(week, np.zeros(self._pool.size))
            hours[claim.people] += claim.chance * claim.activity.hours
        return load

    def _lacks_experience(self, pools: list[NeedPool], people: Ints) -> bool:
        wants = any(pool.need.needs_experience for pool in pools)
        return wants and not bool(self._experienced[people].any())


def expected_filled(mean: float, places: int) -> float:
    """Return E[min(X, places)] of a Poisson variable with this mean: places - sum of (places - k) P(X = k)."""
    chance, missing = exp(-mean), 0.0
    for k in range(places):
        missing += (places - k) * chance
        chance *= mean / (k + 1)
    return places - missing


def _claim(pool: NeedPool, activity: Activity) -> _Claim:
    people = len(pool.eligible)
    return _Claim(activity, pool.eligible, min(1.0, pool.need.open_places / people) if people else 0.0)
