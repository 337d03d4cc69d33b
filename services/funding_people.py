"""Who may decide an application, and what those who answered make of it.

Managers of the hub's own unit come first, then those of each unit above. Nobody decides what they asked
for themselves, and nobody of the hub or of the agency that runs it decides anything of the hub.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlmodel import Session, col, select

from config.text import Refusal, Text
from models import (
    FundingAnswer,
    FundingApplication,
    FundingVersion,
    Hub,
    Person,
    Role,
    Unit,
    Volunteer,
)
from models.states import FundingState
from services.access import may_coordinate, may_release
from services.funding_base import version_of
from services.managers import managers_of
from services.queries import id_of, required

APPROVE, RETURN, REJECT = "approve", "return", "reject"
VERDICTS = (APPROVE, RETURN, REJECT)
OPEN = (FundingState.SUBMITTED, FundingState.UNDER_REVIEW)


def authors(session: Session, found: FundingApplication) -> set[int]:
    """Return everybody who wrote or handed in the application."""
    handed_in = select(FundingVersion.by_id).where(FundingVersion.application_id == found.id)
    own = {found.created_by_id, found.submitted_by_id, *session.exec(handed_in)}
    return {person for person in own if person is not None}


def is_of_hub(session: Session, person: Person, hub: Hub) -> bool:
    """Say whether somebody runs the hub, has a role or serves there, or is employed by who runs it."""
    person_id, hub_id = id_of(person), id_of(hub)
    if person.partner_id is not None and person.partner_id == hub.partner_id:
        return True
    role = select(Role.id).where(Role.person_id == person_id, Role.hub_id == hub_id)
    serves = select(Volunteer.person_id).where(
        Volunteer.person_id == person_id, Volunteer.home_hub_id == hub_id
    )
    return may_coordinate(session, person_id, hub_id) or any(
        session.exec(question.limit(1)).first() is not None for question in (role, serves)
    )


def may_decide(session: Session, found: FundingApplication, person_id: int) -> bool:
    """Say whether somebody is far enough from the application, and answers for its branch."""
    hub = required(session, Hub, found.hub_id)
    if person_id in authors(session, found) or not may_release(session, person_id, hub.unit_id):
        return False
    return not is_of_hub(session, required(session, Person, person_id), hub)


def deciders(
    session: Session, found: FundingApplication, *, but: int | None = None
) -> Iterator[tuple[Unit, list[Person]]]:
    """Yield, unit by unit from the hub's own up the tree, who may decide there."""
    hub = required(session, Hub, found.hub_id)
    own = authors(session, found) | ({but} if but is not None else set())
    unit: Unit | None = required(session, Unit, hub.unit_id)
    while unit is not None:
        people = [
            person
            for person in managers_of(session, id_of(unit))
            if id_of(person) not in own and not is_of_hub(session, person, hub)
        ]
        if people:
            yield unit, people
        unit = None if unit.parent_id is None else required(session, Unit, unit.parent_id)


def to_ask(
    session: Session, found: FundingApplication, *, needed: int | None = None
) -> list[tuple[Unit, Person]]:
    """Return whom to ask next: the nearest who have not answered, as many units up as it takes."""
    given = answers(session, found) if needed is None else ()
    answered = {one.by_id for one in given}
    missing = (found.needed if needed is None else needed) - sum(one.verdict == APPROVE for one in given)
    chosen: dict[int, tuple[Unit, Person]] = {}
    for unit, people in deciders(session, found):
        for person in people:
            if id_of(person) not in answered:
                chosen.setdefault(id_of(person), (unit, person))
        if len(chosen) >= missing:
            break
    return list(chosen.values())


def too_few(session: Session, found: FundingApplication, needed: int, *, by: int) -> list[Refusal]:
    """Return why nobody, or too few, could decide it."""
    there = {id_of(person) for _, people in deciders(session, found, but=by) for person in people}
    if len(there) >= needed:
        return []
    sentence = Text(
        f"要{needed}位负责人来批，这家青年汇上面只有{len(there)}位批得了。请网络管理员先加人。",
        f"It takes {needed} managers, and above this hub only {len(there)} may decide. "
        "Ask the network's administrator to name more.",
    )
    return [Refusal("too_few_deciders", sentence)]


def answers(session: Session, found: FundingApplication) -> Sequence[FundingAnswer]:
    """Return what was answered to the version that was handed in last, the first first."""
    if not found.version:
        return ()
    version = version_of(session, found)
    question = select(FundingAnswer).where(FundingAnswer.version_id == version.id)
    return session.exec(question.order_by(col(FundingAnswer.id))).all()


def outcome(session: Session, found: FundingApplication) -> FundingAnswer | None:
    """Return the answer that decides it, or None while more are awaited.

    The first no or "change it" decides; a yes does once as many different people agree as it takes.
    """
    given = answers(session, found)
    against = next((one for one in given if one.verdict != APPROVE), None)
    if against is not None:
        return against
    return given[found.needed - 1] if len(given) >= found.needed else None


def awaits(session: Session, found: FundingApplication, by: int) -> bool:
    """Say whether an application waits for this person's answer."""
    if found.state not in OPEN or not may_decide(session, found, by):
        return False
    has_answered = any(one.by_id == by for one in answers(session, found))
    return not has_answered and outcome(session, found) is None
