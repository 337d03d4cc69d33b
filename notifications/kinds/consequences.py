"""Messages of what follows from a score: a manager has something to decide, a hub something to do or to know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import ClassVar

from config.text import Text
from notifications import links
from notifications.kinds.base import Mail
from notifications.links import Purpose

LINK_DAYS = 120
MOST_SHOWN = 10


@dataclass(frozen=True)
class Point:
    """Hold one thing that a mail lists: what it is, and a sentence about it."""

    title: Text
    sentence: Text


@dataclass(frozen=True, kw_only=True)
class DecisionsMail(Mail):
    """Tell a manager what waits for them; key `decisions:{unit}:{person}:{what}`."""

    kind: ClassVar[str] = "decisions"
    is_news: ClassVar[bool] = True

    unit_id: int
    person_id: int
    unit: Text
    points: tuple[Point, ...]
    made_at: datetime
    is_overdue: bool = False
    """Whether it came up the tree because nothing happened below."""

    @cached_property
    def url(self) -> str:
        """Return the page of everything that waits in the branch."""
        expires_at = self.made_at + timedelta(days=LINK_DAYS)
        return links.link(Purpose.BRANCH, self.unit_id, self.person_id, expires_at=expires_at)

    @property
    def shown(self) -> tuple[Point, ...]:
        """Return the points that the mail itself lists."""
        return self.points[:MOST_SHOWN]


@dataclass(frozen=True, kw_only=True)
class HubNoticeMail(Mail):
    """Tell a coordinator what their hub has to do, or what was decided; key by the deed."""

    kind: ClassVar[str] = "hub_notice"
    is_news: ClassVar[bool] = True

    hub: Text
    title: Text
    sentence: Text
    action: Text
    page: Purpose
    ids: tuple[int, ...]
    path: str = ""
    """What follows the link's token, as "/commitments"."""
    points: tuple[Point, ...] = ()
    reason: str = ""
    """The reason that somebody gave, in their own words."""
    made_at: datetime

    @cached_property
    def url(self) -> str:
        """Return the page where it is done or read."""
        expires_at = self.made_at + timedelta(days=LINK_DAYS)
        return f"{links.link(self.page, *self.ids, expires_at=expires_at)}{self.path}"
