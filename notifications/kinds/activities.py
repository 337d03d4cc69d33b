"""Messages about what became of an activity: moved, cancelled, attendance to record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import ClassVar

from config.text import Text
from notifications import links
from notifications.kinds.base import (
    CalendarEntry,
    Contact,
    Lane,
    Mail,
    Occasion,
    offer_url,
    participation_url,
)
from notifications.links import Purpose

ATTENDANCE_LINK_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class AboutActivity(Mail):
    """Hold what messages to everybody who agreed to come share.

    Give `offer_id` and `role` for a volunteer, `participation_id` for a participant.
    """

    lane: ClassVar[Lane] = Lane.URGENT

    occasion: Occasion
    reason: str
    offer_id: int | None = None
    participation_id: int | None = None
    role: Text | None = None

    @property
    def about(self) -> dict[str, int]:
        """Return the activity in its new version, and the person's own place in it."""
        own = {"offer": self.offer_id, "participation": self.participation_id}
        return {**self.occasion.about, **{thing: number for thing, number in own.items() if number}}

    @cached_property
    def url(self) -> str:
        """Return the page of the person's own place."""
        if self.offer_id is not None:
            return offer_url(self.offer_id, self.occasion)
        if self.participation_id is not None:
            return participation_url(self.participation_id, self.occasion)
        return ""

    @property
    def contact(self) -> Contact | None:
        """Return the social worker in charge."""
        return self.occasion.contact

    def entry(self, method: str, status: str) -> CalendarEntry | None:
        """Return the calendar entry under the UID that the first mail gave it."""
        if self.offer_id is None and self.participation_id is None:
            return None
        place = f"offer-{self.offer_id}" if self.offer_id else f"participation-{self.participation_id}"
        title = self.occasion.title
        if self.role is not None:
            title = Text(zh=f"{title.zh}（{self.role.zh}）", en=f"{title.en} ({self.role.en})")
        return CalendarEntry(place, method, status, self.occasion, title, self.url, answer="ACCEPTED")


@dataclass(frozen=True, kw_only=True)
class ActivityChangedMail(AboutActivity):
    """Tell somebody who agreed to come that the time or the place is another."""

    kind: ClassVar[str] = "changed"

    old_starts_at: datetime
    old_ends_at: datetime
    old_place: str

    @property
    def time_changed(self) -> bool:
        """Say whether the activity was moved to another time."""
        occasion = self.occasion
        return (self.old_starts_at, self.old_ends_at) != (occasion.starts_at, occasion.ends_at)

    @property
    def place_changed(self) -> bool:
        """Say whether the activity was moved to another place."""
        return self.old_place != self.occasion.place

    @cached_property
    def calendar(self) -> CalendarEntry | None:
        """Return the entry with the new time under the old UID."""
        return self.entry("REQUEST", "CONFIRMED")


@dataclass(frozen=True, kw_only=True)
class ActivityCancelledMail(AboutActivity):
    """Tell somebody who agreed to come that there is nothing to come to."""

    kind: ClassVar[str] = "cancelled"

    @cached_property
    def calendar(self) -> CalendarEntry | None:
        """Return the cancellation of the entry."""
        return self.entry("CANCEL", "CANCELLED")


@dataclass(frozen=True, kw_only=True)
class ActivityOnAgainMail(AboutActivity):
    """Tell somebody who heard that an activity is cancelled that it takes place after all."""

    kind: ClassVar[str] = "on_again"

    @cached_property
    def calendar(self) -> CalendarEntry | None:
        """Return the entry again, under the old UID."""
        return self.entry("REQUEST", "CONFIRMED")


@dataclass(frozen=True, kw_only=True)
class AttendanceDueMail(Mail):
    """Ask a coordinator to record who came; key `attendance:{activity}:{person}:{n}`."""

    kind: ClassVar[str] = "attendance"

    person_id: int
    occasion: Occasion
    people: int
    """How many people are not recorded yet."""

    @property
    def about(self) -> dict[str, int]:
        """Return the activity whose attendance is asked for."""
        return {"attendance": self.occasion.activity_id}

    @cached_property
    def url(self) -> str:
        """Return the sheet where the coordinator records."""
        expires_at = self.occasion.ends_at + timedelta(days=ATTENDANCE_LINK_DAYS)
        return links.link(
            Purpose.ATTENDANCE, self.occasion.activity_id, self.person_id, expires_at=expires_at
        )

    @property
    def everybody_url(self) -> str:
        """Return the page where one button records that everybody came."""
        return f"{self.url}/everybody"
