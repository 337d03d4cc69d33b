"""The pairs of a problem file as columns: a million of them are four arrays, not a million objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np

from matching.pool import Floats, Ints

Id = int | str
PAIR_FIELDS = 4


@dataclass(frozen=True, slots=True)
class ProblemPair:
    """Say that a person may fill a slot, what it is worth and what it takes of their capacity."""

    volunteer: Id
    slot: Id
    value: float
    load: float


@dataclass(frozen=True)
class PairTable(Sequence[ProblemPair]):
    """Hold pairs as columns; `people` and `places` list the ids that `who` and `where` point to."""

    people: tuple[Id, ...]
    places: tuple[Id, ...]
    who: Ints
    where: Ints
    value: Floats
    load: Floats

    @classmethod
    def of(cls, pairs: Sequence[ProblemPair]) -> PairTable:
        """Return the same pairs as columns."""
        if isinstance(pairs, PairTable):
            return pairs
        found = PairColumns()
        found.take([[pair.volunteer, pair.slot, pair.value, pair.load] for pair in pairs])
        return found.table()

    def __len__(self) -> int:
        return len(self.who)

    @overload
    def __getitem__(self, place: int) -> ProblemPair: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[ProblemPair, ...]: ...
    def __getitem__(self, place: int | slice) -> ProblemPair | tuple[ProblemPair, ...]:
        """Return one pair, or some."""
        if isinstance(place, slice):
            return tuple(self[one] for one in range(*place.indices(len(self))))
        who, where = self.people[self.who[place]], self.places[self.where[place]]
        return ProblemPair(who, where, float(self.value[place]), float(self.load[place]))

    def find(self, wanted: Iterable[tuple[Id, Id]]) -> dict[tuple[Id, Id], ProblemPair]:
        """Return those of the wanted pairs that are here, by their ids."""
        people = {one: place for place, one in enumerate(self.people)}
        places = {one: place for place, one in enumerate(self.places)}
        known = [(who, where) for who, where in wanted if who in people and where in places]
        keys = np.array([people[who] * len(places) + places[where] for who, where in known], dtype=np.int64)
        here = np.flatnonzero(np.isin(self.who * len(places) + self.where, keys))
        return {(pair.volunteer, pair.slot): pair for pair in (self[place] for place in here.tolist())}

    def ordered(self, people: dict[Id, int], places: dict[Id, int]) -> PairTable:
        """Return the pairs in the order of their slots and then people, pointing to the given positions."""
        who = np.array([people[one] for one in self.people], dtype=np.int64)[self.who]
        where = np.array([places[one] for one in self.places], dtype=np.int64)[self.where]
        order = np.lexsort((who, where))
        return PairTable(
            tuple(people), tuple(places), who[order], where[order], self.value[order], self.load[order]
        )


class PairColumns:
    """Collect the pairs of a file block by block, whatever they are; what is odd is kept as it stands."""

    def __init__(self) -> None:
        self._people: dict[Any, int] = {}
        self._places: dict[Any, int] = {}
        self._blocks: list[tuple[Ints, Ints, Floats, Floats]] = []
        self._odd: dict[int, Any] = {}
        self._count = 0

    def take(self, entries: list[Any]) -> None:
        """Add entries; a block of which all have the form of a pair is taken at once."""
        if not entries:
            return
        if not self._take_block(entries):
            for entry in entries:
                if not self._take_block([entry]):
                    self._odd[self._count] = entry
                    self._count += 1

    def _take_block(self, entries: list[Any]) -> bool:
        if set(map(type, entries)) != {list} or set(map(len, entries)) != {PAIR_FIELDS}:
            return False
        who, where, value, load = zip(*entries, strict=True)
        ids, numbers = {*map(type, who), *map(type, where)}, {*map(type, value), *map(type, load)}
        # A bool is neither an id nor a number here, though Python counts with it.
        if not (ids <= {int, str} and numbers <= {int, float}):
            return False
        try:
            amounts = np.array([value, load], dtype=np.float64)
        except OverflowError:
            return False
        if not np.isfinite(amounts).all() or amounts[1].min() < 0:
            return False
        self._blocks.append((_codes(self._people, who), _codes(self._places, where), amounts[0], amounts[1]))
        self._count += len(entries)
        return True

    def table(self) -> PairTable:
        """Return what has the form of a pair, as columns."""
        columns = [np.concatenate(column) for column in zip(*self._blocks, strict=True)] or [
            *(np.empty(0, dtype=np.int64) for _ in range(2)),
            *(np.empty(0) for _ in range(2)),
        ]
        return PairTable(tuple(self._people), tuple(self._places), *columns)

    def suspects(self, people: set[Id], places: set[Id]) -> Iterator[tuple[int, Any, bool]]:
        """Yield what may have to be refused: its place in the file, the entry, whether it was given before."""
        table = self.table()
        strange = np.array([one not in people for one in table.people], dtype=bool)[table.who]
        strange |= np.array([one not in places for one in table.places], dtype=bool)[table.where]
        again = _again(table.who * max(1, len(table.places)) + table.where)
        at = self._positions()
        found = {place: (entry, False) for place, entry in self._odd.items()}
        for row in np.flatnonzero(strange | again).tolist():
            pair = table[row]
            found[int(at[row])] = [pair.volunteer, pair.slot, pair.value, pair.load], bool(again[row])
        for place, (entry, is_again) in sorted(found.items()):
            yield place, entry, is_again

    def _positions(self) -> Ints:
        """Return the place in the file of each row of the table."""
        return np.setdiff1d(np.arange(self._count), np.fromiter(self._odd, dtype=np.int64))


def _codes(known: dict[Any, int], ids: Sequence[Id]) -> Ints:
    for one in dict.fromkeys(ids):
        known.setdefault(one, len(known))
    return np.array([known[one] for one in ids], dtype=np.int64)


def _again(keys: Ints) -> Any:
    """Mark keys that stood before."""
    order = np.argsort(keys, kind="stable")
    again = np.zeros(len(keys), dtype=bool)
    again[order[1:]] = keys[order[1:]] == keys[order[:-1]]
    return again
