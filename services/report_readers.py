"""Who reads a report: managers of the whole branch release it, managers below read their own part, auditors all."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, col, select

from config.text import Refusal, Text
from models import Cycle, Person, Role, RoleKind, Unit
from models.states import PersonState
from services.errors import NotYours
from services.queries import id_of, required

NOT_YOUR_REPORT = Refusal(
    "not_your_report",
    Text("这份报告不在你的范围里。", "This report is outside your branch."),
)
NOT_RELEASED = Refusal(
    "not_released",
    Text("报告还没有签发，签发以后再来看。", "The report is not released yet; come back when it is."),
)


@dataclass(frozen=True)
class Manager:
    """Hold a manager of a report and the units that they see of it."""

    person: Person
    units: tuple[Unit, ...]
    may_release: bool
    may_audit: bool = False
    """Whether they may see every row behind a score."""

    @property
    def paths(self) -> tuple[str, ...]:
        """Return the branches that they see."""
        return tuple(unit.path for unit in self.units)


def managers(session: Session, cycle: Cycle) -> list[Manager]:
    """Return the managers of a cycle's branch, above and below, and its auditors, in the order of their ids."""
    top = required(session, Unit, cycle.unit_id)
    question = (
        select(Person, Role.kind, Unit)
        .join(Role, col(Role.person_id) == Person.id)
        .join(Unit, col(Unit.id) == Role.unit_id)
        .where(
            col(Role.kind).in_((RoleKind.MANAGER, RoleKind.AUDITOR)),
            col(Person.state) == PersonState.ACTIVE,
            col(Unit.path) != "",
        )
        .order_by(col(Person.id), col(Unit.path))
    )
    found: dict[int, list[tuple[str, Unit]]] = {}
    people: dict[int, Person] = {}
    for person, kind, unit in session.exec(question):
        is_above = top.path.startswith(unit.path)
        if is_above or (kind == RoleKind.MANAGER and unit.path.startswith(top.path)):
            people[id_of(person)] = person
            found.setdefault(id_of(person), []).append((kind, unit))
    return [_manager(people[person_id], roles, top) for person_id, roles in found.items()]


def reader(session: Session, cycle: Cycle, person_id: int) -> Manager:
    """Return a person as a reader of the cycle's report, or raise `NotYours`."""
    for manager in managers(session, cycle):
        if id_of(manager.person) == person_id:
            return manager
    raise NotYours(NOT_YOUR_REPORT)


def _manager(person: Person, roles: list[tuple[str, Unit]], top: Unit) -> Manager:
    if any(kind == RoleKind.MANAGER and top.path.startswith(unit.path) for kind, unit in roles):
        return Manager(person, (top,), may_release=True, may_audit=True)
    if any(kind == RoleKind.AUDITOR for kind, _ in roles):
        return Manager(person, (top,), may_release=False, may_audit=True)
    return Manager(person, tuple(unit for _, unit in roles), may_release=False)
