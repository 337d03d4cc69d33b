"""Series of activities, the dated activities themselves, and the people they need."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from models.base import Table, data, when
from models.network import GatheredBy
from models.states import ActivityState


class Series(Table, table=True):
    """A rule that makes dated activities, in the hub's own time zone."""

    __table_args__ = (CheckConstraint("duration_minutes > 0", "duration"),)
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    hub_id: int = Field(foreign_key="hub.id", index=True)
    venue_id: int | None = Field(default=None, foreign_key="venue.id")
    title_zh: str
    title_en: str = ""
    summary_zh: str = ""
    summary_en: str = ""
    topic: str = ""
    gathered_by: str = GatheredBy.HOBBY
    rrule: str
    """RFC 5545 recurrence rule without DTSTART, such as FREQ=WEEKLY;BYDAY=SA."""
    starts_on: date
    ends_on: date | None = None
    start_time: time
    duration_minutes: int
    capacity: int = 20
    has_minors: bool = False
    is_outdoors: bool = False
    takes_money: bool = False
    members_only: bool = False
    """Whether only volunteers of the hub itself are asked."""
    on_holidays: bool = False
    """Whether it happens on public holidays."""
    make_up_days: str = "skip"
    """What it does on make-up working days: "skip", "hold" or "add" (`scheduling.recurrence`)."""
    window_days: int = 1
    """Within how many days from each date of the rule it happens; from 2 on the time is chosen when planned."""
    held_in: str = "always"
    """The part of the school year: "always", "term" or "vacation"."""


class SeriesException(Table, table=True):
    """A date of a series that falls out, or is moved to another start."""

    __table_args__ = (UniqueConstraint("series_id", "on_date"),)
    id: int | None = Field(default=None, primary_key=True)
    series_id: int = Field(foreign_key="series.id", index=True)
    on_date: date
    moved_to: datetime | None = when(default=None)
    reason: str = ""


class SeriesStaff(Table, table=True):
    """A paid person who works at every activity of a series."""

    __table_args__ = (UniqueConstraint("series_id", "person_id"),)
    id: int | None = Field(default=None, primary_key=True)
    series_id: int = Field(foreign_key="series.id", index=True)
    person_id: int = Field(foreign_key="person.id")


class SeriesUse(Table, table=True):
    """Equipment that every activity of a series uses."""

    __table_args__ = (
        UniqueConstraint("series_id", "equipment_id"),
        CheckConstraint("quantity > 0", "quantity"),
    )
    id: int | None = Field(default=None, primary_key=True)
    series_id: int = Field(foreign_key="series.id", index=True)
    equipment_id: int = Field(foreign_key="equipment.id")
    quantity: int = 1


class SeriesNeed(Table, table=True):
    """A need that every activity of a series has."""

    __table_args__ = (
        UniqueConstraint("series_id", "role_zh"),
        CheckConstraint("0 <= minimum AND minimum <= desired AND desired <= maximum", "places"),
    )
    id: int | None = Field(default=None, primary_key=True)
    series_id: int = Field(foreign_key="series.id", index=True)
    role_zh: str
    role_en: str = ""
    minimum: int = 1
    desired: int = 1
    maximum: int = 1
    skill_id: int | None = Field(default=None, foreign_key="skill.id")
    min_age: int = 14
    needs_check: bool = False
    needs_experience: bool = False
    """At least one experienced person is placed, or nobody is."""
    gender: str = ""
    """"female" or "male" where the role asks for it."""
    language: str = ""
    """The language that the role is done in, where not everybody speaks it."""


class BulkChange(Table, table=True):
    """A change of many activities at once, kept so that it can be undone in one step."""

    id: int | None = Field(default=None, primary_key=True)
    hub_id: int = Field(foreign_key="hub.id", index=True)
    series_id: int | None = Field(default=None, foreign_key="series.id")
    kind: str
    """"plan", "series" or "close"."""
    done_at: datetime = when()
    by_id: int | None = Field(default=None, foreign_key="person.id")
    reason: str = ""
    sentence_zh: str
    sentence_en: str
    before: dict[str, Any] = data(default_factory=dict)
    """How the series, the activities and the offers stood, and what was made (`services/bulk_changes.py`)."""
    undone_at: datetime | None = when(default=None)
    undone_by_id: int | None = Field(default=None, foreign_key="person.id")


class Activity(Table, table=True):
    """Something that happens at a hub at a time."""

    __table_args__ = (
        UniqueConstraint("series_id", "series_date"),
        CheckConstraint("starts_at < ends_at", "order"),
    )
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    hub_id: int = Field(foreign_key="hub.id", index=True)
    series_id: int | None = Field(default=None, foreign_key="series.id")
    series_date: date | None = None
    """The date that the rule gave, which stays when the activity is moved."""
    venue_id: int | None = Field(default=None, foreign_key="venue.id")
    title_zh: str
    title_en: str = ""
    summary_zh: str = ""
    summary_en: str = ""
    topic: str = ""
    gathered_by: str = GatheredBy.HOBBY
    starts_at: datetime = when(index=True)
    ends_at: datetime = when(index=True)
    capacity: int = 20
    has_minors: bool = False
    is_outdoors: bool = False
    takes_money: bool = False
    """Whether people pay, or money changes hands there."""
    members_only: bool = False
    window_from: datetime | None = when(default=None)
    """From when to when its time may be chosen, where the work is flexible."""
    window_until: datetime | None = when(default=None)
    state: str = Field(default=ActivityState.PLANNED, index=True)
    revision: int = 1
    """Rises when the time or the place changes; calendar entries carry it as SEQUENCE."""
    reason: str = ""
    """Why it was cancelled or moved."""
    closed_at: datetime | None = when(default=None)


class ActivityStaff(Table, table=True):
    """A paid person who works at an activity."""

    activity_id: int = Field(primary_key=True, foreign_key="activity.id")
    person_id: int = Field(primary_key=True, foreign_key="person.id", index=True)


class ActivityUse(Table, table=True):
    """Equipment that an activity uses."""

    __table_args__ = (CheckConstraint("quantity > 0", "quantity"),)
    activity_id: int = Field(primary_key=True, foreign_key="activity.id")
    equipment_id: int = Field(primary_key=True, foreign_key="equipment.id", index=True)
    quantity: int = 1


class Need(Table, table=True):
    """A role at an activity, and how many people it takes."""

    __table_args__ = (
        UniqueConstraint("activity_id", "role_zh"),
        CheckConstraint("0 <= minimum AND minimum <= desired AND desired <= maximum", "places"),
        CheckConstraint("taken BETWEEN 0 AND maximum", "taken"),
    )
    id: int | None = Field(default=None, primary_key=True)
    activity_id: int = Field(foreign_key="activity.id", index=True)
    role_zh: str
    role_en: str = ""
    minimum: int = 1
    desired: int = 1
    maximum: int = 1
    taken: int = 0
    """Accepted places; raised by a conditional UPDATE, so two people never win the last one."""
    skill_id: int | None = Field(default=None, foreign_key="skill.id")
    min_age: int = 14
    needs_check: bool = False
    needs_experience: bool = False
    gender: str = ""
    language: str = ""
