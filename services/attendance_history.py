"""What is on record of everybody at an activity: what counts, what it replaced, by whom and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from config.text import Text
from models import Attendance, AuditEntry, CheckIn, HoursSource, Offer, Participation, Person
from models.states import Presence
from services.queries import Placement, Seat, id_of

CORRECTED = "attendance.corrected"


@dataclass(frozen=True)
class Change:
    """Hold what a record said before or says now: since when, by whom, and why it was changed."""

    presence: Presence
    at: datetime
    by: str
    """A name, or nothing where the person checked in."""
    reason: str


@dataclass(frozen=True)
class Row:
    """Hold somebody on the sheet.

    `history` has what counts first, then what it replaced; of participants only what corrections made of it.
    """

    name: str
    presence: Presence
    recorded_at: datetime | None
    checked_in_at: datetime | None
    left_at: datetime | None
    history: tuple[Change, ...]


@dataclass(frozen=True)
class VolunteerRow(Row):
    """Hold a volunteer on the sheet."""

    offer_id: int
    role: Text
    if_absent: Text
    """What recording them as absent would do, to be read before it is done."""

    @property
    def corrections(self) -> int:
        """Return how often the record was changed; the first record is none."""
        return max(0, len(self.history) - 1)


@dataclass(frozen=True)
class ParticipantRow(Row):
    """Hold a participant on the sheet."""

    participation_id: int

    @property
    def corrections(self) -> int:
        """Return how often the record was changed."""
        return len(self.history)


def newest_records(session: Session, activity_id: int) -> dict[int, Attendance]:
    """Return the record that counts for each offer of an activity."""
    return {record.offer_id: record for record, _ in _records(session, activity_id)}


def check_ins(session: Session, activity_id: int) -> dict[int, CheckIn]:
    """Return the check-ins of an activity's volunteers by offer."""
    mine = col(CheckIn.activity_id) == activity_id, col(CheckIn.offer_id).is_not(None)
    found = session.execute(select(CheckIn).where(*mine)).scalars()
    return {check.offer_id: check for check in found if check.offer_id is not None}


def _records(session: Session, activity_id: int) -> list[tuple[Attendance, str]]:
    """Return every record of an activity's volunteers, the oldest first, with who made it."""
    question = (
        select(Attendance, col(Person.name))
        .join(Offer, col(Offer.id) == Attendance.offer_id)
        .outerjoin(Person, col(Person.id) == Attendance.recorded_by_id)
        .where(col(Offer.activity_id) == activity_id)
        .order_by(col(Attendance.id))
    )
    return [(record, name or "") for record, name in session.execute(question)]


@dataclass(frozen=True)
class Book:
    """Hold what is on record of everybody at an activity, read by one question a table."""

    volunteers: dict[int, list[Change]]
    participants: dict[int, list[Change]]
    checks: dict[tuple[str, int], CheckIn]

    @classmethod
    def of(cls, session: Session, activity_id: int) -> Book:
        """Read what is on record of an activity."""
        volunteers: dict[int, list[Change]] = {}
        for record, name in _records(session, activity_id):
            by = "" if record.source == HoursSource.CHECK_IN else name
            change = Change(Presence(record.presence), record.recorded_at, by, record.reason)
            volunteers.setdefault(record.offer_id, []).insert(0, change)
        return cls(volunteers, _corrections(session, activity_id), _checks(session, activity_id))

    def volunteer(self, one: Placement, if_absent: Text) -> VolunteerRow:
        """Return a volunteer's row."""
        key = id_of(one.offer)
        history, check = self.volunteers.get(key, []), self.checks.get(("offer", key))
        return VolunteerRow(
            name=one.person.name,
            presence=history[0].presence if history else Presence.UNKNOWN,
            recorded_at=history[0].at if history else None,
            checked_in_at=check.at if check else None,
            left_at=check.left_at if check else None,
            history=tuple(history),
            offer_id=key,
            role=one.role,
            if_absent=if_absent,
        )

    def participant(self, seat: Seat) -> ParticipantRow:
        """Return a participant's row."""
        row, key = seat.participation, id_of(seat.participation)
        check = self.checks.get(("participation", key))
        return ParticipantRow(
            name=seat.participant.name,
            presence=Presence(row.presence),
            recorded_at=row.recorded_at,
            checked_in_at=check.at if check else None,
            left_at=None,
            history=tuple(self.participants.get(key, ())),
            participation_id=key,
        )


def _checks(session: Session, activity_id: int) -> dict[tuple[str, int], CheckIn]:
    found = session.execute(select(CheckIn).where(col(CheckIn.activity_id) == activity_id)).scalars()
    return {
        ("offer", check.offer_id) if check.offer_id else ("participation", check.participation_id or 0): check
        for check in found
    }


def _corrections(session: Session, activity_id: int) -> dict[int, list[Change]]:
    """Return what corrections made of participants' records, the newest first."""
    question = (
        select(AuditEntry, col(Person.name))
        .join(Participation, col(Participation.id) == AuditEntry.thing_id)
        .outerjoin(Person, col(Person.id) == AuditEntry.by_id)
        .where(
            col(AuditEntry.thing) == "participation",
            col(AuditEntry.verb) == CORRECTED,
            col(Participation.activity_id) == activity_id,
        )
        .order_by(col(AuditEntry.id).desc())
    )
    found: dict[int, list[Change]] = {}
    for entry, name in session.execute(question):
        change = Change(Presence(entry.changes["presence"][1]), entry.at, name or "", entry.reason)
        found.setdefault(entry.thing_id, []).append(change)
    return found
