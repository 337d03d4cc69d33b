"""Guardians of young volunteers who came with a file are asked, once, unless somebody asked before."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlmodel import col

from documents.parsing import Record, Tables
from models import Consent, ConsentPurpose, Guardian, Hub, Person, Volunteer
from models.states import PersonState
from services import consents
from services.importing.rules import ZONE
from services.importing.sync import Work
from services.minors import is_minor
from services.queries import batches
from services.wording import local_day

SERVES = (PersonState.ACTIVE, PersonState.AWAITING_CONSENT)


def ask_guardians(work: Work, tables: Tables) -> int:
    """Ask the guardians of the file whose minors wait, and return how many; a dry run only counts.

    Young participants' guardians are asked when the minor signs up, with the activity at hand.
    """
    codes = _without_an_answer(work, tables)
    known = [row for batch in batches(codes) for row in _volunteers(work, batch)]
    asked_before = {number for batch in batches([row[1] for row in known]) for number in _asked(work, batch)}
    today = local_day(work.now, ZONE)
    waiting = [
        (person_id, hub_id)
        for _, person_id, born, hub_id in known
        if is_minor(born, "", today) and person_id not in asked_before
    ]
    if not work.writes:
        present = {row[0] for row in known}
        return len(waiting) + _new_minors(tables, set(codes) - present, today)
    for person_id, hub_id in waiting:
        person, hub = work.session.get_one(Person, person_id), work.session.get_one(Hub, hub_id)
        consents.request(work.session, person, None, ConsentPurpose.VOLUNTEERING, hub=hub, now=work.now)
    return len(waiting)


def _without_an_answer(work: Work, tables: Tables) -> list[str]:
    """Return the codes of volunteers whose guardians stand in the file without any answer."""
    people = work.known.ids.get("people", {})
    own = [record.values for record in tables.of("guardians") if record.values["minor"] in people]
    answered = {values["minor"] for values in own if values.get("consent")}
    return sorted({values["minor"] for values in own} - answered)


def _volunteers(work: Work, codes: list[str]) -> list[tuple[str, int, date | None, int]]:
    question = (
        select(col(Person.code), col(Person.id), col(Person.birth_date), col(Volunteer.home_hub_id))
        .join(Volunteer, col(Volunteer.person_id) == Person.id)
        .where(col(Person.code).in_(codes), col(Person.state).in_(SERVES))
        .order_by(col(Person.code))
    )
    return [(row[0], row[1], row[2], row[3]) for row in work.session.execute(question)]


def _asked(work: Work, person_ids: list[int]) -> list[int]:
    question = (
        select(col(Guardian.person_id))
        .join(Consent, col(Consent.guardian_id) == Guardian.id)
        .where(col(Guardian.person_id).in_(person_ids), col(Consent.purpose) == ConsentPurpose.VOLUNTEERING)
    )
    return [row[0] for row in work.session.execute(question)]


def _new_minors(tables: Tables, codes: set[str], today: date) -> int:
    return sum(
        1 for record in tables.of("people") if record.values["code"] in codes and _waits(record, today)
    )


def _waits(record: Record, today: date) -> bool:
    return bool(record.values.get("home_hub")) and is_minor(record.values.get("birth_date"), "", today)
