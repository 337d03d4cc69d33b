"""Who comes next, why a person is asked, and how good a plan is: values and sentences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from config.text import Text, plural
from matching.assignment import PlanStatus
from matching.eligibility import NeedPool
from matching.inputs import Activity, Index, MatchingPolicy, Need
from matching.occupancy import Hold, Occupancy
from matching.reasons import WhyYou
from matching.scoring import reasons_for
from matching.staffing import StaffingPlan


@dataclass(frozen=True, slots=True)
class NextCandidate:
    """Hold who would be asked next for a need, and why."""

    volunteer_id: int
    reasons: tuple[WhyYou, ...]


def next_candidates(result: StaffingPlan, policy: MatchingPolicy) -> dict[int, tuple[NextCandidate, ...]]:
    """Return for each need who would be asked next, by reduced cost: it knows who is needed elsewhere."""
    model, index = result.model, Index.of(result.staffing)
    order = np.lexsort((model.person, -result.plan.reduced, model.slot))
    edges = np.searchsorted(model.slot[order], np.arange(len(model.slots) + 1))
    # Who is placed at that time cannot be asked; hours and asks are judged again on the day.
    is_free = Occupancy(model, result.plan.chosen).holds(order) & Hold.PLACED == 0
    found: dict[int, tuple[NextCandidate, ...]] = {}
    for slot, pool in enumerate(result.pools):
        activity = index.activities[pool.need.activity_id]
        own = slice(edges[slot], edges[slot + 1])
        free = order[own][is_free[own]][: policy.next_candidates]
        names = [_candidate(result, index, int(model.person[pair]), pool, activity) for pair in free]
        found[pool.need.id] = tuple(names)
    return found


def reasons_of_plan(result: StaffingPlan) -> dict[tuple[int, int], tuple[WhyYou, ...]]:
    """Return why each person of the plan is asked, by (volunteer, need)."""
    index = Index.of(result.staffing)
    pools = {pool.need.id: pool for pool in result.pools}
    reasons = {}
    for pairing in result.pairings:
        pool = pools[pairing.need_id]
        activity = index.activities[pool.need.activity_id]
        place = result.pool.position[pairing.volunteer_id]
        found = _candidate(result, index, place, pool, activity)
        reasons[pairing.volunteer_id, pairing.need_id] = found.reasons
    return reasons


def plan_sentence(result: StaffingPlan) -> Text:
    """Say in one line how many of the open places the plan fills."""
    places, filled = sum(need.open_places for need in result.staffing.needs), len(result.pairings)
    if not places:
        return Text("没有空位要配人。", "There are no open places.")
    noun = plural(places, "place", "places")
    return Text(f"{places}个空位能配上{filled}个。", f"{filled} of {places} {noun} can be filled.")


def proof_sentence(result: StaffingPlan) -> Text:
    """Say how good the plan is, and what is proven about it."""
    plan = result.plan
    if plan.status is PlanStatus.OPTIMAL:
        return Text(
            f"已证明没有更好的排法：得分{plan.value:.0f}，就是能证明的上限。",
            f"No plan can be better: its value of {plan.value:.0f} is the proven bound.",
        )
    gap = f"{plan.gap * 100:.2g}%"
    return Text(
        f"得分{plan.value:.0f}，能证明的上限是{plan.bound:.0f}，最多差{gap}。",
        f"Its value is {plan.value:.0f}, the proven bound {plan.bound:.0f}: at most {gap} could be gained.",
    )


def _candidate(
    result: StaffingPlan, index: Index, place: int, pool: NeedPool, activity: Activity
) -> NextCandidate:
    volunteer = index.volunteers[int(result.pool.ids[place])]
    distance = float(pool.distances_km[np.searchsorted(pool.eligible, place)])
    need: Need = pool.need
    known = None if np.isnan(distance) else distance
    return NextCandidate(volunteer.id, reasons_for(volunteer, need, activity, known))
