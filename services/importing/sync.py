"""What differs from the database, and writing just that: a few statements a table, never one a row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, delete, insert, select, update
from sqlmodel import Session

from models import AuditEntry, Table
from services.importing.references import Known
from services.importing.report import Tally
from services.queries import batches

Key = tuple[Any, ...]
CHANGED, ADDED = "import.changed", "import.added"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Hold a row as the file wants it.

    `values` are compared with the database; `fresh` are given to a new row only, and are never
    touched again. `origin` is the row of the file that it came from, for the counts.
    """

    key: Key
    values: Mapping[str, Any]
    origin: Hashable
    fresh: Mapping[str, Any] = field(default_factory=dict)


Differing = tuple[Wanted, Mapping[str, Any], dict[str, tuple[Any, Any]]]
"""A wanted row, the stored one, and per field what was and what is to be."""


@dataclass
class Work:
    """Hold one import: its session, its moment, what is known, and what has been counted so far.

    With `writes` off nothing is written: new rows get made-up negative ids, under which the
    database finds nothing, so that what hangs on them counts as new as well.
    """

    session: Session
    now: datetime
    by: int | None
    writes: bool
    known: Known
    tallies: defaultdict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    trail: list[dict[str, Any]] = field(default_factory=list)
    _last_made_up_id: int = 0

    def made_up_id(self) -> int:
        """Return an id for a row that is not written."""
        self._last_made_up_id -= 1
        return self._last_made_up_id

    def audit(self, table: str, verb: str, thing_id: int | None, changes: Mapping[str, Any]) -> None:
        """Add a line to the audit trail, which `finish` writes."""
        plain = {name: [_plain(value) for value in pair] for name, pair in changes.items()}
        self.trail.append(
            {"at": self.now, "by_id": self.by, "verb": verb, "thing": table, "thing_id": thing_id}
            | {"changes": plain, "reason": ""}
        )

    def finish(self) -> None:
        """Write the audit trail."""
        if self.writes and self.trail:
            self.execute(insert(table_of(AuditEntry)), self.trail)

    def execute(self, statement: Any, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run one statement for many rows, past the session's own book-keeping."""
        if self.writes and rows:
            self.session.connection().execute(statement, rows)


def table_of(model: type[Table]) -> Any:
    """Return the SQLAlchemy table of a model, for statements about many rows."""
    return Table.metadata.tables[str(model.__tablename__)]


def sync(
    work: Work,
    sheet: str,
    model: type[Table],
    key: Sequence[str],
    wanted: Sequence[Wanted],
    *,
    is_main: bool = True,
    is_derived: bool = False,
) -> dict[Key, int]:
    """Add what is new, change what differs, and return the id of every wanted row (0 without one).

    `key` names the columns that identify a row, the first of which narrows the search. Rows of a
    table that is not the sheet's main one count as changes of the sheet's row that they came from.
    What is derived from other rows leaves no trail of its own.
    """
    old = _existing(work, model, key, wanted)
    new = [row for row in wanted if row.key not in old]
    differing = [
        (row, old[row.key], changes)
        for row in wanted
        if row.key in old and (changes := _changes(row.values, old[row.key]))
    ]
    tally = work.tallies[sheet]
    (tally.added if is_main else tally.changed).update(row.origin for row in new)
    tally.changed.update(row.origin for row, _, _ in differing)
    _update(work, model, key, differing)
    if not is_derived:
        _audit_changes(work, model, [one for one in differing if one[0].origin not in tally.added])
    ids = {row_key: int(values.get("id") or 0) for row_key, values in old.items()}
    return ids | _insert(work, model, key, new, is_main=is_main)


@dataclass(frozen=True, slots=True)
class Hanging:
    """Hold all the rows of one kind that hang on a person, each as a tuple of its columns."""

    person_id: int
    rows: frozenset[Key]
    origin: Hashable


def replace(
    work: Work, sheet: str, model: type[Table], columns: Sequence[str], wanted: Sequence[Hanging]
) -> None:
    """Make the rows that hang on people exactly the wanted ones: roles, skills, free times."""
    table = table_of(model)
    tally = work.tallies[sheet]
    old = _children(work, model, columns, (one.person_id for one in wanted))
    fresh: list[dict[str, Any]] = []
    gone: list[dict[str, Any]] = []
    for one in wanted:
        before = old.get(one.person_id, frozenset())
        if before == one.rows:
            continue
        fresh += [_child(one.person_id, columns, row) for row in sorted(one.rows - before, key=str)]
        gone += [_child(one.person_id, columns, row) for row in sorted(before - one.rows, key=str)]
        tally.changed.add(one.origin)
        if one.origin not in tally.added:
            pair = (_listed(before), _listed(one.rows))
            work.audit("person", CHANGED, one.person_id, {table.name: pair})
    _delete_children(work, table, gone)
    work.execute(insert(table), fresh)


def _existing(
    work: Work, model: type[Table], key: Sequence[str], wanted: Sequence[Wanted]
) -> dict[Key, dict[str, Any]]:
    table = table_of(model)
    names = list(dict.fromkeys([*key, *(name for row in wanted[:1] for name in row.values)]))
    names += [name for row in wanted for name in row.values if name not in names] if _is_mixed(wanted) else []
    columns = [table.c[name] for name in dict.fromkeys([*(["id"] if "id" in table.c else []), *names])]
    heads = sorted({row.key[0] for row in wanted if not _is_made_up(row.key[0])})
    found: dict[Key, dict[str, Any]] = {}
    if not heads or work.session.execute(select(table.c[key[0]]).limit(1)).first() is None:
        return found
    for batch in batches(heads):
        for row in work.session.execute(select(*columns).where(table.c[key[0]].in_(batch))).mappings():
            found[tuple(row[name] for name in key)] = dict(row)
    keys = {row.key for row in wanted}
    return {row_key: values for row_key, values in found.items() if row_key in keys}


def _is_mixed(wanted: Sequence[Wanted]) -> bool:
    """Say whether rows come from sheets with different columns."""
    return any(row.values.keys() != wanted[0].values.keys() for row in wanted)


def _is_made_up(value: Any) -> bool:
    return isinstance(value, int) and value < 0


def _changes(values: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {name: (old[name], value) for name, value in values.items() if old[name] != value}


def _audit_changes(work: Work, model: type[Table], differing: Sequence[Differing]) -> None:
    for row, old, changes in differing:
        work.audit(table_of(model).name, CHANGED, old.get("id") or row.key[0], changes)


def _update(work: Work, model: type[Table], key: Sequence[str], differing: Sequence[Differing]) -> None:
    table = table_of(model)
    handle = ["id"] if "id" in table.c else list(key)
    by_fields: defaultdict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for _, old, changes in differing:
        which = {f"which_{name}": old[name] for name in handle}
        by_fields[tuple(sorted(changes))].append(
            which | {f"new_{name}": new for name, (_, new) in changes.items()}
        )
    for fields, rows in sorted(by_fields.items()):
        matches = and_(*(table.c[name] == bindparam(f"which_{name}") for name in handle))
        changed: dict[str, Any] = {name: bindparam(f"new_{name}") for name in fields}
        work.execute(update(table).where(matches).values(**changed), rows)


def _insert(
    work: Work, model: type[Table], key: Sequence[str], new: Sequence[Wanted], *, is_main: bool
) -> dict[Key, int]:
    if not new:
        return {}
    table = table_of(model)
    if is_main:
        work.audit(table.name, ADDED, None, {"rows": (0, len(new))})
    if not work.writes:
        return {row.key: work.made_up_id() for row in new}
    by_fields: defaultdict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in new:
        values: dict[str, Any] = dict(zip(key, row.key, strict=True)) | dict(row.values) | dict(row.fresh)
        by_fields[tuple(values)].append(values)
    for rows in by_fields.values():
        work.execute(insert(table), rows)
    return _new_ids(work, table, key, new)


def _new_ids(work: Work, table: Any, key: Sequence[str], new: Sequence[Wanted]) -> dict[Key, int]:
    if "id" not in table.c:
        return dict.fromkeys((row.key for row in new), 0)
    columns = [table.c[name] for name in ("id", *key)]
    keys = {row.key for row in new}
    found: dict[Key, int] = {}
    for batch in batches(sorted({row.key[0] for row in new})):
        for row in work.session.execute(select(*columns).where(table.c[key[0]].in_(batch))):
            found[tuple(row[1:])] = row[0]
    return {row_key: number for row_key, number in found.items() if row_key in keys}


def _children(
    work: Work, model: type[Table], columns: Sequence[str], wanted: Iterable[int]
) -> dict[int, frozenset[Key]]:
    table = table_of(model)
    found: defaultdict[int, set[Key]] = defaultdict(set)
    people = sorted(person_id for person_id in wanted if not _is_made_up(person_id))
    if not people or work.session.execute(select(table.c.person_id).limit(1)).first() is None:
        return {}
    for batch in batches(people):
        question = select(table.c.person_id, *(table.c[name] for name in columns))
        for row in work.session.execute(question.where(table.c.person_id.in_(batch))):
            found[row[0]].add(tuple(row[1:]))
    return {person_id: frozenset(rows) for person_id, rows in found.items()}


def _child(person_id: int, columns: Sequence[str], row: Key) -> dict[str, Any]:
    return {"person_id": person_id} | dict(zip(columns, row, strict=True))


def _delete_children(work: Work, table: Any, gone: Sequence[Mapping[str, Any]]) -> None:
    # NULL equals nothing, not even NULL: rows are grouped by which of their columns are empty.
    by_empty: defaultdict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in gone:
        empty = tuple(name for name, value in row.items() if value is None)
        by_empty[empty].append({f"which_{name}": value for name, value in row.items() if value is not None})
    for empty, rows in sorted(by_empty.items()):
        filled = [table.c[name.removeprefix("which_")] == bindparam(name) for name in rows[0]]
        work.execute(delete(table).where(*filled, *(table.c[name].is_(None) for name in empty)), rows)


def _listed(rows: Iterable[Key]) -> str:
    return "; ".join(sorted(" ".join("" if part is None else str(part) for part in row) for row in rows))


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def prune(
    work: Work,
    sheet: str,
    model: type[Table],
    key: Sequence[str],
    wanted: Sequence[Wanted],
    *,
    heads: Mapping[int, Hashable] | None = None,
) -> None:
    """Delete rows that the file no longer has, below the heads (series) that it speaks of.

    `heads` names them with the row that each comes from, where some may have nothing left below.
    """
    table = table_of(model)
    keep = {row.key for row in wanted}
    heads = heads if heads is not None else {row.key[0]: row.origin for row in wanted}
    heads = {head: origin for head, origin in heads.items() if not _is_made_up(head)}
    gone = []
    for batch in batches(sorted(heads)):
        question = select(table.c.id, *(table.c[name] for name in key)).where(table.c[key[0]].in_(batch))
        gone += [row for row in work.session.execute(question).all() if tuple(row[1:]) not in keep]
    for row in gone:
        work.tallies[sheet].changed.add(heads[row[1]])
        work.audit(
            table.name,
            "import.removed",
            row[0],
            dict(zip(key, ((part, None) for part in row[1:]), strict=True)),
        )
    work.execute(
        delete(table).where(table.c.id == bindparam("which_id")), [{"which_id": row[0]} for row in gone]
    )
