"""Draft the report of a scored cycle."""

from __future__ import annotations

from datetime import datetime

from prefect import flow
from sqlmodel import Session

from flows.base import Code, perform
from services import reports


@flow(name="draft-report", log_prints=False)
async def draft_report(cycle: Code) -> reports.Drafted:
    """起草报告 · Draft the report: hold it for the manager, and tell the manager that it waits."""

    def draft(session: Session, now: datetime) -> reports.Drafted:
        return reports.draft_report(session, cycle, now=now)

    return await perform(draft)
