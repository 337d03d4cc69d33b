"""Digests: one mail a person and period, with what needs them first and nothing when nothing is new."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import ClassVar

from config.text import Text
from notifications import links
from notifications.kinds.base import Contact, Lane, Mail, Stream
from notifications.kinds.hours import volunteer_url
from notifications.links import Purpose

HUB_LINK_DAYS = 21
MOST_TASKS = 3
SETTINGS_LINK_DAYS = 120
FEED_DAYS = 400
THIS_WEEK, LAST_WEEK = Text("这周", "this week"), Text("上周", "last week")
MONDAYS = Text("每周一8:00", "every Monday at 8:00")


@dataclass(frozen=True)
class Task:
    """Hold one thing that needs somebody: what, why it matters, what to press and where."""

    title: Text
    sentence: Text
    action: Text
    url: str = ""
    """Empty means the page of the hub."""
    quick: Text | None = None
    """What one button settles, on a page that asks once more."""
    quick_url: str = ""


@dataclass(frozen=True)
class ActivityLine:
    """Hold an activity as one row of a digest; `taken` of `desired` places are filled."""

    title: Text
    starts_at: datetime
    taken: int
    desired: int
    waiting: int = 0
    """Offers that nobody has answered yet."""
    missing: int = 0
    """Places that nobody has taken and nobody is being asked for."""


@dataclass(frozen=True)
class LastWeek:
    """Hold what a hub did last week, failures included."""

    activities: int = 0
    came: int = 0
    minutes: int = 0
    offers: int = 0
    accepted: int = 0
    declined: int = 0
    unanswered: int = 0
    undelivered: int = 0
    """Mails to the hub's volunteers that could not be delivered."""


@dataclass(frozen=True)
class CommitmentLine:
    """Hold something that a volunteer said yes to, or is asked for until `answer_by`."""

    title: Text
    role: Text
    starts_at: datetime
    ends_at: datetime
    place: Text
    url: str
    answer_by: datetime | None = None


@dataclass(frozen=True)
class UnitLine:
    """Hold a unit's month as one row; a share is None where nothing was planned."""

    unit: Text
    hubs: int
    activities: int
    filled: float | None
    came: int
    minutes: int
    silent: int
    """Hubs without a single activity."""


@dataclass(frozen=True, kw_only=True)
class Digest(Mail):
    """Hold what all digests share."""

    stream: ClassVar[Stream] = Stream.DIGESTS
    lane: ClassVar[Lane] = Lane.BULK
    is_news: ClassVar[bool] = True

    person_id: int
    made_at: datetime
    this: Text = THIS_WEEK
    """How the time ahead is called: today, this week, this month."""
    last: Text = LAST_WEEK
    comes: Text = MONDAYS
    """When this digest comes, in words."""

    @cached_property
    def settings_url(self) -> str:
        """Return the page where its reader chooses how often and when it comes."""
        expires_at = self.made_at + timedelta(days=SETTINGS_LINK_DAYS)
        return links.link(Purpose.MAIL, self.person_id, expires_at=expires_at)


@dataclass(frozen=True, kw_only=True)
class CoordinatorDigestMail(Digest):
    """Tell a coordinator what the hub's week needs; key `digest:{person}:{hub}:{iso week}`."""

    kind: ClassVar[str] = "coordinator_digest"

    hub_id: int
    hub: Text
    time_zone: str
    week: date
    """The day on which the time ahead begins."""
    tasks: tuple[Task, ...]
    activities: tuple[ActivityLine, ...]
    last_week: LastWeek

    @cached_property
    def url(self) -> str:
        """Return the hub's page "needs your attention"."""
        expires_at = self.made_at + timedelta(days=HUB_LINK_DAYS)
        return links.link(Purpose.HUB, self.hub_id, self.person_id, expires_at=expires_at)

    @property
    def shown_tasks(self) -> tuple[Task, ...]:
        """Return the tasks that the mail itself tells."""
        return self.tasks[:MOST_TASKS]


@dataclass(frozen=True, kw_only=True)
class VolunteerDigestMail(Digest):
    """Tell a volunteer what is ahead and what was entered; key `digest:{person}:{iso week}`."""

    kind: ClassVar[str] = "volunteer_digest"

    week: date
    upcoming: tuple[CommitmentLine, ...]
    offers: tuple[CommitmentLine, ...]
    minutes_added: int
    """Entered since the last digest."""
    year_minutes: int
    in_charge: Contact | None = None

    @cached_property
    def feed_url(self) -> str:
        """Return the calendar that shows the same, to subscribe to."""
        expires_at = self.made_at + timedelta(days=FEED_DAYS)
        return f"{links.link(Purpose.FEED, self.person_id, expires_at=expires_at)}/calendar.ics"

    @property
    def hours_url(self) -> str:
        """Return the volunteer's own page."""
        return volunteer_url(self.person_id, datetime.combine(self.week, time(), UTC))

    @property
    def contact(self) -> Contact | None:
        """Return a social worker of the home hub."""
        return self.in_charge


@dataclass(frozen=True, kw_only=True)
class ManagerDigestMail(Digest):
    """Tell a manager how the branch's month went; key `digest:{person}:{year}-{month}`."""

    kind: ClassVar[str] = "manager_digest"

    unit: Text
    month: date
    """The first day of the time that is told."""
    told: Text | None = None
    """What that time is called; None for a month, which is called by its name."""
    total: UnitLine
    units: tuple[UnitLine, ...]
    funding: Text | None = None
    """What waits for a decision about money, in one sentence."""
    silent_hubs: tuple[Text, ...]
    """Hubs without a single activity, which a manager may want to ask first."""
