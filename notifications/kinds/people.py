"""Messages to participants, guardians and newly registered volunteers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import ClassVar

from config.text import Text
from notifications import links
from notifications.kinds.base import CalendarEntry, Contact, Lane, Mail, Occasion, participation_url
from notifications.links import Purpose


@dataclass(frozen=True, kw_only=True)
class AboutParticipation(Mail):
    """Hold what all messages about a participant's place share."""

    participation_id: int
    occasion: Occasion

    @property
    def about(self) -> dict[str, int]:
        """Return the place, and the activity in the version that the mail describes."""
        return {"participation": self.participation_id, **self.occasion.about}

    @cached_property
    def url(self) -> str:
        """Return the page where the participant sees and gives back the place."""
        return participation_url(self.participation_id, self.occasion)

    @property
    def contact(self) -> Contact | None:
        """Return the social worker in charge."""
        return self.occasion.contact


@dataclass(frozen=True, kw_only=True)
class SignUpConfirmedMail(AboutParticipation):
    """Confirm a participant's place, with the entry for their calendar."""

    kind: ClassVar[str] = "sign_up_confirmed"

    @cached_property
    def calendar(self) -> CalendarEntry:
        """Return the entry of this place."""
        return CalendarEntry(
            uid=f"participation-{self.participation_id}",
            method="REQUEST",
            status="CONFIRMED",
            occasion=self.occasion,
            title=self.occasion.title,
            url=self.url,
            answer="ACCEPTED",
        )


@dataclass(frozen=True, kw_only=True)
class SignUpWaitingMail(AboutParticipation):
    """Tell a participant where they stand on the waiting list."""

    kind: ClassVar[str] = "sign_up_waiting"

    position: int


@dataclass(frozen=True, kw_only=True)
class PlaceFreedMail(AboutParticipation):
    """Offer a freed place to the next on the waiting list."""

    kind: ClassVar[str] = "place_freed"
    lane: ClassVar[Lane] = Lane.URGENT

    answer_by: datetime


@dataclass(frozen=True, kw_only=True)
class ConsentRequestMail(Mail):
    """Ask a guardian whether a minor may serve or take part; key `consent:{consent}`."""

    kind: ClassVar[str] = "consent"

    consent_id: int
    minor_name: str
    purpose: str
    """`ConsentPurpose`: volunteering or taking_part."""
    hub: Text
    answer_by: datetime
    """Until when the link opens."""
    valid_until: date | None = None
    """Until when a yes would hold."""
    held_until: date | None = None
    """The last day of the consent that this one is to follow."""
    occasion: Occasion | None = None
    """The activity that brought the question up."""
    in_charge: Contact | None = None

    @property
    def about(self) -> dict[str, int]:
        """Return the consent that is asked for."""
        return {"consent": self.consent_id}

    @cached_property
    def url(self) -> str:
        """Return the page where the guardian answers."""
        return links.link(Purpose.CONSENT, self.consent_id, expires_at=self.answer_by)

    @property
    def contact(self) -> Contact | None:
        """Return the adult in charge."""
        return self.in_charge


@dataclass(frozen=True, kw_only=True)
class RegistrationReceivedMail(Mail):
    """Welcome a volunteer who registered; key `registration:{person}`."""

    kind: ClassVar[str] = "registration"

    person_id: int
    hub: Text
    guardian_asked: bool = False
    in_charge: Contact | None = None

    @property
    def contact(self) -> Contact | None:
        """Return a social worker of the home hub."""
        return self.in_charge
