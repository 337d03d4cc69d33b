"""Which assessors may score which hub, and who takes the place of one who must step aside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import Select, func, select
from sqlmodel import Session, col

from evaluation.assignment import Assessor, ToAssess, assign
from models import Assessment, Cycle, Hub, Person, Role, RoleKind, Unit, Volunteer
from models.states import PersonState
from services.queries import id_of

OWN = (RoleKind.COORDINATOR, RoleKind.VOLUNTEER, RoleKind.ASSESSOR)
"""Roles at a hub that make it one's own; an assessor's role at a hub says where they belong."""


def assessors(session: Session, hubs: Sequence[Hub]) -> list[Assessor]:
    """Return the active assessors with the hubs that they may not score: their own, and those out of reach."""
    paths = _paths(session, hubs)
    roles: dict[int, list[Role]] = defaultdict(list)
    people: dict[int, Person] = {}
    question = (
        select(Person, Role)
        .join(Role, col(Role.person_id) == Person.id)
        .where(col(Person.state) == PersonState.ACTIVE, col(Person.id).in_(_assessor_ids()))
        .order_by(col(Person.id), col(Role.id))
    )
    for person, role in session.execute(question):
        people[id_of(person)] = person
        roles[id_of(person)].append(role)
    homes = _homes(session)
    units = _unit_paths(session)
    return [
        Assessor(
            id=person_id,
            employer=person.partner_id,
            hubs=frozenset(
                hub.code
                for hub in hubs
                if hub.id == homes.get(person_id)
                or not _may_come(hub, paths[id_of(hub)], roles[person_id], units)
            ),
        )
        for person_id, person in people.items()
    ]


def to_assess(hubs: Iterable[Hub]) -> list[ToAssess]:
    """Return the hubs as the assignment knows them."""
    return [ToAssess(hub.code, hub.partner_id) for hub in hubs]


def substitute(session: Session, cycle: Cycle, hub: Hub, assessment: Assessment) -> int | None:
    """Return who is asked in the place of an assessor who stepped aside, or None where nobody is left."""
    asked = set(
        session.execute(
            select(col(Assessment.assessor_id)).where(
                col(Assessment.cycle_id) == cycle.id, col(Assessment.hub_id) == hub.id
            )
        ).scalars()
    )
    loads = dict(
        session.execute(
            select(col(Assessment.assessor_id), func.count())
            .where(col(Assessment.cycle_id) == cycle.id)
            .group_by(col(Assessment.assessor_id))
        )
        .tuples()
        .all()
    )
    free = [one for one in assessors(session, [hub]) if one.id not in asked]
    seed = hash_free_seed(cycle.seed, id_of(assessment))
    found = assign(to_assess([hub]), free, per_hub=1, seed=seed, loads=loads)
    return found.pairs[0][1] if found.pairs else None


def hash_free_seed(seed: int, number: int) -> int:
    """Return a seed for one decision of a cycle, the same on every machine."""
    return seed * 1_000_003 + number


def _assessor_ids() -> Select[tuple[int]]:
    return select(col(Role.person_id)).where(col(Role.kind) == RoleKind.ASSESSOR)


def _may_come(hub: Hub, path: str, roles: Sequence[Role], units: dict[int, str]) -> bool:
    """Say whether a hub is in an assessor's branch and not one that they work for."""
    if any(role.hub_id == hub.id and role.kind in OWN for role in roles):
        return False
    if any(role.kind == RoleKind.COORDINATOR and _covers(role, path, units) for role in roles):
        return False
    reach = [role for role in roles if role.kind == RoleKind.ASSESSOR]
    return any(role.unit_id is None or _covers(role, path, units) for role in reach)


def _covers(role: Role, path: str, units: dict[int, str]) -> bool:
    top = units.get(role.unit_id or 0, "")
    return top != "" and path.startswith(top)


def _paths(session: Session, hubs: Sequence[Hub]) -> dict[int, str]:
    units = _unit_paths(session)
    return {id_of(hub): units.get(hub.unit_id, "") for hub in hubs}


def _unit_paths(session: Session) -> dict[int, str]:
    return dict(session.execute(select(col(Unit.id), col(Unit.path))).tuples().all())


def _homes(session: Session) -> dict[int, int]:
    question = select(col(Volunteer.person_id), col(Volunteer.home_hub_id)).where(
        col(Volunteer.person_id).in_(_assessor_ids())
    )
    return dict(session.execute(question).tuples().all())
