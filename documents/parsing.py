"""From sheets to records: which sheet is which table, where its header stands, what its rows hold.

Everything that is wrong is collected; nothing stops at the first mistake.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from config.text import Text, plural
from documents.cells import Wrong, is_blank, nearest, plain, token
from documents.columns import Column, TableForm, header_word, header_words, sheet_word
from documents.sheets import BadCell, Cell, CellProblem, Sheet

HEADER_WITHIN = 10
"""Rows in which the header is looked for; above it stand merged titles and remarks."""
EXAMPLES = ("示例", "example")
"""What the code of a template's example row begins with; such rows are left out."""
TOTALS = frozenset({"合计", "总计", "小计", "共计", "total", "totals"})
"""What stands first in a row that only adds up the others."""
REMARKS = frozenset(
    {sheet_word(name) for name in ("说明", "填表说明", "问题清单", "readme", "notes", "problems")}
)
"""Sheets that hold remarks and no rows."""

REMEMBERED = 5_000
"""Values of one column that are kept while it is read."""
REQUIRED = Text("这一格必须填", "this cell must be filled in")


@dataclass(frozen=True)
class Layout:
    """Hold where the columns of a table stand in a sheet."""

    form: TableForm
    sheet: str
    header_row: int
    positions: Mapping[str, int]
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Record:
    """Hold one row: its values by column, what stood in its cells, and where."""

    layout: Layout
    row: int
    values: dict[str, Any]
    cells: Sequence[Cell]

    def problem(self, key: str, wrong: Text, nearest: str | None = None) -> CellProblem:
        """Return a problem with one column of this row."""
        position = self.layout.positions.get(key)
        header = self.layout.headers.get(key) or self.layout.form.column(key).zh
        read = "" if position is None or position >= len(self.cells) else plain(self.cells[position])
        return CellProblem(self.layout.sheet, self.row, header, read, wrong, nearest, position)


@dataclass(slots=True)
class Reading:
    """Read the cells of one column, and remember what was read: most columns say few things."""

    column: Column
    position: int
    _known: dict[tuple[type, Cell], Any] = field(default_factory=dict)

    def read(self, cell: Cell) -> Any:
        """Return the value of a cell, the column's default for a blank one, or `Wrong`."""
        key = cell.__class__, cell  # 1, 1.0 and True are equal, and not the same cell
        if key in self._known:
            return self._known[key]
        value = self._read(cell)
        if len(self._known) < REMEMBERED:
            self._known[key] = value
        return value

    def _read(self, cell: Cell) -> Any:
        if is_blank(cell):
            return Wrong(REQUIRED) if self.column.required else self.column.default
        return Wrong(cell.wrong) if isinstance(cell, BadCell) else self.column.read(cell)


@dataclass
class Tables:
    """Hold everything that was read from a file: records by table, problems, and remarks."""

    records: dict[str, list[Record]] = field(default_factory=dict)
    problems: list[CellProblem] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)

    def of(self, key: str) -> list[Record]:
        """Return the records of a table, in the order of the file."""
        return self.records.get(key, [])


def read_tables(sheets: Iterable[Sheet], forms: Sequence[TableForm]) -> Tables:
    """Read every sheet that is one of the tables; several sheets may hold the same table."""
    tables = Tables()
    for sheet in sheets:
        form = _form_of(sheet, forms)
        if form is not None:
            _read_sheet(form, sheet, tables)
        elif (
            any(not is_blank(cell) for row in sheet.rows for cell in row)
            and sheet_word(sheet.name) not in REMARKS
        ):
            tables.notes.append(_unknown_sheet(sheet.name, forms))
    return tables


def find_header(sheet: Sheet, form: TableForm) -> Layout | None:
    """Return where the header stands: of the first rows the one with most known headers, at least two."""
    best: Layout | None = None
    for row, cells in enumerate(sheet.rows[:HEADER_WITHIN]):
        layout = _layout(form, sheet.name, row, cells)
        if len(layout.positions) > (len(best.positions) if best else 1):
            best = layout
    return best


def _form_of(sheet: Sheet, forms: Sequence[TableForm]) -> TableForm | None:
    name = sheet_word(sheet.name)
    for form in forms:
        if name in form.names:
            return form
    if name in REMARKS:
        return None
    fitting = []
    for form in forms:
        layout = find_header(sheet, form)
        if layout and all(column.key in layout.positions for column in form.columns if column.required):
            fitting.append((len(layout.positions), form))
    most = max((count for count, _ in fitting), default=0)
    best = [form for count, form in fitting if count == most]
    return best[0] if len(best) == 1 else None


def _layout(form: TableForm, sheet: str, row: int, cells: Sequence[Cell]) -> Layout:
    positions: dict[str, int] = {}
    headers: dict[str, str] = {}
    for position, cell in enumerate(cells):
        column = next((form.by_header[word] for word in header_words(cell) if word in form.by_header), None)
        if column is not None and column.key not in positions:
            positions[column.key] = position
            headers[column.key] = plain(cell).splitlines()[0]
    return Layout(form, sheet, row, positions, headers)


