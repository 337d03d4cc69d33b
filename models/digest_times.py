"""When somebody wants their digest, where that is not when the network sends it."""

from __future__ import annotations

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from models.base import Table


class DigestTime(Table, table=True):
    """A person's own rhythm for the digest of one of their roles; the hour is that of their zone."""

    __table_args__ = (
        CheckConstraint("hour BETWEEN 0 AND 23", "hour"),
        CheckConstraint("weekday BETWEEN 1 AND 7", "weekday"),
        CheckConstraint("cadence IN ('daily', 'weekly', 'monthly')", "cadence"),
    )
    person_id: int = Field(primary_key=True, foreign_key="person.id")
    audience: str = Field(primary_key=True)
    """volunteers, coordinators or managers: the reader's role."""
    cadence: str
    weekday: int = 1
    """1 is Monday; counts where the cadence is weekly."""
    hour: int = 8
