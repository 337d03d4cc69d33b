"""Commitments as pages and reports show them, and what they tell an evaluation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from config.text import Text
from evaluation.framework import Indicator, Kind
from evaluation.promises import Kept, fulfilment, mean_fulfilment
from models import Commitment, Cycle, Hub, Person
from models.states import CommitmentState
from services.access import may_coordinate, may_release
from services.errors import NotYours
from services.evaluation_cycles import cycle_name, today_of
from services.frameworks import framework_of
from services.queries import batches, id_of, named, required
from services.report_readers import NOT_YOUR_REPORT

OPEN = (CommitmentState.DRAFT, CommitmentState.PROMISED, CommitmentState.REPORTED)
UNITS = {"人": Text("人", "people"), "h": Text("小时", "h"), "m2": Text("平方米", "m²")}


@dataclass(frozen=True)
class CommitmentView:
    """Hold one commitment as pages show it; `so_far` is the share of the way that is gone, where known."""

    commitment_id: int
    hub_id: int
    hub: Text
    title: Text
    unit: Text
    level: Text | None
    """What the target's level says, for a rubric."""
    cycle: Text
    state: str
    baseline: float
    target: float
    opened_on: date
    due_on: date
    is_overdue: bool
    owner_id: int | None
    owner: str
    plan: str
    evidence: str
    repeats: int
    progress: float | None
    progress_note: str
    progress_at: datetime | None
    result: float | None
    result_note: str
    so_far: float | None
    fulfilment: float | None
    confirmed_by: str
    reason: str


def of_hub(session: Session, hub_id: int, *, now: datetime) -> list[CommitmentView]:
    """Return a hub's commitments: what still runs first, by the day when it is due."""
    found = _views(session, now, col(Commitment.hub_id) == hub_id)
    return sorted(found, key=lambda one: (one.state not in OPEN, one.due_on, one.commitment_id))


def one_of(session: Session, commitment_id: int, *, by: int, now: datetime) -> CommitmentView:
    """Return a commitment for a coordinator of its hub or a manager above; raises `NotYours`."""
    row = required(session, Commitment, commitment_id)
    hub = required(session, Hub, row.hub_id)
    if not (may_coordinate(session, by, row.hub_id) or may_release(session, by, hub.unit_id)):
        raise NotYours(NOT_YOUR_REPORT)
    return _views(session, now, col(Commitment.id) == commitment_id)[0]


def view_of(session: Session, commitment_id: int, *, now: datetime) -> CommitmentView:
    """Return a commitment for a mail, whoever reads it."""
    return _views(session, now, col(Commitment.id) == commitment_id)[0]


def of_hubs(session: Session, hub_ids: Sequence[int], *states: str, now: datetime) -> list[CommitmentView]:
    """Return the commitments of many hubs in some states, the longest overdue first."""
    found = [
        view
        for batch in batches(hub_ids)
        for view in _views(session, now, col(Commitment.hub_id).in_(batch), col(Commitment.state).in_(states))
    ]
    return sorted(found, key=lambda one: (one.due_on, one.commitment_id))


def fulfilment_facts(
    session: Session, hub_ids: Sequence[int], first: date, last: date
) -> dict[int, float | None]:
    """Return how far each hub kept what was due between two days; None while something is not confirmed."""
    due: dict[int, list[Commitment]] = {}
    for batch in batches(hub_ids):
        question = select(Commitment).where(
            col(Commitment.hub_id).in_(batch),
            col(Commitment.due_on).between(first, last),
            col(Commitment.state).in_(
                (CommitmentState.PROMISED, CommitmentState.REPORTED, CommitmentState.CONFIRMED)
            ),
        )
        for row in session.execute(question).scalars():
            due.setdefault(row.hub_id, []).append(row)
    return {hub_id: _mean(rows) for hub_id, rows in sorted(due.items())}


def _mean(rows: Iterable[Commitment]) -> float | None:
    known = list(rows)
    kept = [Kept(row.fulfilment, row.points) for row in known if row.fulfilment is not None]
    return mean_fulfilment(kept) if len(kept) == len(known) else None


def _views(session: Session, now: datetime, *conditions: Any) -> list[CommitmentView]:
    question = (
        select(Commitment, Hub, Cycle, Person)
        .join(Hub, col(Hub.id) == Commitment.hub_id)
        .join(Cycle, col(Cycle.id) == Commitment.cycle_id)
        .outerjoin(Person, col(Person.id) == Commitment.owner_id)
        .where(*conditions)
        .order_by(col(Commitment.id))
    )
    rows = session.execute(question).tuples().all()
    confirmers = {row.confirmed_by_id for row, *_ in rows if row.confirmed_by_id is not None}
    names = dict(
        session.execute(select(col(Person.id), col(Person.name)).where(col(Person.id).in_(confirmers)))
        .tuples()
        .all()
    )
    return [
        _view(
            row,
            hub,
            cycle,
            owner,
            framework_of(session, cycle).indicator[row.indicator],
            names=names,
            now=now,
        )
        for row, hub, cycle, owner in rows
    ]


def _view(
    row: Commitment,
    hub: Hub,
    cycle: Cycle,
    owner: Person | None,
    indicator: Indicator,
    *,
    names: dict[int | None, str],
    now: datetime,
) -> CommitmentView:
    newest = row.progress if row.result is None else row.result
    is_late = row.state == CommitmentState.PROMISED and row.due_on < today_of(now)
    return CommitmentView(
        commitment_id=id_of(row),
        hub_id=id_of(hub),
        hub=named(hub.name_zh, hub.name_en),
        title=indicator.text,
        unit=UNITS.get(indicator.unit, Text(indicator.unit, indicator.unit)),
        level=level_words(indicator, row.target),
        cycle=cycle_name(cycle),
        owner=owner.name if owner else "",
        opened_on=today_of(row.opened_at),
        is_overdue=is_late,
        so_far=None if newest is None else fulfilment(row.baseline, row.target, newest),
        confirmed_by=names.get(row.confirmed_by_id, ""),
        **{name: getattr(row, name) for name in SAME},
    )


SAME = (
    "state",
    "baseline",
    "target",
    "due_on",
    "owner_id",
    "plan",
    "evidence",
    "repeats",
    "progress",
    "progress_note",
    "progress_at",
    "result",
    "result_note",
    "fulfilment",
    "reason",
)


def level_words(indicator: Indicator, value: float) -> Text | None:
    """Return what a rubric says of a whole level, or None for anything else."""
    if indicator.kind != Kind.RUBRIC or value != int(value) or not 0 <= value <= indicator.top_level:
        return None
    return indicator.levels[int(value)]
