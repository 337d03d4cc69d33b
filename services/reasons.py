"""The managed list of reasons to decline, and the reasons of an offer in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from config.text import Text

DECLINE_REASONS: dict[str, Text] = {
    "busy": Text(zh="那个时间有事", en="I am busy then"),
    "too_far": Text(zh="太远了", en="It is too far"),
    "not_my_thing": Text(zh="不太适合我", en="It does not suit me"),
    "too_often": Text(zh="最近问得太勤了", en="You ask me too often"),
    "unwell": Text(zh="身体不舒服", en="I am not well"),
    "other": Text(zh="其他原因", en="Another reason"),
}
"""Why somebody cannot come; skipping the question is fine."""

WHY: dict[str, Text] = {
    "series": Text(zh="这个系列你以前来帮过忙", en="You have helped at this series before"),
    "skill": Text(zh="这个角色要用的技能你会", en="You have the skill that this role needs"),
    "liked": Text(zh="你说过喜欢这类活动", en="You said that you like activities of this kind"),
    "near": Text(zh="离你{value}公里", en="It is {value} km from you"),
    "hub": Text(zh="就在你自己的青年汇", en="It is at your own hub"),
    "experienced": Text(zh="这场要有经验的人带一带", en="It needs somebody with experience"),
    "free": Text(zh="这个时间你有空", en="You are free at that time"),
}
"""Why somebody is asked, by the codes of `matching.scoring.Why`; never about anybody else."""


def decline_reason(code: str) -> str:
    """Return the code if it is on the list, else nothing: free text is not kept."""
    return code if code in DECLINE_REASONS else ""


def in_words(reasons: Sequence[dict[str, Any]]) -> tuple[Text, ...]:
    """Return the reasons of an offer as sentences; a code that we do not know is left out."""
    return tuple(WHY[reason["code"]].format(**reason) for reason in reasons if reason.get("code") in WHY)
