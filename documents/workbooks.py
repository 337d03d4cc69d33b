"""Workbooks that we write: a template to fill in, a list as a workbook, and a marked copy of a bad file."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any
from warnings import catch_warnings, simplefilter

from openpyxl import Workbook, load_workbook
from openpyxl.cell import MergedCell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils.exceptions import IllegalCharacterError, InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation

from config.text import Text
from documents.columns import Column, TableForm
from documents.sheets import BadCell, Cell, CellProblem, Sheet, column_letter

LAST_ROW = 20_000
"""Down to which the template's drop-downs reach."""
EXAMPLE_ROW = 2
INTRODUCTION = "说明"
PROBLEM_LIST = "问题清单"
FORBIDDEN_IN_NAMES = str.maketrans(dict.fromkeys(r"[]:*?/\\", "-"))
LONGEST_SHEET_NAME = 31
AUTHOR = "youthhub"
FORMULA_SIGNS = ("=", "+", "-", "@")

HEADER_FILL = PatternFill("solid", fgColor="DCE9F5")
REQUIRED_FILL = PatternFill("solid", fgColor="FCE8B2")
EXAMPLE_FONT = Font(italic=True, color="7F7F7F")
BAD_FILL = PatternFill("solid", fgColor="F8B4B4")

HOW_TO: tuple[Text, ...] = (
    Text(
        "每张表一类内容，黄色表头的列必须填，其余可以空着。",
        "One kind of thing a sheet. Columns with a yellow header must be filled in.",
    ),
    Text(
        "编号由你们自己定，用来认出每一行：再次导入时，同一个编号的行会更新，不会重复。",
        "Codes are yours and identify rows: imported again, a row with the same code is updated, never doubled.",
    ),
    Text(
        "灰色斜体是示例，编号以“示例”开头的行不会导入，可以留着。",
        "Grey rows are examples. Rows whose code begins with 示例 are left out, so they may stay.",
    ),
    Text(
        "先试一遍：youthhub import 文件 --dry-run，只说会改什么，不会动数据。",
        "Try it first: youthhub import FILE --dry-run says what would change and changes nothing.",
    ),
)


def template(forms: Sequence[TableForm]) -> bytes:
    """Return an empty workbook with a sheet a table, drop-downs and a filled example row."""
    workbook = Workbook()
    introduction = workbook.active
    introduction.title = INTRODUCTION
    introduction.column_dimensions["A"].width = 110
    for line in HOW_TO:
        introduction.append([line.zh])
        introduction.append([line.en])
    for form in forms:
        _template_sheet(workbook.create_sheet(form.zh), form, {other.key: other for other in forms})
    return _bytes(workbook)


def workbook_of(sheets: Iterable[Sheet]) -> bytes:
    """Return sheets as a workbook in which text is text, whatever sign it begins with."""
    workbook = Workbook(write_only=True)
    for sheet in sheets:
        page = workbook.create_sheet(sheet_name(sheet.name))
        for row in sheet.rows:
            page.append([_as_text_cell(page, cell) for cell in row])
    return _bytes(workbook)


def marked_copy(content: bytes | None, sheets: Sequence[Sheet], problems: Sequence[CellProblem]) -> bytes:
    """Return a copy of the file with every bad cell filled and commented, and a list of all problems.

    The author's own workbook is marked where it is an .xlsx; from other files a workbook is made of
    what was read. Macros and links to other files stay behind.
    """
    workbook = _load(content) or load_workbook(io.BytesIO(workbook_of(sheets)))
    by_place: dict[tuple[str, int, int], list[CellProblem]] = {}
    for problem in problems:
        place = sheet_name(problem.sheet), max(problem.row, 1), problem.position or 0
        by_place.setdefault(place, []).append(problem)
    for (sheet, row, position), found in by_place.items():
        if sheet in workbook.sheetnames:
            _mark(workbook[sheet].cell(row, position + 1), found)
    _list_problems(workbook, problems)
    return _bytes(workbook)


def _template_sheet(page: Any, form: TableForm, forms: dict[str, TableForm]) -> None:
    for position, column in enumerate(form.columns):
        header = page.cell(1, position + 1, f"{column.zh}\n{column.en}")
        header.fill = REQUIRED_FILL if column.required else HEADER_FILL
        header.font = Font(bold=True)
        header.alignment = Alignment(wrap_text=True, vertical="top")
        if column.note is not None:
            header.comment = _comment(column.note)
        example = page.cell(EXAMPLE_ROW, position + 1, column.example)
        example.font = EXAMPLE_FONT
        example.number_format = "@"
        page.column_dimensions[column_letter(position)].width = max(
            12, 2 * len(column.zh) + 4, len(column.example) * 1.6
        )
        _add_drop_down(page, column, position, forms)
    page.freeze_panes = "B2"


