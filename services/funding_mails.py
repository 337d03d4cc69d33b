"""Mails about project applications: managers are asked to decide, the hub hears what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from config.text import Text
from models import FundingApplication, Hub, Person, Unit
from notifications import kinds, outbox
from services import funding_people
from services.describing import Describer, recipient
from services.frameworks import framework_with
from services.funding_base import lines_of
from services.funding_money import CATEGORIES, money
from services.funding_people import APPROVE
from services.queries import coordinators, id_of, named, required
from services.wording import local_day


def queue_asked(
    session: Session,
    found: FundingApplication,
    people: Sequence[tuple[Unit, Person]],
    *,
    what: str = "",
    now: datetime,
    is_reminder: bool = False,
    is_overdue: bool = False,
) -> int:
    """Ask each of these people to decide, once for each answer so far or for each `what`; return how many."""
    given = funding_people.answers(session, found)
    agreed = [required(session, Person, one.by_id).name for one in given if one.verdict == APPROVE]
    about = _asked(session, found, now)
    about["agreed"] = tuple(Text(name, name) for name in agreed)
    key = f"funding:{id_of(found)}:{found.version}:{what or f'asked{len(given)}'}"
    mails = [
        (
            f"{key}:{id_of(person)}",
            kinds.FundingAskedMail(
                **about,
                to=recipient(person),
                unit_id=id_of(unit),
                person_id=id_of(person),
                is_reminder=is_reminder,
                is_overdue=is_overdue,
            ),
        )
        for unit, person in people
    ]
    return outbox.queue_many(session, mails, now=now)


def queue_decided(session: Session, found: FundingApplication, *, now: datetime) -> int:
    """Tell the hub's coordinators, and who handed it in, what was decided; return how many."""
    decided = funding_people.outcome(session, found)
    assert decided is not None
    name, hub = required(session, Person, decided.by_id).name, required(session, Hub, found.hub_id)
    until = found.valid_until
    mails = [
        (
            f"funding:{id_of(found)}:{found.version}:{found.state}:{id_of(person)}",
            kinds.FundingDecidedMail(
                **_about(session, found, now),
                to=recipient(person),
                unit_id=hub.unit_id,
                person_id=id_of(person),
                verdict=found.state,
                decided_by=Text(name, name),
                reason=Text(decided.reason, decided.reason) if decided.reason else None,
                begin_by=local_day(until, hub.time_zone) if until else None,
            ),
        )
        for person in _of_the_hub(session, found)
    ]
    return outbox.queue_many(session, mails, now=now)


def serves_text(session: Session, framework_id: int, serves: str) -> Text:
    """Return the name of the dimension or criterion that a project serves."""
    framework = framework_with(session, framework_id)
    names = {one.id: one.text for one in framework.indicators}
    names |= {one.id: one.text for one in framework.dimensions}
    return names.get(serves, Text(serves, serves))


def _of_the_hub(session: Session, found: FundingApplication) -> list[Person]:
    return coordinators(session, [found.hub_id]).get(found.hub_id, [])


def _about(session: Session, found: FundingApplication, now: datetime) -> dict[str, Any]:
    hub = required(session, Hub, found.hub_id)
    return {
        "application_id": id_of(found),
        "version": found.version,
        "hub_id": found.hub_id,
        "hub": named(hub.name_zh, hub.name_en),
        "title": Text(found.title, found.title),
        "amount": money(found.amount_fen),
        "made_at": now,
        "in_charge": Describer(session, hub_ids={found.hub_id}).contact(found.hub_id),
    }


def _asked(session: Session, found: FundingApplication, now: datetime) -> dict[str, Any]:
    assert found.starts_on is not None
    assert found.ends_on is not None
    return {
        **_about(session, found, now),
        "purpose": Text(found.purpose, found.purpose),
        "serves": serves_text(session, found.framework_id, found.serves),
        "starts_on": found.starts_on,
        "ends_on": found.ends_on,
        "needed": found.needed,
        "due_at": found.due_at,
        "lines": tuple(
            kinds.BudgetLine(CATEGORIES[one.category], money(one.amount_fen), Text(one.reason, one.reason))
            for one in lines_of(session, id_of(found))
        ),
    }
