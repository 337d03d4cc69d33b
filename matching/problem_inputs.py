"""The plain values of a problem file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from matching.problem_pairs import Id, PairTable, ProblemPair

__all__ = [
    "Id", "PairTable", "Place", "Problem", "ProblemActivity", "ProblemPair", "ProblemRule", "ProblemSlot",
    "ProblemVolunteer", "sort_key",
]  # fmt: skip

Place = tuple[float, float] | Id


@dataclass(frozen=True, slots=True)
class ProblemVolunteer:
    """Hold a person: capacity by period (none where a period is not named), own price, attributes."""

    id: Id
    capacity: Mapping[str, float]
    ask_price: float | None = None
    attributes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ProblemSlot:
    """Hold what one person may fill; with times, or without."""

    id: Id
    activity: Id
    period: str
    start: datetime | None = None
    end: datetime | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class ProblemRule:
    """Demand people with an attribute in an activity, once any slot of it is filled."""

    attribute: str
    at_least: int


@dataclass(frozen=True, slots=True)
class ProblemActivity:
    """Hold the rules of a group of slots."""

    id: Id
    rules: tuple[ProblemRule, ...] = ()
    all_or_none: bool = False


@dataclass(frozen=True)
class Problem:
    """Hold a whole problem file.

    Travel is by `speed_kmh` between points, by `minutes` between named places, or takes no time.
    """

    volunteers: tuple[ProblemVolunteer, ...]
    slots: tuple[ProblemSlot, ...]
    activities: tuple[ProblemActivity, ...]
    pairs: Sequence[ProblemPair]
    blocked: tuple[tuple[Id, Id], ...] = ()
    speed_kmh: float | None = None
    minutes: Mapping[tuple[Id, Id], float] = field(default_factory=dict)
    ask_price: float = 0.0

    def price_of(self, volunteer: ProblemVolunteer) -> float:
        """Return what using a person costs: their own price, else the common one."""
        return self.ask_price if volunteer.ask_price is None else volunteer.ask_price


def sort_key(thing: Id) -> tuple[str, Id]:
    """Return a key that orders ids of both kinds, numbers before words."""
    return type(thing).__name__, thing
