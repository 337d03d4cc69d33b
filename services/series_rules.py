"""From a series as it stands in the tables to the rule that dates it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import select
from sqlmodel import Session, col

from models import Hub, Series, Unit
from models import Term as TermRow
from scheduling.recurrence import HeldIn, MakeUpDays, SeriesRule, Term
from services.queries import named

WHOLE_NETWORK = "/"


class Terms:
    """Hold all school terms, and tell which of them a hub keeps to."""

    def __init__(self, session: Session) -> None:
        question = (
            select(TermRow, col(Unit.path))
            .outerjoin(Unit, col(Unit.id) == TermRow.unit_id)
            .order_by(col(TermRow.starts_on), col(TermRow.code))
        )
        self._terms = [
            (path or WHOLE_NETWORK, Term(named(row.name_zh, row.name_en), row.starts_on, row.ends_on))
            for row, path in session.execute(question).tuples()
        ]
        self._paths: dict[int | None, str] = (
            dict(session.execute(select(col(Unit.id), col(Unit.path))).tuples().all()) if self._terms else {}
        )

    def of(self, hub: Hub) -> tuple[Term, ...]:
        """Return the terms of a hub's own branch, or of a wider one."""
        path = self._paths.get(hub.unit_id) or WHOLE_NETWORK
        return tuple(term for branch, term in self._terms if path.startswith(branch))


def rule_of(
    series: Series, hub: Hub, terms: tuple[Term, ...], exceptions: Mapping[date, datetime | None]
) -> SeriesRule:
    """Return when a series happens."""
    return SeriesRule(
        rrule=series.rrule,
        starts_on=series.starts_on,
        ends_on=series.ends_on,
        start_time=series.start_time,
        duration_minutes=series.duration_minutes,
        zone=hub.time_zone,
        on_holidays=series.on_holidays,
        make_up_days=MakeUpDays(series.make_up_days),
        held_in=HeldIn(series.held_in),
        terms=terms,
        exceptions=exceptions,
    )
