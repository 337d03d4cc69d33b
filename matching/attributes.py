"""Whether the network's own rules hold: for everybody at once, and for one place at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from matching.inputs import Activity, Need
from matching.pool import Flags, Floats, Pool
from matching.rules import AttributeRule, Condition, Op, is_same, number, plain


class PeopleFacts:
    """Answer conditions on attributes for all people of a pool."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._made: dict[tuple[Condition, date | None], Flags] = {}

    @property
    def size(self) -> int:
        """Return how many people there are."""
        return self._pool.size

    def all_of(self, conditions: Sequence[Condition], day: date) -> Flags:
        """Return who fulfils all of the conditions on `day`."""
        fulfils: Flags = np.ones(self._pool.size, dtype=bool)
        for condition in conditions:
            key = (condition, day if condition.attribute == "age" else None)
            if key not in self._made:
                self._made[key] = self._fulfils(condition, day)
            fulfils &= self._made[key]
        return fulfils

    def _fulfils(self, condition: Condition, day: date) -> Flags:
        if condition.op in (Op.AT_LEAST, Op.AT_MOST):
            return self._compares(condition, day)
        is_one: Flags = np.zeros(self._pool.size, dtype=bool)
        for value in condition.values:
            is_one |= self._has(condition.attribute, value, day)
        return is_one if condition.op is Op.IS else ~is_one

    def _has(self, attribute: str, value: str, day: date) -> Flags:
        pool = self._pool
        if attribute in ("experienced", "newcomer"):
            flags = pool.experienced if attribute == "experienced" else pool.newcomers
            # Neither of the two is also an answer: nobody is "perhaps" experienced.
            return {"yes": flags, "no": ~flags}.get(value, np.zeros(pool.size, dtype=bool))
        if attribute == "gender":
            is_of: Flags = pool.gender == value
            return is_of
        if (numbers := self._numbers(attribute, day)) is not None:
            equal: Flags = numbers == number(value)
            return equal
        found: Flags = np.zeros(pool.size, dtype=bool)
        for name, members in self._tables(attribute):
            if is_same(plain(name), value):
                found |= members
        return found

    def _tables(self, attribute: str) -> list[tuple[str, Flags]]:
        pool = self._pool
        if attribute in ("language", "interest"):
            return list((pool.languages if attribute == "language" else pool.liked).items())
        return [(value, members) for (name, value), members in pool.attributes.items() if name == attribute]

    def _compares(self, condition: Condition, day: date) -> Flags:
        limit, is_least = float(condition.values[0]), condition.op is Op.AT_LEAST
        numbers = self._numbers(condition.attribute, day)
        if numbers is not None:
            fits: Flags = numbers >= limit if is_least else numbers <= limit
            return fits
        fulfils: Flags = np.zeros(self._pool.size, dtype=bool)
        for name, members in self._tables(condition.attribute):
            value = number(name)
            if value is not None and (value >= limit if is_least else value <= limit):
                fulfils |= members
        return fulfils

    def _numbers(self, attribute: str, day: date) -> Floats | None:
        if attribute == "hours":
            return self._pool.hours_given
        if attribute == "age":
            ages = self._pool.ages_on(day)
            return np.where(ages >= 0, ages, np.nan)
        return None


def wish_points(
    wishes: Sequence[AttributeRule], need: Need, activity: Activity, facts: PeopleFacts
) -> Floats:
    """Return the points that wishes give to everybody for a place."""
    points = np.zeros(facts.size)
    for wish in wishes:
        if applies(wish, need, activity):
            points += wish.points * facts.all_of(wish.who, activity.first_day)
    return points


def applies(rule: AttributeRule, need: Need, activity: Activity) -> bool:
    """Say whether a rule counts for a place."""
    if not rule.counts_on(activity.first_day):
        return False
    facts = {*activity.attributes, ("role", need.role), ("minors", "yes" if activity.has_minors else "no")}
    return all(_holds(condition, facts) for condition in rule.where)


def _holds(condition: Condition, facts: set[tuple[str, str]]) -> bool:
    values = [plain(value) for name, value in facts if name == condition.attribute]
    is_one = any(is_same(value, wanted) for value in values for wanted in condition.values)
    if condition.op in (Op.IS, Op.IS_NOT):
        return is_one is (condition.op is Op.IS)
    limit = float(condition.values[0])
    numbers = [found for value in values if (found := number(value)) is not None]
    return any(one >= limit if condition.op is Op.AT_LEAST else one <= limit for one in numbers)
