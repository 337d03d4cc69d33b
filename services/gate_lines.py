"""What waits for a risk check, line by line, for the command line and other machines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from config.text import Text
from services import gate
from services.gate import Held
from services.gate_rules import gate_rules, risk_words
from services.wording import moment_text


@dataclass(frozen=True)
class HeldLine:
    """Hold one series or activity that is not published for want of a check."""

    hub: Text
    code: str
    """The series' code, or the activity's where it stands alone."""
    title: Text
    first: datetime
    dates: int
    state: str
    """The state of the check that was answered last; empty where nobody has answered."""
    sentence: Text


STATES = {
    "": Text("还没有人答检查表", "nobody has answered the check"),
    "asked": Text("等负责人点头", "a manager has not agreed yet"),
    "blocked": Text("答案说现在不能办", "the answers forbid it for now"),
    "returned": Text("负责人退回了", "a manager sent it back"),
    "replaced": Text("重新答过", "answered anew"),
    "cleared": Text("通过的那份不再适用", "the check that passed no longer covers it"),
}


def held_lines(session: Session, hub_ids: Sequence[int] | None, *, now: datetime) -> list[HeldLine]:
    """Return what waits in some hubs (None: in all), the soonest first."""
    rules = gate_rules(session, now=now)
    return [
        _line(one, risk_words(rules.risks(one.series or one.first.activity)))
        for one in gate.held(session, hub_ids, now=now)
    ]


def _line(one: Held, risks: Text) -> HeldLine:
    state = one.latest.state if one.latest else ""
    first = one.first
    sentence = Text(
        "{hub}，{title}（{code}）：{n}场没有发布，最早{when}；{risks}，{state}。",
        "{hub}, {title} ({code}): {n} not published, the first on {when}; {risks}; {state}.",
    ).format(
        hub=first.hub_name,
        title=first.title,
        code=_code(one),
        n=len(one.activity_ids),
        when=moment_text(first.activity.starts_at, first.hub.time_zone),
        risks=risks,
        state=STATES[state],
    )
    return HeldLine(
        first.hub_name,
        _code(one),
        first.title,
        first.activity.starts_at,
        len(one.activity_ids),
        state,
        sentence,
    )


def _code(one: Held) -> str:
    return one.series.code if one.series is not None else one.first.activity.code
