"""A change of many activities is kept with how things stood, and undone in one step.

Nothing is deleted: what fell out is cancelled and comes back, what was planned by mistake is cancelled
and set loose from its series, so that the date can be planned anew. Only those are told who had heard
of the change: mail about it that has not left is no longer true and never leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from config.text import Refusal, Text, plural
from models import Activity, BulkChange, Need, Offer, Series, SeriesException
from services import audit
from services.access import require_coordinator
from services.bulk_undo import Snapshot, any_has_begun, refuse_changed, set_back, take_back, why_kept
from services.errors import HubError, NotFound, TooLate
from services.queries import id_of, lock_needs

UNDONE_WITHIN = timedelta(days=14)
NO_SUCH_CHANGE = Refusal("no_such_change", Text("没有这次改动。", "There is no such change."))
TOO_OLD = Refusal(
    "change_too_old",
    Text(
        f"改动过了{UNDONE_WITHIN.days}天就不能撤销了。请单独改要改的活动。",
        f"A change can be undone within {UNDONE_WITHIN.days} days. Change the activities themselves.",
    ),
)
SERIES_FIELDS = ("rrule", "start_time", "duration_minutes", "venue_id", "ends_on")


@dataclass(frozen=True)
class Undone:
    """Say how many activities are as they were, how many people hear of it, and what could not be undone."""

    restored: int
    told: int
    sentence: Text
    problems: tuple[Refusal, ...] = ()
    again: bool = False


@dataclass(frozen=True)
class BulkLine:
    """Hold a change of many in a list, and whether it can still be undone."""

    change_id: int
    sentence: Text
    reason: str
    done_at: datetime
    undone_at: datetime | None
    can_undo: bool
    """Not undone yet, and what it touched has not begun."""


@dataclass
class Before:
    """Collect how things stood before a change of many, and what it made."""

    activities: list[Snapshot] = field(default_factory=list)
    created: list[int] = field(default_factory=list)
    exceptions: list[int] = field(default_factory=list)
    series: dict[str, Any] = field(default_factory=dict)

    def add(self, session: Session, activity_ids: Iterable[int]) -> None:
        """Note how some activities, their offers and places stand."""
        for key in activity_ids:
            offers = select(col(Offer.id), col(Offer.state)).where(col(Offer.activity_id) == key)
            taken = select(col(Need.id), col(Need.taken)).where(col(Need.activity_id) == key)
            activity = session.get_one(Activity, key)
            states = {str(one): state for one, state in session.execute(offers).tuples()}
            places = {str(one): number for one, number in session.execute(taken).tuples()}
            self.activities.append(Snapshot.of(activity, states, places))

    def add_series(self, series: Series) -> None:
        """Note the rule of a series."""
        self.series = {name: _plain(getattr(series, name)) for name in SERIES_FIELDS}


def keep(
    session: Session,
    before: Before,
    *,
    hub_id: int,
    kind: str,
    sentence: Text,
    by: int | None,
    now: datetime,
    series_id: int | None = None,
    reason: str = "",
) -> BulkChange:
    """Keep a change that has just been made, with the versions that it led to."""
    session.flush()
    rows = [
        one.with_version(session.get_one(Activity, one.activity_id).revision) for one in before.activities
    ]
    change = BulkChange(
        hub_id=hub_id,
        series_id=series_id,
        kind=kind,
        done_at=now,
        by_id=by,
        reason=reason,
        sentence_zh=sentence.zh,
        sentence_en=sentence.en,
        before={
            "activities": [one.as_row() for one in rows],
            "created": before.created,
            "exceptions": before.exceptions,
            "series": before.series,
        },
    )
    session.add(change)
    session.flush()
    return change


def undo(session: Session, change_id: int, *, hub_id: int, by: int | None, now: datetime) -> Undone:
    """Make everything as it was before a change of many; a second time changes nothing.

    Raises `NotYours`, `NotFound`, `TooLate` when it is old or has begun, and `HubError` where somebody
    has changed an activity since or taken its room; then nothing is undone.
    """
    if by is not None:
        require_coordinator(session, by, hub_id)
    change = session.get(BulkChange, change_id, with_for_update=True)
    if change is None or change.hub_id != hub_id:
        raise NotFound(NO_SUCH_CHANGE)
    if change.undone_at is not None:
        return Undone(0, 0, Text("已经撤销过了。", "It has been undone already."), again=True)
    if change.done_at + UNDONE_WITHIN < now:
        raise TooLate(TOO_OLD)
    rows = [Snapshot.read(row) for row in change.before["activities"]]
    lock_needs(session, col(Need.activity_id).in_([one.activity_id for one in rows]))
    problems = refuse_changed(session, rows, now=now)
    if problems:
        raise HubError(problems)
    told, busy = set_back(session, rows, by=by, now=now)
    kept = take_back(session, change.before["created"], by=by, now=now)
    _restore_rule(session, change, by=by, now=now)
    change.undone_at, change.undone_by_id = now, by
    session.flush()
    restored = len(rows) + len(change.before["created"]) - len(kept)
    return Undone(restored, told, _sentence(restored, told), (*kept, *busy))


def recent(session: Session, hub_id: int, *, now: datetime) -> tuple[BulkLine, ...]:
    """Return a hub's changes of many of the last weeks, the newest first."""
    question = (
        select(BulkChange)
        .where(col(BulkChange.hub_id) == hub_id, col(BulkChange.done_at) > now - UNDONE_WITHIN)
        .order_by(col(BulkChange.done_at).desc(), col(BulkChange.id).desc())
    )
    return tuple(
        BulkLine(
            id_of(one),
            Text(one.sentence_zh, one.sentence_en),
            one.reason,
            one.done_at,
            one.undone_at,
            can_undo=one.undone_at is None and can_still(session, one, now=now),
        )
        for one in session.execute(question).scalars()
    )


