"""Release a report."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from prefect import flow
from pydantic import Field
from sqlmodel import Session

from flows.base import PersonId, perform
from services import reports

ReportId = Annotated[int, Field(ge=1)]


@flow(name="release-report", log_prints=False)
async def release_report(report: ReportId, by: PersonId) -> reports.Released:
    """签发报告 · Release the report: managers and hubs get their mail; before this, nothing leaves."""

    def release(session: Session, now: datetime) -> reports.Released:
        return reports.release_report(session, report, by=by, now=now)

    return await perform(release)
