"""Sheets as plain values: what stood in the cells, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from string import ascii_uppercase

from config.text import Text

LONGEST_QUOTE = 60
"""Characters of a cell that a sentence quotes."""


@dataclass(frozen=True, slots=True)
class BadCell:
    """Stand for a cell that holds no value: an error, or a formula that was never calculated."""

    read: str
    wrong: Text


Cell = str | float | int | bool | date | datetime | time | timedelta | BadCell | None


@dataclass(frozen=True)
class Sheet:
    """Hold the cells of one sheet; `rows[0]` is row 1 as the office's program counts."""

    name: str
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class CellProblem:
    """Say what is wrong with a cell, so that its author can mend it.

    `column` is the header as the file has it; `position` counts columns from 0 and is None where a
    whole row or sheet is meant; `row` is 0 for a whole sheet.
    """

    sheet: str
    row: int
    column: str
    read: str
    wrong: Text
    nearest: str | None = None
    position: int | None = None

    @property
    def sentence(self) -> Text:
        """Return where it stands, what was read, what is wrong and what would do, as one text."""
        where = self._where()
        return Text(
            zh=f"{where.zh}：{self.wrong.zh}" + (f"。是不是“{self.nearest}”？" if self.nearest else ""),
            en=f"{where.en}: {self.wrong.en}" + (f". Is it “{self.nearest}”?" if self.nearest else ""),
        )

    def _where(self) -> Text:
        sheet = Text(f"“{self.sheet}”表", f"Sheet “{self.sheet}”")
        row = Text(f"第{self.row}行", f", row {self.row}") if self.row else Text("", "")
        column = Text(f"“{self.column}”", f", “{self.column}”") if self.column else Text("", "")
        cut = self.read if len(self.read) <= LONGEST_QUOTE else self.read[:LONGEST_QUOTE] + "…"
        read = Text(f"填的是“{cut}”", f" is “{cut}”") if cut else Text("", "")
        return Text(
            sheet.zh + row.zh + column.zh + read.zh,
            sheet.en + row.en + column.en + read.en,
        )


def column_letter(position: int) -> str:
    """Return the letters of a column that counts from 0: A, B, ..., Z, AA."""
    letters = ""
    number = position + 1
    while number:
        number, rest = divmod(number - 1, len(ascii_uppercase))
        letters = ascii_uppercase[rest] + letters
    return letters
