"""Residents drawn at random: stratified, without replacement, from a frame that is kept, by a stored seed.

Each hub has its own stream of chance, made of the seed and the hub's code, so that one hub's frame never changes
who is drawn at another.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from evaluation.shares import planned_number


@dataclass(frozen=True)
class Served:
    """Hold somebody who was served: an id, never a name."""

    id: int
    hub: str
    stratum: str


@dataclass(frozen=True)
class Plan:
    """Hold how many people are asked: so many a hub, or as many as the wanted error takes."""

    per_hub: int
    error: float | None = None
    """Half the width of the interval of a share of one half; with it `per_hub` is not asked for."""
    confidence: float = 0.95

    def number(self, served: int) -> int:
        """Return how many to ask of those served, with finite population correction where an error is wanted."""
        if self.error is None or served < 1:
            return self.per_hub
        return planned_number(served, error=self.error, confidence=self.confidence)


@dataclass(frozen=True)
class Draw:
    """Hold who was drawn at a hub, and the frame they were drawn from."""

    hub: str
    frame: dict[str, int]
    drawn: tuple[Served, ...]


def draw(
    frame: Iterable[Served], *, seed: int, plan: Plan, resting: Collection[int] = frozenset()
) -> list[Draw]:
    """Draw as many a hub as the plan says, or all where there are fewer; the order of the frame does not matter.

    Who is `resting` was asked not long ago: they count as served and are not drawn.
    """
    by_hub: dict[str, list[Served]] = {}
    for person in sorted(set(frame), key=lambda one: (one.hub, one.stratum, one.id)):
        by_hub.setdefault(person.hub, []).append(person)
    return [_draw_hub(hub, people, resting, seed, plan.number(len(people))) for hub, people in by_hub.items()]


def allocate(sizes: dict[str, int], wanted: int) -> dict[str, int]:
    """Share `wanted` out over strata by their size, by largest remainders, two at least where there is room.

    Two, because a stratum with one answer has no spread of its own. Never more than a stratum has.
    """
    names, whole = sorted(sizes), sum(sizes.values())
    wanted = min(wanted, whole)
    least = {name: min(2, sizes[name]) for name in names}
    if sum(least.values()) > wanted:
        least = dict.fromkeys(names, 0)
    exact = {name: wanted * sizes[name] / whole if whole else 0.0 for name in names}
    given = {name: max(int(exact[name]), least[name]) for name in names}
    while sum(given.values()) != wanted:
        step = 1 if sum(given.values()) < wanted else -1
        movable = [name for name in names if _may_move(given[name], step, least[name], sizes[name])]
        name = max(movable, key=lambda one: (step * (exact[one] - given[one]), one))
        given[name] += step
    return given


def _may_move(given: int, step: int, least: int, most: int) -> bool:
    return least <= given + step <= most


def _draw_hub(hub: str, people: Sequence[Served], resting: Collection[int], seed: int, per_hub: int) -> Draw:
    chance = random.Random(f"{seed}:{hub}")  # noqa: S311 -- a stored seed must give the same draw again
    free = [person for person in people if person.id not in resting]
    drawn: list[Served] = []
    for stratum, number in allocate(dict(Counter(person.stratum for person in free)), per_hub).items():
        drawn += chance.sample([person for person in free if person.stratum == stratum], number)
    frame = dict(sorted(Counter(person.stratum for person in people).items()))
    return Draw(hub, frame, tuple(sorted(drawn, key=lambda one: one.id)))
