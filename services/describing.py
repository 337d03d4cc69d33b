"""From rows to what mails say: recipients, activities, contacts, for many mails with one question."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, TypeAlias

from sqlmodel import Session

from models import Guardian, Participant, Person
from notifications import kinds
from services.queries import Occasion, Placement, Seat, coordinators, id_of, named

Thing: TypeAlias = Occasion | Placement | Seat


class Describer:
    """Describe `things`; who reads the replies is asked once for all of them and for `hub_ids`."""

    def __init__(
        self, session: Session, things: Sequence[Thing] = (), *, hub_ids: Iterable[int] = ()
    ) -> None:
        self._session = session
        self._hub_ids = {occasion_of(thing).activity.hub_id for thing in things} | set(hub_ids)

    @cached_property
    def coordinators(self) -> dict[int, list[Person]]:
        """Return the active coordinators of every hub concerned."""
        return coordinators(self._session, self._hub_ids)

    def contact(self, hub_id: int) -> kinds.Contact | None:
        """Return the social worker of a hub who reads replies, if there is one."""
        people = self.coordinators.get(hub_id)
        return contact_of(people[0]) if people else None

    def occasion(self, thing: Thing) -> kinds.Occasion:
        """Return an activity as mails describe it."""
        occasion = occasion_of(thing)
        activity = occasion.activity
        return kinds.Occasion(
            activity_id=id_of(activity),
            revision=activity.revision,
            title=occasion.title,
            starts_at=activity.starts_at,
            ends_at=activity.ends_at,
            hub=occasion.hub_name,
            place=occasion.place,
            time_zone=occasion.hub.time_zone,
            summary=named(activity.summary_zh, activity.summary_en),
            contact=self.contact(activity.hub_id),
        )

    def about_offer(self, placed: Placement) -> dict[str, Any]:
        """Return what all mails about an offer share."""
        return {
            "to": recipient(placed.person),
            "offer_id": id_of(placed.offer),
            "occasion": self.occasion(placed),
            "role": placed.role,
        }

    def about_seat(self, seat: Seat) -> dict[str, Any]:
        """Return what all mails about a participant's place share."""
        return {
            "to": young_recipient(seat.participant, seat.occasion.hub.time_zone),
            "participation_id": id_of(seat.participation),
            "occasion": self.occasion(seat),
        }

    def about_change(self, thing: Placement | Seat) -> dict[str, Any]:
        """Return what mails about a changed or cancelled activity share."""
        known = self.about_offer(thing) if isinstance(thing, Placement) else self.about_seat(thing)
        return {**known, "reason": thing.occasion.activity.reason}


def occasion_of(thing: Thing) -> Occasion:
    """Return the activity that a thing belongs to."""
    return thing if isinstance(thing, Occasion) else thing.occasion


def recipient(person: Person) -> kinds.Recipient:
    """Return a person as somebody to write to."""
    return kinds.Recipient(
        name=person.name,
        address=person.email,
        language=person.language,
        time_zone=person.time_zone,
        form_of_address=person.form_of_address,
    )


def young_recipient(participant: Participant, time_zone: str) -> kinds.Recipient:
    """Return a participant as somebody to write to, in the hub's time."""
    return kinds.Recipient(
        name=participant.name,
        address=participant.email,
        language=participant.language,
        time_zone=time_zone,
    )


def guardian_recipient(guardian: Guardian, time_zone: str) -> kinds.Recipient:
    """Return a guardian as somebody to write to, in the hub's time."""
    return kinds.Recipient(
        name=guardian.name, address=guardian.email, language=guardian.language, time_zone=time_zone
    )


def contact_of(person: Person) -> kinds.Contact:
    """Return a social worker as the one who reads replies."""
    return kinds.Contact(name=person.name, phone=person.phone, address=person.email)
