"""Units of any depth, partner organisations, hubs, venues and equipment."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from models.base import Table


class Installation(Table, table=True):
    """The one row that says what this database is."""

    id: int = Field(default=1, primary_key=True)
    is_demo: bool = False
    """A demo database may live by a movable clock; any other refuses to."""


class Unit(Table, table=True):
    """A node of the organisation: district, sub-district, or any level between and below."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    name_zh: str
    name_en: str = ""
    kind: str = "sub_district"
    parent_id: int | None = Field(default=None, foreign_key="unit.id", index=True)
    path: str = Field(default="", index=True)
    """Ids from the root down, as "/1/4/": a branch is every unit whose path begins with its own."""


class Partner(Table, table=True):
    """An organisation outside the tree: a social-work agency, a pool of skilled volunteers."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    name_zh: str
    name_en: str = ""
    kind: str = "agency"


class GatheredBy(StrEnum):
    """What the young people of a hub or a series share."""

    PLACE = "place"
    HOBBY = "hobby"
    WORK = "work"


class Hub(Table, table=True):
    """A community youth hub, and where it stands."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    name_zh: str
    name_en: str = ""
    unit_id: int = Field(foreign_key="unit.id", index=True)
    partner_id: int | None = Field(default=None, foreign_key="partner.id")
    is_demonstration: bool = False
    peer_group: str = ""
    gathered_by: str = GatheredBy.PLACE
    address: str = ""
    lon: float | None = None
    lat: float | None = None
    time_zone: str = "Asia/Shanghai"
    is_open: bool = True


class HubFact(Table, table=True):
    """A number that an office keeps about a hub and that evaluation reads, such as its floor area."""

    __table_args__ = (UniqueConstraint("hub_id", "fact", "as_of"),)
    id: int | None = Field(default=None, primary_key=True)
    hub_id: int = Field(foreign_key="hub.id", index=True)
    fact: str
    value: float
    as_of: date


class Venue(Table, table=True):
    """A room where activities happen."""

    __table_args__ = (CheckConstraint("capacity >= 0", "capacity"),)
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    hub_id: int = Field(foreign_key="hub.id", index=True)
    name: str
    capacity: int = 0
    area_m2: float | None = None
    lon: float | None = None
    """Where it is, if not at the hub itself, such as a park."""
    lat: float | None = None


class Term(Table, table=True):
    """A school term of a branch of the tree, or of the whole network."""

    __table_args__ = (CheckConstraint("starts_on <= ends_on", "order"),)
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    unit_id: int | None = Field(default=None, foreign_key="unit.id")
    name_zh: str
    name_en: str = ""
    starts_on: date
    ends_on: date


class Equipment(Table, table=True):
    """Things of a hub that an activity can use."""

    __table_args__ = (CheckConstraint("quantity >= 0", "quantity"),)
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    hub_id: int = Field(foreign_key="hub.id", index=True)
    name: str
    quantity: int = 1
