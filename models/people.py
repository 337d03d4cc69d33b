"""People, what they may do where, and what volunteers can, want and are free to do."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from models.base import Table, when
from models.states import PersonState


class RoleKind(StrEnum):
    """What a person does for the network."""

    COORDINATOR = "coordinator"
    VOLUNTEER = "volunteer"
    MANAGER = "manager"
    ASSESSOR = "assessor"
    AUDITOR = "auditor"


class Person(Table, table=True):
    """Somebody who works for the network, paid or not."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    name: str
    form_of_address: str = ""
    email: str = Field(default="", index=True)
    phone: str = ""
    language: str = "zh-Hans"
    time_zone: str = Field(default="Asia/Shanghai", index=True)
    birth_date: date | None = None
    gender: str = ""
    state: str = Field(default=PersonState.ACTIVE, index=True)
    partner_id: int | None = Field(default=None, foreign_key="partner.id")
    """The employer, which an assessor may not score."""
    created_at: datetime = when()


class Role(Table, table=True):
    """A role, and the branch of the tree or the hub that it covers."""

    __table_args__ = (
        UniqueConstraint("person_id", "kind", "unit_id", "hub_id"),
        CheckConstraint("unit_id IS NULL OR hub_id IS NULL", "one_scope"),
    )
    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    kind: str = Field(index=True)
    unit_id: int | None = Field(default=None, foreign_key="unit.id", index=True)
    hub_id: int | None = Field(default=None, foreign_key="hub.id", index=True)


class Volunteer(Table, table=True):
    """What a volunteer offers and wants: one row beside the person's."""

    __table_args__ = (
        CheckConstraint("radius_km > 0", "radius"),
        CheckConstraint("hours_per_week >= 0", "hours"),
    )
    person_id: int = Field(primary_key=True, foreign_key="person.id")
    home_hub_id: int = Field(foreign_key="hub.id", index=True)
    lon: float | None = None
    lat: float | None = None
    radius_km: float = 5.0
    hours_per_week: float = 4.0
    offers_per_week: int = 3
    """How often the person wants to be asked at most."""
    is_experienced: bool = False
    interests: str = ""
    """Topics that the person likes, joined by commas."""
    languages: str = ""
    """Languages that the person can serve in, joined by commas."""


class Skill(Table, table=True):
    """Something a volunteer can do; a higher skill covers the one that it names, and so on down."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    name_zh: str
    name_en: str = ""
    covers_id: int | None = Field(default=None, foreign_key="skill.id")


class PersonSkill(Table, table=True):
    """A skill that a person has."""

    person_id: int = Field(primary_key=True, foreign_key="person.id")
    skill_id: int = Field(primary_key=True, foreign_key="skill.id", index=True)


class PersonAttribute(Table, table=True):
    """Something that a network records of people for its own rules, such as a driving licence."""

    person_id: int = Field(primary_key=True, foreign_key="person.id")
    name: str = Field(primary_key=True)
    value: str = Field(primary_key=True)


class Availability(Table, table=True):
    """A weekly window in which a person is free, in minutes of the local day (Monday is 0)."""

    __table_args__ = (
        UniqueConstraint("person_id", "weekday", "start_minute"),
        CheckConstraint("start_minute < end_minute", "order"),
        CheckConstraint("weekday BETWEEN 0 AND 6", "weekday"),
    )
    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    weekday: int
    start_minute: int
    end_minute: int


class BlockOut(Table, table=True):
    """A time in which a person is not free, whatever the week says."""

    __table_args__ = (
        UniqueConstraint("person_id", "starts_at"),
        CheckConstraint("starts_at < ends_at", "order"),
    )
    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    starts_at: datetime = when()
    ends_at: datetime = when()


class BackgroundCheck(Table, table=True):
    """A check of a person's record, valid through `expires_on`."""

    __table_args__ = (UniqueConstraint("person_id", "checked_on"),)
    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    checked_on: date
    expires_on: date = Field(index=True)


class BlockedPair(Table, table=True):
    """Two people who are not placed together; why is nobody's business."""

    __table_args__ = (CheckConstraint("first_id < second_id", "order"),)
    first_id: int = Field(primary_key=True, foreign_key="person.id")
    second_id: int = Field(primary_key=True, foreign_key="person.id")
