"""How a network words its own mails."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from models.base import Table, data, when


class LetterWording(Table, table=True):
    """All own words for one kind of mail from a moment on; never changed, only followed. None: as built in."""

    __table_args__ = (Index("ix_letter_wording_kind", "kind", "id"),)
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    passages: dict[str, dict[str, str]] = data(default_factory=dict)
    """By the key of the passage and the language."""
    set_at: datetime = when()
    set_by_id: int | None = Field(default=None, foreign_key="person.id")
    reason: str = ""
