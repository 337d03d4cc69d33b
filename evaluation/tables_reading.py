"""From the tables of a workbook to the YAML of a framework, each fault told by sheet and row.

The YAML is what a version keeps, so a workbook and a file that say the same are read by the same loader. Every row is
written on a line of its own; that is how a fault on a line finds its row again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from config.text import Text
from evaluation.loading import FACTS, Loaded, load
from evaluation.problems import Problem, Problems
from evaluation.tables import LEVELS, LISTS, SHEETS, SINGLE, Table
from evaluation.tables_cells import as_key, flow, plain, value_of

LINE = re.compile(r"第(\d+)行|\bline (\d+)\b")


@dataclass(frozen=True)
class FromTables:
    """Hold the YAML that tables come to, and what the loader makes of it, its faults by sheet and row."""

    text: str
    loaded: Loaded


def load_tables(
    tables: Iterable[Table], *, metrics: Collection[str] | None = None, facts: Collection[str] = FACTS
) -> FromTables:
    """Read and prove the framework of a workbook."""
    draft = _Draft()
    known = {table.name.strip().lower(): table for table in tables if any(map(_is_filled, table.rows))}
    for name in known:
        if name not in SHEETS:
            said = Text(f"不认识的表“{name}”", f'unknown sheet "{name}"')
            draft.fault("F13", (name, None), said, read=name, among=SHEETS)
    draft.single(_rows(known.get(SINGLE), draft))
    levels = _levels(_rows(known.get(LEVELS), draft), draft, _ids(known.get("indicators"), draft))
    for name in LISTS:
        draft.list_of(name, _rows(known.get(name), draft), levels)
    text = "\n".join([*draft.lines, ""])
    loaded = load(text, metrics=metrics, facts=facts)
    placed = [_placed(problem, draft.places) for problem in loaded.problems]
    found = None if draft.problems.are_fatal else loaded.framework
    return FromTables(text, Loaded(found, (*draft.problems.found, *placed)))


@dataclass(frozen=True)
class _Row:
    """A row's number as people count, and its cells by key."""

    number: int
    cells: dict[str, Any]


@dataclass
class _Draft:
    """The lines of YAML so far, and which row each came from."""

    lines: list[str] = field(default_factory=list)
    places: dict[int, tuple[str, int]] = field(default_factory=dict)
    problems: Problems = field(default_factory=Problems)

    def write(self, line: str, sheet: str, row: int) -> None:
        self.lines.append(line)
        self.places[len(self.lines)] = (sheet, row)

    def fault(
        self, code: str, place: tuple[str, int | None], said: Text, *, read: Any, among: Iterable[str] = ()
    ) -> None:
        """Note a fault at a sheet and row."""
        self.problems.add(
            code, f"{said.zh}。", f"{said.en[:1].upper()}{said.en[1:]}.", read=read, among=among
        )
        self.problems.found[-1] = replace(self.problems.found[-1], sheet=place[0], row=place[1])

    def single(self, rows: Sequence[_Row]) -> None:
        """Write what a file says once: a line for each key within its group."""
        groups: dict[str, dict[str, list[tuple[_Row, str]]]] = {}
        seen: dict[str, int] = {}
        for row in rows:
            path = str(row.cells.get("key") or "")
            if path in seen:
                said = Text(
                    f"“{path}”写了两次，第一次在第{seen[path]}行",
                    f'"{path}" is written twice, first in row {seen[path]}',
                )
                self.fault("F03", (SINGLE, row.number), said, read=path)
            seen.setdefault(path, row.number)
            group, _, key = path.partition(".")
            head, _, rest = key.partition(".")
            groups.setdefault(group, {}).setdefault(head, []).append((row, rest))
        for group, keys in groups.items():
            self.write(f"{as_key(group)}:", SINGLE, next(iter(keys.values()))[0][0].number)
            for head, members in keys.items():
                first = members[0][0]
                values = [
                    (f"{head}.{rest}".rstrip("."), value_of(f"{group}.{head}", row.cells.get("value")))
                    for row, rest in members
                ]
                for key, value in self.nest(SINGLE, first.number, values).items():
                    self.write(f"  {as_key(key)}: {flow(value)}", SINGLE, first.number)

    def list_of(self, name: str, rows: Sequence[_Row], levels: dict[str, list[_Row]]) -> None:
        """Write a list of the file, a line for each row, and the levels of a rubric below theirs."""
        if rows:
            self.write(f"{name}:", name, rows[0].number)
        for row in rows:
            thing = self.nest(
                name, row.number, [(key, value_of(key, value)) for key, value in row.cells.items()]
            )
            own = levels.get(str(thing.get("id")), []) if name == "indicators" else []
            if name == "labels":
                self.write(f"  {as_key(str(thing.pop('id', '')))}: {flow(thing)}", name, row.number)
            elif own:
                self.write(f"  - {flow(thing)[:-1]}, levels: {{", name, row.number)
                for place, level in enumerate(own, 1):
                    end = "}}" if place == len(own) else ","
                    words = {
                        key: value_of(key, level.cells[key])
                        for key in level.cells
                        if key not in {"indicator", "level"}
                    }
                    self.write(
                        f"      {flow(value_of('level', level.cells.get('level')))}: {flow(words)}{end}",
                        LEVELS,
                        level.number,
                    )
            else:
                self.write(f"  - {flow(thing)}", name, row.number)

    def nest(self, sheet: str, row: int, values: Iterable[tuple[str, Any]]) -> dict[str, Any]:
        """Return dotted keys as groups within groups."""
        found: dict[str, Any] = {}
        for path, value in values:
            *above, last = path.split(".")
            place = found
            for step in above:
                place = place.setdefault(step, {}) if isinstance(place, dict) else {}
            if not isinstance(place, dict) or last in place:
                said = Text(
                    f"“{path}”和它的上一级只能填一个",
                    f'only one of "{path}" and what stands above it can be filled in',
                )
                self.fault("F12", (sheet, row), said, read=value)
            else:
                place[last] = value
        return found


