"""A cycle of evaluation: what it is called, what it counts, whether it still collects."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from config.settings import settings
from config.text import Refusal, Text
from models import Cycle, CycleHub, Hub
from models.states import CycleState
from services.errors import HubError, NotFound, TooLate
from services.metrics import Period
from services.wording import moment_text

STAGES = {
    "promise": Text("年初承诺", "start-of-year"),
    "mid_year": Text("年中评估", "mid-year"),
    "year_end": Text("年终评估", "year-end"),
}
CLOSED = Refusal(
    "cycle_closed",
    Text(
        "这一轮评估已经截止，不能再填了。谢谢您。",
        "This evaluation is closed and takes no more answers. Thank you.",
    ),
)


def cycle_called(session: Session, code: str) -> Cycle:
    """Return the cycle with this code, or raise `NotFound`."""
    cycle = session.exec(select(Cycle).where(Cycle.code == code)).first()
    if cycle is None:
        raise NotFound(Refusal("no_cycle", Text(f"没有评估“{code}”。", f'There is no evaluation "{code}".')))
    return cycle


def cycle_name(cycle: Cycle) -> Text:
    """Return the name of a cycle as mails and pages say it."""
    return Text(cycle.name_zh, cycle.name_en)


def period_of(cycle: Cycle, now: datetime) -> Period:
    """Return what the cycle counts, by the network's own days."""
    zone = ZoneInfo(settings().time_zone)
    return Period(
        first=cycle.period_start,
        last=cycle.period_end,
        start=datetime.combine(cycle.period_start, time(), zone),
        end=datetime.combine(cycle.period_end + timedelta(days=1), time(), zone),
        now=now,
    )


def hubs_in(session: Session, cycle: Cycle) -> list[tuple[Hub, CycleHub]]:
    """Return the hubs of a cycle with their frames, in the order of their codes."""
    question = (
        select(Hub, CycleHub)
        .join(CycleHub, col(CycleHub.hub_id) == Hub.id)
        .where(CycleHub.cycle_id == cycle.id)
        .order_by(col(Hub.code))
    )
    return [(hub, own) for hub, own in session.exec(question)]


def takes_answers(cycle: Cycle, now: datetime) -> bool:
    """Say whether assessors and residents may still answer."""
    return cycle.state == CycleState.COLLECTING and now < cycle.closes_at


def require_open(cycle: Cycle, now: datetime) -> None:
    """Raise `TooLate` unless the cycle still takes answers."""
    if not takes_answers(cycle, now):
        raise TooLate(CLOSED)


def require_order(session: Session, cycle: Cycle) -> None:
    """Raise `HubError` where a stage would begin before an earlier one has closed, or after a later one began (D11).

    A pilot stands beside the year's stages, and another branch or year is no matter.
    """
    if cycle.is_pilot:
        return
    order = list(STAGES)
    question = select(Cycle).where(
        Cycle.unit_id == cycle.unit_id, Cycle.year == cycle.year, col(Cycle.is_pilot).is_(False)
    )
    wrong = []
    for other in session.exec(question.order_by(col(Cycle.id))):
        until = moment_text(other.closes_at, settings().time_zone)
        if order.index(other.stage) > order.index(cycle.stage):
            wrong.append(
                _out_of_order(
                    f"{other.name_zh}已经开始，不能再开更早的阶段。",
                    f"The {other.name_en} has begun; an earlier stage cannot follow it.",
                )
            )
        elif other.stage != cycle.stage and other.state == CycleState.COLLECTING:
            wrong.append(
                _out_of_order(
                    f"{other.name_zh}还在收集，{until.zh}截止，之后再开下一阶段。",
                    f"The {other.name_en} takes answers until {until.en}; open the next stage after that.",
                )
            )
    if wrong:
        raise HubError(wrong)


def _out_of_order(zh: str, en: str) -> Refusal:
    return Refusal("D11", Text(zh, en), "stage")


def today_of(now: datetime) -> date:
    """Return the network's own date."""
    return now.astimezone(ZoneInfo(settings().time_zone)).date()
