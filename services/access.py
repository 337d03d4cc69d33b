"""Who may do what where: a role covers one hub, or the branch of the tree below a unit.

A branch is told by the path of its top unit, so that no question walks the tree. A role that names
neither a hub nor a unit covers nothing.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from config.text import Refusal, Text
from models import Hub, Person, Role, RoleKind, Unit
from models.states import PersonState
from services.errors import NotYours

NOT_YOUR_HUB = Refusal(
    "not_your_hub",
    Text(
        zh="这一页属于别的青年汇。要看，请找那里的社工。",
        en="This page belongs to another hub. To see it, ask its social workers.",
    ),
)


def hubs_of(session: Session, person_id: int) -> list[int]:
    """Return the ids of the hubs that the person runs, in the order of their codes."""
    return _ids(session, select(Hub.id).join(Unit).where(_runs(person_id)).order_by(Hub.code))


def may_coordinate(session: Session, person_id: int, hub_id: int) -> bool:
    """Say whether the person runs the hub."""
    return bool(_ids(session, select(Hub.id).join(Unit).where(Hub.id == hub_id, _runs(person_id))))


def require_coordinator(session: Session, person_id: int, hub_id: int) -> None:
    """Raise `NotYours` unless the person runs the hub."""
    if not may_coordinate(session, person_id, hub_id):
        raise NotYours(NOT_YOUR_HUB)


def may_release(session: Session, person_id: int, unit_id: int) -> bool:
    """Say whether the person is a manager of the unit, or of a branch that holds it."""
    manages = _has_role(person_id, RoleKind.MANAGER, _path_covers())
    return bool(_ids(session, select(Unit.id).where(Unit.id == unit_id, manages)))


def branch_hubs(session: Session, unit_id: int) -> list[int]:
    """Return the ids of the hubs of a unit and of all units below it, in the order of their codes."""
    top = aliased(Unit)
    below = and_(col(top.path) != "", col(Unit.path).startswith(col(top.path)))
    question = select(Hub.id).join(Unit).join(top, below).where(top.id == unit_id).order_by(Hub.code)
    return _ids(session, question)


_Branch = aliased(Unit)


def _runs(person_id: int) -> ColumnElement[bool]:
    return _has_role(person_id, RoleKind.COORDINATOR, or_(col(Role.hub_id) == Hub.id, _path_covers()))


def _path_covers() -> ColumnElement[bool]:
    # An empty path is that of a unit not yet placed in the tree; as a prefix it would cover everything.
    return and_(col(_Branch.path) != "", col(Unit.path).startswith(col(_Branch.path)))


def _has_role(person_id: int, kind: RoleKind, covers: ColumnElement[bool]) -> ColumnElement[bool]:
    return (
        select(Role.id)
        .join(Person)
        .outerjoin(_Branch, col(_Branch.id) == Role.unit_id)
        .where(Role.person_id == person_id, Role.kind == kind, Person.state == PersonState.ACTIVE, covers)
        .correlate(Unit, Hub)
        .exists()
    )


def _ids(session: Session, question: Any) -> list[int]:
    return list(session.exec(question))
