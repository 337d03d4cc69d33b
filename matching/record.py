"""What a plan knew about every person and place, packed small, so that it can be explained much later."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.eligibility import FIRST_OWN_BIT, Eligibility, Reason
from matching.inputs import MatchingPolicy
from matching.pool import Floats, Ints
from matching.staffing import StaffingPlan

MOST_MISSED = 2
"""Who misses more rules is no near miss, and not told of."""
LEVEL = 5
EARLIER_FORM = b"PK"
Bytes = NDArray[np.uint8]
Shorts = NDArray[np.int32]
_NONE: Ints = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Known:
    """Hold what a plan knew about one person and one place.

    `lacks` are codes of rules that were missed, "rule:CODE" for the network's own. Of who missed none,
    `points` is the fit, `price` what placing them would have cost the plan by its prices, at least, and
    `lowest` the least points of those who were placed there, if anybody was. Points are whole.
    """

    is_placed: bool
    lacks: tuple[str, ...] = ()
    points: int = 0
    price: int = 0
    lowest: int | None = None


def pack(result: StaffingPlan, policy: MatchingPolicy) -> bytes:
    """Return a plan's knowledge: who missed which rule of which place, and what those who fit were worth.

    Who misses a rule is a column of single bits, and places share most of their columns. Pairs are not
    listed: they are those who miss nothing, in the order of people.
    """
    model = result.model
    columns, missed = _columns(Eligibility(result.staffing, policy, result.pool))
    buffer = BytesIO()
    np.savez(
        buffer,
        volunteers=result.pool.ids,
        needs=np.array([need.id for need in result.staffing.needs], dtype=np.int64),
        rules=np.array([rule.code for rule in result.staffing.rules if rule.is_must], dtype=np.str_),
        columns=columns,
        missed=missed,
        pairs=np.bincount(model.slot, minlength=len(model.slots)),
        value=_whole(model.value),
        # For most people of a place the same number, which packs to nothing.
        asked=_whole(model.value - result.plan.reduced),
        chosen=result.plan.chosen.astype(np.int32),
    )
    return zlib.compress(buffer.getbuffer(), LEVEL)


def _columns(judged: Eligibility) -> tuple[Bytes, Shorts]:
    """Return the different columns of people, and for each rule missed its (slot, bit, column)."""
    number_of: dict[bytes, int] = {}
    missed: list[tuple[int, int, int]] = []
    for slot, bits in enumerate(judged.each()):
        present = int(np.bitwise_or.reduce(bits, initial=0))
        for bit in range(present.bit_length()):
            if present >> bit & 1:
                column = np.packbits(bits & (1 << bit) != 0).tobytes()
                missed.append((slot, bit, number_of.setdefault(column, len(number_of))))
    columns = np.frombuffer(b"".join(number_of), dtype=np.uint8)
    columns = columns.reshape(len(number_of), -(-judged.pool.size // 8))
    return columns, np.array(missed, dtype=np.int32).reshape(-1, 3)


class Record:
    """Answer from what a plan knew."""

    def __init__(self, packed: bytes) -> None:
        self._columns: dict[str, NDArray[Any]] = {}
        # Records of an earlier form are let go of unread; the last of them ends within its weeks.
        if not packed.startswith(EARLIER_FORM):
            with np.load(BytesIO(zlib.decompress(packed)), allow_pickle=False) as stored:
                self._columns = {name: stored[name] for name in stored.files}

    def has(self, need_id: int) -> bool:
        """Say whether the plan was asked about a need."""
        return need_id in self._needs

    def of(self, volunteer_id: int, need_id: int) -> Known | None:
        """Return what was known about a person and a place; None of who was not near to it."""
        person, slot = self._people.get(volunteer_id), self._needs.get(need_id)
        if person is None or slot is None:
            return None
        missed = self._columns["missed"][self._columns["missed"][:, 0] == slot]
        misses = np.unpackbits(self._columns["columns"][missed[:, 2]], axis=1)
        if misses[:, person].any():
            bits = sum(1 << bit for bit in missed[misses[:, person] == 1, 1].tolist())
            is_near = not bits & Reason.DISTANCE and bits.bit_count() <= MOST_MISSED
            return Known(False, self._names(bits)) if is_near else None
        return self._fitting(int((~misses[:, :person].any(axis=0)).sum()), slot)

    def _fitting(self, rank: int, slot: int) -> Known | None:
        """Return what was known about who fits a place and comes `rank` places after the first who does."""
        first, last = self._edges[slot : slot + 2].tolist()
        if first == last:
            return None
        pair, value = first + rank, self._columns["value"]
        chosen = self._columns["chosen"]
        here = chosen[(chosen >= first) & (chosen < last)]
        lowest = min(value[here].tolist(), default=None)
        if pair in here:
            return Known(True, (), int(value[pair]), 0, lowest)
        # In the numbers of Python, which do not overflow.
        price = int(self._columns["asked"][pair]) - int(value[pair])
        return Known(False, (), int(value[pair]), max(0, price), lowest)

    @cached_property
    def _edges(self) -> Ints:
        return np.append(0, np.cumsum(self._columns["pairs"]))

    @cached_property
    def _people(self) -> dict[int, int]:
        return {key: place for place, key in enumerate(self._columns.get("volunteers", _NONE).tolist())}

    @cached_property
    def _needs(self) -> dict[int, int]:
        return {key: place for place, key in enumerate(self._columns.get("needs", _NONE).tolist())}

    def _names(self, bits: int) -> tuple[str, ...]:
        ours = [str(rule.name).lower() for rule in Reason if bits & rule]
        own = [
            f"rule:{code}"
            for number, code in enumerate(self._columns["rules"].tolist())
            if bits & (1 << FIRST_OWN_BIT + number)
        ]
        return (*ours, *own)


def _whole(values: Floats) -> NDArray[np.int16]:
    # Prices between two plans are known to some points anyway, and whole numbers pack small.
    return np.clip(np.rint(values), -32_000, 32_000).astype(np.int16)
