"""What speaks for asking a person, in words for that person; light, because every page may show it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from config.text import Text


class Why(StrEnum):
    """Name what speaks for asking this person; only about them, never about others."""

    SERIES = "series"
    SKILL = "skill"
    LIKED = "liked"
    NEAR = "near"
    HUB = "hub"
    FREE = "free"
    EXPERIENCED = "experienced"


@dataclass(frozen=True, slots=True)
class WhyYou:
    """Give one reason with its value: km for NEAR, the skill's id for SKILL, points elsewhere."""

    code: Why
    value: float


_WHY: dict[Why, Text] = {
    Why.SERIES: Text("你以前来这个系列帮过忙", "You have helped in this series before"),
    Why.SKILL: Text("这个位置要的技能你有", "You have the skill that it needs"),
    Why.LIKED: Text("你说过喜欢这类活动", "You said that you like this kind of activity"),
    Why.NEAR: Text("离你家{value}公里", "It is {value} km from your home"),
    Why.HUB: Text("这是你自己的青年汇", "It is at your own hub"),
    Why.FREE: Text("那个时间你有空", "You are free then"),
    Why.EXPERIENCED: Text("这一场要有经验的人带一带", "It needs somebody with your experience"),
}


def why_sentence(reason: WhyYou, skill: Text | None = None) -> Text:
    """Return a reason for the person it is about; `skill` names the skill, where known."""
    if reason.code is Why.SKILL and skill is not None:
        return Text("这个位置要会{skill}，你会", "It needs {skill}, which you have").format(skill=skill)
    return _WHY[reason.code].format(value=f"{reason.value:g}")
