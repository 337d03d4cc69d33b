"""The sheet on which a coordinator records who came: every name that was expected, and what is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col

from config.text import Text
from models import Activity, Offer, Participation
from models.states import ActivityState, OfferState, ParticipationState, Presence
from services import no_shows
from services.access import require_coordinator
from services.attendance_history import (
    Book,
    ParticipantRow,
    VolunteerRow,
)
from services.check_in_rules import check_in_rules, code_of
from services.check_in_view import is_open
from services.queries import Occasion, Placement, Seat, id_of, occasions, only, placements, seats


@dataclass(frozen=True)
class Board:
    """Hold what hangs at the door: the six digits, and until when one can check in with them."""

    code: str
    opens_at: datetime
    closes_at: datetime
    is_open: bool


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
    board: Board

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
    book = Book.of(session, activity_id)
    volunteers = expected_volunteers(session, activity_id)
    absent = no_shows.effects(session, volunteers, now=now)
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
        volunteers=tuple(book.volunteer(one, absent[id_of(one.offer)]) for one in volunteers),
        participants=tuple(book.participant(seat) for seat in expected_participants(session, activity_id)),
        board=_board(session, occasion, now),
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


def _board(session: Session, occasion: Occasion, now: datetime) -> Board:
    activity = occasion.activity
    opens_at = check_in_rules(session, now=now).of(activity.hub_id).opens_at(activity)
    return Board(code_of(activity), opens_at, activity.ends_at, is_open(occasion, opens_at, now))
