"""What is wrong with a file: where, what was read, what would be right; all of it at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from config.text import Refusal, Text

LONGEST_READ = 60
MOST_BITS = 1000


@dataclass(frozen=True)
class Problem:
    """Hold one fault; `line` counts from 1, `path` leads to the key, `nearest` is what was probably meant."""

    code: str
    sentence: Text
    path: str = ""
    line: int | None = None
    read: str = ""
    nearest: str | None = None
    is_warning: bool = False
    sheet: str = ""
    row: int | None = None
    """Where it stands in a workbook, as its office program counts; then there is no line."""

    @property
    def told(self) -> Text:
        """Return the whole message: code, line or path, sentence, and the nearest valid value."""
        line, hint = Text("", ""), Text("", "")
        if self.sheet:
            row = Text(f"第{self.row}行", f", row {self.row}") if self.row else Text("", "")
            line = Text(f"“{self.sheet}”表{row.zh}：", f'sheet "{self.sheet}"{row.en}: ')
        elif self.line is not None:
            line = Text(f"第{self.line}行：", f"line {self.line}: ")
        elif self.path:
            line = Text(f"{self.path}：", f"{self.path}: ")
        if self.nearest is not None:
            hint = Text(f"是不是想写“{self.nearest}”？", f' Did you mean "{self.nearest}"?')
        return Text(
            f"{self.code} {line.zh}{self.sentence.zh}{hint.zh}",
            f"{self.code} {line.en}{self.sentence.en}{hint.en}",
        )

    @property
    def document(self) -> dict[str, Any]:
        """Return the fault as plain values, in both languages."""
        return {
            "code": self.code,
            "line": self.line,
            **({"sheet": self.sheet, "row": self.row} if self.sheet else {}),
            "path": self.path,
            "read": self.read,
            "nearest": self.nearest,
            "zh": self.told.zh,
            "en": self.told.en,
            "is_warning": self.is_warning,
        }

    @property
    def refusal(self) -> Refusal:
        """Return the fault as services carry it."""
        return Refusal(self.code, self.told, self.path)


def spelling(value: Any) -> str:
    """Return what was read as short text; a number of thousands of digits is cut before it is spelt."""
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        return "1e300+"
    return str(value)[:LONGEST_READ]


@dataclass
class Problems:
    """Collects faults, so that a person mends a file in one go."""

    found: list[Problem] = field(default_factory=list)

    def add(
        self,
        code: str,
        zh: str,
        en: str,
        *,
        path: str = "",
        line: int | None = None,
        read: Any = "",
        among: Iterable[str] = (),
        nearest: str | None = None,
        is_warning: bool = False,
    ) -> None:
        """Note a fault; `nearest`, or the nearest of `among` to what was read, is offered instead."""
        spelt = spelling(read)
        close = get_close_matches(spelt, sorted(among), n=1, cutoff=0.5)
        nearest = close[0] if close else nearest
        self.found.append(Problem(code, Text(zh, en), path, line, spelt, nearest, is_warning))

    @property
    def in_order(self) -> tuple[Problem, ...]:
        """Return the faults from the top of the file down."""
        return tuple(sorted(self.found, key=lambda one: (one.line or 0, one.code, one.path)))

    @property
    def are_fatal(self) -> bool:
        """Say whether one of them is more than a warning."""
        return any(not problem.is_warning for problem in self.found)
