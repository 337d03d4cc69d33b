"""What the schedule page shows: a hub's series in words, its rooms, what is not known yet, recent changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from config.text import Text
from documents.weekly import read_recurrence
from models import Series, Venue
from scheduling.holidays import unknown_years
from scheduling.words import rule_words
from services.access import require_coordinator
from services.bulk_changes import BulkLine, recent
from services.queries import id_of, named
from services.series_changes import hub_series

HORIZON = timedelta(days=90)


@dataclass(frozen=True)
class SeriesLine:
    """Hold a series as its coordinator reads it."""

    code: str
    title: Text
    rule: Text
    words: str
    """The rule as it is typed into the form."""
    minutes: int
    venue_id: int | None
    venue: str
    ends_on: date | None


@dataclass(frozen=True)
class ScheduleView:
    """Hold what a hub plans."""

    series: tuple[SeriesLine, ...]
    venues: tuple[tuple[int, str], ...]
    changes: tuple[BulkLine, ...]
    unknown_years: tuple[int, ...]
    """Years of the coming months whose public holidays are not announced yet."""


def schedule_view(session: Session, hub_id: int, *, by: int, now: datetime) -> ScheduleView:
    """Return a hub's schedule for one of its coordinators; raises `NotYours`."""
    require_coordinator(session, by, hub_id)
    rooms = session.exec(select(Venue).where(Venue.hub_id == hub_id).order_by(col(Venue.code)))
    return ScheduleView(
        tuple(_line(series, venue) for series, venue in hub_series(session, hub_id, now=now)),
        tuple((id_of(room), room.name) for room in rooms),
        recent(session, hub_id, now=now),
        tuple(unknown_years(now.date(), (now + HORIZON).date())),
    )


def _line(series: Series, venue: Venue | None) -> SeriesLine:
    rule = rule_words(series.rrule, series.start_time)
    is_plain = read_recurrence(rule.zh) == (series.rrule, series.start_time)
    return SeriesLine(
        series.code,
        named(series.title_zh, series.title_en),
        rule,
        rule.zh if is_plain else series.rrule,
        series.duration_minutes,
        series.venue_id,
        venue.name if venue else "",
        series.ends_on,
    )
