"""A paper as plain values: sections of sentences, tables and charts, from which its PDF and workbook are made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.text import Language, Refusal, Text
from documents.charts import Drawing
from documents.typesetting import Document, typeset

TEMPLATE = "paper"


@dataclass(frozen=True)
class Strip:
    """Hold a score with its interval for a table's cell; `edges` are the ends of the bands that are drawn."""

    edges: tuple[float, ...]
    value: float | None
    low: float | None
    high: float | None
    mean: float | None = None


Value = Text | str | int | float | Strip | None


@dataclass(frozen=True)
class Column:
    """Describe a table's column; `decimals` make it a column of numbers, `width` counts as typst's fractions."""

    title: Text
    decimals: int | None = None
    percent: bool = False
    width: float = 1.0


@dataclass(frozen=True)
class Table:
    """Hold a table; a missing number is told as missing and never as zero."""

    name: Text
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    note: Text | None = None
    bars: tuple[int, ...] = ()
    """Columns that the workbook draws as bars over the first column."""
    whiskers: tuple[int, int, int] | None = None
    """Columns of value, low and high that the workbook draws as points with their intervals."""


@dataclass(frozen=True)
class Chart:
    """Hold a chart: its title states what it shows, its description says it to who cannot see it."""

    title: Text
    description: Text
    drawing: Drawing


@dataclass(frozen=True)
class Section:
    """Hold a section of a paper."""

    title: Text
    sentences: tuple[Text, ...] = ()
    parts: tuple[Table | Chart, ...] = ()
    new_page: bool = False


@dataclass(frozen=True)
class Paper:
    """Hold a whole paper; `facts` stand under its title, `note` at the foot of every page."""

    title: Text
    subtitle: Text
    facts: tuple[tuple[Text, Text], ...]
    sections: tuple[Section, ...]
    note: Text
    made_at: datetime

    @property
    def tables(self) -> Iterable[Table]:
        """Return every table in order."""
        for section in self.sections:
            yield from (part for part in section.parts if isinstance(part, Table))


def as_pdf(paper: Paper, language: str) -> Document:
    """Return the paper as a PDF in one language; the same paper gives the same bytes."""
    return typeset(TEMPLATE, plain(paper, language), language=language, made_at=paper.made_at)


def unprintable(paper: Paper) -> tuple[Refusal, ...]:
    """Return every character of a paper that our font lacks, with the field in which it stands."""
    return as_pdf(paper, Language.ZH).refusals or as_pdf(paper, Language.EN).refusals


def shown(value: Value, column: Column) -> str:
    """Return a cell as its reader sees it; a dash where there is no value."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if column.percent and isinstance(value, int | float):
        return f"{100 * value:.{column.decimals or 0}f}%"
    if isinstance(value, int | float) and column.decimals is not None:
        return f"{value:.{column.decimals}f}"
    return str(value)


def plain(paper: Paper, language: str) -> dict[str, Any]:
    """Return a paper as the template reads it: everything in one language, cells as text."""
    return {
        "title": paper.title.in_(language),
        "subtitle": paper.subtitle.in_(language),
        "note": paper.note.in_(language),
        "facts": [[name.in_(language), value.in_(language)] for name, value in paper.facts],
        "sections": [
            {
                "title": section.title.in_(language),
                "sentences": [sentence.in_(language) for sentence in section.sentences],
                "new_page": section.new_page,
                "parts": [_part(part, language) for part in section.parts],
            }
            for section in paper.sections
        ],
    }


def _part(part: Table | Chart, language: str) -> dict[str, Any]:
    if isinstance(part, Chart):
        return {
            "kind": "chart",
            "title": part.title.in_(language),
            "alt": part.description.in_(language),
            "svg": part.drawing.svg(language),
        }
    return {
        "kind": "table",
        "name": part.name.in_(language),
        "note": part.note.in_(language) if part.note else "",
        "widths": [column.width for column in part.columns],
        "numbers": [column.decimals is not None for column in part.columns],
        "head": [column.title.in_(language) for column in part.columns],
        "rows": [_row(row, part.columns, language) for row in part.rows],
    }


def _row(row: Sequence[Value], columns: Sequence[Column], language: str) -> list[Any]:
    return [
        _strip(value)
        if isinstance(value, Strip)
        else value.in_(language)
        if isinstance(value, Text)
        else shown(value, column)
        for value, column in zip(row, columns, strict=True)
    ]


def _strip(strip: Strip) -> dict[str, Any]:
    """Return a strip as shares of its width; only bounds that were given are drawn."""
    first, last = strip.edges[0], strip.edges[-1]

    def share(value: float | None) -> float | None:
        return None if value is None else (min(max(value, first), last) - first) / (last - first)

    return {
        "edges": [share(edge) for edge in strip.edges],
        "value": share(strip.value),
        "low": share(strip.low),
        "high": share(strip.high),
        "mean": share(strip.mean),
    }
