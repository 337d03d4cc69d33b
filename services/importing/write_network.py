"""Units, partners, skills, hubs and what stands in them: from records to rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlmodel import select

from documents.parsing import Record, Tables
from models import Equipment, Hub, HubFact, Partner, Skill, Table, Term, Unit, Venue
from services.importing.sync import Wanted, Work, sync

CODE = ("code",)
VENUE = ("name", "capacity", "area_m2", "lon", "lat")
TERM = ("name_zh", "name_en", "starts_on", "ends_on")


def write_network(work: Work, tables: Tables) -> None:
    """Write the network, parents before children."""
    _units(work, tables.of("units"))
    by_code(work, "partners", Partner, tables.of("partners"), ("name_zh", "name_en", "kind"))
    _skills(work, tables.of("skills"))
    hub_fields = (
        "name_zh",
        "name_en",
        "is_demonstration",
        "peer_group",
        "gathered_by",
        "address",
        "lon",
        "lat",
        "is_open",
    )
    by_code(work, "hubs", Hub, tables.of("hubs"), hub_fields, unit_id="unit", partner_id="partner")
    _facts(work, tables.of("facts"))
    by_code(work, "venues", Venue, tables.of("venues"), VENUE, hub_id="hub")
    by_code(work, "equipment", Equipment, tables.of("equipment"), ("name", "quantity"), hub_id="hub")
    by_code(work, "terms", Term, tables.of("terms"), TERM, unit_id="unit")


def by_code(
    work: Work,
    sheet: str,
    model: type[Table],
    records: Iterable[Record],
    fields: tuple[str, ...],
    *,
    fresh: dict[str, Any] | None = None,
    **references: str,
) -> None:
    """Write rows that have a code; `references` name the column of the file behind each id."""
    wanted = [
        Wanted(
            (record.values["code"],),
            picked(record, fields) | ids(work, record, references),
            record.values["code"],
            fresh or {},
        )
        for record in records
    ]
    found = sync(work, sheet, model, CODE, wanted)
    learn(work, sheet, found)


def learn(work: Work, sheet: str, found: dict[tuple[Any, ...], int]) -> None:
    """Remember the ids of rows by their codes, for those that refer to them."""
    work.known.ids.setdefault(sheet, {}).update({key[0]: number for key, number in found.items()})


def picked(record: Record, fields: Iterable[str]) -> dict[str, Any]:
    """Return the fields that the sheet has a column for; the others are left as they are."""
    return {name: record.values[name] for name in fields if name in record.values}


def ids(work: Work, record: Record, references: dict[str, str]) -> dict[str, int | None]:
    """Return the ids that a record's codes stand for."""
    found: dict[str, int | None] = {}
    for field, key in references.items():
        if key in record.values:
            code = record.values[key]
            found[field] = None if code is None else id_of(work, record, key, code)
    return found


def id_of(work: Work, record: Record, key: str, code: str) -> int:
    """Return the id behind a code that has been found before."""
    tables = record.layout.form.column(key).refers_to
    return next(work.known.ids[table][code] for table in tables if code in work.known.ids[table])


def _units(work: Work, records: list[Record]) -> None:
    by_code(work, "units", Unit, records, ("name_zh", "name_en", "kind"))
    above = [
        Wanted((r.values["code"],), ids(work, r, {"parent_id": "parent"}), r.values["code"])
        for r in records
        if "parent" in r.values
    ]
    sync(work, "units", Unit, CODE, above, is_main=False)
    if records:
        _paths(work)


def _paths(work: Work) -> None:
    """Write every unit's path anew where it changed: whoever moves takes the branch along."""
    if not work.writes:
        return
    rows = {row[0]: row[1:] for row in work.session.execute(select(Unit.id, Unit.code, Unit.parent_id)).all()}
    paths: dict[int, str] = {}

    def path(unit: int) -> str:
        if unit not in paths:
            parent = rows[unit][1]
            paths[unit] = f"{path(parent) if parent else '/'}{unit}/"
        return paths[unit]

    wanted = [Wanted((rows[unit][0],), {"path": path(unit)}, rows[unit][0]) for unit in sorted(rows)]
    sync(work, "paths", Unit, CODE, wanted, is_derived=True)


def _skills(work: Work, records: list[Record]) -> None:
    by_code(work, "skills", Skill, records, ("name_zh", "name_en"))
    covers = [
        Wanted((r.values["code"],), ids(work, r, {"covers_id": "covers"}), r.values["code"])
        for r in records
        if "covers" in r.values
    ]
    sync(work, "skills", Skill, CODE, covers, is_main=False)


def _facts(work: Work, records: list[Record]) -> None:
    wanted = []
    for record in records:
        values = record.values
        key = id_of(work, record, "hub", values["hub"]), values["fact"], values["as_of"]
        wanted.append(Wanted(key, {"value": values["value"]}, (values["hub"], *key[1:])))
    sync(work, "facts", HubFact, ("hub_id", "fact", "as_of"), wanted)
