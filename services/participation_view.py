"""A participant's place as its page shows it: always the present state, never an error."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col

from config.text import Text
from models import Participation
from models.states import ActivityState, ParticipationState
from services.check_in import why_not
from services.check_in_rules import check_in_rules
from services.check_in_view import CheckInView, check_in_view
from services.describing import Describer
from services.offer_view import Contact, masked
from services.queries import id_of, only, seats
from services.seating import position


@dataclass(frozen=True)
class ParticipationView:
    """Hold what the page of a participant's place shows, in plain values."""

    participation_id: int
    state: ParticipationState
    activity_state: ActivityState
    has_begun: bool
    position: int
    activity_code: str
    title: Text
    hub: Text
    hub_code: str
    place: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    reason: str
    person_name: str
    language: str
    sent_to: str
    contact: Contact | None
    check_in: CheckInView
    tried: Text | None
    """Why a try to check in failed."""

    @property
    def can_change(self) -> bool:
        """Say whether there still is a list to be on or off."""
        return self.activity_state == ActivityState.PUBLISHED and not self.has_begun

    @property
    def can_take(self) -> bool:
        """Say whether a place is kept for this person."""
        return self.can_change and self.state == ParticipationState.OFFERED

    @property
    def can_cancel(self) -> bool:
        """Say whether there is a place, or a position in line, to give up."""
        return self.can_change and self.state != ParticipationState.CANCELLED


def view(session: Session, participation_id: int, *, now: datetime, tried: str = "") -> ParticipationView:
    """Return the page of a place, and what `tried` says of a failed check-in; raises `NotFound`."""
    seat = only(seats(session, col(Participation.id) == participation_id))
    row, occasion = seat.participation, seat.occasion
    worker = Describer(session, [seat]).contact(id_of(occasion.hub))
    return ParticipationView(
        participation_id=participation_id,
        state=ParticipationState(row.state),
        activity_state=ActivityState(occasion.activity.state),
        has_begun=occasion.activity.starts_at <= now,
        position=position(session, row) if row.state == ParticipationState.WAITING else 0,
        activity_code=occasion.activity.code,
        title=occasion.title,
        hub=occasion.hub_name,
        hub_code=occasion.hub.code,
        place=occasion.place,
        starts_at=occasion.activity.starts_at,
        ends_at=occasion.activity.ends_at,
        time_zone=occasion.hub.time_zone,
        reason=occasion.activity.reason,
        person_name=seat.participant.name,
        language=seat.participant.language,
        sent_to=masked(seat.participant.email),
        contact=Contact(worker.name, worker.phone, worker.address) if worker else None,
        check_in=check_in_view(session, seat, now=now),
        tried=why_not(tried, check_in_rules(session, now=now).of(id_of(occasion.hub))),
    )
