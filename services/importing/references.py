"""What the codes and names in a file refer to: rows of the same file, or of the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, select

from config.text import Text
from documents.cells import nearest
from documents.columns import Column
from documents.parsing import Record, Tables
from documents.sheets import CellProblem
from models import Activity, Equipment, Hub, Participant, Partner, Person, Series, Skill, Term, Unit, Venue
from services.importing.forms import FORMS

CODED: dict[str, Any] = {
    "units": Unit,
    "partners": Partner,
    "skills": Skill,
    "hubs": Hub,
    "venues": Venue,
    "equipment": Equipment,
    "terms": Term,
    "people": Person,
    "participants": Participant,
    "series": Series,
    "activities": Activity,
}
"""The tables whose rows have a code of their own."""
NAMED = ("units", "partners", "skills", "hubs")
"""Tables whose rows may also be referred to by name, as long as only one has it."""
SHARED_NAME = Text("有几行都叫{word}，填编号", "several rows are called {word}; enter the code")
GUESSES = 200
"""For so many problems the nearest code is looked for; it takes a moment each."""


@dataclass
class Known:
    """Hold every code that can be referred to, with its id in the database where it has one."""

    ids: dict[str, dict[str, int]] = field(default_factory=dict)
    codes: dict[str, set[str]] = field(default_factory=dict)
    by_name: dict[str, dict[str, str | None]] = field(default_factory=dict)
    """Code by name; None where two rows share the name."""

    def find(self, word: str, tables: Iterable[str]) -> str | None:
        """Return the code that a word means: itself, or that of the only row with this name."""
        for table in tables:
            if word in self.codes[table]:
                return word
        return next((found for table in tables if (found := self.by_name[table].get(word))), None)


def load(session: Session, tables: Tables) -> Known:
    """Read the codes of the database that the file may refer to, and add the file's own."""
    known = Known()
    for table in _needed(tables):
        model = CODED[table]
        rows = session.execute(select(model.code, model.id, *_names(table))).all()
        known.ids[table] = {row[0]: row[1] for row in rows}
        known.codes[table] = set(known.ids[table])
        known.by_name[table] = {}
        _add_names(known, table, ((row[0], tuple(row[2:])) for row in rows))
        own = [record for record in tables.of(table) if record.values.get("code")]
        known.codes[table] |= {record.values["code"] for record in own}
        _add_names(known, table, ((r.values["code"], _own_names(table, r)) for r in own))
    return known


def resolve(tables: Tables, known: Known) -> list[CellProblem]:
    """Turn every reference into the code it means; return those that mean nothing."""
    problems: list[CellProblem] = []
    for form in FORMS:
        columns = [column for column in form.columns if column.refers_to]
        for record in tables.of(form.key) if columns else ():
            for column in columns:
                problems += _resolve_cell(record, column, known, guess=len(problems) < GUESSES)
    return problems


def _resolve_cell(record: Record, column: Column, known: Known, *, guess: bool) -> Iterator[CellProblem]:
    value = record.values.get(column.key)
    if not value:
        return
    words = value if isinstance(value, tuple) else (value,)
    found = [known.find(word, column.refers_to) for word in words]
    for word, code in zip(words, found, strict=True):
        if code is None and _is_shared(word, column, known):
            yield record.problem(column.key, SHARED_NAME.format(word=word))
        elif code is None:
            yield record.problem(
                column.key, _unknown(word, column), _nearest(word, column, known) if guess else None
            )
    codes = tuple(code for code in found if code is not None)
    record.values[column.key] = codes if isinstance(value, tuple) else next(iter(codes), None)


def _is_shared(word: str, column: Column, known: Known) -> bool:
    return any(word in known.by_name[table] for table in column.refers_to)


def _unknown(word: str, column: Column) -> Text:
    places = [form for form in FORMS if form.key in column.refers_to]
    return Text(
        f"文件和数据库的{'、'.join(f'“{form.zh}”' for form in places)}里都没有{word}",
        f"there is no {word} among the {' or '.join(form.en.lower() for form in places)} of the file or the database",
    )


def _nearest(word: str, column: Column, known: Known) -> str | None:
    words = [*(code for table in column.refers_to for code in sorted(known.codes[table]))]
    words += [name for table in column.refers_to for name in known.by_name[table]]
    return nearest(word, words)


def _needed(tables: Tables) -> list[str]:
    present = {key for key, records in tables.records.items() if records}
    referred = {
        to for form in FORMS if form.key in present for column in form.columns for to in column.refers_to
    }
    return [table for table in CODED if table in present | referred]


def _names(table: str) -> list[Any]:
    return [CODED[table].name_zh, CODED[table].name_en] if table in NAMED else []


def _own_names(table: str, record: Record) -> tuple[str, ...]:
    return tuple(record.values.get(key) or "" for key in ("name_zh", "name_en")) if table in NAMED else ()


def _add_names(known: Known, table: str, named: Iterable[tuple[str, tuple[str, ...]]]) -> None:
    by_name = known.by_name[table]
    for code, names in named:
        # A code is read without blanks, so a name is compared without them too.
        for name in {name.replace(" ", "") for name in names if name}:
            by_name[name] = code if by_name.get(name, code) == code else None