def can_still(session: Session, change: BulkChange, *, now: datetime) -> bool:
    """Say whether a change can be undone by what has begun: nothing that it moved, and not all that it made."""
    if any_has_begun(session, [Snapshot.read(row) for row in change.before["activities"]], now=now):
        return False
    made = change.before["created"]
    return not made or any(one is None for one in why_kept(session, made, now=now))


def _restore_rule(session: Session, change: BulkChange, *, by: int | None, now: datetime) -> None:
    if change.series_id is not None and change.before["series"]:
        series = session.get_one(Series, change.series_id)
        values = {name: _read(name, value) for name, value in change.before["series"].items()}
        audit.change(session, series, "series.restored", now=now, by=by, **values)
    for key in change.before["exceptions"]:
        exception = session.get(SeriesException, key)
        if exception is not None:
            session.delete(exception)


def planned(session: Session, made: Sequence[tuple[int, int]], *, by: int | None, now: datetime) -> None:
    """Keep a planning run hub by hub; `made` pairs hubs with the activities that they got."""
    by_hub: dict[int, list[int]] = {}
    for hub_id, activity_id in made:
        by_hub.setdefault(hub_id, []).append(activity_id)
    for hub_id, ids in sorted(by_hub.items()):
        session.add(
            BulkChange(
                hub_id=hub_id,
                kind="plan",
                done_at=now,
                by_id=by,
                sentence_zh=f"新排{len(ids)}场活动",
                sentence_en=f"{len(ids)} {plural(len(ids), 'activity', 'activities')} planned",
                before={"activities": [], "created": ids, "exceptions": [], "series": {}},
            )
        )
    session.flush()


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int) else value.isoformat()


def _read(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name == "start_time":
        return datetime.fromisoformat(f"2000-01-01T{value}").time()
    return date.fromisoformat(value) if name == "ends_on" else value


def _sentence(restored: int, told: int) -> Text:
    return Text(
        f"撤销了，{restored}场活动恢复原样，会通知{told}人。",
        f"Undone: {restored} {plural(restored, 'activity is', 'activities are')} as before; people told: {told}.",
    )
