"""What people read about claims of hours."""

from __future__ import annotations

from collections.abc import Mapping

from config.text import Text
from models.states import ClaimState

ASKED = Text(
    "收到了。社工看过、确认了，就记进时长，结果会写信告诉你。",
    "Received. Once a social worker has confirmed it, it goes on your record, and we write to you.",
)
WHAT = Text("写一句做了什么", "Say in a few words what you did")
SHORT = Text("太短了：不到{n}分钟的不记", "Too short: less than {n} minutes is not recorded")
OWN = Text(
    "要由另一个人来确认：申报的人自己不能确认。", "Somebody else must confirm it: who claims hours cannot."
)
REASON = Text("写一句为什么不确认，我们会告诉TA", "Say why not; we pass it on")
DECIDED = Text("已经有人处理了：{state}。", "Somebody has dealt with it: {state}.")
NO_VOLUNTEER = Text(
    "没有这位志愿者，或TA已经不来了。", "There is no such volunteer, or they no longer serve."
)
NOT_YOURS = Text(
    "这位志愿者属于别的青年汇，请那里的社工来办。",
    "This volunteer belongs to another hub; its social workers decide.",
)
DAY = Text("选一个日期，如2026-11-28", "Choose a day, such as 2026-11-28")
FUTURE = Text("日期还没到：做完了再来申报", "This day is still to come: claim the hours once you have served")
OLD = Text("太久以前了：{day}以来的才能申报", "Too long ago: you can claim what you did since {day}")
HOURS = Text("填小时数，大于0、不超过24，如1.5", "Enter hours, more than 0 and at most 24, such as 1.5")
CATEGORY = Text("选一类", "Choose a kind")
STATES: Mapping[ClaimState, Text] = {
    ClaimState.ASKED: Text("等确认", "waiting"),
    ClaimState.CONFIRMED: Text("已确认", "confirmed"),
    ClaimState.REFUSED: Text("没有确认", "not confirmed"),
    ClaimState.WITHDRAWN: Text("已撤回", "taken back"),
}
SENTENCES: Mapping[ClaimState, Text] = {
    ClaimState.CONFIRMED: Text("确认了，时长记好了。", "Confirmed, and on the record."),
    ClaimState.REFUSED: Text("没有确认，已经写信说明原因。", "Not confirmed; we have written why."),
    ClaimState.WITHDRAWN: Text("撤回了。", "Taken back."),
}
