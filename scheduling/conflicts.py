"""Two activities that want one room, one thing or one person at one time: who came first keeps it.

A person who works at two places also needs the time to get from one to the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from config.text import Refusal, Text, plural
from scheduling.places import Place, travel_time


class Clash(StrEnum):
    """Name what two activities both want; the value is the code of the refusal."""

    VENUE = "venue_taken"
    EQUIPMENT = "equipment_taken"
    STAFF = "staff_busy"
    TRAVEL = "staff_too_far"


@dataclass(frozen=True)
class Use:
    """Hold that an activity uses `quantity` of the `stock` pieces of a thing."""

    equipment_id: int
    name: str
    quantity: int
    stock: int


@dataclass(frozen=True)
class Staff:
    """Hold a paid person who works at an activity."""

    person_id: int
    name: str


@dataclass(frozen=True)
class Booking:
    """Hold what an activity takes from `starts_at` up to, not including, `ends_at`; `code` tells them apart.

    `place` is where it is on the map; where it is not known, no way is counted.
    """

    code: str
    venue_id: int | None
    venue: str
    title: Text
    starts_at: datetime
    ends_at: datetime
    staff: tuple[Staff, ...] = ()
    uses: tuple[Use, ...] = ()
    place: Place | None = None

    def overlaps(self, other: Booking) -> bool:
        """Say whether both need the same room at the same time."""
        return self.venue_id is not None and self.venue_id == other.venue_id and self.is_during(other)

    def is_during(self, other: Booking) -> bool:
        """Say whether both are on at some moment."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    def way_to(self, other: Booking) -> timedelta:
        """Return how long it takes from one place to the other."""
        return travel_time(self.place, other.place)

    def is_within_reach(self, other: Booking) -> bool:
        """Say whether one person can do both, the way between them included."""
        way = self.way_to(other)
        return self.ends_at + way <= other.starts_at or other.ends_at + way <= self.starts_at


@dataclass(frozen=True)
class Conflict:
    """Hold a booking that does not fit, and the one that was there first; `what` both want."""

    wanted: Booking
    other: Booking
    clash: Clash = Clash.VENUE
    what: str = ""
    free: int = 0
    minutes: int = 0

    def refusal(self, when: Text) -> Refusal:
        """Return the sentence for people; `when` is the wanted start in words."""
        start = Text(zh="“{title}”排不进{when}：", en="“{title}” does not fit on {when}: ")
        sentence = Text(start.zh + SENTENCES[self.clash].zh, start.en + SENTENCES[self.clash].en)
        minutes = Text(f"{self.minutes}分钟", f"{self.minutes} {plural(self.minutes, 'minute', 'minutes')}")
        return Refusal(
            self.clash,
            sentence.format(
                title=self.wanted.title,
                when=when,
                what=self.what or self.wanted.venue,
                free=self.free,
                minutes=minutes,
                other=self.other.title,
                code=self.other.code,
            ),
            field=self.wanted.code,
        )


SENTENCES = {
    Clash.VENUE: Text(
        zh="{what}那时有“{other}”（{code}）。换个时间或换个房间。",
        en="{what} is taken by “{other}” ({code}). Choose another time or another room.",
    ),
    Clash.EQUIPMENT: Text(
        zh="{what}那时只剩{free}件，“{other}”（{code}）在用。换个时间或少用几件。",
        en="only {free} of {what} left, since “{other}” ({code}) uses it then. Choose another time or use fewer.",
    ),
    Clash.STAFF: Text(
        zh="{what}那时在“{other}”（{code}）。换个时间或换个人。",
        en="{what} is at “{other}” ({code}) then. Choose another time or another person.",
    ),
    Clash.TRAVEL: Text(
        zh="{what}从“{other}”（{code}）过来或过去要{minutes}，来不及。换个时间或换个人。",
        en="{what} needs {minutes} between it and “{other}” ({code}), which is more than there is. "
        "Choose another time or another person.",
    ),
}


class Calendar:
    """Hold what is booked, so that a wanted booking is held against those that share something with it."""

    def __init__(self, booked: Iterable[Booking] = ()) -> None:
        self._by_thing: dict[tuple[str, int], list[Booking]] = {}
        for booking in sorted(booked, key=_order):
            self.add(booking)

    def add(self, booking: Booking) -> None:
        """Book it, whatever else is booked."""
        for thing in _things(booking):
            self._by_thing.setdefault(thing, []).append(booking)

    def conflicts(self, wanted: Booking) -> list[Conflict]:
        """Return what stands in its way, one conflict a room, thing and person."""
        found = [self._room(wanted), *self._equipment(wanted), *self._staff(wanted)]
        return [one for one in found if one is not None]

    def _others(self, wanted: Booking, kind: str, number: int | None) -> Sequence[Booking]:
        if number is None:
            return ()
        return [one for one in self._by_thing.get((kind, number), ()) if one.code != wanted.code]

    def _room(self, wanted: Booking) -> Conflict | None:
        others = self._others(wanted, "venue", wanted.venue_id)
        other = next((one for one in others if one.overlaps(wanted)), None)
        return None if other is None else Conflict(wanted, other, Clash.VENUE, wanted.venue)

    def _equipment(self, wanted: Booking) -> Iterator[Conflict]:
        for use in wanted.uses:
            others = self._others(wanted, "equipment", use.equipment_id)
            during = [one for one in others if one.is_during(wanted)]
            free = use.stock - _most_at_once(during, use.equipment_id, wanted)
            if during and use.quantity > free:
                yield Conflict(wanted, during[0], Clash.EQUIPMENT, use.name, max(0, free))

    def _staff(self, wanted: Booking) -> Iterator[Conflict]:
        for person in wanted.staff:
            others = self._others(wanted, "staff", person.person_id)
            other = next((one for one in others if not one.is_within_reach(wanted)), None)
            if other is not None and other.is_during(wanted):
                yield Conflict(wanted, other, Clash.STAFF, person.name)
            elif other is not None:
                minutes = round(wanted.way_to(other) / timedelta(minutes=1))
                yield Conflict(wanted, other, Clash.TRAVEL, person.name, minutes=minutes)


def find_conflicts(booked: Iterable[Booking], wanted: Iterable[Booking]) -> list[Conflict]:
    """Return which of `wanted` do not fit beside `booked` and beside each other.

    The earlier of two wanted ones wins, and of two at the same time the one whose code comes first,
    so that the order of the input decides nothing.
    """
    calendar = Calendar(booked)
    conflicts = []
    for booking in sorted(wanted, key=_order):
        found = calendar.conflicts(booking)
        conflicts += found
        if not found:
            calendar.add(booking)
    return conflicts


def _most_at_once(during: Sequence[Booking], equipment_id: int, wanted: Booking) -> int:
    """Return the most pieces that others hold at any moment of the wanted time."""
    starts = [max(one.starts_at, wanted.starts_at) for one in during]
    held = [_quantity(one, equipment_id) for one in during]
    return max(
        (
            sum(n for n, one in zip(held, during, strict=True) if one.starts_at <= at < one.ends_at)
            for at in starts
        ),
        default=0,
    )


def _quantity(booking: Booking, equipment_id: int) -> int:
    return sum(use.quantity for use in booking.uses if use.equipment_id == equipment_id)


def _things(booking: Booking) -> Iterator[tuple[str, int]]:
    if booking.venue_id is not None:
        yield "venue", booking.venue_id
    for use in booking.uses:
        yield "equipment", use.equipment_id
    for person in booking.staff:
        yield "staff", person.person_id


def _order(booking: Booking) -> tuple[datetime, str]:
    return booking.starts_at, booking.code
