"""One maker a table, with no surprises: what a test does not name is plain and valid."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any, TypeVar

from sqlmodel import Session

from models import (
    Activity,
    Availability,
    Hub,
    Need,
    Offer,
    Participant,
    Person,
    Role,
    RoleKind,
    Series,
    Skill,
    Table,
    Unit,
    Volunteer,
)
from models.states import ActivityState

T = TypeVar("T", bound=Table)
_serial = count(1)
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # Monday, 9:00 in Beijing


def save(session: Session, thing: T) -> T:
    session.add(thing)
    session.flush()
    return thing


def make_unit(session: Session, *, parent: Unit | None = None, **over: Any) -> Unit:
    n = next(_serial)
    values: dict[str, Any] = {"code": f"U{n}", "name_zh": f"第{n}街道", "name_en": f"Sub-district {n}"}
    unit = save(session, Unit(**{**values, "parent_id": parent.id if parent else None, **over}))
    unit.path = f"{parent.path if parent else '/'}{unit.id}/"
    return save(session, unit)


def make_hub(session: Session, *, unit: Unit | None = None, **over: Any) -> Hub:
    n = next(_serial)
    unit = unit or make_unit(session)
    values: dict[str, Any] = {
        "code": f"H{n:03}",
        "name_zh": f"晨光里{n}号青年汇",
        "name_en": f"Dawn Lane Hub {n}",
        "unit_id": unit.id,
        "lon": 116.35,
        "lat": 39.90,
        "address": f"晨光里{n}号院",
    }
    return save(session, Hub(**{**values, **over}))


def make_person(session: Session, **over: Any) -> Person:
    n = next(_serial)
    values: dict[str, Any] = {
        "code": f"P{n:05}",
        "name": f"沈之槐{n}",
        "email": f"p{n}@people.example",
        "birth_date": date(1998, 5, 1),
        "created_at": NOW,
    }
    return save(session, Person(**{**values, **over}))


def make_role(
    session: Session, person: Person, kind: RoleKind, *, hub: Hub | None = None, unit: Unit | None = None
) -> Role:
    return save(
        session,
        Role(
            person_id=person.id, kind=kind, hub_id=hub.id if hub else None, unit_id=unit.id if unit else None
        ),
    )


def make_coordinator(session: Session, hub: Hub, **over: Any) -> Person:
    person = make_person(session, **over)
    make_role(session, person, RoleKind.COORDINATOR, hub=hub)
    return person


def make_manager(session: Session, unit: Unit, **over: Any) -> Person:
    person = make_person(session, **over)
    make_role(session, person, RoleKind.MANAGER, unit=unit)
    return person


def make_volunteer(
    session: Session,
    hub: Hub,
    *,
    free: list[tuple[int, int, int]] | None = None,
    profile: dict[str, Any] | None = None,
    **over: Any,
) -> Person:
    """A volunteer of `hub`, free at all hours unless `free` lists (weekday, start, end) in minutes."""
    person = make_person(session, **over)
    make_role(session, person, RoleKind.VOLUNTEER, hub=hub)
    values = {"home_hub_id": hub.id, "lon": hub.lon, "lat": hub.lat, "hours_per_week": 10.0, "radius_km": 8.0}
    save(session, Volunteer(person_id=person.id, **{**values, **(profile or {})}))
    for weekday, start, end in free if free is not None else [(day, 0, 1440) for day in range(7)]:
        save(session, Availability(person_id=person.id, weekday=weekday, start_minute=start, end_minute=end))
    return person


def make_skill(session: Session, **over: Any) -> Skill:
    n = next(_serial)
    return save(session, Skill(**{"code": f"S{n}", "name_zh": f"技能{n}", "name_en": f"Skill {n}", **over}))


def make_series(session: Session, hub: Hub, **over: Any) -> Series:
    n = next(_serial)
    values: dict[str, Any] = {
        "code": f"R{n}",
        "hub_id": hub.id,
        "title_zh": f"老物件修理角{n}",
        "title_en": f"Repair corner {n}",
        "rrule": "FREQ=WEEKLY;BYDAY=SA",
        "starts_on": date(2026, 11, 1),
        "start_time": datetime(2026, 1, 1, 14, 0).time(),  # noqa: DTZ001 -- a wall-clock time
        "duration_minutes": 150,
    }
    return save(session, Series(**{**values, **over}))


def make_activity(
    session: Session, hub: Hub, *, starts_at: datetime = NOW + timedelta(days=5, hours=5), **over: Any
) -> Activity:
    n = next(_serial)
    values: dict[str, Any] = {
        "code": f"A{n}",
        "hub_id": hub.id,
        "title_zh": f"老物件修理角{n}",
        "title_en": f"Repair corner {n}",
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=2, minutes=30),
        "state": ActivityState.PUBLISHED,
    }
    return save(session, Activity(**{**values, **over}))


def make_need(session: Session, activity: Activity, **over: Any) -> Need:
    n = next(_serial)
    values: dict[str, Any] = {"role_zh": f"接待员{n}", "role_en": f"Greeter {n}", "activity_id": activity.id}
    return save(session, Need(**{**values, **over}))


def make_offer(session: Session, need: Need, person: Person, **over: Any) -> Offer:
    values: dict[str, Any] = {
        "need_id": need.id,
        "activity_id": need.activity_id,
        "person_id": person.id,
        "proposed_at": NOW,
    }
    return save(session, Offer(**{**values, **over}))


def make_participant(session: Session, hub: Hub, **over: Any) -> Participant:
    n = next(_serial)
    values: dict[str, Any] = {
        "code": f"Y{n:05}",
        "hub_id": hub.id,
        "name": f"乔安禾{n}",
        "email": f"y{n}@young.example",
        "birth_date": date(2004, 3, 5),
        "created_at": NOW,
    }
    return save(session, Participant(**{**values, **over}))
