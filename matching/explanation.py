"""Why a place stays empty, who comes next, and why a person is asked: values and sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from config.text import Text, plural
from matching.assignment import PlanStatus
from matching.eligibility import NeedPool, Reason
from matching.inputs import Activity, Index, MatchingPolicy, Need
from matching.scoring import Why, WhyYou, reasons_for
from matching.staffing import EXPERIENCED, StaffingPlan


class Cause(StrEnum):
    """Name why a place stays empty."""

    NOBODY = "nobody"
    BUSY = "busy"
    ELSEWHERE = "elsewhere"
    EXPERIENCE = "experience"
    ADULTS = "adults"
    APART = "apart"


@dataclass(frozen=True, slots=True)
class Unfilled:
    """Hold the empty places of a need with their cause.

    `one_short` counts the people who miss exactly one rule, the rule a coordinator can mend first.
    """

    need_id: int
    activity_id: int
    places: int
    below_minimum: int
    cause: Cause
    eligible: int
    one_short: tuple[tuple[Reason, int], ...]
    sentence: Text


@dataclass(frozen=True, slots=True)
class NextCandidate:
    """Hold who would be asked next for a need, and why."""

    volunteer_id: int
    reasons: tuple[WhyYou, ...]


# What a coordinator can do something about comes first.
_MENDABLE = (Reason.CHECK, Reason.CONSENT, Reason.HOURS, Reason.ASKED_ENOUGH, Reason.MEMBERSHIP)
_OF_TIME = (Reason.AVAILABILITY, Reason.BLOCKOUT, Reason.OVERLAP, Reason.HOURS)
_SHOWN = 3

_SHORT: dict[Reason, Text] = {
    Reason.INACTIVE: Text("{n}人现在不能问", "{n} who cannot be asked at present"),
    Reason.SKILL: Text("{n}人缺这项技能", "{n} without the skill"),
    Reason.AVAILABILITY: Text("{n}人那个时间没空", "{n} not free then"),
    Reason.BLOCKOUT: Text("{n}人那几天不在", "{n} away then"),
    Reason.OVERLAP: Text("{n}人那时已有安排", "{n} committed elsewhere then"),
    Reason.AGE: Text("{n}人年龄不到", "{n} too young"),
    Reason.CONSENT: Text("{n}人缺监护人同意", "{n} without a guardian's consent"),
    Reason.CHECK: Text("{n}人背景核查没有或过期", "{n} without a valid background check"),
    Reason.DISTANCE: Text("{n}人住得太远", "{n} too far away"),
    Reason.MEMBERSHIP: Text("{n}人不属于这家青年汇", "{n} from other hubs"),
    Reason.HOURS: Text("{n}人那一周时长已满", "{n} with no hours left that week"),
    Reason.DECLINED: Text("{n}人答过来不了", "{n} who declined before"),
    Reason.ASKED_ENOUGH: Text("{n}人最近问得够多了", "{n} asked often enough lately"),
    Reason.GENDER: Text("{n}人不合性别要求", "{n} outside the gender requirement"),
    Reason.BLOCKED_PAIR: Text("{n}人不宜和队里的人同场", "{n} to be kept apart from the team"),
}

_CAUSES: dict[Cause, Text] = {
    Cause.NOBODY: Text("没人可问", "Nobody left to ask"),
    Cause.BUSY: Text("会的人都有事", "Those who can are busy"),
    Cause.ELSEWHERE: Text(
        "名额留给更急的一场：合适的{eligible}人排在别处了",
        "Needed more elsewhere: everyone who fits ({eligible}) is placed at another activity",
    ),
    Cause.EXPERIENCE: Text(
        "队里凑不到有经验的人，这一场先不配人", "No experienced person can join, so the team is not opened"
    ),
    Cause.ADULTS: Text(
        "有未成年人在场，成年人凑不够，这一场先不配人",
        "Minors take part and there are too few adults, so the team is not opened",
    ),
    Cause.APART: Text("合适的人不宜和队里的人同场", "Those who fit are to be kept apart from the team"),
}

_WHY: dict[Why, Text] = {
    Why.SERIES: Text("你以前来这个系列帮过忙", "You have helped in this series before"),
    Why.SKILL: Text("这个位置要的技能你有", "You have the skill that it needs"),
    Why.LIKED: Text("你说过喜欢这类活动", "You said that you like this kind of activity"),
    Why.NEAR: Text("离你家{value}公里", "It is {value} km from your home"),
    Why.HUB: Text("这是你自己的青年汇", "It is at your own hub"),
    Why.FREE: Text("那个时间你有空", "You are free then"),
    Why.EXPERIENCED: Text("这一场要有经验的人带一带", "It needs somebody with your experience"),
}


def unfilled_needs(result: StaffingPlan) -> tuple[Unfilled, ...]:
    """Return the needs with places left over, each with its cause, in the order of needs."""
    activities, filled = Index.of(result.staffing).activities, result.filled
    busy = _busy_people(result)
    found = []
    for slot, pool in enumerate(result.pools):
        left = pool.need.open_places - filled[pool.need.id]
        if left > 0:
            cause = _cause(result, slot, pool, busy)
            short = _one_short(pool)
            found.append(
                Unfilled(
                    need_id=pool.need.id,
                    activity_id=activities[pool.need.activity_id].id,
                    places=left,
                    below_minimum=max(0, pool.need.open_minimum - filled[pool.need.id]),
                    cause=cause,
                    eligible=len(pool.eligible),
                    one_short=short,
                    sentence=unfilled_sentence(cause, len(pool.eligible), short),
                )
            )
    return tuple(found)


def next_candidates(result: StaffingPlan, policy: MatchingPolicy) -> dict[int, tuple[NextCandidate, ...]]:
    """Return for each need who would be asked next, by reduced cost: it knows who is needed elsewhere."""
    model, index = result.model, Index.of(result.staffing)
    order = np.lexsort((model.person, -result.plan.reduced, model.slot))
    edges = np.searchsorted(model.slot[order], np.arange(len(model.slots) + 1))
    taken = _taken_times(result)
    found: dict[int, tuple[NextCandidate, ...]] = {}
    for slot, pool in enumerate(result.pools):
        activity = index.activities[pool.need.activity_id]
        names: list[NextCandidate] = []
        for pair in order[edges[slot] : edges[slot + 1]].tolist():
            if len(names) == policy.next_candidates:
                break
            person = int(model.person[pair])
            if not any(
                start < model.end[pair] and end > model.start[pair] for start, end in taken.get(person, ())
            ):
                names.append(_candidate(result, index, person, pool, activity))
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


def why_sentence(reason: WhyYou, skill: Text | None = None) -> Text:
    """Return a reason for the person it is about; `skill` names the skill, where known."""
    if reason.code is Why.SKILL and skill is not None:
        return Text("这个位置要会{skill}，你会", "It needs {skill}, which you have").format(skill=skill)
    return _WHY[reason.code].format(value=f"{reason.value:g}")


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


def _cause(result: StaffingPlan, slot: int, pool: NeedPool, busy: set[int]) -> Cause:
    if not len(pool.eligible):
        most = max(pool.missing_only.items(), key=lambda item: (item[1], -item[0]), default=None)
        return Cause.BUSY if most is not None and most[0] in _OF_TIME else Cause.NOBODY
    people = set(pool.eligible.tolist())
    closed_by = _closing_rule(result, int(result.model.slots.activity[slot]), busy)
    if closed_by is not None and (closed_by.is_hopeless or not people <= busy):
        return closed_by.cause
    return Cause.ELSEWHERE if people <= busy else Cause.APART


@dataclass(frozen=True, slots=True)
class _Closed:
    """Hold the rule that keeps an activity closed; hopeless if nobody busy elsewhere would do either."""

    cause: Cause
    is_hopeless: bool


def _closing_rule(result: StaffingPlan, activity: int, busy: set[int]) -> _Closed | None:
    model = result.model
    if np.any(model.activity[result.plan.chosen] == activity):
        return None
    people = np.unique(model.person[model.activity == activity])
    for rule in (rule for rule in model.rules if rule.activity == activity):
        members = set(people[model.groups[rule.group][people]].tolist())
        if len(members - busy) < rule.at_least:
            cause = Cause.EXPERIENCE if rule.group == EXPERIENCED else Cause.ADULTS
            return _Closed(cause, is_hopeless=len(members) < rule.at_least)
    return None


def _busy_people(result: StaffingPlan) -> set[int]:
    return set(result.model.person[result.plan.chosen].tolist())


def _taken_times(result: StaffingPlan) -> dict[int, list[tuple[int, int]]]:
    model, taken = result.model, dict[int, list[tuple[int, int]]]()
    for pair in result.plan.chosen.tolist():
        taken.setdefault(int(model.person[pair]), []).append((int(model.start[pair]), int(model.end[pair])))
    return taken


def _one_short(pool: NeedPool) -> tuple[tuple[Reason, int], ...]:
    def order(item: tuple[Reason, int]) -> tuple[bool, int, int]:
        return item[0] not in _MENDABLE, -item[1], int(item[0])

    return tuple(sorted(pool.missing_only.items(), key=order))


def unfilled_sentence(cause: Cause, eligible: int, one_short: Sequence[tuple[Reason, int]]) -> Text:
    """Say why places stay empty, and what their coordinator could mend."""
    text = _CAUSES[cause].format(eligible=eligible)
    shown = [_SHORT[reason].format(n=count) for reason, count in one_short[:_SHOWN]]
    if not shown or cause not in (Cause.NOBODY, Cause.BUSY):
        return Text(f"{text.zh}。", f"{text.en}.")
    return Text(
        f"{text.zh}；只差一条的有：{'、'.join(part.zh for part in shown)}。",
        f"{text.en}; one condition away: {', '.join(part.en for part in shown)}.",
    )
