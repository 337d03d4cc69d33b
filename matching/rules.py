"""Rules that a network adds by itself: conditions on attributes of people and of activities, as text.

A condition is `name=value`, with several values parted by "/": any of them will do. `!=` asks for none of
them, `>=` and `<=` compare numbers. Conditions are parted by ";" and all of them must hold. What is not
known is nowhere guessed: an unknown attribute holds only for `!=`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import isfinite
from types import MappingProxyType

from config.text import Refusal, Text


class Op(StrEnum):
    """Name how an attribute is compared."""

    IS = "="
    IS_NOT = "!="
    AT_LEAST = ">="
    AT_MOST = "<="


@dataclass(frozen=True, slots=True)
class Condition:
    """Ask something about one attribute; `values` are in lower case, one number for comparisons."""

    attribute: str
    op: Op
    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.attribute}{self.op}{'/'.join(self.values)}"


@dataclass(frozen=True, slots=True)
class AttributeRule:
    """Hold one rule of a network: what people must be (`who`) at which activities (`where`).

    With `points` it is a wish instead: who fulfils it scores so much higher. It counts for activities
    that begin from `valid_from` through `valid_until`.
    """

    code: str
    name: Text
    who: tuple[Condition, ...]
    where: tuple[Condition, ...] = ()
    points: int = 0
    valid_from: date | None = None
    valid_until: date | None = None

    @property
    def is_must(self) -> bool:
        """Say whether nobody is placed against it."""
        return self.points == 0

    def counts_on(self, day: date) -> bool:
        """Say whether it counts for an activity on `day`."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )


PERSON_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "年龄": "age",
        "性别": "gender",
        "语言": "language",
        "技能": "skill",
        "青年汇": "hub",
        "有经验": "experienced",
        "新手": "newcomer",
        "时长": "hours",
        "兴趣": "interest",
    }
)
"""The attributes that everybody has, by their Chinese names; any other is the network's own."""
ACTIVITY_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "主题": "topic",
        "青年汇": "hub",
        "系列": "series",
        "角色": "role",
        "有未成年人": "minors",
        "星期": "weekday",
        "几点": "hour",
    }
)
VALUES: Mapping[str, str] = MappingProxyType({"是": "yes", "否": "no", "女": "female", "男": "male"})
_CONDITION = re.compile(r"^\s*([^=!<>≥≤\s]+)\s*(!=|>=|<=|≠|≥|≤|=)\s*(.+?)\s*$")
_OPS = {"≠": Op.IS_NOT, "≥": Op.AT_LEAST, "≤": Op.AT_MOST}


def read_conditions(text: str, names: Mapping[str, str], *, closed: bool) -> tuple[Condition, ...] | Refusal:
    """Return the conditions of a text, or why it is none; with `closed` only the known names will do."""
    found: list[Condition] = []
    for part in re.split("[;；]", text.replace("＝", "=").replace("！", "!")):
        if part.strip():
            condition = _read(part, names, closed=closed)
            if isinstance(condition, Refusal):
                return condition
            found.append(condition)
    return tuple(found)


def text_of(conditions: Iterable[Condition]) -> str:
    """Return conditions as people write them."""
    return "; ".join(map(str, conditions))


def _read(part: str, names: Mapping[str, str], *, closed: bool) -> Condition | Refusal:
    match = _CONDITION.match(part)
    if match is None:
        return _refusal(
            Text(
                "“{part}”不是条件：写成 名称=值，比如 驾照=C1", "“{part}” is no condition: write name=value"
            ),
            part,
        )
    name = names.get(match[1], match[1].lower())
    if closed and name not in names.values():
        known = "、".join(names), ", ".join(sorted(set(names.values())))
        return _refusal(
            Text(
                f"没有“{{part}}”这一项。有的是：{known[0]}", f"There is no “{{part}}”. There are: {known[1]}"
            ),
            match[1],
        )
    op = _OPS.get(match[2]) or Op(match[2])
    values = tuple(_plain(value) for value in re.split("[/、]", match[3]) if value.strip())
    if op in (Op.AT_LEAST, Op.AT_MOST) and (len(values) != 1 or number(values[0]) is None):
        return _refusal(
            Text("“{part}”要比大小，后面写一个数", "“{part}” compares: write one number after it"),
            part.strip(),
        )
    return Condition(name, op, values)


def plain(value: str) -> str:
    """Return a value in the form in which values are compared."""
    return _plain(value)


def number(value: str) -> float | None:
    """Return the number that a value writes, or None."""
    try:
        found = float(value)
    except ValueError:
        return None
    return found if isfinite(found) else None


def is_same(value: str, wanted: str) -> bool:
    """Say whether two values are the same word or the same number."""
    return value == wanted or (number(value) is not None and number(value) == number(wanted))


def _plain(value: str) -> str:
    text = value.strip().lower()
    return VALUES.get(text, text)


def _refusal(sentence: Text, part: str) -> Refusal:
    return Refusal("match_rule", sentence.format(part=part))
