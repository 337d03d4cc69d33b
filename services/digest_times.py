"""Who gets their digest when: the network's time, unless a person chose their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from pydantic import Field
from sqlalchemy import and_
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from config.text import Refusal, Text
from models import DigestTime, Person, Role, RoleKind
from models.states import PersonState
from services import audit
from services.digest_slots import Cadence, Slot
from services.errors import HubError
from services.policies import Rules, book
from services.queries import required
from services.work import Audience

ROLES = {
    Audience.VOLUNTEERS: RoleKind.VOLUNTEER,
    Audience.COORDINATORS: RoleKind.COORDINATOR,
    Audience.MANAGERS: RoleKind.MANAGER,
}


class DigestRules(Rules):
    """Hold when digests come to those who chose no time of their own."""

    kind: ClassVar[str] = "digests"
    title: ClassVar[Text] = Text("什么时候发周报和月报", "When digests come")
    labels: ClassVar[Mapping[str, Text]] = {
        "weekday": Text("周报在周几（1是周一）", "Day of weekly digests (1: Monday)"),
        "hour": Text("几点（收信人当地）", "Hour, where the reader is"),
    }

    weekday: int = Field(default=1, ge=1, le=7)
    hour: int = Field(default=8, ge=0, le=23)


@dataclass(frozen=True)
class Choice:
    """Hold when one of a person's digests comes, and whether they chose it."""

    audience: Audience
    slot: Slot
    is_own: bool


def usual(session: Session, audience: Audience, zone: str, *, now: datetime) -> Slot:
    """Return the network's time for an audience."""
    rules = book(session, DigestRules, now=now).network
    cadence = Cadence.MONTHLY if audience is Audience.MANAGERS else Cadence.WEEKLY
    return Slot(audience, cadence, rules.weekday, rules.hour, zone)


def slots(session: Session, *, now: datetime) -> list[Slot]:
    """Return every time at which somebody may get a digest; cheap, since the clock asks at every look."""
    zones = session.exec(select(Person.time_zone).distinct().order_by(Person.time_zone)).all()
    found = {usual(session, audience, zone, now=now) for audience in Audience for zone in zones}
    own = (col(getattr(DigestTime, name)) for name in ("audience", "cadence", "weekday", "hour"))
    chosen = select_columns(*own, col(Person.time_zone)).join(Person, col(Person.id) == DigestTime.person_id)
    found |= {
        Slot(Audience(audience), Cadence(cadence), weekday, hour, zone)
        for audience, cadence, weekday, hour, zone in session.execute(chosen.distinct())
    }
    return sorted(found, key=lambda slot: slot.code)


def readers(session: Session, slot: Slot, *, now: datetime) -> set[int]:
    """Return who gets the digest of a slot."""
    own = and_(col(DigestTime.person_id) == Person.id, col(DigestTime.audience) == slot.audience)
    question = (
        select(Person.id, DigestTime)
        .join(Role, col(Role.person_id) == Person.id)
        .outerjoin(DigestTime, own)
        .where(
            Role.kind == ROLES[slot.audience],
            Person.time_zone == slot.zone,
            Person.state == PersonState.ACTIVE,
        )
    )
    standard = usual(session, slot.audience, slot.zone, now=now)
    return {
        person_id
        for person_id, choice in session.exec(question)
        if person_id is not None and (standard if choice is None else _slot(choice, slot.zone)) == slot
    }


def choices(session: Session, person_id: int, *, now: datetime) -> tuple[Choice, ...]:
    """Return when a person's digests come, one a role."""
    person = required(session, Person, person_id)
    kinds = set(session.exec(select(Role.kind).where(Role.person_id == person_id)))
    return tuple(_choice(session, person, audience, now) for audience in Audience if ROLES[audience] in kinds)


def choose(session: Session, person_id: int, typed: Mapping[str, str], *, now: datetime) -> Choice:
    """Keep a person's own time for one digest; raises `HubError` with every wrong value."""
    person = required(session, Person, person_id)
    audience = typed.get("audience", "")
    mine = {choice.audience for choice in choices(session, person_id, now=now)}
    faults = list(_faults(typed)) if audience in mine else [_NOT_YOURS]
    if faults:
        raise HubError(faults)
    row = session.get(DigestTime, (person_id, audience))
    if row is None:
        row = DigestTime(person_id=person_id, audience=audience, cadence=typed["cadence"])
    row.cadence, row.weekday, row.hour = typed["cadence"], int(typed["weekday"]), int(typed["hour"])
    session.add(row)
    session.flush()
    audit.record(session, person, "person.digest_time", now=now, by=person_id)
    return _choice(session, person, Audience(audience), now)


_NOT_YOURS = Refusal(
    "no_such_digest", Text("没有这一封简报。", "There is no such digest of yours."), field="audience"
)


def _faults(typed: Mapping[str, str]) -> Iterable[Refusal]:
    if typed.get("cadence") not in list(Cadence):
        yield Refusal(
            "digest_cadence", Text("选一个：每天、每周、每月", "Choose: daily, weekly, monthly"), "cadence"
        )
    if typed.get("weekday") not in {str(day) for day in range(1, 8)}:
        yield Refusal("digest_weekday", Text("选好是周几", "Choose the day of the week"), "weekday")
    if typed.get("hour") not in {str(hour) for hour in range(24)}:
        yield Refusal(
            "digest_hour",
            Text(
                f"几点要在0到23之间，现在填的是{typed.get('hour', '')}",
                f"The hour must be between 0 and 23; it is now {typed.get('hour', '')}",
            ),
            "hour",
        )


def _choice(session: Session, person: Person, audience: Audience, now: datetime) -> Choice:
    row = session.get(DigestTime, (person.id, audience))
    standard = usual(session, audience, person.time_zone, now=now)
    return Choice(audience, standard if row is None else _slot(row, person.time_zone), row is not None)


def _slot(row: DigestTime, zone: str) -> Slot:
    return Slot(Audience(row.audience), Cadence(row.cadence), row.weekday, row.hour, zone)
