"""Record who came: append-only for volunteers, with the hours and the thanks that follow from it.

A correction is a new record that names the old one, and a line in the hours ledger that takes back or
adds what the change is worth. Nobody is guessed to be absent: what nobody recorded stays unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col

from config.text import Refusal, Text, plural
from models import Activity, Attendance, HoursEntry
from models.states import ActivityState, Presence
from services import audit, mails
from services.access import require_coordinator
from services.attendance_closing import Closed, close_activities
from services.attendance_sheet import (
    Sheet,
    can_be_recorded,
    expected_participants,
    expected_volunteers,
    newest_records,
    sheet,
)
from services.errors import HubError, TooLate
from services.hours import minutes_of, minutes_since, owed
from services.queries import Occasion, Placement, Seat, id_of, occasions, only
from services.wording import local_day, moment_text

__all__ = ["Closed", "Recorded", "Sheet", "close_activities", "record", "sheet"]


@dataclass(frozen=True)
class Recorded:
    """Say how many records were made, corrected and left as they were, and who is still unknown."""

    volunteers: int
    participants: int
    corrected: int
    still_unknown: int
    minutes: int
    sentence: Text


@dataclass(frozen=True)
class _Change:
    """Hold one volunteer whose record changes."""

    placed: Placement
    old: Attendance | None
    presence: Presence

    @property
    def before(self) -> Presence:
        return Presence(self.old.presence) if self.old else Presence.UNKNOWN


def record(
    session: Session,
    activity_id: int,
    marks: dict[int, Presence],
    participants: dict[int, Presence],
    *,
    by: int,
    now: datetime,
    reason: str = "",
) -> Recorded:
    """Record presence by offer id and by participation id; whom it does not name stays as they were.

    The same marks again change nothing. Raises `NotYours` for coordinators of other hubs, `HubError`
    for people who are not expected, before the start, and for a cancelled activity.
    """
    occasion = only(occasions(session, col(Activity.id) == activity_id))
    require_coordinator(session, by, id_of(occasion.hub))
    # Two coordinators who save at once wait for each other, or each would write a first record.
    session.refresh(occasion.activity, with_for_update=True)
    _require_begun(occasion, now)
    placed = {id_of(one.offer): one for one in expected_volunteers(session, activity_id)}
    seated = {id_of(seat.participation): seat for seat in expected_participants(session, activity_id)}
    _refuse_strangers(marks.keys() - placed.keys(), "offer")
    _refuse_strangers(participants.keys() - seated.keys(), "participation")

    changes = _changes(list(placed.values()), newest_records(session, activity_id), marks)
    minutes = _enter(session, occasion, changes, by=by, now=now, reason=reason)
    moved = _mark_participants(session, list(seated.values()), participants, by=by, now=now, reason=reason)
    corrected = sum(change.before != Presence.UNKNOWN for change in changes) + moved.corrected
    after = sheet(session, activity_id, by=by, now=now)
    unknown = after.total - after.recorded
    return Recorded(
        len(changes), moved.changed, corrected, unknown, minutes, _sentence(after.recorded, unknown, minutes)
    )


def _require_begun(occasion: Occasion, now: datetime) -> None:
    if can_be_recorded(occasion, now):
        return
    if occasion.activity.state == ActivityState.CANCELLED:
        cancelled = Text(
            zh="这场活动取消了，没有考勤要记。",
            en="This activity was cancelled; there is no attendance to record.",
        )
        raise TooLate(Refusal("attendance_cancelled", cancelled))
    when = moment_text(occasion.activity.starts_at, occasion.hub.time_zone)
    early = Text(
        zh="活动{when}才开始，开始以后再记。", en="It begins on {when}; record attendance after that."
    )
    raise HubError(Refusal("attendance_too_early", early.format(when=when)))


def _refuse_strangers(strangers: Iterable[int], thing: str) -> None:
    not_expected = Text(
        zh="名单上没有这个人，可能刚刚取消了。刷新一下再记。",
        en="This person is not on the list and may just have cancelled. Reload the page and record again.",
    )
    refusals = [
        Refusal("attendance_not_expected", not_expected, field=f"{thing}-{key}") for key in sorted(strangers)
    ]
    if refusals:
        raise HubError(refusals)


def _changes(
    placed: list[Placement], newest: dict[int, Attendance], marks: dict[int, Presence]
) -> list[_Change]:
    marked = [(one, id_of(one.offer)) for one in placed if id_of(one.offer) in marks]
    changes = [_Change(one, newest.get(key), Presence(marks[key])) for one, key in marked]
    return [change for change in changes if change.before != change.presence]


def _enter(
    session: Session, occasion: Occasion, changes: list[_Change], *, by: int, now: datetime, reason: str
) -> int:
    """Add the records, the lines of the ledger and the thanks; return by how many minutes hours grow."""
    records = [
        Attendance(
            offer_id=id_of(change.placed.offer),
            presence=change.presence,
            recorded_at=now,
            recorded_by_id=by,
            corrects_id=change.old.id if change.old else None,
            reason=reason,
        )
        for change in changes
    ]
    session.add_all(records)
    session.flush()
    full = minutes_of(occasion.activity)
    served_on = local_day(occasion.activity.starts_at, occasion.hub.time_zone)
    lines = [
        HoursEntry(
            attendance_id=id_of(row),
            person_id=change.placed.offer.person_id,
            activity_id=id_of(occasion.activity),
            minutes=minutes,
            served_on=served_on,
            entered_at=now,
            entered_by_id=by,
            reason=reason,
        )
        for row, change in zip(records, changes, strict=True)
        if (minutes := owed(change.before, change.presence, full))
    ]
    session.add_all(lines)
    session.flush()
    came = [(change.placed, full) for change in changes if change.presence == Presence.PRESENT]
    this_year = minutes_since(
        session, [id_of(one.person) for one, _ in came], served_on.replace(month=1, day=1)
    )
    mails.queue_thanks(session, came, this_year, now=now)
    return sum(line.minutes for line in lines)


@dataclass(frozen=True)
class _Moved:
    changed: int
    corrected: int


def _mark_participants(
    session: Session, seated: list[Seat], marks: dict[int, Presence], *, by: int, now: datetime, reason: str
) -> _Moved:
    changed = corrected = 0
    for seat in seated:
        row = seat.participation
        before = Presence(row.presence)
        after = marks.get(id_of(row), before)
        if after == before:
            continue
        changed += 1
        if before != Presence.UNKNOWN:
            corrected += 1
            changes = {"presence": (str(before), str(after))}
            audit.record(session, row, "attendance.corrected", now=now, by=by, changes=changes, reason=reason)
        row.presence, row.recorded_at, row.recorded_by_id = after, now, by
        session.add(row)
    session.flush()
    return _Moved(changed, corrected)


def _sentence(recorded: int, unknown: int, minutes: int) -> Text:
    hours = f"{minutes / 60:g}"
    return Text(
        zh=f"记好了{recorded}人，还有{unknown}人不清楚。志愿时长变动{hours}小时。",
        en=f"{recorded} {plural(recorded, 'person', 'people')} recorded, {unknown} not known. "
        f"Volunteer hours changed by {hours}.",
    )
