"""What a change of a series would do, date by date, and whom it affects: shown before anything is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from config.text import Refusal, Text, plural
from models import Activity, BulkChange, Hub, Offer, Participation, Person, Series, SeriesException, Venue
from models.states import ActivityState, OfferState, ParticipationState
from scheduling.alignment import Aligned, Dated, Step, align
from scheduling.conflicts import Booking, find_conflicts
from scheduling.recurrence import Dates, Occurrence, SeriesRule, dates_between
from services.bookings import OPEN, bookings, place_of, series_hands
from services.errors import HubError, NotFound
from services.queries import id_of, named, occasions
from services.series_rules import Terms, rule_of
from services.wording import local_day, moment_text

NO_SUCH_SERIES = Refusal("unknown_series", Text("没有这个系列活动。", "There is no such series."))
COUNTING_ON_IT = (OfferState.SENT, OfferState.ACCEPTED, OfferState.STANDBY)
LOOK_AHEAD = timedelta(weeks=6)
"""So far ahead new dates are shown and planned, or as far as dates are planned already."""


@dataclass(frozen=True)
class EffectLine:
    """Hold what becomes of one date, and who counts on it."""

    step: Step
    activity_id: int | None
    code: str
    was: datetime | None
    becomes: datetime | None
    ends_at: datetime | None
    on_date: date | None
    volunteers: tuple[str, ...] = ()
    participants: int = 0

    @property
    def people(self) -> int:
        """Return how many people count on the date as it is."""
        return len(self.volunteers) + self.participants


@dataclass(frozen=True)
class SeriesEffect:
    """Hold what a change would do; `seal` stands for exactly what is shown here."""

    series_code: str
    title: Text
    time_zone: str
    lines: tuple[EffectLine, ...]
    problems: tuple[Refusal, ...]
    seal: str

    def of(self, *steps: Step) -> tuple[EffectLine, ...]:
        """Return the dates with which this happens."""
        return tuple(line for line in self.lines if line.step in steps)

    @property
    def people(self) -> int:
        """Return how many people are told."""
        return sum(line.people for line in self.of(Step.MOVES, Step.FALLS_OUT))

    @property
    def is_nothing(self) -> bool:
        """Say whether every date stays as it is."""
        return not self.of(Step.MOVES, Step.FALLS_OUT, Step.COMES_BACK, Step.NEW)

    @property
    def sentence(self) -> Text:
        """Return the effect in one sentence."""
        moves, out = len(self.of(Step.MOVES)), len(self.of(Step.FALLS_OUT))
        more, n = len(self.of(Step.NEW, Step.COMES_BACK)), self.people
        return Text(
            f"{moves}场改期，{out}场取消，{more}场新增；{n}人会收到通知。",
            f"{moves} moved, {out} cancelled, {more} added; {n} {plural(n, 'person is', 'people are')} told.",
        )


@dataclass(frozen=True)
class Wanted:
    """Hold a series as it is to be, with its hub and room, before anything is written."""

    series: Series
    hub: Hub
    venue: Venue | None
    rule: SeriesRule


def series_effect(
    session: Session, series_code: str, values: Mapping[str, Any], *, hub_id: int | None, now: datetime
) -> SeriesEffect:
    """Return what it would do to change these fields of a series; nothing is written.

    With no fields it says which dates no longer fit the series, as after an import. Raises `NotFound`,
    and `HubError` for a rule that cannot be read.
    """
    series, hub = find_series(session, series_code, hub_id)
    wanted = _wanted(session, series, hub, values)
    had = _dates(session, series, hub, now)
    until = max([local_day(now + LOOK_AHEAD, hub.time_zone), *(one.on_date for one in had.values())])
    # What was moved, or chosen within its window, may come after the day that the rule gave it.
    since = min([local_day(now, hub.time_zone), *(one.on_date for one in had.values())])
    found = dates_between(wanted.rule, since, until)
    if isinstance(found, Refusal):
        raise HubError(found)
    changes_room = wanted.series.venue_id not in {None, series.venue_id}
    coming = _coming(found, had, now)
    dated = tuple(had.values())
    if series.window_days > 1:
        dated, coming = _as_chosen(series, wanted, had, coming)
    aligned = align(dated, coming)
    lines = _lines(session, had, aligned, changes_room=changes_room)
    problems = _problems(session, wanted, lines)
    return SeriesEffect(
        series.code,
        named(series.title_zh, series.title_en),
        hub.time_zone,
        lines,
        problems,
        _seal(series, values, lines),
    )


def find_series(session: Session, code: str, hub_id: int | None) -> tuple[Series, Hub]:
    """Return a series and its hub; raises `NotFound`, also for another hub's."""
    question = select(Series, Hub).join(Hub, col(Hub.id) == Series.hub_id).where(col(Series.code) == code)
    found = session.execute(question).tuples().one_or_none()
    if found is None or (hub_id is not None and found[1].id != hub_id):
        raise NotFound(NO_SUCH_SERIES)
    series, hub = found
    return series, hub


