"""Messages to a volunteer about an offer: asked, reminded to answer, full, confirmed, soon, thanks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import ClassVar

from config.text import Text
from notifications.kinds.base import CalendarEntry, Contact, Mail, Occasion, Stream, offer_url
from notifications.kinds.hours import volunteer_url

MOST_REASONS = 3
EARLY_HOURS = 24


@dataclass(frozen=True, kw_only=True)
class AboutOffer(Mail):
    """Hold what all messages about an offer share."""

    offer_id: int
    occasion: Occasion
    role: Text

    @property
    def about(self) -> dict[str, int]:
        """Return the offer, and the activity in the version that the mail describes."""
        return {"offer": self.offer_id, **self.occasion.about}

    @cached_property
    def url(self) -> str:
        """Return the page where the volunteer answers or changes their mind."""
        return offer_url(self.offer_id, self.occasion)

    @property
    def contact(self) -> Contact | None:
        """Return the social worker in charge."""
        return self.occasion.contact

    def entry(self, status: str, answer: str) -> CalendarEntry:
        """Return the calendar entry of this offer; its UID never changes, whatever becomes of it."""
        return CalendarEntry(
            uid=f"offer-{self.offer_id}",
            method="REQUEST",
            status=status,
            occasion=self.occasion,
            title=Text(
                zh=f"{self.occasion.title.zh}（{self.role.zh}）",
                en=f"{self.occasion.title.en} ({self.role.en})",
            ),
            url=self.url,
            answer=answer,
        )


@dataclass(frozen=True, kw_only=True)
class OfferMail(AboutOffer):
    """Ask a volunteer to serve; key `offer:{offer}:{n}`."""

    kind: ClassVar[str] = "offer"
    stream: ClassVar[Stream] = Stream.OFFERS

    reasons: tuple[Text, ...]
    """Why this person, at most three are shown; never about anybody else."""
    expires_at: datetime
    is_reserve: bool = False
    """Whether the person is asked, or comes, as a reserve beyond the places."""
    is_flexible: bool = False
    """Whether the person may choose another time on the page."""
    guardian_agreed: bool = False
    """Whether this is a minor whose guardian has agreed, so that nobody need be asked again."""

    @property
    def shown_reasons(self) -> tuple[Text, ...]:
        """Return the reasons that the mail tells."""
        return self.reasons[:MOST_REASONS]

    @cached_property
    def calendar(self) -> CalendarEntry:
        """Return a tentative entry, so that the calendar shows what the time would collide with."""
        return self.entry("TENTATIVE", "NEEDS-ACTION")


@dataclass(frozen=True, kw_only=True)
class OfferReminderMail(AboutOffer):
    """Remind a volunteer that the time to answer is nearly over."""

    kind: ClassVar[str] = "offer_reminder"
    stream: ClassVar[Stream] = Stream.OFFERS

    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class PlaceTakenMail(AboutOffer):
    """Tell a volunteer that the places are taken, and how to be first in line."""

    kind: ClassVar[str] = "place_taken"
    stream: ClassVar[Stream] = Stream.OFFERS


@dataclass(frozen=True, kw_only=True)
class OfferConfirmedMail(AboutOffer):
    """Confirm a volunteer's yes, with the entry for their calendar."""

    kind: ClassVar[str] = "confirmation"

    is_reserve: bool = False
    """Whether the person is asked, or comes, as a reserve beyond the places."""

    @cached_property
    def calendar(self) -> CalendarEntry:
        """Return the confirmed entry, which replaces the tentative one."""
        return self.entry("CONFIRMED", "ACCEPTED")


@dataclass(frozen=True, kw_only=True)
class ServiceReminderMail(AboutOffer):
    """Remind a volunteer who said yes; key `reminder:{offer}:{starts_at:%Y%m%dT%H%MZ}:{lead}`."""

    kind: ClassVar[str] = "reminder"
    stream: ClassVar[Stream] = Stream.REMINDERS

    hours: int
    """How many hours before the start this reminder is meant to arrive."""

    @property
    def can_wait(self) -> bool:
        """Say whether the start is far enough for the reminder to wait for company."""
        return self.hours >= EARLY_HOURS


@dataclass(frozen=True, kw_only=True)
class ThanksMail(AboutOffer):
    """Thank a volunteer who came and say what was entered; key `thanks:{offer}`."""

    kind: ClassVar[str] = "thanks"
    stream: ClassVar[Stream] = Stream.REMINDERS
    is_news: ClassVar[bool] = True

    minutes: int
    year_minutes: int
    """All of the volunteer's minutes this year, with these."""

    person_id: int

    @cached_property
    def url(self) -> str:
        """Return the volunteer's own page, where the hours stand."""
        return volunteer_url(self.person_id, self.occasion.ends_at)
