"""Why a place stays empty: the exact cause, in numbers that can be checked and in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from config.text import Text
from matching.assignment import PlanStatus
from matching.eligibility import Eligibility, Lack, Reason
from matching.inputs import MatchingPolicy
from matching.occupancy import Hold, Occupancy
from matching.pairs import TeamRule
from matching.pool import Ints
from matching.rules import AttributeRule
from matching.staffing import COMPANY, EXPERIENCED, StaffingPlan


class Cause(StrEnum):
    """Name why a place stays empty."""

    NOBODY = "nobody"
    BUSY = "busy"
    ELSEWHERE = "elsewhere"
    EXPERIENCE = "experience"
    ADULTS = "adults"
    COMPANY = "company"
    APART = "apart"
    UNPROVEN = "unproven"


@dataclass(frozen=True, slots=True)
class Crowd:
    """Hold places that are on at one moment and more than the people who fit any of them.

    `skill_id` is the skill that all the places need, if they need the same.
    """

    places: int
    people: int
    skill_id: int | None


@dataclass(frozen=True, slots=True)
class Unfilled:
    """Hold the empty places of a need with their cause.

    `one_short` counts the people who miss exactly one rule, the rule a coordinator can mend first;
    `held` counts the eligible people by what keeps them from this place beside the plan.
    """

    need_id: int
    activity_id: int
    places: int
    below_minimum: int
    cause: Cause
    eligible: int
    one_short: tuple[tuple[Lack, int], ...]
    held: tuple[tuple[Hold, int], ...]
    crowd: Crowd | None
    sentence: Text


# What a coordinator can do something about comes first.
_MENDABLE = (Reason.CHECK, Reason.CONSENT, Reason.HOURS, Reason.ASKED_ENOUGH, Reason.MEMBERSHIP)
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
    Reason.LANGUAGE: Text("{n}人不会要用的语言", "{n} without the language"),
    Reason.REST: Text("{n}人前后一天有事、休息不够", "{n} with too little rest before or after another day"),
}
_OWN_RULE = Text("{n}人不合“{name}”", "{n} outside “{name}”")

_HELD: dict[Hold, Text] = {
    Hold.PLACED: Text("{n}人那时排在别处", "{n} placed elsewhere then"),
    Hold.HOURS: Text("{n}人那一周时长排满了", "{n} with the week's hours planned in full"),
    Hold.ASKS: Text("{n}人已经问够次数", "{n} asked as often as they allow"),
    Hold.APART: Text("{n}人不宜和队里的人同场", "{n} to be kept apart from the team"),
}

_CAUSES: dict[Cause, Text] = {
    Cause.NOBODY: Text("没人可问", "Nobody left to ask"),
    Cause.BUSY: Text("合适的{eligible}人都腾不出来", "Those who fit ({eligible}) are all taken"),
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
    Cause.COMPANY: Text(
        "能来的都是新手，没有老志愿者带，这一场先不配人",
        "Only newcomers can come and nobody keeps them company, so the team is not opened",
    ),
    Cause.APART: Text("合适的人不宜和队里的人同场", "Those who fit are to be kept apart from the team"),
    Cause.UNPROVEN: Text(
        "还有合适的人，但计算时间到了，没排进去；再配一次试试",
        "There are people who fit, but time ran out before they were placed; match again",
    ),
}

_CROWD = Text(
    "同一时间有{places}个位置要人，合适的一共{people}人",
    "at that time {places} places need somebody; people who fit: {people}",
)
_CROWD_OF_SKILL = Text(
    "同一时间有{places}个位置要会{skill}，合适的一共{people}人",
    "at that time {places} places need {skill}; people who fit: {people}",
)


def unfilled_needs(
    result: StaffingPlan, policy: MatchingPolicy | None = None, skills: Mapping[int, Text] | None = None
) -> tuple[Unfilled, ...]:
    """Return the needs with places left over, each with its cause, in the order of needs.

    `skills` names skills for the sentences.
    """
    filled = result.filled
    short = [slot for slot, pool in enumerate(result.pools) if pool.need.open_places > filled[pool.need.id]]
    if not short:
        return ()
    shortage = _Shortage(result, policy or MatchingPolicy())
    return tuple(shortage.of(slot, filled[result.pools[slot].need.id], skills or {}) for slot in short)


def unfilled_sentence(
    cause: Cause,
    eligible: int,
    one_short: Sequence[tuple[Lack, int]],
    *,
    held: Sequence[tuple[Hold, int]] = (),
    crowd: Crowd | None = None,
    skill: Text | None = None,
) -> Text:
    """Say why places stay empty, and what their coordinator could mend."""
    text = _CAUSES[cause].format(eligible=eligible)
    details: list[Text] = []
    if cause is Cause.BUSY:
        details = [_crowd_text(crowd, skill)] if crowd else [_HELD[hold].format(n=n) for hold, n in held]
    said = Text(
        "：".join([text.zh, *(["、".join(part.zh for part in details)] if details else [])]),
        ": ".join([text.en, *([", ".join(part.en for part in details)] if details else [])]),
    )
    shown = [_short_text(lack, count) for lack, count in one_short[:_SHOWN]]
    if not shown or cause not in (Cause.NOBODY, Cause.BUSY):
        return Text(f"{said.zh}。", f"{said.en}.")
    return Text(
        f"{said.zh}；只差一条的有：{'、'.join(part.zh for part in shown)}。",
        f"{said.en}; one condition away: {', '.join(part.en for part in shown)}.",
    )


def _short_text(lack: Lack, count: int) -> Text:
    if isinstance(lack, AttributeRule):
        return _OWN_RULE.format(n=count, name=lack.name)
    return _SHORT[lack].format(n=count)


def _crowd_text(crowd: Crowd, skill: Text | None) -> Text:
    if skill is None:
        return _CROWD.format(places=crowd.places, people=crowd.people)
    return _CROWD_OF_SKILL.format(places=crowd.places, people=crowd.people, skill=skill)


class _Shortage:
    """Find the causes of one plan's empty places."""

    def __init__(self, result: StaffingPlan, policy: MatchingPolicy) -> None:
        self._result, self._model = result, result.model
        self._chosen = result.plan.chosen
        self._occupancy = Occupancy(self._model, self._chosen)
        self._eligibility = Eligibility(result.staffing, policy, result.pool)
        order = np.argsort(self._model.slot, kind="stable")
        self._edges = np.searchsorted(self._model.slot[order], np.arange(len(self._model.slots) + 1))
        self._by_slot = order

    def of(self, slot: int, filled: int, skills: Mapping[int, Text]) -> Unfilled:
        """Return why the places of a slot are empty."""
        need = self._result.pools[slot].need
        pairs = self._pairs(slot)
        # Who has a place of the need itself is no answer to why the others are empty.
        pairs = pairs[~np.isin(pairs, self._chosen)]
        holds = self._occupancy.holds(pairs)
        cause = self._cause(slot, pairs, holds)
        crowd = self._crowd(slot) if cause is Cause.BUSY else None
        one_short = _one_short(self._eligibility.tally(need).missing_only)
        counted = tuple((hold, n) for hold in Hold if (n := int((holds & hold != 0).sum())))
        skill = skills.get(crowd.skill_id) if crowd and crowd.skill_id is not None else None
        return Unfilled(
            need_id=need.id,
            activity_id=need.activity_id,
            places=need.open_places - filled,
            below_minimum=max(0, need.open_minimum - filled),
            cause=cause,
            eligible=len(pairs),
            one_short=one_short,
            held=counted,
            crowd=crowd,
            sentence=unfilled_sentence(cause, len(pairs), one_short, held=counted, crowd=crowd, skill=skill),
        )

    def _pairs(self, slot: int) -> Ints:
        return self._by_slot[self._edges[slot] : self._edges[slot + 1]]

    def _cause(self, slot: int, pairs: Ints, holds: Ints) -> Cause:
        if not len(pairs):
            return Cause.NOBODY
        is_free = bool((holds == 0).any())
        closed_by = self._closing_rule(int(self._model.slots.activity[slot]), is_free=is_free)
        if closed_by is not None:
            return {EXPERIENCED: Cause.EXPERIENCE, COMPANY: Cause.COMPANY}.get(closed_by.group, Cause.ADULTS)
        if is_free:
            return Cause.UNPROVEN
        return Cause.APART if bool((holds == Hold.APART).any()) else Cause.BUSY

    def _closing_rule(self, activity: int, *, is_free: bool) -> TeamRule | None:
        """Return the rule of a closed team that keeps somebody free from joining it, if one does.

        Where everybody is taken, only a rule that would fail with all of them free counts.
        """
        model, rules = self._model, self._rules_of(activity)
        if not rules or np.any(model.activity[self._chosen] == activity):
            return None
        pairs = np.flatnonzero(model.activity == activity)
        if is_free:
            pairs = pairs[self._occupancy.holds(pairs) == 0]
        seats = int(model.slots.seats[model.slots.activity == activity].sum())
        short = [rule for rule in rules if min(seats, self._count(rule, pairs)) < rule.at_least]
        # Rules that hold one by one may fail together; a proven plan has tried them all.
        proven = rules if is_free and self._result.plan.status is PlanStatus.OPTIMAL else []
        return next(iter([*short, *proven]), None)

    def _rules_of(self, activity: int) -> list[TeamRule]:
        return [rule for rule in self._model.rules if rule.activity == activity]

    def _count(self, rule: TeamRule, pairs: Ints) -> int:
        people = np.unique(self._model.person[pairs])
        return int(self._model.groups[rule.group][people].sum())

    def _crowd(self, slot: int) -> Crowd | None:
        """Return places at one moment that outnumber all who fit them: a certificate, if there is one.

        Whoever fits is followed to the place held at that moment, whoever fits there likewise, until
        nobody new appears; somebody who holds no place then breaks it.
        """
        model = self._model
        start, end = int(model.slots.start[slot]), int(model.slots.end[slot])
        starts = model.slots.start[(model.slots.start >= start) & (model.slots.start < end)]
        return next((found for at in np.unique(starts) if (found := self._crowd_at(slot, int(at)))), None)

    def _crowd_at(self, slot: int, moment: int) -> Crowd | None:
        model = self._model
        is_on = (model.starts(self._chosen) <= moment) & (model.ends(self._chosen) > moment)
        held = self._chosen[is_on]
        place = dict(zip(model.person[held].tolist(), model.slot[held].tolist(), strict=True))
        slots, people, waiting = {slot}, set[int](), [slot]
        while waiting:
            for person in set(model.person[self._pairs(waiting.pop())].tolist()) - people:
                if person not in place:
                    return None
                people.add(person)
                if place[person] not in slots:
                    slots.add(place[person])
                    waiting.append(place[person])
        needs = [self._result.pools[found].need for found in sorted(slots)]
        skills = {need.skill_id for need in needs}
        return Crowd(
            places=int(model.slots.seats[sorted(slots)].sum()),
            people=len(people),
            skill_id=skills.pop() if len(skills) == 1 else None,
        )


def _one_short(missing_only: Mapping[Lack, int]) -> tuple[tuple[Lack, int], ...]:
    # A stable sort leaves rules that are equally many in the order of their bits.
    return tuple(sorted(missing_only.items(), key=lambda item: (item[0] not in _MENDABLE, -item[1])))