def _wanted(session: Session, series: Series, hub: Hub, values: Mapping[str, Any]) -> Wanted:
    changed = Series(**{**series.model_dump(), **values})
    exceptions = select(SeriesException).where(col(SeriesException.series_id) == id_of(series))
    by_date = {one.on_date: one.moved_to for one in session.execute(exceptions).scalars()}
    venue = session.get(Venue, changed.venue_id) if changed.venue_id else None
    return Wanted(changed, hub, venue, rule_of(changed, hub, Terms(session).of(hub), by_date))


def _dates(session: Session, series: Series, hub: Hub, now: datetime) -> dict[int, Dated]:
    """Return the coming dates of a series: those that are on, and those that a change had fall out."""
    mine = col(Activity.series_id) == id_of(series), col(Activity.starts_at) > now
    dated = col(Activity.series_date).is_not(None)
    found = [one.activity for one in occasions(session, *mine, dated)]
    out = _fell_out(session, id_of(series))
    ruled = _ruled(session, series, hub, found)
    return {
        id_of(one): Dated(
            id_of(one),
            one.series_date,
            one.starts_at,
            one.ends_at,
            is_pinned=one.series_date in ruled and ruled[one.series_date] != (one.starts_at, one.ends_at),
            is_out=one.state == ActivityState.CANCELLED,
        )
        for one in found
        if one.series_date is not None
        and (one.state in OPEN or (one.state == ActivityState.CANCELLED and one.id in out))
    }


def _ruled(session: Session, series: Series, hub: Hub, found: list[Activity]) -> dict[date, Any]:
    """Return when the series as it stands has each date: what differs was moved by hand."""
    days = [one.series_date for one in found if one.series_date is not None]
    if not days:
        return {}
    rule = _wanted(session, series, hub, {}).rule
    dates = dates_between(rule, min(days), max(days))
    if isinstance(dates, Refusal):
        return {}
    return {one.on_date: (one.starts_at, one.ends_at) for one in dates.occurrences}


def _fell_out(session: Session, series_id: int) -> set[int]:
    """Return the activities that earlier changes of the series cancelled with nobody in them."""
    question = select(BulkChange).where(
        col(BulkChange.series_id) == series_id, col(BulkChange.undone_at).is_(None)
    )
    return {
        row["activity_id"]
        for change in session.execute(question).scalars()
        for row in change.before["activities"]
        if not any(state in COUNTING_ON_IT for state in row["offers"].values())
    }


def _coming(found: Dates, had: Mapping[int, Dated], now: datetime) -> tuple[Occurrence, ...]:
    days = {one.on_date for one in had.values()}
    return tuple(one for one in found.occurrences if one.starts_at > now or one.on_date in days)


