"""Tables as a workbook that people edit and send back: headers that stay in view, and drop-downs that help."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.datavalidation import DataValidation

from documents.sheets import Cell, Sheet, column_letter
from documents.workbooks import HEADER_FILL, LAST_ROW, write_text

WIDEST, NARROWEST = 60, 10
WIDE_SIGN = 0x2E80
"""From this code point on a sign takes two places: Chinese."""


def editable_workbook(sheets: Iterable[Sheet], choices: Mapping[tuple[str, str], Sequence[str]]) -> bytes:
    """Return sheets as a workbook; `choices` give (sheet, first word of a header) its drop-down.

    A choice that is one word beginning with "=" is a range, such as "=parts!$A$2:$A$99".
    """
    workbook = Workbook()
    workbook.remove(workbook.active)
    for sheet in sheets:
        page = workbook.create_sheet(sheet.name)
        for number, row in enumerate(sheet.rows, 1):
            for position, value in enumerate(row, 1):
                _write(page.cell(number, position), value)
        _dress(page, sheet, choices)
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def _write(cell: Any, value: Cell) -> None:
    if isinstance(value, str):
        write_text(cell, value)
        cell.number_format = "@"  # or a version that somebody types becomes a number
    else:
        cell.value = value


def _dress(page: Any, sheet: Sheet, choices: Mapping[tuple[str, str], Sequence[str]]) -> None:
    page.freeze_panes = "B2"
    for position, head in enumerate(sheet.rows[0] if sheet.rows else ()):
        letter = column_letter(position)
        cell = page.cell(1, position + 1)
        cell.fill, cell.font, cell.alignment = HEADER_FILL, Font(bold=True), Alignment(vertical="top")
        width = max(_places(row[position]) for row in sheet.rows if position < len(row))
        page.column_dimensions[letter].width = min(max(width + 2, NARROWEST), WIDEST)
        words = choices.get((sheet.name, str(head).split(maxsplit=1)[0]), ())
        if words:
            formula = words[0] if words[0].startswith("=") else f'"{",".join(words)}"'
            rule = DataValidation(type="list", formula1=formula, allow_blank=True, errorStyle="warning")
            rule.add(f"{letter}2:{letter}{LAST_ROW}")
            page.add_data_validation(rule)


def _places(value: Cell) -> int:
    return 0 if value is None else sum(2 if ord(sign) >= WIDE_SIGN else 1 for sign in str(value))
