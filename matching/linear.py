"""A linear model in sparse form, and the sheet on which it is written row by row.

Everything is "maximise cost x subject to A x <= limit, 0 <= x <= upper".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.pool import Flags, Floats, Ints


@dataclass(frozen=True)
class LinearModel:
    """Hold a maximisation in sparse form, entries in any order."""

    cost: Floats
    upper: Floats
    integral: Flags
    row: Ints
    column: Ints
    entry: Floats
    limit: Floats


class Sheet:
    """Collect rows and columns while a model is being written."""

    def __init__(self) -> None:
        self.cost: list[Floats] = []
        self.upper: list[Floats] = []
        self.integral: list[Flags] = []
        self.entries: list[tuple[Ints, Ints, Floats]] = []
        self.limits: list[Floats] = []
        self.columns = 0
        self.rows = 0

    def add_columns(self, cost: Floats, upper: Floats | Ints, *, integral: bool) -> Ints:
        """Add columns and return their numbers."""
        numbers = np.arange(self.columns, self.columns + len(cost))
        self.columns += len(cost)
        self.cost.append(np.asarray(cost, dtype=np.float64))
        self.upper.append(np.asarray(upper, dtype=np.float64))
        self.integral.append(np.full(len(cost), integral))
        return numbers

    def add_rows(self, limit: Floats | Ints) -> Ints:
        """Add empty rows and return their numbers."""
        numbers = np.arange(self.rows, self.rows + len(limit))
        self.rows += len(limit)
        self.limits.append(np.asarray(limit, dtype=np.float64))
        return numbers

    def put(self, row: Ints, column: Ints, entry: float | Floats) -> None:
        """Write entries into rows and columns that were added before."""
        self.entries.append((row, column, np.broadcast_to(np.asarray(entry, dtype=np.float64), row.shape)))

    def model(self) -> LinearModel:
        """Return what was written."""
        rows, columns, entries = (np.concatenate(part) for part in zip(*self.entries, strict=True))
        return LinearModel(
            cost=np.concatenate(self.cost),
            upper=np.concatenate(self.upper),
            integral=np.concatenate(self.integral),
            row=rows,
            column=columns,
            entry=entries,
            limit=np.concatenate(self.limits),
        )
