"""Score the hubs of an evaluation cycle."""

from __future__ import annotations

from datetime import datetime

from prefect import flow
from sqlmodel import Session

from flows.base import Code, perform
from services import evaluations


@flow(name="score-hubs", log_prints=False)
async def score_hubs(cycle: Code) -> evaluations.Scored:
    """给青年汇算分 · Score the hubs: close the cycle if its time is over, and score against the framework."""

    def score(session: Session, now: datetime) -> evaluations.Scored:
        return evaluations.score(session, cycle, now=now)

    return await perform(score)