def _add_drop_down(page: Any, column: Column, position: int, forms: dict[str, TableForm]) -> None:
    if column.words:
        formula = '"' + ",".join(column.words) + '"'
    elif len(column.refers_to) == 1 and column.refers_to[0] in forms:
        other = forms[column.refers_to[0]]
        formula = f"='{other.zh}'!$A${EXAMPLE_ROW}:$A${LAST_ROW}"
    else:
        return
    # A warning, not a wall: a list of codes in one cell is right too.
    rule = DataValidation(
        type="list", formula1=formula, allow_blank=True, errorStyle="warning", showErrorMessage=True
    )
    letter = column_letter(position)
    rule.add(f"{letter}{EXAMPLE_ROW}:{letter}{LAST_ROW}")
    page.add_data_validation(rule)


def _mark(cell: Any, problems: Sequence[CellProblem]) -> None:
    if isinstance(cell, MergedCell):
        return  # only the first cell of a merged range can be marked; the list of problems has it
    cell.fill = BAD_FILL
    lines = [line for problem in problems for line in (_says(problem).zh, _says(problem).en)]
    cell.comment = Comment("\n".join(lines), AUTHOR, height=40 + 30 * len(lines), width=320)


def _says(problem: CellProblem) -> Text:
    if problem.nearest is None:
        return problem.wrong
    return Text(
        f"{problem.wrong.zh}。是不是“{problem.nearest}”？", f"{problem.wrong.en}. Is it “{problem.nearest}”?"
    )


def _comment(note: Text) -> Comment:
    return Comment(f"{note.zh}\n{note.en}", AUTHOR, height=110, width=320)


def _list_problems(workbook: Any, problems: Sequence[CellProblem]) -> None:
    if PROBLEM_LIST in workbook.sheetnames:
        del workbook[PROBLEM_LIST]
    page = workbook.create_sheet(PROBLEM_LIST, 0)
    page.append(
        ["表 Sheet", "行 Row", "列 Column", "填的是 Read", "哪里不对 What is wrong", "最接近的 Nearest"]
    )
    for number, problem in enumerate(problems, 2):
        wrong = f"{problem.wrong.zh}\n{problem.wrong.en}"
        cells = (problem.sheet, problem.row or None, problem.column, problem.read, wrong, problem.nearest)
        for position, value in enumerate(cells, 1):
            write_text(page.cell(number, position), value)
    for letter, width in zip("ABCDEF", (14, 8, 18, 24, 60, 20), strict=True):
        page.column_dimensions[letter].width = width
    workbook.active = 0


def write_text(cell: Any, value: Cell) -> None:
    """Write a value into a cell so that text stays text, whatever sign it begins with."""
    cell.value = _writable(value)
    if isinstance(value, str):
        cell.data_type = "s"
        cell.quotePrefix = value.startswith(FORMULA_SIGNS)


def _writable(value: Cell) -> Cell:
    """Return a value with control characters, which no workbook can hold, shown as a sign."""
    return ILLEGAL_CHARACTERS_RE.sub("\ufffd", value) if isinstance(value, str) else value


def _as_text_cell(page: Any, cell: Cell) -> Any:
    if isinstance(cell, BadCell):
        cell = cell.read
    cell = _writable(cell)
    if not isinstance(cell, str) or not cell.startswith(FORMULA_SIGNS):
        return cell
    text = WriteOnlyCell(page)
    write_text(text, cell)
    return text


def _load(content: bytes | None) -> Any:
    if content is None or not content.startswith(b"PK"):
        return None
    try:
        with catch_warnings():
            simplefilter("ignore")  # what a copy loses of the author's look is nothing to tell them
            return load_workbook(io.BytesIO(content), keep_links=False)
    except (InvalidFileException, IllegalCharacterError, KeyError, ValueError, TypeError, OSError):
        return None  # an .ods, or an .xlsx that only the other library reads


def sheet_name(name: str) -> str:
    """Return a name that a sheet can bear."""
    return name.translate(FORBIDDEN_IN_NAMES)[:LONGEST_SHEET_NAME] or "sheet"


def _bytes(workbook: Any) -> bytes:
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()
