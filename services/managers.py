"""Who manages a unit, and the nearest above that somebody manages."""

from __future__ import annotations

from sqlmodel import Session, col, select

from models import Person, Role, RoleKind, Unit
from models.states import PersonState
from services.queries import id_of, required


def managers_of(session: Session, unit_id: int) -> list[Person]:
    """Return the active managers of this unit itself, in the order of their ids."""
    question = (
        select(Person)
        .join(Role, col(Role.person_id) == Person.id)
        .where(
            Role.unit_id == unit_id,
            Role.kind == RoleKind.MANAGER,
            Person.state == PersonState.ACTIVE,
        )
        .order_by(col(Person.id))
    )
    return list(session.exec(question).unique())


def nearest_managers(session: Session, unit: Unit) -> tuple[Unit, list[Person]]:
    """Return the managers of a unit, or of the nearest unit above that has some."""
    while True:
        found = managers_of(session, id_of(unit))
        if found or unit.parent_id is None:
            return unit, found
        unit = required(session, Unit, unit.parent_id)
