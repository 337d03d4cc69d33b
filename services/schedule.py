"""Plan dated activities from series, publish, move and cancel them.

Planning asks once what is there and inserts once what is missing, for one hub or for all; and as
UNIQUE(series_id, series_date) says, a second run adds nothing. What people do to single activities
stands in `schedule_changes.py` and is reached through this module.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, or_, select
from sqlmodel import Session, col

from config.settings import settings
from config.text import Refusal, Text, plural
from models import (
    Activity,
    ActivityStaff,
    ActivityUse,
    Hub,
    Need,
    Series,
    SeriesException,
    SeriesNeed,
    Table,
    Venue,
)
from models.states import ActivityState
from scheduling.conflicts import Booking, Conflict, Staff, Use, find_conflicts
from scheduling.recurrence import Occurrence, dates_between
from services import bulk_changes, gate, risk_mails
from services.bookings import bookings, place_of, series_hands
from services.errors import HubError
from services.flexible import TimesOfWindows, Window, no_time
from services.queries import batches, id_of, named
from services.schedule_changes import (
    Cancelled,
    Moved,
    Published,
    cancel_activity,
    move_activity,
    publish,
)
from services.series_copies import OF_ACTIVITY, OF_NEED
from services.series_rules import Terms, rule_of
from services.wording import day_text, local_day, moment_text

__all__ = [
    "Cancelled",
    "Moved",
    "Planned",
    "Published",
    "cancel_activity",
    "move_activity",
    "plan_activities",
    "publish",
]

FURTHEST = timedelta(days=366)
INSERT_BATCH = 1_000


@dataclass(frozen=True)
class Planned:
    """Say how many activities were added, were there already, and fall out; and what is wrong.

    `waiting` of those added are published once a risk check has passed. `problems` name the series or the activity in their `field`.
    """

    added: int
    kept: int
    skipped: int
    problems: tuple[Refusal, ...]
    sentence: Text
    activity_ids: tuple[int, ...] = ()
    waiting: int = 0


@dataclass(frozen=True)
class _Draft:
    """Hold an activity that a series asks for."""

    series: Series
    hub: Hub
    venue: Venue | None
    occurrence: Occurrence
    staff: tuple[Staff, ...] = ()
    uses: tuple[Use, ...] = ()
    window: Window | None = None
    """Between which moments the time may be chosen, where it is flexible."""

    @property
    def code(self) -> str:
        return f"{self.series.code}-{self.occurrence.on_date:%Y%m%d}"

    def row(self) -> dict[str, Any]:
        """Return the activity as a row to insert."""
        series = self.series
        return {name: getattr(series, name) for name in OF_ACTIVITY} | {
            "code": self.code,
            "series_id": series.id,
            "series_date": self.occurrence.on_date,
            "starts_at": self.occurrence.starts_at,
            "ends_at": self.occurrence.ends_at,
            "window_from": self.window.starts_at if self.window else None,
            "window_until": self.window.ends_at if self.window else None,
            "state": ActivityState.PLANNED,
            "revision": 1,
            "reason": "",
        }

    def booking(self) -> Booking:
        """Return what it takes and when."""
        at = self.occurrence
        return Booking(
            self.code,
            self.series.venue_id,
            self.venue.name if self.venue else "",
            named(self.series.title_zh, self.series.title_en),
            at.starts_at,
            at.ends_at,
            self.staff,
            self.uses,
            place_of(self.hub, self.venue),
        )


def plan_activities(
    session: Session,
    *,
    now: datetime,
    until: date,
    hubs: list[int] | None = None,
    series: list[int] | None = None,
    published: bool = True,
    by: int | None = None,
) -> Planned:
    """Add the activities that the series of the hubs (None: of all) ask for through `until`.

    A date whose room is taken is refused with a sentence and the others go on. What is added can be
    undone hub by hub; with `series` it is part of a change that keeps it. Raises `HubError` when `until`
    is in the past or more than a year ahead.
    """
    _refuse_bad_end(until, now)
    _take_turn(session, hubs)
    found = _drafts(session, _series(session, until, hubs, series, now), until, now)
    _choose_times(session, found, now)
    fitting, conflicts = _fit(session, found.drafts, now)
    ids = _insert(session, fitting)
    waiting = gate.open_up(session, ids, now=now) if published else set()
    _tell_waiting(session, fitting, ids, waiting, now=now)
    if series is None:
        made = [(id_of(draft.hub), key) for draft, key in zip(fitting, ids, strict=True)]
        bulk_changes.planned(session, made, by=by, now=now)
    problems = (*found.problems, *conflicts, *found.unknown())
    counts = len(fitting), found.kept, found.skipped
    sentence = _sentence(*counts, len(problems), len(waiting))
    return Planned(*counts, problems, sentence, tuple(ids), len(waiting))


@dataclass
class _Asked:
    """Collect what the series of some hubs ask for."""

    drafts: list[_Draft] = field(default_factory=list)
    kept: int = 0
    skipped: int = 0
    problems: list[Refusal] = field(default_factory=list)
    years: set[int] = field(default_factory=set)
    term_ends: dict[str, date] = field(default_factory=dict)
    """By series, the last day of which we know whether it is in term."""

    def unknown(self) -> list[Refusal]:
        """Return what nobody has announced or entered yet."""
        return [
            *(_holidays_unknown(year) for year in sorted(self.years)),
            *(_terms_unknown(code, day) for code, day in sorted(self.term_ends.items())),
        ]


def _drafts(
    session: Session, wanted: list[tuple[Series, Hub, Venue | None]], until: date, now: datetime
) -> _Asked:
    exceptions, existing = _exceptions(session), _existing(session, now)
    hands, terms = series_hands(session), Terms(session)
    asked = _Asked()
    for series, hub, venue in wanted:
        key = id_of(series)
        rule = rule_of(series, hub, terms.of(hub), exceptions.get(key, {}))
        found = dates_between(rule, local_day(now, hub.time_zone), until)
        if isinstance(found, Refusal):
            asked.problems.append(replace(found, field=series.code))
            continue
        coming = [one for one in found.occurrences if one.starts_at > now]
        new = [one for one in coming if (key, one.on_date) not in existing]
        own = hands.staff.get(key, ()), hands.uses.get(key, ())
        asked.drafts += [_Draft(series, hub, venue, one, *own) for one in new]
        asked.kept += len(coming) - len(new)
        asked.skipped += len(found.left_out)
        asked.years |= set(found.unsure)
        if found.no_term_after is not None:
            asked.term_ends[series.code] = found.no_term_after
    return asked


def _choose_times(session: Session, asked: _Asked, now: datetime) -> None:
    """Give what is flexible the time of its window at which it can be staffed best."""
    fixed = [one for one in asked.drafts if one.series.window_days == 1]
    if len(fixed) == len(asked.drafts):
        return
    places = TimesOfWindows(session, (one.booking() for one in fixed), now=now)
    for draft in asked.drafts:
        if draft.series.window_days > 1:
            window, time = places.choose(draft.series, draft.hub, draft.occurrence.on_date, draft.code)
            if time is None:
                asked.problems.append(no_time(draft.series, window, draft.hub))
                continue
            chosen = replace(draft.occurrence, starts_at=time.starts_at, ends_at=time.ends_at)
            fixed.append(replace(draft, occurrence=chosen, window=window))
    asked.drafts = fixed


def _take_turn(session: Session, hubs: list[int] | None) -> None:
    # Two planners at once would both find nothing there and add the same dates: the second waits here,
    # and then sees what the first has added. Activities that refer to the series are not kept waiting.
    series = select(col(Series.id)).order_by(col(Series.id)).with_for_update(key_share=True)
    session.execute(series if hubs is None else series.where(col(Series.hub_id).in_(hubs))).all()


def _refuse_bad_end(until: date, now: datetime) -> None:
    today = local_day(now, settings().time_zone)
    if today <= until <= today + FURTHEST:
        return
    sentence = Text(
        zh="要排到的日子是{until}，今天是{today}：只能排从今天起一年之内的活动。",
        en="The last day to plan is {until} and today is {today}: plan from today up to a year ahead.",
    )
    raise HubError(Refusal("until_out_of_range", sentence.format(until=until, today=today), field="until"))


def _series(
    session: Session, until: date, hubs: list[int] | None, series: list[int] | None, now: datetime
) -> list[tuple[Series, Hub, Venue | None]]:
    yesterday = now.date() - timedelta(days=1)
    question = (
        select(Series, Hub, Venue)
        .join(Hub, col(Hub.id) == Series.hub_id)
        .outerjoin(Venue, col(Venue.id) == Series.venue_id)
        .where(
            col(Hub.is_open),
            col(Series.starts_on) <= until,
            or_(col(Series.ends_on).is_(None), col(Series.ends_on) >= yesterday),
        )
        .order_by(col(Series.code))
    )
    if hubs is not None:
        question = question.where(col(Hub.id).in_(hubs))
    if series is not None:
        question = question.where(col(Series.id).in_(series))
    return [(one, hub, venue) for one, hub, venue in session.execute(question)]


def _exceptions(session: Session) -> dict[int, dict[date, datetime | None]]:
    found: dict[int, dict[date, datetime | None]] = {}
    for one in session.execute(select(SeriesException)).scalars():
        found.setdefault(one.series_id, {})[one.on_date] = one.moved_to
    return found


def _existing(session: Session, now: datetime) -> set[tuple[int, date]]:
    question = select(col(Activity.series_id), col(Activity.series_date)).where(
        col(Activity.series_id).is_not(None), col(Activity.series_date) >= now.date() - timedelta(days=1)
    )
    return {(series_id, day) for series_id, day in session.execute(question)}


def _fit(session: Session, drafts: list[_Draft], now: datetime) -> tuple[list[_Draft], list[Refusal]]:
    """Return the drafts whose rooms are free, and why the others do not fit."""
    wanted = [draft.booking() for draft in drafts]
    booked = bookings(session, now) if wanted else []
    conflicts: dict[str, list[Conflict]] = {}
    for one in find_conflicts(booked, wanted):
        conflicts.setdefault(one.wanted.code, []).append(one)
    refusals = [
        conflict.refusal(moment_text(draft.occurrence.starts_at, draft.hub.time_zone))
        for draft in drafts
        for conflict in conflicts.get(draft.code, ())
    ]
    return [draft for draft in drafts if draft.code not in conflicts], refusals


def _tell_waiting(
    session: Session, drafts: list[_Draft], ids: list[int], waiting: set[int], *, now: datetime
) -> None:
    """Tell the hubs whose new dates wait for a risk check."""
    hubs = {id_of(draft.hub) for draft, key in zip(drafts, ids, strict=True) if key in waiting}
    if hubs:
        risk_mails.queue_held(session, gate.held(session, sorted(hubs), now=now), now=now)


def _insert(session: Session, drafts: list[_Draft]) -> list[int]:
    needs = _needs(session)
    added: list[int] = []
    for batch in batches(drafts, INSERT_BATCH):
        statement = insert(Activity).returning(col(Activity.id), sort_by_parameter_order=True)
        ids = session.execute(statement, [draft.row() for draft in batch]).scalars().all()
        added += ids
        made = list(zip(ids, batch, strict=True))
        rows: dict[type[Table], list[dict[str, Any]]] = {
            Need: [
                {**need, "activity_id": activity_id, "taken": 0}
                for activity_id, draft in made
                for need in needs.get(id_of(draft.series), ())
            ],
            ActivityStaff: [
                {"activity_id": activity_id, "person_id": one.person_id}
                for activity_id, draft in made
                for one in draft.staff
            ],
            ActivityUse: [
                {"activity_id": activity_id, "equipment_id": use.equipment_id, "quantity": use.quantity}
                for activity_id, draft in made
                for use in draft.uses
            ],
        }
        for table, values in rows.items():
            if values:
                session.execute(insert(table), values)
    return added


def _needs(session: Session) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for need in session.execute(select(SeriesNeed).order_by(col(SeriesNeed.id))).scalars():
        found.setdefault(need.series_id, []).append(need.model_dump(include=set(OF_NEED)))
    return found


def _holidays_unknown(year: int) -> Refusal:
    return Refusal(
        "holidays_unknown",
        Text(
            zh=f"{year}年的放假安排还没有公布，先按没有节假日排。公布以后再看一遍。",
            en=f"The public holidays of {year} are not announced yet; planned as if there were none. "
            "Look again once they are.",
        ),
    )


def _terms_unknown(code: str, day: date) -> Refusal:
    known = day_text(day)
    sentence = Text(
        zh="“{code}”按学期办，可是{day}以后的学期还没有填，先照规律排。请导入学期表，再看一遍。",
        en="Series {code} keeps to school terms, and none is known after {day}; planned as its rule says. "
        "Import the terms, then look again.",
    )
    return Refusal("terms_unknown", sentence.format(code=code, day=known), field=code)


def _sentence(added: int, kept: int, skipped: int, problems: int, waiting: int) -> Text:
    trouble, held = Text(zh="", en=""), Text(zh="", en="")
    if waiting:
        held = Text(
            zh=f"其中{waiting}场要先过风险检查才发布。",
            en=f" {waiting} of them {plural(waiting, 'is', 'are')} published once a risk check has passed.",
        )
    if problems:
        trouble = Text(
            zh=f"有{problems}件事要看一下。",
            en=f" {problems} {plural(problems, 'thing needs', 'things need')} a look.",
        )
    return Text(
        zh=f"新排了{added}场活动，{kept}场早已排好，{skipped}场因放假或停办不排。{held.zh}{trouble.zh}",
        en=f"{added} {plural(added, 'activity', 'activities')} added, {kept} there already, "
        f"{skipped} left out for holidays or by decision.{held.en}{trouble.en}",
    )
