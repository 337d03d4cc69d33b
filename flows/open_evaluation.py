"""Open an evaluation cycle."""

from __future__ import annotations

from datetime import datetime

from prefect import flow
from pydantic import AwareDatetime
from sqlmodel import Session

from flows.base import Code, PersonId, perform
from services import evaluations
from services.work import Stage


@flow(name="open-evaluation", log_prints=False)
async def open_evaluation(
    *,
    cycle: Code,
    unit: Code,
    stage: Stage = Stage.YEAR_END,
    pilot: bool = False,
    applies_severity: bool = False,
    closes_at: AwareDatetime | None = None,
    by: PersonId | None = None,
) -> evaluations.CycleOpened:
    """开始评估 · Open an evaluation: assign assessors, draw residents at random, write to all of them."""

    def open_(session: Session, now: datetime) -> evaluations.CycleOpened:
        return evaluations.open_cycle(
            session,
            code=cycle,
            unit=unit,
            now=now,
            stage=stage,
            pilot=pilot,
            applies_severity=applies_severity,
            closes_at=closes_at,
            by=by,
        )

    return await perform(open_)
