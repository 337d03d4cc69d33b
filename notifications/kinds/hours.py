"""Messages to a volunteer about their own hours, and the way to their own page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import ClassVar

from config.text import Text
from notifications import links
from notifications.kinds.base import Contact, Lane, Mail
from notifications.links import Purpose

LINK_DAYS = 180


def volunteer_url(person_id: int, made_at: datetime) -> str:
    """Return a volunteer's own page, open for half a year from `made_at`."""
    return links.link(Purpose.VOLUNTEER, person_id, expires_at=made_at + timedelta(days=LINK_DAYS))


@dataclass(frozen=True, kw_only=True)
class AboutHours(Mail):
    """Hold what messages to one person about their own page share."""

    person_id: int
    made_at: datetime
    in_charge: Contact | None = None

    @cached_property
    def url(self) -> str:
        """Return the person's own page."""
        return volunteer_url(self.person_id, self.made_at)

    @property
    def contact(self) -> Contact | None:
        """Return a social worker of the hub."""
        return self.in_charge


@dataclass(frozen=True, kw_only=True)
class HoursDecidedMail(AboutHours):
    """Tell a volunteer what became of a claim, or that a line was set right."""

    kind: ClassVar[str] = "hours_decided"

    hub: Text
    what: Text
    served_on: date
    minutes: int
    outcome: str
    """confirmed, refused or corrected."""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class MyPageMail(AboutHours):
    """Send somebody who asked for it the way to their own page."""

    kind: ClassVar[str] = "my_page"
    lane: ClassVar[Lane] = Lane.URGENT
