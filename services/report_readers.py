"""Who reads a report: managers of the whole branch release it, managers below read their own part."""

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

    @property
    def paths(self) -> tuple[str, ...]:
        """Return the branches that they see."""
        return tuple(unit.path for unit in self.units)


def managers(session: Session, cycle: Cycle) -> list[Manager]:
    """Return the managers of a cycle's branch, above and below, in the order of their ids."""
    top = required(session, Unit, cycle.unit_id)
    question = (
        select(Person, Unit)
        .join(Role, col(Role.person_id) == Person.id)
        .join(Unit, col(Unit.id) == Role.unit_id)
        .where(
            col(Role.kind) == RoleKind.MANAGER, col(Person.state) == PersonState.ACTIVE, col(Unit.path) != ""
        )
        .order_by(col(Person.id), col(Unit.path))
    )
    found: dict[int, list[Unit]] = {}
    people: dict[int, Person] = {}
    for person, unit in session.exec(question):
        if top.path.startswith(unit.path) or unit.path.startswith(top.path):
            people[id_of(person)] = person
            found.setdefault(id_of(person), []).append(unit)
    return [_manager(people[person_id], units, top) for person_id, units in found.items()]


def reader(session: Session, cycle: Cycle, person_id: int) -> Manager:
    """Return a person as a reader of the cycle's report, or raise `NotYours`."""
    for manager in managers(session, cycle):
        if id_of(manager.person) == person_id:
            return manager
    raise NotYours(NOT_YOUR_REPORT)


def _manager(person: Person, units: list[Unit], top: Unit) -> Manager:
    if any(top.path.startswith(unit.path) for unit in units):
        return Manager(person, (top,), may_release=True)
    return Manager(person, tuple(units), may_release=False)
