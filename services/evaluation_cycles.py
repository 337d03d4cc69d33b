"""A cycle of evaluation: what it is called, what it counts, whether it still collects."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from config.settings import settings
from config.text import Refusal, Text
from models import Cycle, CycleHub, Hub
from models.states import CycleState
from services.errors import NotFound, TooLate
from services.metrics import Period

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


def today_of(now: datetime) -> date:
    """Return the network's own date."""
    return now.astimezone(ZoneInfo(settings().time_zone)).date()
