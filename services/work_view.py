"""Asked-for work as its page shows it: a state, a headline, and the sentences of the result."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from config.text import Refusal, Text
from models import Dispatch
from services.errors import NotFound
from services.work import KINDS, Outcome

_HEADLINES = {
    "waiting": Text("“{title}”排上了，马上开始。", "“{title}” is in line and starts in a moment."),
    "running": Text("正在办：{title}……", "Working on it: {title} …"),
    Outcome.DONE: Text("办好了：{title}。", "Done: {title}."),
    Outcome.REFUSED: Text("没有办，什么都没有改。", "Not done, and nothing was changed."),
    Outcome.GAVE_UP: Text(
        "“{title}”没办成，是我们的问题。再试一次；还不行，把编号{number}告诉网络管理员。",
        "“{title}” did not work, and it is our fault. Try once more; if it fails again, "
        "tell the network's administrator the number {number}.",
    ),
}


@dataclass(frozen=True)
class WorkView:
    """Show the state of asked-for work in words, for the page that waits for it."""

    dispatch_id: int
    kind: str
    title: Text
    state: str
    """waiting, running, done, refused or gave_up."""
    headline: Text
    sentences: tuple[Text, ...]
    counts: dict[str, int]
    params: dict[str, Any]
    is_over: bool
    requested_at: datetime
    requested_by_id: int | None
    done_at: datetime | None
    flow_run_id: str


def result_view(session: Session, dispatch_id: int) -> WorkView:
    """Return the state of a piece of work in words; raises `NotFound`."""
    row = session.get(Dispatch, dispatch_id)
    if row is None:
        raise NotFound(_no_such(dispatch_id))
    state = _state(row)
    return WorkView(
        dispatch_id=dispatch_id,
        kind=row.kind,
        title=KINDS[row.kind].title,
        state=state,
        headline=_HEADLINES[state].format(title=KINDS[row.kind].title, number=dispatch_id),
        sentences=tuple(Text(zh, en) for zh, en in row.result.get("sentences", [])),
        counts=row.result.get("counts", {}),
        params=dict(row.params),
        is_over=row.done_at is not None,
        requested_at=row.requested_at,
        requested_by_id=row.requested_by_id,
        done_at=row.done_at,
        flow_run_id=row.flow_run_id,
    )


def _state(row: Dispatch) -> str:
    if row.done_at is not None:
        return row.outcome
    return "waiting" if row.claimed_by is None else "running"


def _no_such(dispatch_id: int) -> Refusal:
    return Refusal(
        "no_such_work",
        Text(f"没有编号为{dispatch_id}的任务。", f"There is no piece of work with the number {dispatch_id}."),
    )
