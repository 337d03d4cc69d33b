"""Conditions of gates and labels, in a closed grammar of our own: parsed, never evaluated as Python.

    condition  = term {"or" term}          term = factor {"and" factor}
    factor     = "not" factor | "no" "gate" | "any" "part" OP product | product [OP product] | "(" condition ")"
    product    = operand {"*" operand}     operand = NUMBER | "total" | "points" | FACT | lower95(total) | upper95(total)

`points` is what a part is worth and stands only after `any part`. A fact that nobody reported is unknown, and so
is every condition that hangs on it (Kleene's three values): nothing is guessed.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from typing import TypeAlias

OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
WORDS = frozenset({"and", "or", "not", "any", "part", "no", "gate", "points", "total", "lower95", "upper95"})
TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_][\w.]*)|(?P<sign><=|>=|==|!=|[<>*()]))"
)
DEEPEST = 30


@dataclass(frozen=True)
class Situation:
    """Hold what a condition can ask about a hub; `parts` pairs points gained with points possible."""

    facts: Mapping[str, float]
    parts: tuple[tuple[float | None, float], ...] = ()
    total: float | None = None
    low: float | None = None
    high: float | None = None
    gates: int = 0


@dataclass(frozen=True)
class Value:
    """A product of numbers and names."""

    factors: tuple[float | str, ...]

    def read(self, situation: Situation, points: float | None = None) -> float | None:
        """Return the number, or None where something in it is not known."""
        values = [one if isinstance(one, float) else _look_up(one, situation, points) for one in self.factors]
        known = [value for value in values if value is not None]
        return prod(known) if len(known) == len(values) else None


@dataclass(frozen=True)
class Comparison:
    """Two products and a sign; without a sign, a fact that is true when it is not zero."""

    left: Value
    sign: str = "!="
    right: Value = Value((0.0,))

    def holds(self, situation: Situation) -> bool | None:
        """Say whether it holds, or None where that is not known."""
        left, right = self.left.read(situation), self.right.read(situation)
        return None if left is None or right is None else OPERATORS[self.sign](left, right)


@dataclass(frozen=True)
class AnyPart:
    """A comparison that one part at least fulfils."""

    sign: str
    right: Value

    def holds(self, situation: Situation) -> bool | None:
        """Say whether a part fulfils it."""
        return _either([self._of_part(situation, *part) for part in situation.parts])

    def _of_part(self, situation: Situation, gained: float | None, points: float) -> bool | None:
        right = self.right.read(situation, points)
        return None if gained is None or right is None else OPERATORS[self.sign](gained, right)


@dataclass(frozen=True)
class NoGate:
    """True where no gate binds."""

    def holds(self, situation: Situation) -> bool | None:
        """Say whether no gate binds."""
        return situation.gates == 0


@dataclass(frozen=True)
class Not:
    """The opposite of a condition."""

    of: Condition

    def holds(self, situation: Situation) -> bool | None:
        """Say whether the inner condition fails."""
        held = self.of.holds(situation)
        return None if held is None else not held


@dataclass(frozen=True)
class Or:
    """One of several conditions."""

    of: tuple[Condition, ...]

    def holds(self, situation: Situation) -> bool | None:
        """Say whether one of them holds."""
        return _either([one.holds(situation) for one in self.of])


@dataclass(frozen=True)
class And:
    """Several conditions at once."""

    of: tuple[Condition, ...]

    def holds(self, situation: Situation) -> bool | None:
        """Say whether all of them hold."""
        return Not(Or(tuple(Not(one) for one in self.of))).holds(situation)


Condition: TypeAlias = Comparison | AnyPart | NoGate | Not | Or | And


def _either(held: list[bool | None]) -> bool | None:
    if True in held:
        return True
    return None if None in held else False


def _look_up(name: str, situation: Situation, points: float | None) -> float | None:
    special = {
        "total": situation.total,
        "lower95": situation.low,
        "upper95": situation.high,
        "points": points,
    }
    return special[name] if name in special else situation.facts.get(name)


class ConditionError(ValueError):
    """The text is not a condition; `position` counts from 1."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


