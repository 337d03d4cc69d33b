"""The YAML text of a framework as sections that know their line and note every fault they meet."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from config.text import Text
from evaluation.problems import Problems, spelling

MOST_CHARACTERS = 1_000_000
YES_AND_NO = frozenset({"yes", "no", "on", "off"})
"""Words that many readers of YAML take for yes/no values; as text they need quotes."""
MOST_NUMBER = 10**300
TYPE_NAMES = {
    "bool": Text("是非值", "a yes/no value"),
    "ScalarBoolean": Text("是非值", "a yes/no value"),
    "NoneType": Text("空值", "nothing"),
    "date": Text("日期", "a date"),
    "datetime": Text("时刻", "a time"),
    "TimeStamp": Text("时刻", "a time"),
    "CommentedMap": Text("一组键值", "a group of keys"),
    "CommentedSeq": Text("一个列表", "a list"),
}
A_TEXT = Text("文字", "text")
A_NUMBER = Text("数字", "a number")


def parse(text: str, problems: Problems) -> Section | None:
    """Return the top section of a YAML text, or None after noting why it is not one."""
    if len(text) > MOST_CHARACTERS:
        problems.add("F00", "文件太大，不像是标准体系。", "The file is too large to be a framework.")
        return None
    yaml = YAML(typ="rt")
    yaml.allow_duplicate_keys, yaml.preserve_quotes = True, True
    try:
        _note_twice_written(yaml.compose(text), "", problems, set())
        data = yaml.load(text)
    except RecursionError:
        problems.add("F00", "层次太深，不像是标准体系。", "It is nested too deeply to be a framework.")
        return None
    except (YAMLError, ValueError) as error:
        line, why = _line_of(error), getattr(error, "problem", "") or ""
        problems.add("F00", f"不是YAML：{why}。", f"This is not YAML: {why}.", line=line)
        return None
    if not isinstance(data, CommentedMap):
        problems.add(
            "F00", "文件里没有键值，读不出标准体系。", "The file holds no keys, so no framework.", line=1
        )
        return None
    return Section(data, "", 1, problems)


def _note_twice_written(node: Node | None, path: str, problems: Problems, seen: set[int]) -> None:
    """Note every key that a group holds twice; a reader of YAML keeps but one of them."""
    # What aliases repeat is read once: nine of nine of nine would never end.
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, SequenceNode):
        for place, item in enumerate(node.value):
            _note_twice_written(item, f"{path}[{place}]", problems, seen)
    if not isinstance(node, MappingNode):
        return
    first: dict[str, int] = {}
    for key, value in node.value:
        name, line = str(key.value), key.start_mark.line + 1
        here = f"{path}.{name}" if path else name
        if name in first:
            problems.add(
                "F03",
                f"键“{here}”写了两次，第一次在第{first[name]}行。",
                f'The key "{here}" is written twice, first on line {first[name]}.',
                path=here,
                line=line,
                read=name,
            )
        first.setdefault(name, line)
        _note_twice_written(value, here, problems, seen)


def _line_of(error: Exception) -> int | None:
    mark = getattr(error, "problem_mark", None) if isinstance(error, MarkedYAMLError) else None
    return mark.line + 1 if mark is not None else None


@dataclass
class Section:
    """A group of keys; what was asked for is known, and `close` reports every other key."""

    data: CommentedMap
    path: str
    line: int
    problems: Problems
    asked: set[str] = field(default_factory=set)

    def has(self, key: str) -> bool:
        """Say whether the key is there, without reading it."""
        return key in self.data

    def where(self, key: str) -> dict[str, Any]:
        """Return path and line of a key, for a problem."""
        line = self.data.lc.key(key)[0] + 1 if key in self.data else self.line
        return {"path": f"{self.path}.{key}" if self.path else key, "line": line}

    def raw(self, key: str) -> Any:
        """Return what stands under a key, as YAML understood it."""
        self.asked.add(key)
        return self.data.get(key)

    def string(self, key: str, default: str | None = None) -> str:
        """Return a text; without a default it must be there."""
        value = self.raw(key)
        if key not in self.data:
            if default is None:
                self._missing(key)
            return default or ""
        return str(value) if self._is_text(key, value) else ""

    def number(self, key: str, default: float | None = None) -> float:
        """Return a finite number; "40%" and full-width digits are texts, and refused as such."""
        value = self.raw(key)
        if key not in self.data:
            if default is None:
                self._missing(key)
            return default if default is not None else math.nan
        return self.number_in(key, value)

    def number_in(self, key: str, value: Any) -> float:
        """Return a number that stands under a key or in its list."""
        if is_number(value) and not _is_boolean(value):
            return float(value)
        if isinstance(value, str | int | float) and not _is_boolean(value):
            self.problems.add(
                "F08",
                f"“{self._path(key)}”要写数字，读到的是“{_brief(value)}”。只用半角数字，不带百分号。",
                f'"{self._path(key)}" takes a number, and "{_brief(value)}" was read. Use plain digits without a per cent sign.',
                read=value,
                **self.where(key),
            )
        else:
            self._wrong_type(key, value, A_NUMBER)
        return math.nan

    def whole(self, key: str, default: int) -> int:
        """Return a whole number."""
        value = self.number(key, float(default))
        if not math.isfinite(value) or value == int(value):
            return int(value) if math.isfinite(value) else default
        self.problems.add(
            "F08",
            f"“{self._path(key)}”要写整数，读到的是{value:g}。",
            f'"{self._path(key)}" takes a whole number, and {value:g} was read.',
            read=value,
            **self.where(key),
        )
        return default

    def choice(self, key: str, among: Collection[str], default: str | None = None) -> str:
        """Return one of several words."""
        value = self.string(key, default)
        if value in among or not value:
            return value
        self.problems.add(
            "F03",
            f"“{self._path(key)}”里的“{value}”不认识，可用的有：{'、'.join(sorted(among))}。",
            f'"{self._path(key)}" does not know "{value}"; it takes {", ".join(sorted(among))}.',
            read=value,
            among=among,
            **self.where(key),
        )
        return default or min(among)

    def items(self, key: str) -> list[Any]:
        """Return the things of a list, and an empty list where there is none."""
        value = self.raw(key)
        if key not in self.data:
            return []
        if isinstance(value, CommentedSeq):
            return list(value)
        self._wrong_type(key, value, Text("列表", "a list"))
        return []

    def sections(self, key: str) -> list[Section]:
        """Return the sections of a list of groups."""
        found = []
        for place, value in enumerate(self.items(key)):
            path = f"{self._path(key)}[{place}]"
            if isinstance(value, CommentedMap):
                path = f"{self._path(key)}.{value['id']}" if isinstance(value.get("id"), str) else path
                line = self.data[key].lc.item(place)[0] + 1
                found.append(Section(value, path, line, self.problems))
            else:
                self._wrong_type(key, value, Text("一组键值", "a group of keys"))
        return found

    def section(self, key: str) -> Section | None:
        """Return a group of keys, or None where there is none."""
        value = self.raw(key)
        if key not in self.data:
            return None
        if isinstance(value, CommentedMap):
            return Section(value, self._path(key), self.data.lc.key(key)[0] + 1, self.problems)
        self._wrong_type(key, value, Text("一组键值", "a group of keys"))
        return None

    def close(self) -> None:
        """Report every key that nobody asked for: an unquoted comma makes one, and a slip of the pen."""
        for key in self.data:
            if key not in self.asked:
                self.problems.add(
                    "F13",
                    f"不认识的键“{self._path(str(key))}”。文字里有逗号时要加引号。",
                    f'Unknown key "{self._path(str(key))}". Text with a comma in it needs quotes.',
                    read=key,
                    among=self.asked,
                    **self.where(key),
                )

    def _path(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def _is_text(self, key: str, value: Any) -> bool:
        # Quoted text is of a class of its own; only bare words can be mistaken for yes and no.
        is_bare_yes_or_no = type(value) is str and value.lower() in YES_AND_NO
        if isinstance(value, str) and not is_bare_yes_or_no:
            return True
        self._wrong_type(key, is_bare_yes_or_no or value, A_TEXT, read=value)
        return False

    def _wrong_type(self, key: str, value: Any, wanted: Text, read: Any = None) -> None:
        read = value if read is None else read
        got = TYPE_NAMES.get(type(value).__name__, A_NUMBER if isinstance(value, int | float) else A_TEXT)
        self.problems.add(
            "F12",
            f"“{self._path(key)}”要写{wanted.zh}，读到的是{got.zh}（{_brief(read)}）。文字请加引号。",
            f'"{self._path(key)}" takes {wanted.en}, and {got.en} was read ({_brief(read)}). Quote what is text.',
            read=_brief(read),
            **self.where(key),
        )

    def _missing(self, key: str) -> None:
        self.problems.add(
            "F12",
            f"“{self.path or '文件'}”里缺“{key}”。",
            f'"{self.path or "the file"}" lacks "{key}".',
            path=self._path(key),
            line=self.line,
        )


def is_number(value: Any) -> TypeGuard[int | float]:
    """Say whether a value is a number that a score can hold: finite, and no larger than floats go."""
    if isinstance(value, int):
        return abs(value) <= MOST_NUMBER
    return isinstance(value, float) and math.isfinite(value)


def _is_boolean(value: Any) -> bool:
    return isinstance(value, bool) or type(value).__name__ == "ScalarBoolean"


def _brief(value: Any) -> str:
    return f"{len(value)}" if isinstance(value, CommentedMap | CommentedSeq) else spelling(value)
