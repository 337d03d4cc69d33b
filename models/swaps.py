"""Swaps: two volunteers trade the places that they hold, with a coordinator's yes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from models.base import Table, when
from models.states import SwapState

IS_OPEN = text("state IN ('asked', 'agreed')")


class Swap(Table, table=True):
    """The question whether one accepted place is traded for another; nobody is asked the same twice."""

    __table_args__ = (
        UniqueConstraint("offer_id", "other_id"),
        Index("ix_swap_open_offer", "offer_id", unique=True, sqlite_where=IS_OPEN, postgresql_where=IS_OPEN),
        Index("ix_swap_open_other", "other_id", unique=True, sqlite_where=IS_OPEN, postgresql_where=IS_OPEN),
        Index("ix_swap_state_expires_at", "state", "expires_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    offer_id: int = Field(foreign_key="offer.id", index=True)
    """The place of who would like to swap."""
    other_id: int = Field(foreign_key="offer.id", index=True)
    """The place of who is asked."""
    revision: int
    """The version of the first place's activity that both were told of; `other_revision` likewise."""
    other_revision: int
    state: str = SwapState.ASKED
    asked_at: datetime = when()
    expires_at: datetime = when()
    """Until when who is asked, and later the coordinators, may answer."""
    answered_at: datetime | None = when(default=None)
    yes_by_id: int | None = Field(default=None, foreign_key="person.id")
    """The coordinator who agreed for the hub of the first place; `other_yes_by_id` for that of the second."""
    other_yes_by_id: int | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = when(default=None)
    reason: str = ""
    """Why a coordinator refused, as both read it."""
