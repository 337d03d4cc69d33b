"""Change or end a series: its dates follow, whom it affects is confirmed first, and it can be undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from config.text import Refusal, Text
from models import Activity, Hub, Series, Venue
from models.states import ActivityState
from scheduling.alignment import Step
from services import audit, gate
from services.access import require_coordinator
from services.bulk_changes import SERIES_FIELDS, Before, keep
from services.errors import HubError, TooLate
from services.queries import id_of
from services.schedule import plan_activities
from services.schedule_changes import cancel_activity, move_activity, reason_of
from services.series_effects import EffectLine, SeriesEffect, find_series, series_effect
from services.wording import local_day

SEEN_SOMETHING_ELSE = Refusal(
    "effect_changed",
    Text(
        "刚才到现在，名单或安排有变动，什么都没有改。请再看一遍会影响谁。",
        "People or dates have changed since you looked, so nothing is changed. Look again at whom it affects.",
    ),
)
NOTHING_TO_DO = Refusal(
    "nothing_changes", Text("这样改没有任何变化。", "That changes nothing."), field="recurrence"
)
LONGEST = timedelta(hours=24)


@dataclass(frozen=True)
class SeriesChanged:
    """Say what a change of a series did, and under which number it can be undone."""

    change_id: int
    moved: int
    cancelled: int
    added: int
    told: int
    sentence: Text
    problems: tuple[Refusal, ...] = ()


def change_series(
    session: Session,
    series_code: str,
    values: Mapping[str, Any],
    *,
    seal: str,
    reason: str,
    hub_id: int | None = None,
    by: int | None,
    now: datetime,
) -> SeriesChanged:
    """Change fields of a series and let its coming dates follow.

    `values` may name `rrule`, `start_time`, `duration_minutes`, `venue_id` and `ends_on`. `seal` is that
    of the effect which somebody has looked at: if people or dates have changed since, `TooLate` is
    raised and nothing is done. Raises `NotYours`, `NotFound`, and `HubError` for a clash or no reason.
    """
    series, hub = find_series(session, series_code, hub_id)
    if by is not None:
        require_coordinator(session, by, id_of(hub))
    refuse_bad_values(session, hub, values)
    effect = series_effect(session, series_code, values, hub_id=hub_id, now=now)
    why = reason_of(reason)
    _refuse(effect, series, values, seal)
    before = _before(session, series, effect)
    audit.change(session, series, "series.changed", now=now, by=by, reason=why, **values)
    told = _apply(session, series, effect, why, by=by, now=now)
    until = _last(effect, hub, now)
    planned = plan_activities(session, now=now, until=until, series=[id_of(series)], by=by)
    before.created = list(planned.activity_ids)
    change = keep(
        session,
        before,
        hub_id=id_of(hub),
        series_id=id_of(series),
        kind="series",
        sentence=_kept_sentence(effect),
        reason=why,
        by=by,
        now=now,
    )
    return SeriesChanged(
        id_of(change),
        len(effect.of(Step.MOVES)),
        len(effect.of(Step.FALLS_OUT)),
        planned.added + len(effect.of(Step.COMES_BACK)),
        told,
        effect.sentence,
        planned.problems,
    )


def _before(session: Session, series: Series, effect: SeriesEffect) -> Before:
    before = Before()
    before.add_series(series)
    before.add(session, [line.activity_id for line in effect.lines if line.activity_id and _is_touched(line)])
    return before


def refuse_bad_values(session: Session, hub: Hub, values: Mapping[str, Any]) -> None:
    """Raise `HubError` for what cannot stand in a series: unknown fields, no length, another hub's room."""
    assert values.keys() <= set(SERIES_FIELDS)
    minutes = values.get("duration_minutes")
    if minutes is not None and not 0 < minutes <= LONGEST / timedelta(minutes=1):
        wrong = Text("时长要在1到1440分钟之间。", "The length must be between 1 and 1440 minutes.")
        raise HubError(Refusal("bad_length", wrong, field="duration_minutes"))
    venue_id = values.get("venue_id")
    venue = session.get(Venue, venue_id) if venue_id is not None else None
    if venue_id is not None and (venue is None or venue.hub_id != hub.id):
        wrong = Text("这不是本青年汇的场地。", "That is no room of this hub.")
        raise HubError(Refusal("not_your_venue", wrong, field="venue"))


