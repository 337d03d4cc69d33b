"""What a plan knew about every person and place, packed small, so that it can be explained much later."""

from __future__ import annotations

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
"""Who misses more rules is no near miss, and not kept."""


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
    """Return a plan's knowledge: every eligible pair, and the missed rules of near misses.

    Who is not in it lived too far away, or missed more than `MOST_MISSED` rules.
    """
    model = result.model
    judged = Eligibility(result.staffing, policy, result.pool)
    people, slots, bits = [], [], []
    for slot, need in enumerate(result.staffing.needs):
        missed = judged.bits(need)
        near = np.flatnonzero(
            (missed != 0) & (missed & Reason.DISTANCE == 0) & (np.bitwise_count(missed) <= MOST_MISSED)
        )
        people.append(near)
        slots.append(np.full(len(near), slot))
        bits.append(missed[near].astype(np.int64))
    buffer = BytesIO()
    np.savez_compressed(
        buffer,
        volunteers=result.pool.ids,
        needs=_ints([need.id for need in result.staffing.needs]),
        rules=np.array([rule.code for rule in result.staffing.rules if rule.is_must], dtype=np.str_),
        person=model.person.astype(np.int32),
        slot=model.slot.astype(np.int32),
        value=_whole(model.value),
        reduced=_whole(result.plan.reduced),
        chosen=result.plan.chosen.astype(np.int32),
        barred=np.concatenate([_ints([]), *people]).astype(np.int32),
        barred_from=np.concatenate([_ints([]), *slots]).astype(np.int32),
        bits=np.concatenate([_ints([]), *bits]),
    )
    return buffer.getvalue()


class Record:
    """Answer from what a plan knew."""

    def __init__(self, packed: bytes) -> None:
        with np.load(BytesIO(packed), allow_pickle=False) as stored:
            self._columns: dict[str, NDArray[Any]] = {name: stored[name] for name in stored.files}

    def has(self, need_id: int) -> bool:
        """Say whether the plan was asked about a need."""
        return need_id in self._needs

    def of(self, volunteer_id: int, need_id: int) -> Known | None:
        """Return what was known about a person and a place; None of who was not near to it."""
        person, slot = self._people.get(volunteer_id), self._needs.get(need_id)
        if person is None or slot is None:
            return None
        pair = self._find("person", "slot", person, slot)
        if pair is not None:
            value, reduced = self._columns["value"].tolist(), self._columns["reduced"].tolist()
            chosen = self._columns["chosen"]
            here = chosen[self._columns["slot"][chosen] == slot].tolist()
            lowest = min((value[one] for one in here), default=None)
            price = 0 if pair in here else max(0, -reduced[pair])
            return Known(pair in here, (), value[pair], price, lowest)
        barred = self._find("barred", "barred_from", person, slot)
        return None if barred is None else Known(False, self._names(int(self._columns["bits"][barred])))

    @cached_property
    def _people(self) -> dict[int, int]:
        return {key: place for place, key in enumerate(self._columns["volunteers"].tolist())}

    @cached_property
    def _needs(self) -> dict[int, int]:
        return {key: place for place, key in enumerate(self._columns["needs"].tolist())}

    def _find(self, people: str, slots: str, person: int, slot: int) -> int | None:
        found = np.flatnonzero((self._columns[people] == person) & (self._columns[slots] == slot))
        return int(found[0]) if len(found) else None

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


def _ints(values: list[int]) -> Ints:
    return np.array(values, dtype=np.int64)
