"""A series that changed, held against the dates that it already has: which stay, move, fall out, are new."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from scheduling.recurrence import Occurrence

T = TypeVar("T", "Dated", Occurrence)


class Step(StrEnum):
    """What becomes of one date."""

    STAYS = "stays"
    MOVES = "moves"
    FALLS_OUT = "falls_out"
    COMES_BACK = "comes_back"
    NEW = "new"


@dataclass(frozen=True)
class Dated:
    """Hold an activity that a series has: `on_date` is what the rule gave it.

    `is_pinned` where people moved it by hand; `is_out` where it fell out by an earlier change.
    """

    key: int
    on_date: date
    starts_at: datetime
    ends_at: datetime
    is_pinned: bool = False
    is_out: bool = False


@dataclass(frozen=True)
class Aligned:
    """Hold what becomes of one date: of an activity, of an occurrence, or of both together."""

    step: Step
    dated: Dated | None = None
    occurrence: Occurrence | None = None

    @property
    def sort_key(self) -> tuple[datetime, int]:
        """Return when it is now, or else was."""
        at = self.dated or self.occurrence
        assert at is not None
        return at.starts_at, self.dated.key if self.dated else 0


def align(dated: Sequence[Dated], occurrences: Sequence[Occurrence]) -> tuple[Aligned, ...]:
    """Pair activities with what the new rule gives, and say what that means for each.

    The same date is the same activity. What is left is paired within a week (Monday to Sunday), in the
    order of time, and moves; nothing moves into another week. What people moved by hand stays where it
    is while its week still has a date.
    """
    by_date = {one.on_date: one for one in occurrences}
    found = [
        Aligned(_step(one, by_date[one.on_date]), one, by_date[one.on_date])
        for one in dated
        if one.on_date in by_date
    ]
    kept = {one.on_date for one in dated} & by_date.keys()
    left = _by_week(one for one in dated if one.on_date not in kept and not one.is_out)
    free = _by_week(one for one in occurrences if one.on_date not in kept)
    for week in sorted({*left, *free}):
        found += _in_one_week(left.get(week, []), free.get(week, []))
    return tuple(sorted(found, key=lambda one: one.sort_key))


def _step(one: Dated, wanted: Occurrence) -> Step:
    if one.is_out:
        return Step.COMES_BACK
    same = one.is_pinned or (one.starts_at, one.ends_at) == (wanted.starts_at, wanted.ends_at)
    return Step.STAYS if same else Step.MOVES


def _in_one_week(left: list[Dated], free: list[Occurrence]) -> Iterable[Aligned]:
    pairs = min(len(left), len(free))
    for one, wanted in zip(left[:pairs], free[:pairs], strict=True):
        yield Aligned(Step.STAYS if one.is_pinned else Step.MOVES, one, wanted)
    yield from (Aligned(Step.FALLS_OUT, one) for one in left[pairs:])
    yield from (Aligned(Step.NEW, None, wanted) for wanted in free[pairs:])


def _by_week(things: Iterable[T]) -> dict[tuple[int, int], list[T]]:
    weeks: dict[tuple[int, int], list[T]] = {}
    for one in sorted(things, key=lambda thing: thing.on_date):
        year, week, _ = one.on_date.isocalendar()
        weeks.setdefault((year, week), []).append(one)
    return weeks
