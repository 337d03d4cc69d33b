"""Read a problem file: from parsed JSON to plain values, or every refusal with its path."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from config.text import Refusal, Text
from matching.problem_inputs import (
    Id,
    Place,
    Problem,
    ProblemActivity,
    ProblemRule,
    ProblemSlot,
    ProblemVolunteer,
)
from matching.problem_pairs import PAIR_FIELDS, PairColumns, PairTable

Document = Mapping[str, Any]
Part = TypeVar("Part")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_problem(document: object) -> Problem | tuple[Refusal, ...]:
    """Return the problem in a parsed file, or all refusals, each with the path of what is at fault."""
    reader = _Reader()
    problem = reader.problem(document)
    refusals = tuple(reader.refusals)
    return refusals if refusals or problem is None else problem


class _Reader:
    """Read one document and collect refusals; a part that is refused is left out."""

    def __init__(self) -> None:
        self.refusals: list[Refusal] = []

    def problem(self, document: object) -> Problem | None:
        fields = self._fields(
            document, "$", needed=("volunteers", "slots", "activities", "pairs"),
            allowed=("blocked", "travel", "ask_price"),
        )  # fmt: skip
        if fields is None:
            return None
        volunteers = tuple(self._each(fields, "volunteers", self._volunteer))
        activities = tuple(self._each(fields, "activities", self._activity))
        slots = tuple(self._each(fields, "slots", self._slot))
        speed, minutes = self._travel(fields.get("travel"))
        people = self._ids("volunteers", [v.id for v in volunteers])
        groups = self._ids("activities", [a.id for a in activities])
        for place, slot in enumerate(slots):
            self._known(slot.activity, groups, f"slots[{place}].activity")
        problem = Problem(
            volunteers=volunteers,
            slots=slots,
            activities=activities,
            pairs=self._pairs(fields, people, self._ids("slots", [s.id for s in slots])),
            blocked=self._blocked(fields, people),
            speed_kmh=speed,
            minutes=minutes,
            ask_price=self._number(fields.get("ask_price", 0), "ask_price", least=0),
        )
        self._places(problem, fields.get("travel"))
        return problem

    def _volunteer(self, entry: object, path: str) -> ProblemVolunteer | None:
        fields = self._fields(entry, path, needed=("id", "capacity"), allowed=("ask_price", "attributes"))
        if fields is None:
            return None
        capacity = self._object(fields["capacity"], f"{path}.capacity")
        price = fields.get("ask_price")
        attributes = self._list(fields.get("attributes", []), f"{path}.attributes")
        return ProblemVolunteer(
            id=self._id(fields["id"], f"{path}.id"),
            capacity={
                str(period): self._number(amount, f"{path}.capacity.{period}", least=0)
                for period, amount in capacity.items()
            },
            ask_price=None if price is None else self._number(price, f"{path}.ask_price", least=0),
            attributes=frozenset(
                self._word(word, f"{path}.attributes[{place}]") for place, word in enumerate(attributes)
            ),
        )

    def _slot(self, entry: object, path: str) -> ProblemSlot | None:
        fields = self._fields(
            entry, path, needed=("id", "activity", "period"), allowed=("start", "end", "place")
        )
        if fields is None:
            return None
        start, end = (self._moment(fields.get(name), f"{path}.{name}") for name in ("start", "end"))
        if ("start" in fields) != ("end" in fields):
            self._refuse(path, "要么start和end都写，要么都不写", "give both start and end, or neither")
        elif start and end and end <= start:
            self._refuse(f"{path}.end", "end要晚于start", "end must be later than start")
        return ProblemSlot(
            id=self._id(fields["id"], f"{path}.id"),
            activity=self._id(fields["activity"], f"{path}.activity"),
            period=str(self._id(fields["period"], f"{path}.period")),
            start=start,
            end=end,
            place=self._place(fields.get("place"), f"{path}.place"),
        )

    def _activity(self, entry: object, path: str) -> ProblemActivity | None:
        fields = self._fields(entry, path, needed=("id",), allowed=("rules", "all_or_none"))
        if fields is None:
            return None
        whole = fields.get("all_or_none", False)
        if not isinstance(whole, bool):
            self._wrong(f"{path}.all_or_none", whole, "true或false", "true or false")
        return ProblemActivity(
            id=self._id(fields["id"], f"{path}.id"),
            rules=tuple(self._each(fields, "rules", self._rule, path)),
            all_or_none=whole is True,
        )

    def _rule(self, entry: object, path: str) -> ProblemRule | None:
        fields = self._fields(entry, path, needed=("attribute", "at_least"))
        if fields is None:
            return None
        at_least = fields["at_least"]
        if isinstance(at_least, bool) or not isinstance(at_least, int) or at_least < 0:
            self._wrong(f"{path}.at_least", at_least, "0或更大的整数", "a whole number of 0 or more")
            return None
        return ProblemRule(self._word(fields["attribute"], f"{path}.attribute"), at_least)

    def _pairs(self, fields: Document, people: set[Id], slots: set[Id]) -> PairTable:
        found = fields["pairs"]
        if not isinstance(found, PairColumns):
            found, entries = PairColumns(), self._list(found, "pairs")
            found.take(entries)
        for place, entry, is_again in found.suspects(people, slots):
            self._suspect(entry, f"pairs[{place}]", people, slots, is_again=is_again)
        return found.table()

    def _suspect(self, entry: object, path: str, people: set[Id], slots: set[Id], *, is_again: bool) -> None:
        if not isinstance(entry, list) or len(entry) != PAIR_FIELDS:
            self._wrong(path, entry, "[volunteer, slot, value, load]", "[volunteer, slot, value, load]")
            return
        self._known(self._id(entry[0], f"{path}[0]"), people, f"{path}[0]")
        self._known(self._id(entry[1], f"{path}[1]"), slots, f"{path}[1]")
        if is_again:
            self._refuse(path, "这一对写了两次", "this pair is given twice")
        self._number(entry[2], f"{path}[2]")
        self._number(entry[3], f"{path}[3]", least=0)

    def _blocked(self, fields: Document, people: set[Id]) -> tuple[tuple[Id, Id], ...]:
        pairs: list[tuple[Id, Id]] = []
        for place, entry in enumerate(self._list(fields.get("blocked", []), "blocked")):
            path = f"blocked[{place}]"
            if not isinstance(entry, list) or len(entry) != 2:  # noqa: PLR2004 -- a pair
                self._wrong(path, entry, "[volunteer, volunteer]", "[volunteer, volunteer]")
                continue
            one, other = self._id(entry[0], f"{path}[0]"), self._id(entry[1], f"{path}[1]")
            self._known(one, people, f"{path}[0]")
            self._known(other, people, f"{path}[1]")
            if one == other:
                self._refuse(path, "一个人不能和自己分开", "a person cannot be kept apart from themselves")
            pairs.append((one, other))
        return tuple(pairs)

    def _travel(self, travel: object) -> tuple[float | None, dict[tuple[Id, Id], float]]:
        if travel is None:
            return None, {}
        if isinstance(travel, dict):
            fields = self._fields(travel, "travel", needed=("speed_kmh",))
            return (self._speed(fields["speed_kmh"]) if fields else None), {}
        minutes: dict[tuple[Id, Id], float] = {}
        for place, entry in enumerate(self._list(travel, "travel")):
            path = f"travel[{place}]"
            if not isinstance(entry, list) or len(entry) != 3:  # noqa: PLR2004 -- the format says three
                self._wrong(path, entry, "[place, place, minutes]", "[place, place, minutes]")
                continue
            here, there = self._id(entry[0], f"{path}[0]"), self._id(entry[1], f"{path}[1]")
            taken = self._number(entry[2], f"{path}[2]", least=0)
            if minutes.get((here, there), minutes.get((there, here), taken)) != taken:
                self._refuse(
                    path, "这一段路前面写的是另一个时间", "this way was given with another time before"
                )
            minutes[here, there] = taken
        return None, minutes

    def _speed(self, speed: object) -> float:
        found = self._number(speed, "travel.speed_kmh", least=0)
        if found == 0:
            self._wrong("travel.speed_kmh", speed, "大于0的数", "a number above 0")
        return found

    def _places(self, problem: Problem, travel: object) -> None:
        if travel is None:
            return
        wants_points = problem.speed_kmh is not None
        for place, slot in enumerate(problem.slots):
            if slot.place is not None and isinstance(slot.place, tuple) != wants_points:
                kind = (
                    Text("[经度, 纬度]", "[lon, lat]")
                    if wants_points
                    else Text("地点编号", "the id of a place")
                )
                self._wrong(f"slots[{place}].place", slot.place, kind.zh, kind.en)
        if not wants_points:
            self._missing_ways(problem)

    def _missing_ways(self, problem: Problem) -> None:
        names = {slot.place for slot in problem.slots if slot.start is not None}
        used = sorted((n for n in names if n is not None and not isinstance(n, tuple)), key=str)
        for number, here in enumerate(used):
            for there in used[number + 1 :]:
                if (here, there) not in problem.minutes and (there, here) not in problem.minutes:
                    self._refuse(
                        "travel", f"缺少{here}到{there}的时间", f"the time from {here} to {there} is missing"
                    )

    def _place(self, place: object, path: str) -> Place | None:
        if place is None:
            return None
        if isinstance(place, list):
            if len(place) != 2:  # noqa: PLR2004 -- longitude and latitude
                self._wrong(path, place, "[经度, 纬度]", "[lon, lat]")
                return None
            return self._number(place[0], f"{path}[0]"), self._number(place[1], f"{path}[1]")
        return self._id(place, path)

    def _moment(self, text: object, path: str) -> datetime | None:
        if text is None:
            return None
        try:
            moment = datetime.fromisoformat(text) if isinstance(text, str) else None
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None or moment < EPOCH or moment.microsecond:
            self._wrong(
                path, text, "ISO 8601时间，带时区，到秒", "an ISO 8601 time with an offset, in whole seconds"
            )
            return None
        return moment

    def _each(
        self, fields: Document, name: str, read: Callable[[object, str], Part | None], path: str = ""
    ) -> Iterator[Part]:
        prefix = f"{path}.{name}" if path else name
        for place, entry in enumerate(self._list(fields.get(name, []), prefix)):
            part = read(entry, f"{prefix}[{place}]")
            if part is not None:
                yield part

    def _ids(self, name: str, ids: list[Id]) -> set[Id]:
        seen: set[Id] = set()
        for place, one in enumerate(ids):
            if one in seen:
                self._refuse(f"{name}[{place}].id", f"编号{one}前面用过了", f"the id {one} was used before")
            seen.add(one)
        return seen

    def _known(self, one: Id, known: set[Id], path: str) -> None:
        if one not in known:
            self._refuse(path, f"没有编号{one}", f"there is no {one}")

    def _fields(
        self, entry: object, path: str, *, needed: tuple[str, ...], allowed: tuple[str, ...] = ()
    ) -> Document | None:
        if not isinstance(entry, dict):
            self._wrong(path, entry, "一个对象 {…}", "an object {…}")
            return None
        names = ", ".join(needed + allowed)
        for name in entry:
            if name not in needed + allowed:
                where = f"{path}.{name}" if path != "$" else str(name)
                self._refuse(
                    where, f"没有这个字段，可以写的是 {names}", f"unknown field; the fields are {names}"
                )
        missing = [name for name in needed if name not in entry]
        for name in missing:
            self._refuse(path, f"缺少字段{name}", f"the field {name} is missing")
        return None if missing else entry

    def _object(self, value: object, path: str) -> Document:
        if isinstance(value, dict):
            return value
        self._wrong(path, value, "一个对象 {…}", "an object {…}")
        return {}

    def _list(self, value: object, path: str) -> list[Any]:
        if isinstance(value, list):
            return value
        self._wrong(path, value, "一个列表 […]", "a list […]")
        return []

    def _id(self, value: object, path: str) -> Id:
        if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        self._wrong(path, value, "编号（文字或整数）", "an id (a string or a whole number)")
        return ""

    def _word(self, value: object, path: str) -> str:
        if isinstance(value, str):
            return value
        self._wrong(path, value, "文字", "a string")
        return ""

    def _number(self, value: object, path: str, *, least: float = -math.inf) -> float:
        if (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and -sys.float_info.max <= value <= sys.float_info.max
            and value >= least
        ):
            return float(value)
        what = (
            ("数", "a number")
            if least == -math.inf
            else (f"{least}或更大的数", f"a number of {least} or more")
        )
        self._wrong(path, value, *what)
        return 0.0

    def _wrong(self, path: str, value: object, zh: str, en: str) -> None:
        shown = repr(value) if len(repr(value)) <= 40 else repr(value)[:37] + "…"  # noqa: PLR2004 -- one line
        self._refuse(path, f"要写{zh}，现在是{shown}", f"{en} is expected; it is now {shown}")

    def _refuse(self, path: str, zh: str, en: str) -> None:
        text = Text(zh=f"{path}：{zh}。", en=f"{path}: {en}.")
        self.refusals.append(Refusal("problem_file", text, field=path))
