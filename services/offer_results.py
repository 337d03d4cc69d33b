"""What an answer to an offer comes to, and why an answer cannot be taken."""

from __future__ import annotations

from dataclasses import dataclass

from config.text import Text
from services.offer_view import Situation


@dataclass(frozen=True)
class Accepted:
    """Say that the place is theirs; `again` when it already was."""

    offer_id: int
    sentence: Text
    again: bool = False


@dataclass(frozen=True)
class StandbyOffered:
    """Say that the last place went to somebody faster, and which place in line is free."""

    offer_id: int
    position: int
    sentence: Text


@dataclass(frozen=True)
class OnStandby:
    """Say that the person is in line."""

    offer_id: int
    position: int
    sentence: Text


@dataclass(frozen=True)
class Declined:
    """Say that the no is noted, and how many others were asked at once."""

    offer_id: int
    asked_next: int
    sentence: Text
    again: bool = False


CLOSED: dict[Situation, Text] = {
    Situation.CANCELLED: Text(
        zh="这场活动取消了。你不用做什么。", en="This activity is cancelled. You need not do anything."
    ),
    Situation.OVER: Text(zh="这场活动已经结束了。", en="This activity is over."),
    Situation.EXPIRED: Text(
        zh="回答时间过了，位置已问给下一位。不影响以后邀请你。",
        en="The time to answer has passed and we have asked someone else. This does not affect later offers.",
    ),
    Situation.WITHDRAWN: Text(
        zh="这个邀请已撤回，你不用做什么。", en="This offer was withdrawn. You need not do anything."
    ),
    Situation.DECLINED: Text(
        zh="你答过“来不了”，位置已问给下一位。想来的话，联系社工。",
        en="You answered “not this time” and we have asked someone else. If you want to come, ask the social worker.",
    ),
    Situation.NEEDS_GUARDIAN: Text(
        zh="监护人还没有同意，同意以后你再回答。",
        en="Your guardian has not agreed yet. You can answer once they have.",
    ),
    Situation.ACCEPTED: Text(zh="你已经答应来了。", en="You have already said that you come."),
    Situation.STANDBY: Text(zh="你已经在候补里了。", en="You are already in line."),
    Situation.OPEN: Text(
        zh="还有空位，可以直接回答“我能来”。", en="There is still a place: you can simply say that you come."
    ),
    Situation.GONE: Text(zh="刚刚满员了，谢谢你愿意来。", en="It has just filled up. Thank you."),
}
"""Why an answer cannot be taken, by what there is to say about the offer."""

CHANGED = Text(
    zh="这个邀请刚刚变了，刷新一下看看。", en="This offer has just changed; reload the page to see how."
)
