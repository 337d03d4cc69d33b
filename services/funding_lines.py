"""Project applications line by line, for the command line and other machines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from config.text import Refusal, Text
from models import FundingApplication
from models.states import FundingState
from services import funding_views
from services.errors import NotFound
from services.funding_views import FundingLineView, FundingView
from services.wording import day_text


@dataclass(frozen=True)
class FundingListed:
    """Hold one application as a line."""

    number: int
    hub: Text
    title: str
    state: str
    amount_fen: int
    spent_fen: int
    sentence: Text


def lines(session: Session, hub_ids: Sequence[int] | None, state: str | None) -> list[FundingListed]:
    """Return applications as lines; raises `NotFound` for a state that there is not, with those that there are."""
    if state is not None and state not in set(FundingState):
        known = ", ".join(FundingState)
        sentence = Text(
            f"没有“{state}”这个状态。有的是：{known}。", f"There is no state “{state}”. There are: {known}."
        )
        raise NotFound(Refusal("unknown_state", sentence))
    states = () if state is None else (state,)
    return [_line(one) for one in funding_views.list_of(session, hub_ids, *states)]


def one(session: Session, number: int, *, now: datetime) -> FundingView | None:
    """Return an application with everything, or None where there is none."""
    found = session.get(FundingApplication, number)
    return None if found is None else funding_views.view_of(session, found, now=now)


def sentences(view: FundingView) -> Iterator[Text]:
    """Yield an application in sentences: what, the budget, the expenses, the history."""
    yield _line(view).sentence
    for line in view.lines:
        sentence = Text("  {name} {amount}，还剩{left}：{reason}", "  {name} {amount}, {left} left: {reason}")
        yield sentence.format(name=line.name, amount=line.amount, left=line.left, reason=line.reason)
    for spent in view.expenses:
        sentence = Text("  {day} {what} {amount}（{by}）", "  {day} {what} {amount} ({by})")
        yield sentence.format(day=day_text(spent.spent_on), what=spent.what, amount=spent.amount, by=spent.by)
    for step in reversed(view.steps):
        sentence = Text("  {at} {what} {by} {reason}", "  {at} {what} {by} {reason}")
        yield sentence.format(at=f"{step.at:%Y-%m-%d %H:%M}Z", what=step.what, by=step.by, reason=step.reason)


def _line(view: FundingLineView) -> FundingListed:
    sentence = Text(
        "{number} {hub}，{title}：{amount}，{state}，花了{spent}。",
        "{number} {hub}, {title}: {amount}, {state}, {spent} spent.",
    ).format(
        number=view.application_id,
        hub=view.hub,
        title=view.title,
        amount=view.amount,
        state=view.state_text,
        spent=view.spent,
    )
    return FundingListed(
        view.application_id, view.hub, view.title, view.state, view.fen, view.spent_fen, sentence
    )
