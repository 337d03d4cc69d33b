"""Who assesses which hub: two or more each, never one's own, spread evenly and crossed with many others.

Crossing lets severity be told from quality: pairs that always rate together cannot be told apart.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Assessor:
    """Hold an assessor with the employer and the hubs that they belong to."""

    id: int
    employer: int | None = None
    hubs: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ToAssess:
    """Hold a hub that is to be assessed, with the employer of its social workers."""

    hub: str
    employer: int | None = None


@dataclass(frozen=True)
class Assignment:
    """Hold who assesses which hub, and how many assessors each hub lacks."""

    pairs: tuple[tuple[str, int], ...]
    lacking: dict[str, int]


def may_assess(assessor: Assessor, hub: ToAssess) -> bool:
    """Say whether an assessor is a stranger to the hub."""
    is_colleague = assessor.employer is not None and assessor.employer == hub.employer
    return hub.hub not in assessor.hubs and not is_colleague


def assign(
    hubs: Iterable[ToAssess],
    assessors: Sequence[Assessor],
    *,
    per_hub: int,
    seed: int,
    loads: Mapping[int, int] | None = None,
) -> Assignment:
    """Give each hub `per_hub` strangers: those with few hubs who have not met, then by lot.

    `loads` says how many hubs each has already, when somebody is asked in another's place.
    """
    state = _State(Counter(loads or {}), Counter(), {one.id: one for one in assessors})
    chance = random.Random(f"{seed}:assessors")  # noqa: S311 -- a stored seed must give the same lot again
    lot = {one: chance.random() for one in sorted(state.known)}
    pairs: list[tuple[str, int]] = []
    lacking: dict[str, int] = {}
    for hub, strangers in _hardest_first(hubs, state):
        chosen: list[int] = []
        while len(chosen) < per_hub and len(chosen) < len(strangers):
            free = [one for one in strangers if one not in chosen]
            chosen.append(min(free, key=lambda one: (*state.cost(one, chosen), lot[one])))
        state.remember(chosen)
        pairs += [(hub, one) for one in sorted(chosen)]
        if len(chosen) < per_hub:
            lacking[hub] = per_hub - len(chosen)
    return Assignment(tuple(sorted(pairs)), dict(sorted(lacking.items())))


@dataclass
class _State:
    """What was given so far: hubs by assessor, and how often two have met."""

    load: Counter[int]
    met: Counter[tuple[int, int]]
    known: dict[int, Assessor]

    def cost(self, one: int, chosen: Sequence[int]) -> tuple[int, int]:
        employer = self.known[one].employer
        colleagues = sum(employer is not None and employer == self.known[other].employer for other in chosen)
        met = sum(self.met[min(one, other), max(one, other)] for other in chosen)
        # A second meeting of the same two costs as much as one hub more.
        return colleagues, self.load[one] + met

    def remember(self, chosen: Sequence[int]) -> None:
        self.load.update(chosen)
        self.met.update((one, other) for one in chosen for other in chosen if one < other)


def _hardest_first(hubs: Iterable[ToAssess], state: _State) -> list[tuple[str, list[int]]]:
    """Pair hubs with the strangers who may assess them, those with the smallest choice first."""
    people = sorted(state.known)
    choices = [(hub.hub, [one for one in people if may_assess(state.known[one], hub)]) for hub in hubs]
    return sorted(choices, key=lambda choice: (len(choice[1]), choice[0]))
