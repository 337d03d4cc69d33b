"""How well a person fits a place: points for fit, less a price for hours already given."""

from __future__ import annotations

import numpy as np

from matching.eligibility import NeedPool
from matching.inputs import Activity, MatchingPolicy, Need, Volunteer
from matching.pool import Flags, Floats, Pool
from matching.reasons import Why, WhyYou


def pair_values(found: NeedPool, activity: Activity, pool: Pool, policy: MatchingPolicy) -> Floats:
    """Return the whole points of each eligible person of a need, in the order of `found.eligible`.

    The filled place itself is not in it: it is worth the same with anybody.
    """
    people = found.eligible
    liked = _any_of(pool, activity)[people] * policy.preference_points
    served = pool.having(pool.series, activity.series_id)[people] * policy.continuity_points
    limits = pool.reach_km(policy.fallback_radius_km)[people]
    near = np.clip(1 - found.distances_km / np.maximum(limits, 1e-9), 0, 1) * policy.nearness_points
    price = np.minimum(pool.hours_given[people] * policy.fairness_per_hour, policy.fairness_limit)
    points: Floats = np.rint(liked + served + np.nan_to_num(near) - price)
    return points


def reasons_for(
    volunteer: Volunteer, need: Need, activity: Activity, distance_km: float | None
) -> tuple[WhyYou, ...]:
    """Return why this person is asked, the strongest reason first."""
    found: list[WhyYou] = []
    if activity.series_id is not None and activity.series_id in volunteer.served_series:
        found.append(WhyYou(Why.SERIES, 1))
    if need.skill_id is not None:
        found.append(WhyYou(Why.SKILL, need.skill_id))
    if volunteer.liked & activity.kinds:
        found.append(WhyYou(Why.LIKED, len(volunteer.liked & activity.kinds)))
    if distance_km is not None:
        found.append(WhyYou(Why.NEAR, round(distance_km, 1)))
    elif activity.hub_id in volunteer.home_hub_ids:
        found.append(WhyYou(Why.HUB, activity.hub_id))
    if need.needs_experience:
        found.append(WhyYou(Why.EXPERIENCED, 1))
    return (*found, WhyYou(Why.FREE, 1))


def _any_of(pool: Pool, activity: Activity) -> Flags:
    flags: Flags = np.zeros(pool.size, dtype=bool)
    for kind in sorted(activity.kinds):
        flags |= pool.having(pool.liked, kind)
    return flags
