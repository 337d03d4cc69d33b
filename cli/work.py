"""The network's work by hand: the same services as the flows, with the result in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cli.console import say, write_json
from config import clock
from config.settings import settings
from config.text import Text
from models import schema
from models.session import engine_for, open_session, read_session
from services import (
    attendance_closing,
    digests,
    match_explanations,
    matchmaking,
    offer_follow_up,
    offer_sending,
    schedule,
    scopes,
)
from services import coverage as coverages
from services import fairness as fairnesses
from services.telling import tell


def upgrade_database() -> None:
    """Create the tables or bring them up to date."""
    schema.upgrade(engine_for(settings().database))
    say(Text("数据库已是最新。", "The database is up to date."))


def plan(*, weeks: int, until: datetime | None, hub: str | None, json_out: str | None) -> None:
    """Date the activities of the series, `weeks` ahead or through a day."""
    require_database()
    now = clock.now()
    with open_session() as session:
        last = until.date() if until else _today(now) + timedelta(weeks=weeks)
        hubs = scopes.hubs_in_scope(session, hub=hub)
        result = schedule.plan_activities(session, now=now, until=last, hubs=hubs)
    _tell([result], json_out)


def coverage(*, unit: str | None, weeks: int, json_out: str | None) -> None:
    """Say who gets nothing in the coming weeks, unit by unit."""
    require_database()
    with read_session() as session:
        hubs = scopes.hubs_in_scope(session, unit=unit)
        result = coverages.coverage(session, hubs, now=clock.now(), weeks=weeks)
    _tell([result], json_out)


def match(
    *, hub: str | None, weeks: int, dry_run: bool, repair: bool, time_limit: float, json_out: str | None
) -> None:
    """Propose people for open places; a dry run keeps nothing, a repair also moves who has not answered."""
    require_database()
    now = clock.now()
    with open_session() as session:
        result = matchmaking.match(
            session,
            now=now,
            until=now + timedelta(weeks=weeks),
            scope=scopes.hubs_in_scope(session, hub=hub),
            dry_run=dry_run,
            repair=repair,
            time_limit=time_limit,
        )
    _tell([result], json_out)


def fairness(*, hub: str | None, weeks: int, time_limit: float, json_out: str | None) -> None:
    """Compare what several prices on hours already given would change."""
    require_database()
    now = clock.now()
    with read_session() as session:
        result = fairnesses.compare_fairness(
            session,
            now=now,
            until=now + timedelta(weeks=weeks),
            scope=scopes.hubs_in_scope(session, hub=hub),
            time_limit=time_limit,
        )
    _tell([result], json_out)


def why(*, person: str, activity: str, json_out: str | None) -> None:
    """Say why a volunteer is or is not asked for an activity, and what asking them would change."""
    require_database()
    with read_session() as session:
        result = match_explanations.explain(session, person, activity, now=clock.now())
    _tell([result], json_out)


def offers(*, hub: str | None, json_out: str | None) -> None:
    """Send proposed offers, expire old ones and ask the next."""
    require_database()
    now = clock.now()
    with open_session() as session:
        hubs = scopes.hubs_in_scope(session, hub=hub)
        results = [
            offer_sending.send_offers(session, now=now, hubs=hubs),
            offer_follow_up.follow_up(session, now=now),
        ]
    _tell(results, json_out)


def attendance(*, json_out: str | None) -> None:
    """Close activities that are over and ask for attendance that is not recorded."""
    require_database()
    with open_session() as session:
        result = attendance_closing.close_activities(session, now=clock.now())
    _tell([result], json_out)


def digest(*, json_out: str | None) -> None:
    """Queue this week's digests, and last month's for managers."""
    require_database()
    now = clock.now()
    today = _today(now)
    with open_session() as session:
        results = [
            digests.queue_coordinator_digests(session, now=now, week=today),
            digests.queue_volunteer_digests(session, now=now, week=today),
            digests.queue_manager_digests(session, now=now, month=today.replace(day=1) - timedelta(days=1)),
        ]
    _tell(results, json_out)


def require_database() -> None:
    """Raise `SchemaError` unless the database has the tables of this version."""
    schema.require_current(engine_for(settings().database))


def _today(now: datetime) -> date:
    return now.astimezone(ZoneInfo(settings().time_zone)).date()


def _tell(results: Iterable[Any], json_out: str | None) -> None:
    done = list(results)
    if json_out != "-":
        for sentence in (sentence for result in done for sentence in tell(result).sentences):
            say(sentence)
    write_json(done if len(done) > 1 else done[0], json_out)
