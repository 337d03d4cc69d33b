"""Why somebody is asked for a place, or why not: hard rules with how far they are missed, or the price."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import numpy as np

from config.text import Text
from matching.attributes import PeopleFacts, applies
from matching.counterfactual import WhatIf, placed_by_force, without
from matching.eligibility import Eligibility, Lack, Reason
from matching.inputs import Activity, Index, MatchingPolicy, Need, Staffing, Volunteer, age_on
from matching.occupancy import Hold, Occupancy
from matching.pool import Ints, Pool, week_of
from matching.rules import AttributeRule, text_of
from matching.staffing import StaffingPlan


class Standing(StrEnum):
    """Name how somebody stands to a place."""

    PLACED = "placed"
    BARRED = "barred"
    ELSEWHERE = "elsewhere"
    OUTBID = "outbid"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Miss:
    """Name a hard rule that somebody misses, and how far; it is about nobody else."""

    lack: Lack
    sentence: Text


@dataclass(frozen=True, slots=True)
class Part:
    """Name what gives or takes points."""

    name: Text
    points: float


@dataclass(frozen=True)
class Verdict:
    """Hold why somebody is placed or not; `needed_at` are the activities that need them more.

    Of somebody who is not placed `what_if` tells what placing them would cost the plan: with so many
    points more they would be placed. Of somebody who is placed it tells what is lost without them.
    """

    volunteer_id: int
    need_id: int
    standing: Standing
    misses: tuple[Miss, ...] = ()
    parts: tuple[Part, ...] = ()
    needed_at: tuple[int, ...] = ()
    what_if: WhatIf | None = None


def verdict(
    result: StaffingPlan, policy: MatchingPolicy, volunteer_id: int, need_id: int, *, time_limit: float = 3.0
) -> Verdict:
    """Return why a person of the question is placed, or not placed, in a need of it."""
    index = Index.of(result.staffing)
    who, need = index.volunteers[volunteer_id], index.needs[need_id]
    alone = _alone(result.staffing, who, need)
    misses = _misses(alone, policy, who, need)
    if misses:
        return Verdict(volunteer_id, need_id, Standing.BARRED, misses)
    pair = _pair(result, volunteer_id, need_id)
    if pair is None:
        return Verdict(volunteer_id, need_id, Standing.FULL)
    parts = _parts(alone, policy, who, need)
    if pair in result.plan.chosen:
        lost = without(result, volunteer_id, time_limit=time_limit)
        return Verdict(volunteer_id, need_id, Standing.PLACED, parts=parts, what_if=lost)
    rivals = _needed_at(result, pair)
    standing = Standing.ELSEWHERE if rivals else Standing.OUTBID
    what_if = placed_by_force(result, pair, time_limit=time_limit)
    return Verdict(volunteer_id, need_id, standing, (), parts, rivals, what_if)


def _alone(staffing: Staffing, who: Volunteer, need: Need) -> Staffing:
    activity = Index.of(staffing).activities[need.activity_id]
    return replace(staffing, volunteers=(who,), activities=(activity,), needs=(need,))


def _pair(result: StaffingPlan, volunteer_id: int, need_id: int) -> int | None:
    person = result.pool.position[volunteer_id]
    slot = next(place for place, need in enumerate(result.staffing.needs) if need.id == need_id)
    found = np.flatnonzero((result.model.person == person) & (result.model.slot == slot))
    return int(found[0]) if len(found) else None


def _needed_at(result: StaffingPlan, pair: int) -> tuple[int, ...]:
    """Return the activities of the plan that take the time, the hours or the asks of a pair's person."""
    occupancy = Occupancy(result.model, result.plan.chosen)
    one: Ints = np.array([pair], dtype=np.int64)
    hold = int(occupancy.holds(one)[0])
    held = result.plan.chosen[result.model.person[result.plan.chosen] == result.model.person[pair]]
    if not hold & (Hold.HOURS | Hold.ASKS):
        held, _ = occupancy.clashes(one)
    elif not hold & Hold.ASKS:
        held = held[result.model.period[held] == result.model.period[pair]]
    return tuple(sorted({result.staffing.activities[a].id for a in result.model.activity[held].tolist()}))


def _parts(alone: Staffing, policy: MatchingPolicy, who: Volunteer, need: Need) -> tuple[Part, ...]:
    (activity,), pool = alone.activities, Pool(alone)
    distance = float(pool.distances_km(activity.lon, activity.lat)[0])
    reach = float(pool.reach_km(policy.fallback_radius_km)[0])
    near = 0.0 if np.isnan(distance) else max(0.0, 1 - distance / max(reach, 1e-9))
    given = min(who.hours_given * policy.fairness_per_hour, policy.fairness_limit)
    found = [
        Part(
            Text("喜欢这类活动", "likes this kind of activity"),
            policy.preference_points * bool(who.liked & activity.kinds),
        ),
        Part(
            Text("帮过这个系列", "has served in the series"),
            policy.continuity_points * (activity.series_id in who.served_series),
        ),
        Part(Text("住得近", "lives near"), round(near * policy.nearness_points)),
        Part(Text("近来服务时长", "hours served lately"), -round(given)),
    ]
    facts = PeopleFacts(pool)
    wishes = [rule for rule in alone.rules if not rule.is_must and applies(rule, need, activity)]
    found += [
        Part(rule.name, rule.points) for rule in wishes if facts.all_of(rule.who, activity.first_day)[0]
    ]
    return tuple(part for part in found if part.points)