def _read_sheet(form: TableForm, sheet: Sheet, tables: Tables) -> None:
    layout = find_header(sheet, form)
    if layout is None:
        if any(not is_blank(cell) for row in sheet.rows for cell in row):
            tables.problems.append(_no_header(form, sheet.name))
        return
    missing = [column for column in form.columns if column.required and column.key not in layout.positions]
    tables.problems += [_missing_column(layout, column) for column in missing]
    tables.notes += _unknown_headers(layout, sheet.rows[layout.header_row])
    if not missing:
        _read_rows(layout, sheet, tables)


def _read_rows(layout: Layout, sheet: Sheet, tables: Tables) -> None:
    columns = [
        Reading(column, layout.positions[column.key])
        for column in layout.form.columns
        if column.key in layout.positions
    ]
    records = tables.records.setdefault(layout.form.key, [])
    first = columns[0].position
    examples = totals = 0
    for number, cells in enumerate(sheet.rows[layout.header_row + 1 :], layout.header_row + 2):
        if _is_empty(cells, columns):
            continue
        if first < len(cells) and plain(cells[first]).lower().startswith(EXAMPLES):
            examples += 1
            continue
        if first < len(cells) and _is_total(cells[first]):
            totals += 1
            continue
        record, wrong = _read_row(layout, number, cells, columns)
        records.append(record)
        tables.problems += [record.problem(key, bad.sentence, bad.nearest) for key, bad in wrong]
    if examples:
        tables.notes.append(_examples_left_out(sheet.name, examples))
    if totals:
        tables.notes.append(_totals_left_out(sheet.name, totals))


def _read_row(
    layout: Layout, number: int, cells: Sequence[Cell], columns: Sequence[Reading]
) -> tuple[Record, list[tuple[str, Wrong]]]:
    values: dict[str, Any] = {}
    wrong: list[tuple[str, Wrong]] = []
    for reading in columns:
        value = reading.read(cells[reading.position] if reading.position < len(cells) else None)
        if isinstance(value, Wrong):
            wrong.append((reading.column.key, value))
            value = reading.column.default
        values[reading.column.key] = value
    return Record(layout, number, values, cells), wrong


def _is_total(cell: Cell) -> bool:
    return token(cell).lower().replace(" ", "").rstrip(":") in TOTALS


def _is_empty(cells: Sequence[Cell], columns: Sequence[Reading]) -> bool:
    return all(one.position >= len(cells) or is_blank(cells[one.position]) for one in columns)


def _missing_column(layout: Layout, column: Column) -> CellProblem:
    sentence = Text(f"少了“{column.zh}”这一列", f"the column “{column.en}” is missing")
    return CellProblem(layout.sheet, layout.header_row + 1, "", "", sentence)


def _no_header(form: TableForm, sheet: str) -> CellProblem:
    needed = [column for column in form.columns if column.required]
    sentence = Text(
        f"前{HEADER_WITHIN}行里找不到表头，至少要有：{'、'.join(column.zh for column in needed)}",
        f"there is no header in the first {HEADER_WITHIN} rows; it needs at least: "
        f"{', '.join(column.en for column in needed)}",
    )
    return CellProblem(sheet, 0, "", "", sentence)


def _unknown_headers(layout: Layout, cells: Sequence[Cell]) -> list[Text]:
    """Name the columns that are left out, with the one that may have been meant."""
    known = layout.form.by_header
    left_out = [
        plain(cell)
        for cell in cells
        if header_words(cell) and not any(w in known for w in header_words(cell))
    ]
    return [_unknown_header(layout, header, nearest(header_word(header), known)) for header in left_out]


def _unknown_header(layout: Layout, header: str, word: str | None) -> Text:
    likely = layout.form.by_header[word] if word else None
    hint = Text(f"，是不是“{likely.zh}”？", f"; is it “{likely.en}”?") if likely else Text("。", ".")
    return Text(
        f"“{layout.sheet}”表的“{header}”列不认识，没有读{hint.zh}",
        f"Sheet “{layout.sheet}”: the column “{header}” is not known and was not read{hint.en}",
    )


def _unknown_sheet(name: str, forms: Sequence[TableForm]) -> Text:
    word = nearest(sheet_word(name), [known for form in forms for known in form.names])
    likely = next((form for form in forms if word in form.names), None)
    hint = Text(f"，是不是“{likely.zh}”？", f"; is it “{likely.en}”?") if likely else Text("。", ".")
    return Text(
        f"“{name}”表不认识，没有读{hint.zh}", f"The sheet “{name}” is not known and was not read{hint.en}"
    )


def _examples_left_out(sheet: str, count: int) -> Text:
    return Text(
        f"“{sheet}”表里{count}行示例没有读。",
        f"Sheet “{sheet}”: {count} {plural(count, 'example row was', 'example rows were')} left out.",
    )


def _totals_left_out(sheet: str, count: int) -> Text:
    return Text(
        f"“{sheet}”表里{count}行合计没有读。",
        f"Sheet “{sheet}”: {count} {plural(count, 'row of totals was', 'rows of totals were')} left out.",
    )
