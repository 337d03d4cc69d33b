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
from models import Activity, Attendance
from models.states import ActivityState, Presence
from services import audit, no_shows
from services.access import require_coordinator
from services.attendance_closing import Closed, close_activities
from services.attendance_history import CORRECTED, newest_records
from services.attendance_sheet import (
    Sheet,
    can_be_recorded,
    expected_participants,
    expected_volunteers,
    sheet,
)
from services.errors import HubError, TooLate
from services.hours_entering import Known, enter_hours
from services.no_shows import Absence
from services.queries import Occasion, Placement, Seat, id_of, occasions, only
from services.wording import moment_text

__all__ = ["Closed", "Recorded", "Sheet", "close_activities", "record", "record_rest", "sheet"]

LONGEST_REASON = 200


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
    for people who are not expected, before the start, for a cancelled activity, and for a changed record
    without a `reason`.
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
    moves = _moves(list(seated.values()), participants)
    befores = [*(change.before for change in changes), *(move.before for move in moves)]
    corrected = len(befores) - befores.count(Presence.UNKNOWN)
    reason = _reason(reason, is_needed=corrected > 0)
    minutes = _enter(session, occasion, changes, by=by, now=now, reason=reason)
    _mark_participants(session, moves, by=by, now=now, reason=reason)
    after = sheet(session, activity_id, by=by, now=now)
    unknown = after.total - after.recorded
    return Recorded(
        len(changes), len(moves), corrected, unknown, minutes, _sentence(after.recorded, unknown, minutes)
    )


def record_rest(session: Session, activity_id: int, *, by: int, now: datetime) -> Recorded:
    """Record everybody as present of whom nothing is known yet; what is on record stays as it is.

    A second time it changes nothing. Raises what `record` raises.
    """
    occasion = only(occasions(session, col(Activity.id) == activity_id))
    require_coordinator(session, by, id_of(occasion.hub))
    # Locked before we look, or a "no-show" that a colleague saves just now would be overwritten.
    session.refresh(occasion.activity, with_for_update=True)
    left = sheet(session, activity_id, by=by, now=now)
    volunteers = [row.offer_id for row in left.volunteers if row.presence == Presence.UNKNOWN]
    seats = [row.participation_id for row in left.participants if row.presence == Presence.UNKNOWN]
    return record(
        session,
        activity_id,
        dict.fromkeys(volunteers, Presence.PRESENT),
        dict.fromkeys(seats, Presence.PRESENT),
        by=by,
        now=now,
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
    """Add the records, what follows from absences, and what presence is worth; return by how many minutes."""
    records = [
        Attendance(
            offer_id=id_of(change.placed.offer),
            presence=change.presence,
            recorded_at=now,
            recorded_by_id=by,
            corrects_id=change.old.id if change.old else None,
            reason=reason if change.old else "",
        )
        for change in changes
    ]
    session.add_all(records)
    session.flush()
    pairs = list(zip(changes, records, strict=True))
    wrong = [Absence(one.placed, one.old) for one, _ in pairs if one.old and one.before == Presence.NO_SHOW]
    no_shows.take_back(session, wrong, by=by, now=now)
    absent = [Absence(one.placed, row) for one, row in pairs if one.presence == Presence.NO_SHOW]
    no_shows.follow(session, absent, now=now)
    known = [Known(one.placed, row) for one, row in pairs]
    return enter_hours(session, occasion, known, by=by, now=now)


@dataclass(frozen=True)
class _Move:
    """Hold one participant whose record changes."""

    seat: Seat
    before: Presence
    after: Presence


def _moves(seated: list[Seat], marks: dict[int, Presence]) -> list[_Move]:
    moves = [
        _Move(
            seat,
            before := Presence(seat.participation.presence),
            marks.get(id_of(seat.participation), before),
        )
        for seat in seated
    ]
    return [move for move in moves if move.before != move.after]


def _reason(typed: str, *, is_needed: bool) -> str:
    reason = typed.strip()[:LONGEST_REASON]
    if is_needed and not reason:
        sentence = Text(
            zh="改动已经记下的人，要写一句为什么。", en="To change what is on record, say why in a few words."
        )
        raise HubError(Refusal("attendance_reason", sentence, field="reason"))
    return reason


def _mark_participants(session: Session, moves: list[_Move], *, by: int, now: datetime, reason: str) -> None:
    for move in moves:
        row = move.seat.participation
        if move.before != Presence.UNKNOWN:
            changes = {"presence": (str(move.before), str(move.after))}
            audit.record(session, row, CORRECTED, now=now, by=by, changes=changes, reason=reason)
        row.presence, row.recorded_at, row.recorded_by_id = move.after, now, by
        session.add(row)
    session.flush()


def _sentence(recorded: int, unknown: int, minutes: int) -> Text:
    hours = f"{minutes / 60:g}"
    return Text(
        zh=f"记好了{recorded}人，还有{unknown}人不清楚。志愿时长变动{hours}小时。",
        en=f"{recorded} {plural(recorded, 'person', 'people')} recorded, {unknown} not known. "
        f"Volunteer hours changed by {hours}.",
    )