def _misses(alone: Staffing, policy: MatchingPolicy, who: Volunteer, need: Need) -> tuple[Miss, ...]:
    judged = Eligibility(alone, policy)
    (activity,) = alone.activities
    case = _Case(alone, policy, judged.pool, who, need, activity)
    return tuple(Miss(lack, _missed(lack, case)) for lack in judged.lacks(int(judged.bits(need)[0])))


@dataclass(frozen=True)
class _Case:
    """Hold one person before one place."""

    alone: Staffing
    policy: MatchingPolicy
    pool: Pool
    who: Volunteer
    need: Need
    activity: Activity

    @property
    def last_day(self) -> date:
        zone = ZoneInfo(self.activity.zone)
        return (self.activity.ends_at - timedelta(seconds=1)).astimezone(zone).date()

    @property
    def hours_left(self) -> float:
        week = week_of(self.activity.starts_at, ZoneInfo(self.alone.zone))
        return max(0.0, float(self.pool.hours_left(week)[0]))


def _missed(lack: Lack, case: _Case) -> Text:
    if isinstance(lack, AttributeRule):
        rule = Text("不合“{name}”（{who}）", "outside “{name}” ({who})")
        return rule.format(name=lack.name, who=text_of(lack.who))
    return _HOW_FAR[lack](case) if lack in _HOW_FAR else _PLAIN[lack]


def missed(code: str) -> Text:
    """Return a rule that was missed, by its kept code, without how far."""
    reason = Reason.__members__.get(code.upper())
    if reason is None:
        return Text("不合自定规则{code}", "outside the rule {code}").format(code=code.removeprefix("rule:"))
    return _PLAIN[reason]


def _check(case: _Case) -> Text:
    if case.who.check_expires_on is None:
        return Text("没有背景核查", "has no background check")
    return Text(
        f"背景核查到{_zh(case.who.check_expires_on)}，活动在{_zh(case.last_day)}",
        f"the background check ends on {case.who.check_expires_on}, the activity is on {case.last_day}",
    )


def _consent(case: _Case) -> Text:
    if case.who.consent_until is None:
        return Text("未成年，还没有监护人同意", "is a minor without a guardian's consent")
    return Text(
        f"监护人同意到{_zh(case.who.consent_until)}，活动在{_zh(case.last_day)}",
        f"the guardian's consent ends on {case.who.consent_until}, the activity is on {case.last_day}",
    )


def _age(case: _Case) -> Text:
    if case.who.birth_date is None:
        return Text("没有填出生日期，不知道年龄", "the age is unknown: no birth date is recorded")
    age = age_on(case.who.birth_date, case.activity.first_day)
    return Text(
        f"那天{age}岁，要满{case.need.min_age}岁", f"is {age} on that day and must be {case.need.min_age}"
    )


def _distance(case: _Case) -> Text:
    distance = float(case.pool.distances_km(case.activity.lon, case.activity.lat)[0])
    if np.isnan(distance):
        return Text(
            "住处或场地没有位置，又不是这家的人",
            "home or venue is not on the map, and it is not their own hub",
        )
    reach = float(case.pool.reach_km(case.policy.fallback_radius_km)[0])
    return Text(
        f"离{distance:.1f}公里，最远愿意去{reach:g}公里",
        f"lives {distance:.1f} km away and goes {reach:g} km at most",
    )


def _hours(case: _Case) -> Text:
    needed, left = case.activity.hours, case.hours_left
    return Text(
        f"要{needed:g}小时，那一周还剩{left:g}小时",
        f"it takes {needed:g} h, and {left:g} h are left that week",
    )


_HOW_FAR: Mapping[Reason, Callable[[_Case], Text]] = {
    Reason.CHECK: _check,
    Reason.CONSENT: _consent,
    Reason.AGE: _age,
    Reason.DISTANCE: _distance,
    Reason.HOURS: _hours,
}
_PLAIN: Mapping[Reason, Text] = {
    Reason.CHECK: Text("背景核查没有或过期", "has no background check that holds on that day"),
    Reason.CONSENT: Text("缺监护人同意", "is a minor without a guardian's consent"),
    Reason.AGE: Text("年龄不到", "is too young, or of unknown age"),
    Reason.DISTANCE: Text("住得太远", "lives too far away"),
    Reason.HOURS: Text("那一周时长已满", "has no hours left that week"),
    Reason.INACTIVE: Text(
        "现在不能问（停用或没有邮箱）", "cannot be asked at present (inactive, or no address)"
    ),
    Reason.SKILL: Text("缺这项技能", "lacks the skill"),
    Reason.AVAILABILITY: Text("空闲时间不包括这段时间", "is not free at that time of the week"),
    Reason.BLOCKOUT: Text("那几天不方便", "is away then"),
    Reason.OVERLAP: Text(
        "那时已有安排，或赶不过来", "is committed elsewhere then, or could not get there in time"
    ),
    Reason.MEMBERSHIP: Text("只限本汇的人", "it is for members of the hub only"),
    Reason.DECLINED: Text("这一场已经问过", "has been asked for this activity already"),
    Reason.ASKED_ENOUGH: Text("这一周问的次数到了上限", "has been asked as often as they allow this week"),
    Reason.GENDER: Text("性别不合这个角色的要求", "is outside the gender that the role asks for"),
    Reason.BLOCKED_PAIR: Text("不宜和队里的人同场", "is to be kept apart from somebody in the team"),
    Reason.LANGUAGE: Text("没有填会这门语言", "is not known to speak the language"),
    Reason.REST: Text(
        "和前后一天的服务隔得太近", "has too little rest before or after another day's service"
    ),
}


def _zh(day: date) -> str:
    return f"{day.month}月{day.day}日"
