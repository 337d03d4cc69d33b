"""Over what a metric counts: the activities of a period that were over when it was counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_
from sqlmodel import col

from models import Activity
from models.states import ActivityState


@dataclass(frozen=True)
class Period:
    """Hold over what is counted: activities that began in [start, end) and were over by `now`."""

    first: date
    last: date
    start: datetime
    end: datetime
    now: datetime

    @property
    def over(self) -> ColumnElement[bool]:
        """Return the condition on activities."""
        return and_(
            col(Activity.starts_at) >= self.start,
            col(Activity.starts_at) < self.end,
            col(Activity.ends_at) <= self.now,
        )

    @property
    def held(self) -> ColumnElement[bool]:
        """Return the condition on activities that took place."""
        return and_(self.over, col(Activity.state) == ActivityState.DONE)
