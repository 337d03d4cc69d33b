"""Take a project application to its next step."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from prefect import flow
from pydantic import Field
from sqlmodel import Session

from flows.base import perform
from services import funding_review

ApplicationId = Annotated[int, Field(ge=1)]


@flow(name="decide-funding", log_prints=False)
async def decide_funding(application: ApplicationId) -> funding_review.Stepped:
    """办理项目申请 · Decide a project application: ask who may decide and end awaiting them, or carry out what they decided."""

    def step(session: Session, now: datetime) -> funding_review.Stepped:
        return funding_review.next_step(session, application, now=now)

    return await perform(step)
