"""A hub is closed for some days: all its activities of these days fall out at once, and can be put back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, select
from sqlmodel import Session, col

from config.text import Refusal, Text, plural
from models import Activity, Hub, Offer, Participation, Series, SeriesException
from models.states import ParticipationState
from scheduling.recurrence import Dates, dates_between
from services.access import require_coordinator
from services.bookings import OPEN
from services.bulk_changes import Before, keep
from services.errors import HubError, TooLate
from services.queries import id_of, occasions, required
from services.schedule_changes import cancel_activity, reason_of
from services.series_changes import SEEN_SOMETHING_ELSE
from services.series_effects import COUNTING_ON_IT
from services.series_rules import Terms, rule_of
from services.wording import day_text, local_day

LONGEST = timedelta(days=62)
Condition = ColumnElement[bool]


@dataclass(frozen=True)
class ClosingLine:
    """Hold an activity that falls out, and how many people count on it."""

    activity_id: int
    code: str
    title: Text
    starts_at: datetime
    volunteers: int
    participants: int


@dataclass(frozen=True)
class ClosingEffect:
    """Hold what closing would do; `seal` stands for exactly what is shown."""

    first: date
    last: date
    lines: tuple[ClosingLine, ...]
    seal: str

    @property
    def people(self) -> int:
        """Return how many people are told."""
        return sum(line.volunteers + line.participants for line in self.lines)

    @property
    def sentence(self) -> Text:
        """Return the effect in one sentence."""
        n, people = len(self.lines), self.people
        days = Text(
            f"{day_text(self.first).zh}到{day_text(self.last).zh}",
            f"{day_text(self.first).en} to {day_text(self.last).en}",
        )
        return Text(
            f"{days.zh}停办：取消{n}场活动，{people}人会收到通知。",
            f"Closed {days.en}: {n} {plural(n, 'activity', 'activities')} cancelled, {people} "
            f"{plural(people, 'person is', 'people are')} told.",
        )


@dataclass(frozen=True)
class Closed:
    """Say what closing did, and under which number it can be undone."""

    change_id: int
    cancelled: int
    told: int
    sentence: Text


def closing_effect(session: Session, hub_id: int, first: date, last: date, *, now: datetime) -> ClosingEffect:
    """Return what falls out if a hub is closed from `first` through `last`; raises `HubError` for bad days."""
    hub = required(session, Hub, hub_id)
    _refuse_bad_days(first, last, local_day(now, hub.time_zone))
    zone = ZoneInfo(hub.time_zone)
    start = max(now, datetime.combine(first, time(), zone))
    end = datetime.combine(last + timedelta(days=1), time(), zone)
    found = occasions(
        session,
        col(Activity.hub_id) == hub_id,
        col(Activity.state).in_(OPEN),
        col(Activity.starts_at) > start,
        col(Activity.starts_at) < end,
    )
    lines = tuple(
        ClosingLine(
            id_of(one.activity),
            one.activity.code,
            one.title,
            one.activity.starts_at,
            _count(session, select(col(Offer.id)).where(*_asked(id_of(one.activity)))),
            _count(session, select(col(Participation.id)).where(*_signed_up(id_of(one.activity)))),
        )
        for one in found
    )
    seal = sha256(repr([hub_id, first, last, lines]).encode()).hexdigest()[:24]
    return ClosingEffect(first, last, lines, seal)


def close_days(
    session: Session,
    hub_id: int,
    first: date,
    last: date,
    *,
    seal: str,
    reason: str,
    by: int | None,
    now: datetime,
) -> Closed:
    """Cancel what a hub does from `first` through `last`, and plan nothing on these days.

    `seal` is that of the effect which somebody has looked at. Raises `NotYours`, `TooLate` where people
    or dates have changed since, and `HubError` for bad days or no reason.
    """
    if by is not None:
        require_coordinator(session, by, hub_id)
    effect = closing_effect(session, hub_id, first, last, now=now)
    why = reason_of(reason)
    if effect.seal != seal:
        raise TooLate(SEEN_SOMETHING_ELSE)
    before = Before()
    before.add(session, [line.activity_id for line in effect.lines])
    told = sum(
        cancel_activity(session, line.activity_id, reason=why, by=by, now=now).told for line in effect.lines
    )
    before.exceptions = _except(session, hub_id, effect, why, now)
    change = keep(
        session, before, hub_id=hub_id, kind="close", sentence=effect.sentence, reason=why, by=by, now=now
    )
    return Closed(id_of(change), len(effect.lines), told, effect.sentence)


def _except(session: Session, hub_id: int, days: ClosingEffect, why: str, now: datetime) -> list[int]:
    """Take the days out of every series of the hub where they are not dated yet."""
    hub = required(session, Hub, hub_id)
    terms, made = Terms(session).of(hub), []
    first = max(days.first, local_day(now, hub.time_zone))
    for series in session.execute(select(Series).where(col(Series.hub_id) == hub_id)).scalars().all():
        key = id_of(series)
        exceptions = select(SeriesException).where(col(SeriesException.series_id) == key)
        decided = {one.on_date: one.moved_to for one in session.execute(exceptions).scalars()}
        dated = select(col(Activity.series_date)).where(col(Activity.series_id) == key)
        known = {*decided, *session.execute(dated).scalars()}
        found = dates_between(rule_of(series, hub, terms, decided), first, days.last)
        new = [one.on_date for one in found.occurrences] if isinstance(found, Dates) else []
        made += [SeriesException(series_id=key, on_date=day, reason=why) for day in new if day not in known]
    session.add_all(made)
    session.flush()
    return [id_of(one) for one in made]


def _refuse_bad_days(first: date, last: date, today: date) -> None:
    if last < first or last < today:
        wrong = Text(
            "结束那天要在开始之后，并且还没过。", "The last day must not be before the first, nor past."
        )
        raise HubError(Refusal("bad_days", wrong, field="last"))
    if last - first > LONGEST:
        wrong = Text(f"一次最多停办{LONGEST.days}天。", f"At most {LONGEST.days} days at once.")
        raise HubError(Refusal("too_many_days", wrong, field="last"))


def _asked(activity_id: int) -> tuple[Condition, ...]:
    return col(Offer.activity_id) == activity_id, col(Offer.state).in_(COUNTING_ON_IT)


def _signed_up(activity_id: int) -> tuple[Condition, ...]:
    mine = col(Participation.activity_id) == activity_id
    return mine, col(Participation.state) != ParticipationState.CANCELLED


def _count(session: Session, question: Select[tuple[int | None]]) -> int:
    return len(session.execute(question).all())
