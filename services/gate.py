"""The gate before publishing: what needs a risk check stays planned, and nobody is asked to serve at it.

Whether an activity may go is asked of the database each time (`gate_rules.may_go`), never stored: a check
that lapses, a new room or a new rule of the network counts at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, update
from sqlmodel import Session, col, select

from config.text import Refusal, Text
from models import Activity, RiskCheck, Series
from models.states import ActivityState, RiskCheckState
from services.bookings import OPEN
from services.gate_rules import gate_rules, may_go
from services.queries import Occasion, batches, id_of, occasions
from services.risk_latest import latest_checks

LOOK_AHEAD = timedelta(weeks=8)
FACTS = ("has_minors", "is_outdoors", "takes_money", "capacity", "venue_id")
"""What a check is answered for."""


@dataclass(frozen=True)
class Held:
    """Hold a series, or (no series) a single activity, whose coming dates wait for a check."""

    hub_id: int
    series: Series | None
    first: Occasion
    activity_ids: tuple[int, ...]
    latest: RiskCheck | None
    """The check that was answered last, if any."""

    @property
    def path(self) -> str:
        """Return the check's page below the hub's own."""
        if self.series is not None:
            return f"/schedule/{self.series.code}/check"
        return f"/activities/{self.first.activity.code}/check"

    @property
    def is_asked(self) -> bool:
        """Say whether a second person has it before them."""
        return self.latest is not None and self.latest.state == RiskCheckState.ASKED


def open_up(session: Session, activity_ids: Sequence[int], *, now: datetime) -> set[int]:
    """Publish those of some planned activities that may go; return the ids of the others."""
    rules = gate_rules(session, now=now)
    published: set[int] = set()
    for batch in batches(activity_ids):
        statement = (
            update(Activity)
            .where(col(Activity.id).in_(batch), col(Activity.state) == ActivityState.PLANNED, may_go(rules))
            .values(state=ActivityState.PUBLISHED)
            .returning(col(Activity.id))
            .execution_options(synchronize_session="fetch")
        )
        published.update(key for key in session.execute(statement).scalars() if key is not None)
    return set(activity_ids) - published


def held(session: Session, hub_ids: Sequence[int] | None, *, now: datetime) -> list[Held]:
    """Return what waits for a check in some hubs (None: in all), the soonest first."""
    mine = [] if hub_ids is None else [col(Activity.hub_id).in_(hub_ids)]
    waiting = occasions(session, *_waits(session, now), *mine)
    series = _series_of(session, waiting)
    groups: dict[tuple[int, int], list[Occasion]] = {}
    for one in waiting:
        own = series.get(one.activity.series_id or 0)
        # A date that was moved to another room is no longer what its series was checked for.
        key = (id_of(own), 0) if own is not None and is_like(one.activity, own) else (0, id_of(one.activity))
        groups.setdefault(key, []).append(one)
    of_series, of_activity = latest_checks(
        session,
        series_ids={key for key, _ in groups if key},
        activity_ids={key for _, key in groups if key},
    )
    return [
        Held(
            found[0].activity.hub_id,
            series.get(series_id),
            found[0],
            tuple(id_of(one.activity) for one in found),
            of_series.get(series_id) or of_activity.get(activity_id),
        )
        for (series_id, activity_id), found in groups.items()
    ]


def is_like(activity: Activity, series: Series) -> bool:
    """Say whether a check of the series, as it stands, would cover this date of it."""
    return all(getattr(activity, name) == getattr(series, name) for name in FACTS)


def _series_of(session: Session, found: Sequence[Occasion]) -> dict[int, Series]:
    keys = sorted({one.activity.series_id for one in found if one.activity.series_id is not None})
    return {
        id_of(one): one
        for batch in batches(keys)
        for one in session.exec(select(Series).where(col(Series.id).in_(batch)))
    }


def refuse_held(session: Session, activity_ids: Iterable[int], *, now: datetime) -> list[Refusal]:
    """Return why activities may not be published, one sentence for each that waits for a check."""
    rules = gate_rules(session, now=now)
    waiting = occasions(session, col(Activity.id).in_(list(activity_ids)), ~may_go(rules))
    return [
        Refusal(
            "needs_check",
            Text(
                "“{title}”要先过风险检查，再由第二个人同意，才能发布。",
                "“{title}” is published once its risk check is answered and a second person agrees.",
            ).format(title=one.title),
            field=one.activity.code,
        )
        for one in waiting
    ]


def held_with(session: Session, activity_id: int, hub_id: int, *, now: datetime) -> Held | None:
    """Return what an activity waits with, if it waits for a check."""
    found = held(session, [hub_id], now=now)
    return next((one for one in found if activity_id in one.activity_ids), None)


def _waits(session: Session, now: datetime) -> list[ColumnElement[bool]]:
    return [
        col(Activity.state).in_(OPEN),
        col(Activity.starts_at) > now,
        col(Activity.starts_at) <= now + LOOK_AHEAD,
        ~may_go(gate_rules(session, now=now)),
    ]
