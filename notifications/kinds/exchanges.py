"""Messages when places change hands: a substitute was found, a reserve is needed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from notifications.kinds.base import CalendarEntry, Lane
from notifications.kinds.offers import AboutOffer


@dataclass(frozen=True, kw_only=True)
class SubstituteMail(AboutOffer):
    """Tell who looks for a substitute that one was found, or that nobody is left to ask."""

    kind: ClassVar[str] = "substitute"
    lane: ClassVar[Lane] = Lane.URGENT

    was_found: bool

    @cached_property
    def calendar(self) -> CalendarEntry | None:
        """Return the entry that takes the activity out of the calendar, once a substitute comes."""
        return self.entry("CANCELLED", "DECLINED") if self.was_found else None


@dataclass(frozen=True, kw_only=True)
class ReserveNeededMail(AboutOffer):
    """Tell a reserve that a place has become theirs; key `reserve_needed:{offer}`."""

    kind: ClassVar[str] = "reserve_needed"
    lane: ClassVar[Lane] = Lane.URGENT

    @cached_property
    def calendar(self) -> CalendarEntry:
        """Return the confirmed entry."""
        return self.entry("CONFIRMED", "ACCEPTED")
