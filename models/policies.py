"""Rules that people argue about, as data with the day from which they count."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from models.base import Table, data, when


class Policy(Table, table=True):
    """Rules of one kind from a day on, of one hub or (no hub) of the network; never changed, only followed."""

    __table_args__ = (Index("ix_policy_kind_valid_from", "kind", "valid_from"),)
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    hub_id: int | None = Field(default=None, foreign_key="hub.id")
    valid_from: date
    rules: dict[str, Any] = data(default_factory=dict)
    """Only what differs: a hub's rules stand above the network's, and those above the built-in ones."""
    set_at: datetime = when()
    set_by_id: int | None = Field(default=None, foreign_key="person.id")
    reason: str = ""


class MatchRule(Table, table=True):
    """A rule of the network's own: what people must be at which activities (`matching/rules.py`)."""

    __table_args__ = (CheckConstraint("valid_from <= valid_until", "order"),)
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    name_zh: str
    name_en: str = ""
    who: str
    """Conditions on people, such as 驾照=C1."""
    place: str = ""
    """Conditions on activities; empty for all."""
    points: int = 0
    """How much it adds to the score of who fulfils it; 0 makes it a must."""
    valid_from: date | None = None
    valid_until: date | None = None
