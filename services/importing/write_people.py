"""People, volunteers, roles, skills, free times and checks: from records to rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from documents.parsing import Record, Tables
from models import (
    Availability,
    BackgroundCheck,
    BlockOut,
    Person,
    PersonAttribute,
    PersonSkill,
    Role,
    RoleKind,
    Table,
    Volunteer,
)
from models.states import ConsentState, PersonState
from services.importing.rules import ZONE
from services.importing.sync import Hanging, Key, Wanted, Work, replace, sync
from services.importing.write_network import CODE, id_of, ids, learn, picked
from services.minors import is_minor
from services.wording import local_day

PERSON = ("name", "form_of_address", "email", "phone", "language", "birth_date", "gender")
RowsOf = Callable[[Work, Record], frozenset[Key] | None]
"""From a record to what hangs on its person; None where the file says nothing about it."""
VOLUNTEER = ("lon", "lat", "radius_km", "hours_per_week", "offers_per_week", "is_experienced")


def write_people(work: Work, tables: Tables) -> None:
    """Write the people, then everything that hangs on them."""
    records = tables.of("people")
    _persons(work, records, _agreed(tables))
    _volunteers(work, records)
    _hanging_on(work, records, Role, ("kind", "unit_id", "hub_id"), _roles)
    _hanging_on(work, records, PersonSkill, ("skill_id",), _skills)
    _hanging_on(work, records, PersonAttribute, ("name", "value"), _attributes)
    _hanging_on(work, records, Availability, ("weekday", "start_minute", "end_minute"), _windows)
    _checks(work, records)
    _block_outs(work, tables.of("block_outs"))


def at_local(moment: datetime, zone: str = ZONE) -> datetime:
    """Return a wall-clock time of the file as a moment."""
    return moment.replace(tzinfo=ZoneInfo(zone))


def _agreed(tables: Tables) -> frozenset[str]:
    """Return the codes of minors to whom a guardian of this file has said yes."""
    guardians = tables.of("guardians")
    return frozenset(r.values["minor"] for r in guardians if r.values.get("consent") == ConsentState.GRANTED)


def _persons(work: Work, records: list[Record], agreed: frozenset[str]) -> None:
    today = local_day(work.now, ZONE)
    wanted = [
        Wanted(
            (record.values["code"],),
            picked(record, PERSON) | ids(work, record, {"partner_id": "partner"}),
            record.values["code"],
            {"created_at": work.now, "state": _first_state(record, agreed, today)},
        )
        for record in records
    ]
    learn(work, "people", sync(work, "people", Person, CODE, wanted))


def _first_state(record: Record, agreed: frozenset[str], today: date) -> str:
    waits = is_minor(record.values.get("birth_date"), "", today) and record.values["code"] not in agreed
    return str(PersonState.AWAITING_CONSENT if waits else PersonState.ACTIVE)


def _volunteers(work: Work, records: list[Record]) -> None:
    wanted = []
    for record in records:
        home = record.values.get("home_hub")
        if home is None:
            continue
        values = picked(record, VOLUNTEER) | {"home_hub_id": id_of(work, record, "home_hub", home)}
        if "interests" in record.values:
            values["interests"] = ",".join(record.values["interests"])
        if "languages" in record.values:
            values["languages"] = ",".join(record.values["languages"])
        wanted.append(Wanted((_person(work, record),), values, record.values["code"]))
    sync(work, "people", Volunteer, ("person_id",), wanted, is_main=False)


def _hanging_on(
    work: Work, records: list[Record], model: type[Table], fields: tuple[str, ...], rows: RowsOf
) -> None:
    wanted = [
        Hanging(_person(work, record), hanging, record.values["code"])
        for record in records
        if (hanging := rows(work, record)) is not None
    ]
    replace(work, "people", model, fields, wanted)


def _roles(work: Work, record: Record) -> frozenset[Key] | None:
    """Return a person's roles; None, and nobody loses one, where the file names none."""
    values = record.values
    found: set[Key] = set()
    for kind in values.get("roles") or ():
        if kind != RoleKind.VOLUNTEER:
            scopes = values.get("scope") or ()
            found |= {(kind, *_scope(work, code)) for code in scopes} or {(kind, None, None)}
    if values.get("home_hub"):
        found.add((RoleKind.VOLUNTEER.value, None, id_of(work, record, "home_hub", values["home_hub"])))
    return frozenset(found) or None


def _scope(work: Work, code: str) -> tuple[int | None, int | None]:
    hub = work.known.ids["hubs"].get(code)
    return (None, hub) if hub is not None else (work.known.ids["units"][code], None)


def _skills(work: Work, record: Record) -> frozenset[Key] | None:
    if "skills" not in record.values:
        return None
    return frozenset((work.known.ids["skills"][code],) for code in record.values["skills"])


def _attributes(_work: Work, record: Record) -> frozenset[Key] | None:
    return frozenset(record.values["attributes"]) if "attributes" in record.values else None


def _windows(_work: Work, record: Record) -> frozenset[Key] | None:
    return frozenset(record.values["free"]) if "free" in record.values else None


def _checks(work: Work, records: list[Record]) -> None:
    wanted = [
        Wanted(
            (_person(work, record), record.values["checked_on"]),
            {"expires_on": record.values["check_expires_on"]},
            record.values["code"],
        )
        for record in records
        if record.values.get("checked_on")
    ]
    sync(work, "people", BackgroundCheck, ("person_id", "checked_on"), wanted, is_main=False)


def _block_outs(work: Work, records: list[Record]) -> None:
    wanted = []
    for record in records:
        person = id_of(work, record, "person", record.values["person"])
        start, end = at_local(record.values["starts_at"]), at_local(record.values["ends_at"])
        origin = (record.values["person"], record.values["starts_at"])
        wanted.append(Wanted((person, _utc(start)), {"ends_at": _utc(end)}, origin))
    sync(work, "block_outs", BlockOut, ("person_id", "starts_at"), wanted)


def _utc(moment: datetime) -> datetime:
    # The database gives moments back in UTC, and equal moments must be equal as keys and as text.
    return moment.astimezone(ZoneInfo("UTC"))


def _person(work: Work, record: Record) -> int:
    return work.known.ids["people"][record.values["code"]]
