"""From presence to the ledger: what a record is worth, less what stands there already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models import Activity, Attendance, CheckIn, HoursCategory, HoursEntry, HoursSource, Offer
from models.states import OfferState, Presence
from services import mails
from services.attendance_history import check_ins, newest_records
from services.check_in_rules import check_in_rules
from services.hours import minutes_of, minutes_since
from services.hours_rules import hours_rules
from services.queries import Occasion, Placement, batches, id_of, placements
from services.wording import local_day


@dataclass(frozen=True)
class Known:
    """Hold the record that counts for somebody who said yes."""

    placed: Placement
    record: Attendance


def enter_hours(
    session: Session, occasion: Occasion, known: Sequence[Known], *, by: int | None, now: datetime
) -> int:
    """Bring the ledger in line with these records and thank who came; return by how many minutes it grew.

    Who checked in is timed and stands in the ledger once the activity is over; everybody else gets its
    whole length.
    """
    day = local_day(occasion.activity.starts_at, occasion.hub.time_zone)
    rules = hours_rules(session).on(day)
    worth = [(rules.rounded(minutes), how) for minutes, how in _worth(session, occasion, known, now=now)]
    booked = booked_minutes(session, [id_of(one.placed.offer) for one in known])
    lines = [
        HoursEntry(
            attendance_id=id_of(one.record),
            person_id=one.placed.offer.person_id,
            hub_id=id_of(occasion.hub),
            activity_id=id_of(occasion.activity),
            minutes=minutes,
            source=source,
            counts=rules.counts(source, HoursCategory.ACTIVITY),
            served_on=day,
            entered_at=now,
            entered_by_id=by,
            reason=one.record.reason,
        )
        for one, (full, source) in zip(known, worth, strict=True)
        if (minutes := full - booked.get(id_of(one.placed.offer), 0))
    ]
    _beside_what_stands(session, lines)
    session.add_all(lines)
    session.flush()
    _thank(session, occasion, [(one, full) for one, (full, _) in zip(known, worth, strict=True)], now=now)
    return sum(line.minutes for line in lines)


def _beside_what_stands(session: Session, lines: Sequence[HoursEntry]) -> None:
    """Turn the second line of a record into a correction of its first: staff recorded, then they checked in."""
    mine = col(HoursEntry.attendance_id).in_([line.attendance_id for line in lines])
    standing = {
        one.attendance_id: one.id for one in session.execute(select(HoursEntry).where(mine)).scalars()
    }
    for line in lines:
        if line.attendance_id in standing:
            line.attendance_id, line.corrects_id = None, standing[line.attendance_id]


def enter_timed(session: Session, over: Iterable[Occasion], *, now: datetime) -> int:
    """Enter the hours of everybody who checked in at activities that are over; return the minutes."""
    total = 0
    for occasion in over:
        activity_id = id_of(occasion.activity)
        checks = check_ins(session, activity_id)
        newest = newest_records(session, activity_id) if checks else {}
        mine = col(Offer.activity_id) == activity_id, col(Offer.state) == OfferState.ACCEPTED
        # What somebody set right by hand, with a reason, is better known than any clock.
        timed = newest.keys() & checks.keys() - _set_right(session, checks)
        known = [
            Known(placed, newest[key])
            for placed in (placements(session, *mine) if timed else ())
            if (key := id_of(placed.offer)) in timed
        ]
        total += enter_hours(session, occasion, known, by=None, now=now)
    return total


def booked_minutes(session: Session, offer_ids: Iterable[int]) -> dict[int, int]:
    """Return what the ledger holds for each offer that it knows, with all that set it right."""
    booked: dict[int, int] = {}
    first = aliased(HoursEntry)
    for batch in batches(offer_ids):
        question = (
            select(col(Attendance.offer_id), func.sum(HoursEntry.minutes))
            .join(first, col(first.attendance_id) == Attendance.id)
            .join(HoursEntry, or_(col(HoursEntry.id) == first.id, col(HoursEntry.corrects_id) == first.id))
            .where(col(Attendance.offer_id).in_(batch))
            .group_by(col(Attendance.offer_id))
        )
        booked |= {offer_id: int(minutes) for offer_id, minutes in session.execute(question)}
    return booked


def _set_right(session: Session, offer_ids: Iterable[int]) -> set[int]:
    """Return the offers whose hours somebody has corrected by hand."""
    first = aliased(HoursEntry)
    question = (
        select(col(Attendance.offer_id))
        .join(first, col(first.attendance_id) == Attendance.id)
        .join(HoursEntry, col(HoursEntry.corrects_id) == first.id)
        .where(col(HoursEntry.entered_by_id).is_not(None))
    )
    found = (
        session.execute(question.where(col(Attendance.offer_id).in_(batch))) for batch in batches(offer_ids)
    )
    return {offer_id for batch in found for (offer_id,) in batch}


def _worth(
    session: Session, occasion: Occasion, known: Sequence[Known], *, now: datetime
) -> list[tuple[int, HoursSource]]:
    """Return how many minutes each record is worth, and how that is known."""
    checks = check_ins(session, id_of(occasion.activity))
    return [_worth_of(session, occasion, one, checks, now=now) for one in known]


def _worth_of(
    session: Session, occasion: Occasion, one: Known, checks: Mapping[int, CheckIn], *, now: datetime
) -> tuple[int, HoursSource]:
    activity: Activity = occasion.activity
    check = checks.get(id_of(one.placed.offer))
    source = HoursSource.STAFF if check is None else HoursSource.CHECK_IN
    # Who checked in may still leave early: that is known when it is over.
    if one.record.presence != Presence.PRESENT or (check and now < activity.ends_at):
        return 0, source
    if check is None:
        return minutes_of(activity), source
    return check_in_rules(session, now=now).of(activity.hub_id).timed_minutes(activity, check), source


def _thank(
    session: Session, occasion: Occasion, worth: Sequence[tuple[Known, int]], *, now: datetime
) -> None:
    came = [(one.placed, minutes) for one, minutes in worth if minutes]
    first = local_day(occasion.activity.starts_at, occasion.hub.time_zone).replace(month=1, day=1)
    year = minutes_since(session, [id_of(placed.person) for placed, _ in came], first)
    mails.queue_thanks(session, came, year, now=now)
