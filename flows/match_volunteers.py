"""Fill open places with volunteers who fit."""

from __future__ import annotations

from datetime import datetime, timedelta

from prefect import flow
from sqlmodel import Session

from flows.base import Code, PersonId, Weeks, perform
from services import matchmaking, scopes


@flow(name="match-volunteers", log_prints=False)
async def match_volunteers(
    hub: Code | None = None,
    unit: Code | None = None,
    weeks: Weeks = 2,
    dry_run: bool = False,
    *,
    repair: bool = False,
    by: PersonId | None = None,
) -> matchmaking.MatchResult:
    """给空位配人 · Match volunteers: one hub, a branch or all; `dry_run` stores and sends nothing, `repair` also moves who has not answered."""

    def match(session: Session, now: datetime) -> matchmaking.MatchResult:
        scope = scopes.hubs_in_scope(session, hub=hub, unit=unit)
        until = now + timedelta(weeks=weeks)
        return matchmaking.match(
            session, now=now, scope=scope, until=until, dry_run=dry_run, repair=repair, by=by
        )

    return await perform(match)