def parse(text: str) -> Condition:
    """Return the condition that `text` states; raise `ConditionError` where it stops making sense."""
    parser = _Parser(_tokens(text))
    found = parser.condition(0)
    parser.expect("")
    return found


def facts_of(condition: Condition) -> frozenset[str]:
    """Return the names of the facts on which a condition hangs."""
    if isinstance(condition, Comparison):
        names = (*condition.left.factors, *condition.right.factors)
        return frozenset(name for name in names if isinstance(name, str) and name not in WORDS)
    if isinstance(condition, AnyPart):
        return facts_of(Comparison(condition.right))
    if isinstance(condition, Not):
        return facts_of(condition.of)
    if isinstance(condition, Or | And):
        return frozenset().union(*(facts_of(one) for one in condition.of))
    return frozenset()


def _tokens(text: str) -> list[tuple[str, str, int]]:
    found, position = [], 0
    while position < len(text.rstrip()):
        match = TOKEN.match(text, position)
        if match is None:
            raise ConditionError(text[position:].strip()[:20], position + 1)
        kind = match.lastgroup or ""
        found.append((kind, match[kind], match.start(kind) + 1))
        position = match.end()
    return [*found, ("end", "", len(text) + 1)]


class _Parser:
    """Descends through the grammar, one method a rule."""

    def __init__(self, tokens: list[tuple[str, str, int]]) -> None:
        self._tokens = tokens
        self._at = 0

    def condition(self, depth: int) -> Condition:
        return self._joined("or", lambda: self._term(depth))

    def expect(self, *words: str) -> None:
        for word in words:
            if not self._skip(word):
                raise self._error()

    def _term(self, depth: int) -> Condition:
        return self._joined("and", lambda: self._factor(depth + 1))

    def _joined(self, word: str, rule: Callable[[], Condition]) -> Condition:
        found = [rule()]
        while self._skip(word):
            found.append(rule())
        if len(found) == 1:
            return found[0]
        return Or(tuple(found)) if word == "or" else And(tuple(found))

    def _factor(self, depth: int) -> Condition:
        if depth > DEEPEST:
            raise self._error()
        if self._skip("not"):
            return Not(self._factor(depth + 1))
        if self._skip("no"):
            self.expect("gate")
            return NoGate()
        if self._skip("any"):
            self.expect("part")
            return AnyPart(self._sign(), self._product(in_part=True))
        if self._skip("("):
            inner = self.condition(depth + 1)
            self.expect(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Condition:
        left = self._product()
        if self._word in OPERATORS:
            return Comparison(left, self._sign(), self._product())
        if len(left.factors) != 1 or not isinstance(left.factors[0], str) or left.factors[0] in WORDS:
            raise self._error()  # a number alone is no condition
        return Comparison(left)

    def _sign(self) -> str:
        if self._word not in OPERATORS:
            raise self._error()
        return self._take()

    def _product(self, *, in_part: bool = False) -> Value:
        factors = [self._operand(in_part=in_part)]
        while self._skip("*"):
            factors.append(self._operand(in_part=in_part))
        return Value(tuple(factors))

    def _operand(self, *, in_part: bool) -> float | str:
        kind, word, _ = self._tokens[self._at]
        if kind == "number":
            return float(self._take())
        if kind != "name" or (word in WORDS and word not in {"total", "lower95", "upper95", "points"}):
            raise self._error()
        if word == "points" and not in_part:
            raise self._error()
        self._take()
        if word in {"lower95", "upper95"}:
            self.expect("(", "total", ")")
        return word

    @property
    def _word(self) -> str:
        return self._tokens[self._at][1]

    def _take(self) -> str:
        word = self._word
        self._at += 1
        return word

    def _skip(self, word: str) -> bool:
        if self._word != word:
            return False
        self._at += 1
        return True

    def _error(self) -> ConditionError:
        _, word, position = self._tokens[self._at]
        return ConditionError(word, position)
