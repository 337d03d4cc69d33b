"""What a metric is, and the ways in which rows make a number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import fsum
from statistics import median
from typing import Any

from sqlalchemy import Select

from config.text import Text
from services import metric_rows
from services.metric_period import Period


@dataclass(frozen=True)
class RowBehind:
    """Hold one row behind a number: what it is about, when, and what it adds; never a name of a person."""

    title: Text
    at: Any
    """A moment in UTC, a day, or None."""
    amount: float
    of: float | None = None


Reduce = Callable[[Sequence[RowBehind]], float]


@dataclass(frozen=True)
class Metric:
    """Hold a metric: its definition, its unit, its rows, and how they make the number.

    `question` gives (hub id, value) for every hub where the database does it faster, and tells "nothing" from "unknown".
    """

    id: str
    definition: Text
    unit: Text
    rows: metric_rows.Rows
    reduce: Reduce
    question: Callable[[Period], Select[Any]] | None = None


def total(rows: Sequence[RowBehind]) -> float:
    """Return the sum of the amounts."""
    return fsum(row.amount for row in rows)


def count(rows: Sequence[RowBehind]) -> float:
    """Return how many rows there are."""
    return float(len(rows))


def share(rows: Sequence[RowBehind]) -> float:
    """Return the amounts as a share of what they are of, in per cent."""
    whole = fsum(row.of or 0.0 for row in rows)
    return 100 * total(rows) / whole if whole else 0.0


def newest(rows: Sequence[RowBehind]) -> float:
    """Return the amount of the last day."""
    return max(rows, key=lambda row: str(row.at)).amount


def middle(rows: Sequence[RowBehind]) -> float:
    """Return the median amount."""
    return median(row.amount for row in rows)
