"""What the schedule page shows: a hub's series in words, its rooms, what is not known yet, recent changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from config.text import Text
from documents.weekly import read_recurrence
from models import Activity, Offer, Participation, Person, Series, Venue
from models.states import ParticipationState
from scheduling.holidays import unknown_years
from scheduling.words import rule_words
from services.access import require_coordinator
from services.bulk_changes import BulkLine, recent
from services.queries import id_of, named, required
from services.series_changes import hub_series
from services.series_effects import COUNTING_ON_IT

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
    shown = rule if series.window_days == 1 else _within(rule, series.window_days)
    is_plain = read_recurrence(rule.zh) == (series.rrule, series.start_time)
    return SeriesLine(
        series.code,
        named(series.title_zh, series.title_en),
        shown,
        rule.zh if is_plain else series.rrule,
        series.duration_minutes,
        series.venue_id,
        venue.name if venue else "",
        series.ends_on,
    )


def _within(rule: Text, days: int) -> Text:
    return Text(
        f"{rule.zh}起{days}天之内，排的时候选时间",
        f"{rule.en}: some time within {days} days from then, chosen when it is planned",
    )


@dataclass(frozen=True)
class Counting:
    """Hold who counts on one activity, and in which rooms of the hub it could be."""

    volunteers: tuple[str, ...]
    participants: int
    venue_id: int | None
    venues: tuple[tuple[int, str], ...]

    @property
    def number(self) -> int:
        """Return how many people are told of a change."""
        return len(self.volunteers) + self.participants


def counting_on(session: Session, activity_id: int) -> Counting:
    """Return who was asked, said yes or signed up for an activity."""
    activity = required(session, Activity, activity_id)
    names = (
        select(Person.name)
        .join(Offer, col(Offer.person_id) == Person.id)
        .where(Offer.activity_id == activity_id, col(Offer.state).in_(COUNTING_ON_IT))
        .order_by(col(Person.name))
    )
    seats = select(Participation.id).where(
        Participation.activity_id == activity_id, Participation.state != ParticipationState.CANCELLED
    )
    rooms = select(Venue).where(Venue.hub_id == activity.hub_id).order_by(col(Venue.code))
    return Counting(
        tuple(session.exec(names)),
        len(session.exec(seats).all()),
        activity.venue_id,
        tuple((id_of(room), room.name) for room in session.exec(rooms)),
    )
