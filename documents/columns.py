"""How a sheet is described: its names, its columns, what a column takes, and how both are recognised."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from config.text import Text
from documents.cells import Reader, choice, choices
from documents.sheets import Cell


@dataclass(frozen=True)
class Column:
    """Describe a column: the headers it may have, what its cells hold, and what an empty one means.

    `refers_to` names the tables in whose codes its values must be found. `words` are offered as a
    drop-down. `example` stands in the filled row of the template.
    """

    key: str
    zh: str
    en: str
    read: Reader
    required: bool = False
    also: tuple[str, ...] = ()
    default: Any = None
    refers_to: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    example: str = ""
    note: Text | None = None

    @property
    def headers(self) -> tuple[str, ...]:
        """Return every header under which the column is recognised."""
        return self.zh, self.en, self.key, *self.also


@dataclass(frozen=True)
class TableForm:
    """Describe a table: the sheet's names, its columns, and the columns that identify a row."""

    key: str
    zh: str
    en: str
    identity: tuple[str, ...]
    columns: tuple[Column, ...]
    also: tuple[str, ...] = field(default=())
    note: Text | None = None

    @cached_property
    def by_header(self) -> Mapping[str, Column]:
        """Return the columns by every header under which they are recognised."""
        return {header_word(header): column for column in self.columns for header in column.headers}

    @cached_property
    def names(self) -> frozenset[str]:
        """Return every name under which the sheet is recognised."""
        return frozenset(sheet_word(name) for name in (self.zh, self.en, self.key, *self.also))

    def column(self, key: str) -> Column:
        """Return the column with this key."""
        return next(column for column in self.columns if column.key == key)


def header_word(text: str) -> str:
    """Return a header as it is compared: half-width, small letters, no blanks, signs or brackets."""
    text = unicodedata.normalize("NFKC", text).lower()
    return re.sub(r"\(.*?\)|[\s*_:·-]", "", text)


def header_words(cell: Cell) -> list[str]:
    """Return what a header cell may mean: the whole, or one of its lines (编号 above Code)."""
    if not isinstance(cell, str):
        return []
    return [word for word in (header_word(text) for text in (cell, *cell.splitlines())) if word]


def sheet_word(name: str) -> str:
    """Return a sheet's name as it is compared: without a leading number and signs."""
    return re.sub(r"^[\d\W_]+|[\s_-]", "", unicodedata.normalize("NFKC", name).lower())


def choice_column(
    key: str, zh: str, en: str, words: Mapping[str, str], *, many: bool = False, **more: Any
) -> Column:
    """Describe a column that takes one of several words, or several of them."""
    offered: dict[str, str] = {}
    for word, value in words.items():
        if not word.isascii():
            offered.setdefault(value, word)
    return Column(
        key,
        zh,
        en,
        choices(words) if many else choice(words),
        words=() if many else tuple(offered.values()),
        **more,
    )
