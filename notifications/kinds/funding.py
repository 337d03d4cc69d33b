"""Messages about project applications: somebody is asked to decide, the hub hears what was decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import ClassVar

from config.text import Text
from notifications import links
from notifications.kinds.base import Contact, Mail
from notifications.kinds.consequences import LINK_DAYS
from notifications.links import Purpose

MOST_LINES = 6


@dataclass(frozen=True)
class BudgetLine:
    """Hold one line of a budget: for what, how much, and why."""

    category: Text
    amount: Text
    reason: Text


@dataclass(frozen=True, kw_only=True)
class FundingMail(Mail):
    """Hold what both messages say of an application."""

    application_id: int
    version: int
    hub_id: int
    unit_id: int
    person_id: int
    """Who reads it, whose own page it opens."""
    hub: Text
    title: Text
    amount: Text
    made_at: datetime
    in_charge: Contact | None = None

    @property
    def about(self) -> dict[str, int]:
        """Return the application and its version, since a withdrawn or changed one makes this untrue."""
        return {"funding": self.application_id, "version": self.version}

    @property
    def contact(self) -> Contact | None:
        """Return a social worker of the hub."""
        return self.in_charge


@dataclass(frozen=True, kw_only=True)
class FundingAskedMail(FundingMail):
    """Ask somebody to decide; key `funding:{application}:{version}:{what}:{person}`."""

    kind: ClassVar[str] = "funding_asked"

    purpose: Text
    serves: Text
    starts_on: date
    ends_on: date
    lines: tuple[BudgetLine, ...]
    needed: int
    agreed: tuple[Text, ...] = ()
    """Who has agreed so far, where it takes two."""
    due_at: datetime
    is_reminder: bool = False
    is_overdue: bool = False
    """Whether it came up the tree because nobody answered below."""

    @property
    def shown(self) -> tuple[BudgetLine, ...]:
        """Return the lines that the mail itself lists."""
        return self.lines[:MOST_LINES]

    @cached_property
    def url(self) -> str:
        """Return the page where it is decided."""
        expires_at = self.made_at + timedelta(days=LINK_DAYS)
        page = links.link(Purpose.BRANCH, self.unit_id, self.person_id, expires_at=expires_at)
        return f"{page}/funding/{self.application_id}"


@dataclass(frozen=True, kw_only=True)
class FundingDecidedMail(FundingMail):
    """Tell a coordinator what was decided; key `funding:{application}:{version}:{state}:{person}`."""

    kind: ClassVar[str] = "funding_decided"
    is_news: ClassVar[bool] = True

    verdict: str
    """approved, rejected or returned."""
    decided_by: Text
    reason: Text | None = None
    begin_by: date | None = None
    """Until when an approved project may begin."""

    @cached_property
    def url(self) -> str:
        """Return the application's page."""
        expires_at = self.made_at + timedelta(days=LINK_DAYS)
        page = links.link(Purpose.HUB, self.hub_id, self.person_id, expires_at=expires_at)
        return f"{page}/funding/{self.application_id}"
