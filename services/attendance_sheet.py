"""The sheet on which a coordinator records who came: every name that was expected, and what is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from config.text import Text
from models import Activity, Attendance, Offer, Participation
from models.states import ActivityState, OfferState, ParticipationState, Presence
from services.access import require_coordinator
from services.queries import Occasion, Placement, Seat, id_of, occasions, only, placements, seats


@dataclass(frozen=True)
class VolunteerRow:
    """Hold a volunteer on the sheet."""

    offer_id: int
    name: str
    role: Text
    presence: Presence
    recorded_at: datetime | None


@dataclass(frozen=True)
class ParticipantRow:
    """Hold a participant on the sheet."""

    participation_id: int
    name: str
    presence: Presence
    recorded_at: datetime | None


@dataclass(frozen=True)
class Sheet:
    """Hold the attendance sheet of an activity; `may_record` is false before it begins."""

    activity_id: int
    activity_code: str
    title: Text
    hub: Text
    hub_code: str
    place: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    state: ActivityState
    may_record: bool
    volunteers: tuple[VolunteerRow, ...]
    participants: tuple[ParticipantRow, ...]

    @property
    def total(self) -> int:
        """Return how many people were expected."""
        return len(self.volunteers) + len(self.participants)

    @property
    def recorded(self) -> int:
        """Return of how many it is known whether they came."""
        rows: list[VolunteerRow | ParticipantRow] = [*self.volunteers, *self.participants]
        return sum(row.presence != Presence.UNKNOWN for row in rows)


def sheet(session: Session, activity_id: int, *, by: int, now: datetime) -> Sheet:
    """Return the sheet of an activity for one of its coordinators; raises `NotFound` or `NotYours`."""
    occasion = only(occasions(session, col(Activity.id) == activity_id))
    activity, hub = occasion.activity, occasion.hub
    require_coordinator(session, by, id_of(hub))
    newest = newest_records(session, activity_id)
    return Sheet(
        activity_id=activity_id,
        activity_code=activity.code,
        title=occasion.title,
        hub=occasion.hub_name,
        hub_code=hub.code,
        place=occasion.place,
        starts_at=activity.starts_at,
        ends_at=activity.ends_at,
        time_zone=hub.time_zone,
        state=ActivityState(activity.state),
        may_record=can_be_recorded(occasion, now),
        volunteers=tuple(_volunteer(one, newest) for one in expected_volunteers(session, activity_id)),
        participants=tuple(_participant(seat) for seat in expected_participants(session, activity_id)),
    )


def can_be_recorded(occasion: Occasion, now: datetime) -> bool:
    """Say whether attendance may be entered: it has begun and was not cancelled."""
    activity = occasion.activity
    return activity.starts_at <= now and activity.state in (ActivityState.PUBLISHED, ActivityState.DONE)


def expected_volunteers(session: Session, activity_id: int) -> list[Placement]:
    """Return the volunteers who said yes, in the order of their names."""
    placed = placements(
        session, col(Offer.activity_id) == activity_id, col(Offer.state) == OfferState.ACCEPTED
    )
    return sorted(placed, key=lambda one: (one.person.name, id_of(one.offer)))


def expected_participants(session: Session, activity_id: int) -> list[Seat]:
    """Return the participants who have a place, in the order of their names."""
    seated = seats(
        session,
        col(Participation.activity_id) == activity_id,
        col(Participation.state) == ParticipationState.SIGNED_UP,
    )
    return sorted(seated, key=lambda seat: (seat.participant.name, id_of(seat.participation)))


def newest_records(session: Session, activity_id: int) -> dict[int, Attendance]:
    """Return the record that counts for each offer of an activity."""
    question = (
        select(Attendance)
        .join(Offer, col(Offer.id) == Attendance.offer_id)
        .where(col(Offer.activity_id) == activity_id)
        .order_by(col(Attendance.id))
    )
    return {record.offer_id: record for record in session.execute(question).scalars()}


def _volunteer(one: Placement, newest: dict[int, Attendance]) -> VolunteerRow:
    record = newest.get(id_of(one.offer))
    return VolunteerRow(
        offer_id=id_of(one.offer),
        name=one.person.name,
        role=one.role,
        presence=Presence(record.presence) if record else Presence.UNKNOWN,
        recorded_at=record.recorded_at if record else None,
    )


def _participant(seat: Seat) -> ParticipantRow:
    return ParticipantRow(
        participation_id=id_of(seat.participation),
        name=seat.participant.name,
        presence=Presence(seat.participation.presence),
        recorded_at=seat.participation.recorded_at,
    )
