"""What a hub wants to run once more, the times and rooms that are tried for it, and what stands in the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from config.text import Refusal
from models import Activity, Hub, Need, Series, SeriesException, SeriesNeed, Venue
from scheduling.conflicts import Booking, Calendar
from scheduling.proposals import start_times
from scheduling.recurrence import SeriesRule, why_not
from services.bookings import OPEN, bookings, place_of, series_hands
from services.policies import book
from services.proposal_rules import ProposalRules
from services.queries import id_of, named
from services.series_copies import OF_ACTIVITY, OF_NEED
from services.series_rules import Terms, rule_of
from services.wording import local_day, moment_text

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands where a time is filled in later."""


@dataclass(frozen=True)
class Wish:
    """Hold what a hub wants to run once more."""

    series: Series
    hub: Hub
    rule: SeriesRule
    needs: tuple[SeriesNeed, ...]
    venues: tuple[Venue | None, ...]
    rules: ProposalRules

    def days(self, now: datetime, weeks: int, taken: set[date]) -> Iterator[date]:
        """Yield the days of the coming weeks on which the series may happen and does not yet."""
        today = local_day(now, self.hub.time_zone)
        for number in range(self.rules.lead_days, weeks * 7 + 1):
            day = today + timedelta(days=number)
            if day not in taken and why_not(self.rule, day) is None:
                yield day

    def activity_at(
        self, starts_at: datetime, venue: Venue | None, *, code: str, key: int | None = None
    ) -> Activity:
        """Return one more date of the series as a row that is in no database yet."""
        values = {name: getattr(self.series, name) for name in OF_ACTIVITY}
        return Activity(
            **values | {"venue_id": venue.id if venue else None},
            id=key,
            code=code,
            series_id=self.series.id,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=self.series.duration_minutes),
        )

    def needs_of(self, activity_id: int) -> list[Need]:
        """Return the needs of one more date as rows that are in no database yet."""
        return [
            Need(activity_id=activity_id, **{name: getattr(need, name) for name in OF_NEED})
            for need in self.needs
        ]


def wish_of(session: Session, series: Series, hub: Hub, now: datetime) -> Wish:
    """Return what it takes to run a series once more."""
    exceptions = select(SeriesException).where(col(SeriesException.series_id) == id_of(series))
    by_date = {one.on_date: one.moved_to for one in session.execute(exceptions).scalars()}
    needs = select(SeriesNeed).where(col(SeriesNeed.series_id) == id_of(series)).order_by(col(SeriesNeed.id))
    return Wish(
        series,
        hub,
        rule_of(series, hub, Terms(session).of(hub), by_date),
        tuple(session.execute(needs).scalars()),
        rooms(session, series),
        book(session, ProposalRules, now=now).of(id_of(hub)),
    )


def tried(session: Session, wish: Wish, now: datetime, weeks: int) -> list[Booking]:
    """Return every time and room that is tried, as what it would take; `code` is its number."""
    mine = col(Activity.series_id) == wish.series.id, col(Activity.state).in_(OPEN)
    taken = {
        local_day(starts_at, wish.hub.time_zone)
        for starts_at in session.execute(select(col(Activity.starts_at)).where(*mine)).scalars()
    }
    return on_days(session, wish, list(wish.days(now, weeks, taken)), wish.venues)


def on_days(
    session: Session, wish: Wish, days: Sequence[date], venues: Sequence[Venue | None]
) -> list[Booking]:
    """Return every time of some days in every one of some rooms, as what it would take."""
    times = start_times(days, wish.series.duration_minutes, wish.rules.hours, wish.hub.time_zone)
    plain = _booking(session, wish, EPOCH, None)
    return [
        replace(_in_room(plain, wish.hub, venue), code=str(number), starts_at=starts_at, ends_at=ends_at)
        for number, ((starts_at, ends_at), venue) in enumerate(
            ((one, venue) for one in times for venue in venues), 1
        )
    ]


def _booking(session: Session, wish: Wish, starts_at: datetime, venue: Venue | None) -> Booking:
    hands, key = series_hands(session), id_of(wish.series)
    plain = Booking(
        "",
        None,
        "",
        named(wish.series.title_zh, wish.series.title_en),
        starts_at,
        starts_at + timedelta(minutes=wish.series.duration_minutes),
        hands.staff.get(key, ()),
        hands.uses.get(key, ()),
    )
    return _in_room(plain, wish.hub, venue)


def _in_room(booking: Booking, hub: Hub, venue: Venue | None) -> Booking:
    return replace(
        booking,
        venue_id=venue.id if venue else None,
        venue=venue.name if venue else "",
        place=place_of(hub, venue),
    )


def why_taken(session: Session, wish: Wish, starts_at: datetime, venue: Venue | None) -> list[Refusal]:
    """Return what stands in the way of one more date at a time and in a room."""
    wanted = _booking(session, wish, starts_at, venue)
    calendar = Calendar(bookings(session, wanted.starts_at, wanted.ends_at))
    when = moment_text(starts_at, wish.hub.time_zone)
    return [one.refusal(when) for one in calendar.conflicts(wanted)]


def rooms(session: Session, series: Series) -> tuple[Venue | None, ...]:
    """Return the hub's rooms that hold as many as the series takes, its own first; None where it has none."""
    found = session.execute(
        select(Venue).where(col(Venue.hub_id) == series.hub_id).order_by(col(Venue.code))
    ).scalars()
    fitting = [
        one
        for one in found
        if not one.capacity or one.capacity >= series.capacity or one.id == series.venue_id
    ]
    return tuple(sorted(fitting, key=lambda one: one.id != series.venue_id)) or (None,)
