"""Objections and corrections as pages show them; an assessor is a role there and never a name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from config.text import Text
from evaluation.framework import Kind
from models import Cycle, Hub, Objection, Override, Person, Report
from models.states import ObjectionState, OverrideState
from services.access import may_coordinate, may_release
from services.errors import NotYours
from services.evaluation_cycles import cycle_name
from services.frameworks import framework_of
from services.objections import GROUNDS, window_of
from services.overrides import standing
from services.queries import id_of, named, required
from services.report_readers import NOT_YOUR_REPORT

SOURCES = {
    "auto": Text("网络自己的记录", "the network's own records"),
    "override": Text("更正过的数", "a value set right"),
}


@dataclass(frozen=True)
class ObjectionLine:
    """Hold an objection as its hub sees it."""

    objection_id: int
    title: Text
    ground: Text
    words: str
    made_at: datetime
    state: str
    answer: str


@dataclass(frozen=True)
class Window:
    """Hold whether a hub may object now, to what, and until when."""

    stage: str
    until: datetime
    is_open: bool
    indicators: tuple[tuple[str, Text], ...]
    grounds: tuple[tuple[str, Text], ...]


@dataclass(frozen=True)
class Value:
    """Hold one value behind a criterion: where it came from, never from whom."""

    observation_id: int
    source: Text
    value: float


@dataclass(frozen=True)
class ObjectionView:
    """Hold an objection as who decides it sees it."""

    line: ObjectionLine
    report_id: int
    hub_id: int
    hub: Text
    cycle: Text
    indicator: str
    may_correct: bool
    values: tuple[Value, ...]


@dataclass(frozen=True)
class OverrideView:
    """Hold a correction as the second person sees it."""

    override_id: int
    hub: Text
    title: Text
    old_value: float | None
    new_value: float
    reason: str
    proposed_by: str
    state: str
    answer: str
    is_mine: bool


def window_view(session: Session, report: Report, *, now: datetime) -> Window | None:
    """Return whether objections are taken; None while hubs have not seen anything."""
    cycle = required(session, Cycle, report.cycle_id)
    found = window_of(report, cycle)
    if found is None:
        return None
    indicators = framework_of(session, cycle).indicators
    return Window(
        stage=found[0],
        until=found[1],
        is_open=now < found[1],
        indicators=tuple((one.id, one.text) for one in indicators),
        grounds=tuple(GROUNDS.items()),
    )


def of_hub(session: Session, report: Report, hub_id: int) -> list[ObjectionLine]:
    """Return a hub's objections to a report, the newest first."""
    question = select(Objection).where(Objection.report_id == report.id, Objection.hub_id == hub_id)
    cycle = required(session, Cycle, report.cycle_id)
    return [_line(session, cycle, one) for one in session.exec(question.order_by(col(Objection.id).desc()))]


def count_open(session: Session, report_id: int) -> int:
    """Return how many objections to a report wait for a decision."""
    question = select(Objection.id).where(
        Objection.report_id == report_id, Objection.state == ObjectionState.OPEN
    )
    return len(session.exec(question).all())


def objection_view(session: Session, objection_id: int, *, by: int) -> ObjectionView:
    """Return an objection for a manager of the whole evaluation; raises `NotYours`."""
    one = required(session, Objection, objection_id)
    cycle = _cycle(session, one.report_id, by)
    hub = required(session, Hub, one.hub_id)
    indicator = framework_of(session, cycle).indicator[one.indicator]
    may_correct = indicator.kind != Kind.SURVEY and one.state == ObjectionState.UPHELD
    rows = standing(session, cycle, one.hub_id, one.indicator) if indicator.kind != Kind.SURVEY else []
    return ObjectionView(
        line=_line(session, cycle, one),
        report_id=one.report_id,
        hub_id=one.hub_id,
        hub=named(hub.name_zh, hub.name_en),
        cycle=cycle_name(cycle),
        indicator=one.indicator,
        may_correct=may_correct,
        values=tuple(
            Value(id_of(row), SOURCES.get(row.source) or _assessor(place), row.value)
            for place, row in enumerate(rows, 1)
        ),
    )


def override_view(session: Session, override_id: int, *, by: int) -> OverrideView:
    """Return a correction for a manager of the whole evaluation; raises `NotYours`."""
    one = required(session, Override, override_id)
    cycle = _cycle(session, one.report_id, by)
    hub = required(session, Hub, one.hub_id)
    return OverrideView(
        override_id=override_id,
        hub=named(hub.name_zh, hub.name_en),
        title=framework_of(session, cycle).indicator[one.indicator].text,
        old_value=one.old_value,
        new_value=one.new_value,
        reason=one.reason,
        proposed_by=required(session, Person, one.proposed_by_id).name,
        state=one.state,
        answer=one.answer if one.state == OverrideState.REFUSED else "",
        is_mine=by == one.proposed_by_id or may_coordinate(session, by, one.hub_id),
    )


def _cycle(session: Session, report_id: int, by: int) -> Cycle:
    cycle = required(session, Cycle, required(session, Report, report_id).cycle_id)
    if not may_release(session, by, cycle.unit_id):
        raise NotYours(NOT_YOUR_REPORT)
    return cycle


def _line(session: Session, cycle: Cycle, one: Objection) -> ObjectionLine:
    return ObjectionLine(
        objection_id=id_of(one),
        title=framework_of(session, cycle).indicator[one.indicator].text,
        ground=GROUNDS[one.ground],
        words=one.words,
        made_at=one.made_at,
        state=one.state,
        answer=one.answer,
    )


def _assessor(place: int) -> Text:
    return Text(f"评估员{place}", f"assessor {place}")