def _rows(table: Table | None, draft: _Draft) -> list[_Row]:
    """Return the filled rows of a sheet by the first word of each header."""
    if table is None:
        return []
    keys = [str(cell or "").split(maxsplit=1)[0] if str(cell or "").strip() else "" for cell in table.rows[0]]
    for key in sorted({key for key in keys if key and keys.count(key) > 1}):
        draft.fault("F03", (table.name, 1), Text(f"有两列“{key}”", f'two columns "{key}"'), read=key)
    found = []
    for number, row in zip(count(2), table.rows[1:], strict=False):
        cells = {}
        for key, raw in zip(keys + [""] * (len(row) - len(keys)), row, strict=False):
            value = plain(raw)
            if value is not None and not key:
                said = Text(f"“{value}”上面没有表头", f'"{value}" has no header above it')
                draft.fault("F13", (table.name, number), said, read=value)
            elif value is not None:
                cells[key] = value
        if cells:
            found.append(_Row(number, cells))
    return found


def _ids(table: Table | None, draft: _Draft) -> list[str]:
    quiet = replace(draft, problems=Problems())
    return [str(row.cells.get("id")) for row in _rows(table, quiet)]


def _levels(rows: Iterable[_Row], draft: _Draft, known: Collection[str]) -> dict[str, list[_Row]]:
    """Return the rows of levels by their indicator; one that belongs to none is a fault."""
    found: dict[str, list[_Row]] = {}
    for row in rows:
        name = str(row.cells.get("indicator", ""))
        if name not in known:
            said = Text(f"没有指标“{name}”", f'there is no indicator "{name}"')
            draft.fault("F03", (LEVELS, row.number), said, read=name, among=known)
        found.setdefault(name, []).append(row)
    return found


def _is_filled(row: Sequence[Any]) -> bool:
    return any(plain(cell) is not None for cell in row)


def _placed(problem: Problem, places: dict[int, tuple[str, int]]) -> Problem:
    """Return a fault with the sheet and row of its line, also where its sentence speaks of a line."""
    if problem.line not in places:
        return replace(problem, line=None)
    sheet, row = places[problem.line]
    zh, en = (
        LINE.sub(lambda found: _said(found, places), words)
        for words in (problem.sentence.zh, problem.sentence.en)
    )
    return replace(problem, line=None, sheet=sheet, row=row, sentence=Text(zh, en))


def _said(found: re.Match[str], places: dict[int, tuple[str, int]]) -> str:
    line = int(found[1] or found[2])
    if line not in places:
        return found[0]
    sheet, row = places[line]
    return f"“{sheet}”表第{row}行" if found[1] else f'row {row} of sheet "{sheet}"'
