"""Parse the text of a problem file with its pairs as columns, however many they are.

Python's own parser makes three hundred bytes of objects out of a pair; here it is given the pairs in
blocks, each of which becomes columns before the next is parsed.
"""

from __future__ import annotations

import json
import re
from typing import Any

from matching.problem_pairs import PairColumns

BLOCK_CHARACTERS = 1_000_000
_SPACE = re.compile(r"[ \t\n\r]*")


class DoubleKeyError(ValueError):
    """One object of the file names a field twice."""


def parse_problem(text: str) -> Any:
    """Return what the text says, the pairs as `PairColumns` where they are a list.

    Raises `json.JSONDecodeError`, `DoubleKeyError` and what else Python's parser raises.
    """
    parser = _Parser(text)
    document = parser.document() if text[parser.skip(0) : parser.skip(0) + 1] == "{" else None
    # Whatever stands where it should not is told in the words and with the line of Python's parser.
    return parser.whole() if document is None else document


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._decoder = json.JSONDecoder(object_pairs_hook=without_doubles)

    def whole(self) -> Any:
        return self._decoder.decode(self._text)

    def skip(self, at: int) -> int:
        found = _SPACE.match(self._text, at)
        return found.end() if found else at

    def document(self) -> dict[str, Any] | None:
        """Return the fields of the outermost object; None when it is not well formed."""
        fields: list[tuple[str, Any]] = []
        at = self.skip(0) + 1
        mark = ","
        try:
            while mark == ",":
                name, at = self._decoder.raw_decode(self._text, self.skip(at))
                at = self.skip(at)
                if not isinstance(name, str) or self._text[at] != ":":
                    return None
                value, at = self._value(name, self.skip(at + 1))
                fields.append((name, value))
                at = self.skip(at)
                mark, at = self._text[at], at + 1
        except (json.JSONDecodeError, IndexError):
            return None
        is_complete = mark == "}" and self.skip(at) == len(self._text)
        return without_doubles(fields) if is_complete else None

    def _value(self, name: str, at: int) -> tuple[Any, int]:
        if name == "pairs" and self._text[at] == "[":
            return self._pairs(at)
        value, end = self._decoder.raw_decode(self._text, at)
        return value, end

    def _pairs(self, at: int) -> tuple[PairColumns, int]:
        """Return the pairs of a list that begins here, and where it ends."""
        pairs = PairColumns()
        at = self.skip(at + 1)
        if self._text[at] == "]":
            return pairs, at + 1
        mark = ","
        while mark == ",":
            entries, at = self._block(self.skip(at))
            pairs.take(entries)
            at = self.skip(at)
            mark, at = self._text[at], at + 1
        if mark != "]":
            raise json.JSONDecodeError("Expecting ',' delimiter", self._text, at - 1)
        return pairs, at

    def _block(self, at: int) -> tuple[list[Any], int]:
        """Return the next elements of a list: many where they end at a bracket, else one."""
        end = self._text.find("]", at + BLOCK_CHARACTERS) + 1
        if end:
            try:
                # A text that parses alone is parsed the same within a longer one.
                return self._decoder.decode(f"[{self._text[at:end]}]"), end
            except json.JSONDecodeError:
                pass
        return self._one_by_one(at)

    def _one_by_one(self, at: int) -> tuple[list[Any], int]:
        entries = []
        last = at
        while last - at < BLOCK_CHARACTERS:
            entry, end = self._decoder.raw_decode(self._text, self.skip(last))
            entries.append(entry)
            following = self.skip(end)
            if self._text[following] != ",":
                return entries, end
            last = following + 1
        return entries, end


def without_doubles(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the fields of one object; raises `DoubleKeyError` for a name that stands twice."""
    found = dict(fields)
    if len(found) < len(fields):
        names = [name for name, _ in fields]
        raise DoubleKeyError(next(name for name in names if names.count(name) > 1))
    return found