def _as_chosen(
    series: Series, wanted: Wanted, had: Mapping[int, Dated], coming: tuple[Occurrence, ...]
) -> tuple[tuple[Dated, ...], tuple[Occurrence, ...]]:
    """Return the same with the times that planning or people chose: a flexible series' rule names only days."""
    is_longer = wanted.series.duration_minutes != series.duration_minutes
    chosen = {one.on_date: one for one in had.values()}
    dates = {one.on_date for one in coming}
    times = [
        replace(one, starts_at=it.starts_at, ends_at=it.starts_at + length if is_longer else it.ends_at)
        if (it := chosen.get(one.on_date)) and (length := one.ends_at - one.starts_at)
        else one
        for one in coming
    ]
    return tuple(replace(one, is_pinned=one.on_date not in dates) for one in had.values()), tuple(times)


def _lines(
    session: Session, had: Mapping[int, Dated], aligned: tuple[Aligned, ...], *, changes_room: bool
) -> tuple[EffectLine, ...]:
    placed, signed_up = _placed(session, had), _signed_up(session, had)
    codes = {key: session.get_one(Activity, key).code for key in had}
    lines = []
    for one in aligned:
        key = one.dated.key if one.dated else 0
        stays = one.dated if one.step == Step.STAYS else None
        at = stays or one.occurrence
        lines.append(
            EffectLine(
                step=Step.MOVES if stays and changes_room else one.step,
                activity_id=key or None,
                code=codes.get(key, ""),
                was=one.dated.starts_at if one.dated else None,
                becomes=at.starts_at if at else None,
                ends_at=at.ends_at if at else None,
                on_date=one.occurrence.on_date if one.occurrence else None,
                volunteers=placed.get(key, ()),
                participants=signed_up.get(key, 0),
            )
        )
    return tuple(lines)


def _placed(session: Session, had: Mapping[int, Dated]) -> dict[int, tuple[str, ...]]:
    question = (
        select(col(Offer.activity_id), col(Person.name))
        .join(Person, col(Person.id) == Offer.person_id)
        .where(col(Offer.activity_id).in_(had), col(Offer.state).in_(COUNTING_ON_IT))
        .order_by(col(Offer.activity_id), col(Person.name))
    )
    found: dict[int, tuple[str, ...]] = {}
    for key, name in session.execute(question).tuples():
        found[key] = (*found.get(key, ()), name)
    return found


def _signed_up(session: Session, had: Mapping[int, Dated]) -> dict[int, int]:
    question = select(col(Participation.activity_id)).where(
        col(Participation.activity_id).in_(had), col(Participation.state) != ParticipationState.CANCELLED
    )
    found: dict[int, int] = {}
    for key in session.execute(question).scalars():
        found[key] = found.get(key, 0) + 1
    return found


def _problems(session: Session, wanted: Wanted, lines: tuple[EffectLine, ...]) -> tuple[Refusal, ...]:
    """Return what stands in the way of moved dates; new ones are judged when they are planned."""
    moved = [line for line in lines if line.step in {Step.MOVES, Step.COMES_BACK}]
    if not moved:
        return ()
    own = {line.code for line in lines}
    starts = [line.becomes for line in moved if line.becomes is not None]
    others = [one for one in bookings(session, min(starts), max(starts)) if one.code not in own]
    conflicts = find_conflicts(others, (_booking(session, wanted, line) for line in moved))
    zone = wanted.hub.time_zone
    return tuple(one.refusal(moment_text(one.wanted.starts_at, zone)) for one in conflicts)


def _booking(session: Session, wanted: Wanted, line: EffectLine) -> Booking:
    assert line.becomes is not None
    assert line.ends_at is not None
    hands, key = series_hands(session), id_of(wanted.series)
    return Booking(
        line.code,
        wanted.series.venue_id,
        wanted.venue.name if wanted.venue else "",
        named(wanted.series.title_zh, wanted.series.title_en),
        line.becomes,
        line.ends_at,
        hands.staff.get(key, ()),
        hands.uses.get(key, ()),
        place_of(wanted.hub, wanted.venue),
    )


def _seal(series: Series, values: Mapping[str, Any], lines: tuple[EffectLine, ...]) -> str:
    """Return a mark of what is shown: who confirms it agrees to this and to nothing else."""
    shown = [series.code, sorted((name, str(value)) for name, value in values.items()), lines]
    return sha256(repr(shown).encode()).hexdigest()[:24]
