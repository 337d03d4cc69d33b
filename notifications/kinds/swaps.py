"""Messages of a swap: would you take that place for yours, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import ClassVar

from config.text import Text
from notifications.kinds.base import CalendarEntry, Lane, Occasion, Stream
from notifications.kinds.offers import AboutOffer


class SwapNews(StrEnum):
    """What there is to tell of a swap."""

    AGREED = "agreed"
    NOBODY = "nobody"
    DECLINED = "declined"
    REFUSED = "refused"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    VOID = "void"
    DONE = "done"


@dataclass(frozen=True, kw_only=True)
class AboutSwap(AboutOffer):
    """Hold what messages of a swap share: the reader's own place, and the one for which it is traded."""

    swap_id: int
    there: Occasion
    there_role: Text

    @property
    def about(self) -> dict[str, int]:
        """Return the swap beside the reader's own place."""
        return {**super().about, "swap": self.swap_id}

    @cached_property
    def url(self) -> str:
        """Return the page of swaps of the reader's own place."""
        return f"{super().url}/swap"


@dataclass(frozen=True, kw_only=True)
class SwapAskedMail(AboutSwap):
    """Ask a volunteer to take another place for theirs; key `swap:{swap}:asked`; never says whose it is."""

    kind: ClassVar[str] = "swap_asked"
    stream: ClassVar[Stream] = Stream.OFFERS

    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class SwapMail(AboutSwap):
    """Tell one of the two what became of a swap; key `swap:{swap}:{news}:{offer}`."""

    kind: ClassVar[str] = "swap"
    lane: ClassVar[Lane] = Lane.URGENT

    news: SwapNews
    reason: str = ""
    """Why a coordinator refused, in their own words."""

    @cached_property
    def calendar(self) -> CalendarEntry | None:
        """Return the entry that takes the old activity out of the calendar, once it is done."""
        return self.entry("CANCELLED", "DECLINED") if self.news == SwapNews.DONE else None
