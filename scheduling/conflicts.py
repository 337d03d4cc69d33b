"""Two activities in one room at one time: who came first keeps it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from config.text import Refusal, Text


@dataclass(frozen=True)
class Booking:
    """Hold a room taken from `starts_at` up to, not including, `ends_at`; `code` tells activities apart."""

    code: str
    venue_id: int
    venue: str
    title: Text
    starts_at: datetime
    ends_at: datetime

    def overlaps(self, other: Booking) -> bool:
        """Say whether both need the same room at the same time."""
        return (
            self.venue_id == other.venue_id
            and self.starts_at < other.ends_at
            and other.starts_at < self.ends_at
        )


@dataclass(frozen=True)
class Conflict:
    """Hold a booking that does not fit, and the one that was there first."""

    wanted: Booking
    other: Booking

    def refusal(self, when: Text) -> Refusal:
        """Return the sentence for people; `when` is the wanted start in words."""
        sentence = Text(
            zh="“{title}”排不进{when}：{venue}那时有“{other}”（{code}）。换个时间或换个房间。",
            en="“{title}” does not fit on {when}: {venue} is taken by “{other}” ({code}). "
            "Choose another time or another room.",
        )
        return Refusal(
            "venue_taken",
            sentence.format(
                title=self.wanted.title,
                when=when,
                venue=self.wanted.venue,
                other=self.other.title,
                code=self.other.code,
            ),
            field=self.wanted.code,
        )


def find_conflicts(booked: Iterable[Booking], wanted: Iterable[Booking]) -> list[Conflict]:
    """Return which of `wanted` do not fit beside `booked` and beside each other.

    The earlier of two wanted ones wins, and of two at the same time the one whose code comes first,
    so that the order of the input decides nothing.
    """
    rooms: dict[int, list[Booking]] = {}
    for booking in sorted(booked, key=_order):
        rooms.setdefault(booking.venue_id, []).append(booking)
    conflicts = []
    for booking in sorted(wanted, key=_order):
        room = rooms.setdefault(booking.venue_id, [])
        other = next((one for one in room if one.code != booking.code and booking.overlaps(one)), None)
        if other is None:
            room.append(booking)
        else:
            conflicts.append(Conflict(booking, other))
    return conflicts


def _order(booking: Booking) -> tuple[datetime, str]:
    return booking.starts_at, booking.code