def _refuse(effect: SeriesEffect, series: Series, values: Mapping[str, Any], seal: str) -> None:
    if seal != effect.seal:
        raise TooLate(SEEN_SOMETHING_ELSE)
    if effect.problems:
        raise HubError(effect.problems)
    if effect.is_nothing and all(getattr(series, name) == value for name, value in values.items()):
        raise HubError(NOTHING_TO_DO)


def _is_touched(line: EffectLine) -> bool:
    return line.step in {Step.MOVES, Step.FALLS_OUT, Step.COMES_BACK}


def _apply(
    session: Session, series: Series, effect: SeriesEffect, why: str, *, by: int | None, now: datetime
) -> int:
    moved = effect.of(Step.MOVES, Step.STAYS, Step.COMES_BACK)
    activities = [(line, session.get_one(Activity, line.activity_id)) for line in moved]
    for _, activity in activities:  # two dates may change places: none is held twice meanwhile
        activity.series_date = None
    session.flush()
    told = 0
    for line, activity in activities:
        activity.series_date = line.on_date
        if line.step == Step.COMES_BACK:
            _come_back(session, activity, line, series, by=by, now=now)
        elif line.step == Step.MOVES:
            told += _move(session, activity, line, series, why, by=by, now=now)
    for line in effect.of(Step.FALLS_OUT):
        assert line.activity_id is not None
        told += cancel_activity(session, line.activity_id, reason=why, by=by, now=now).told
    return told


def _move(
    session: Session,
    activity: Activity,
    line: EffectLine,
    series: Series,
    why: str,
    *,
    by: int | None,
    now: datetime,
) -> int:
    assert line.becomes is not None
    session.flush()
    return move_activity(
        session,
        id_of(activity),
        starts_at=line.becomes,
        ends_at=line.ends_at,
        venue_id=series.venue_id,
        reason=why,
        by=by,
        now=now,
        is_checked=True,
    ).told


def _come_back(
    session: Session,
    activity: Activity,
    line: EffectLine,
    series: Series,
    *,
    by: int | None,
    now: datetime,
) -> None:
    audit.change(
        session,
        activity,
        "activity.restored",
        now=now,
        by=by,
        state=ActivityState.PLANNED,
        starts_at=line.becomes,
        ends_at=line.ends_at,
        venue_id=series.venue_id,
        revision=activity.revision + 1,
    )
    activity.reason = ""
    session.flush()
    gate.open_up(session, [id_of(activity)], now=now)


def _last(effect: SeriesEffect, hub: Hub, now: datetime) -> date:
    days = [line.on_date for line in effect.lines if line.on_date is not None]
    return max([local_day(now, hub.time_zone), *days])


def _kept_sentence(effect: SeriesEffect) -> Text:
    sentence = Text("“{title}”改了安排：{what}", "“{title}” was rearranged: {what}")
    return sentence.format(title=effect.title, what=effect.sentence)


def hub_series(session: Session, hub_id: int, *, now: datetime) -> list[tuple[Series, Venue | None]]:
    """Return the series of a hub that still go on, in the order of their titles."""
    question = (
        select(Series, Venue)
        .outerjoin(Venue, col(Venue.id) == Series.venue_id)
        .where(col(Series.hub_id) == hub_id)
        .order_by(col(Series.title_zh), col(Series.code))
    )
    today = now.date()
    return [
        (series, venue)
        for series, venue in session.execute(question).tuples()
        if series.ends_on is None or series.ends_on >= today
    ]
