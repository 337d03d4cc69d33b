"""Two people trade their places: judged as if neither held theirs, by the checker of plans itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from matching.inputs import Activity, Index, MatchingPolicy, Need, Pairing, Staffing, Volunteer
from matching.verification import Violation, verify_plan


def broken_by_move(
    staffing: Staffing, index: Index, policy: MatchingPolicy, held: Pairing, wanted: Need
) -> list[Violation]:
    """Return what keeps somebody from going to `wanted` instead of the place that they hold.

    Rules about the team are left to `broken_by_swap`, which knows who leaves it.
    """
    who = _free(index.volunteers[held.volunteer_id], index.needs[held.need_id].activity_id)
    there = replace(index.activities[wanted.activity_id], team=())
    alone = replace(
        staffing, volunteers=(who,), activities=(there,), needs=(_one_place(wanted),), blocked=frozenset()
    )
    found = verify_plan(alone, [Pairing(who.id, wanted.id)], policy)
    return [one for one in found if one.volunteer_id is not None]


def broken_by_swap(
    staffing: Staffing, index: Index, policy: MatchingPolicy, one: Pairing, other: Pairing
) -> list[Violation]:
    """Return every hard rule that two people break who trade the places that they hold.

    The staffing must hold every need of both activities: one of them may ask for an experienced person.
    """
    first, second = index.needs[one.need_id], index.needs[other.need_id]
    people = [
        _free(index.volunteers[one.volunteer_id], first.activity_id),
        _free(index.volunteers[other.volunteer_id], second.activity_id),
    ]
    activities = [
        _without(index.activities[first.activity_id], people[0]),
        _without(index.activities[second.activity_id], people[1]),
    ]
    needs = [need for activity in activities for need in _needs_of(staffing, activity.id)]
    question = replace(
        staffing,
        volunteers=tuple(sorted(people, key=lambda who: who.id)),
        activities=tuple(activities),
        needs=tuple(needs),
    )
    traded = [Pairing(one.volunteer_id, other.need_id), Pairing(other.volunteer_id, one.need_id)]
    return verify_plan(question, traded, policy)


def _needs_of(staffing: Staffing, activity_id: int) -> Iterator[Need]:
    return (_one_place(need) for need in staffing.needs if need.activity_id == activity_id)


def _one_place(need: Need) -> Need:
    """Return the need with one place open: the one that its holder leaves."""
    return replace(need, taken=max(need.minimum, need.desired) - 1)


def _free(who: Volunteer, activity_id: int) -> Volunteer:
    """Return the person as if they did not hold that place; a swap is no offer that we send."""
    kept = tuple(held for held in who.commitments if held.activity_id != activity_id)
    return replace(who, commitments=kept, asks_left=None)


def _without(activity: Activity, who: Volunteer) -> Activity:
    """Return the activity as if one person were not in its team."""
    if who.id not in activity.team:
        return activity
    return replace(
        activity,
        team=tuple(person for person in activity.team if person != who.id),
        adults_present=activity.adults_present - who.is_adult_on(activity.first_day),
        experienced_present=activity.experienced_present - who.is_experienced,
        company_present=activity.company_present - (not who.is_newcomer),
    )
