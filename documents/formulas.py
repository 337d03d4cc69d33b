"""Cells of a workbook that hold no value: errors, and formulas that were never calculated.

calamine hands both over as empty. An empty cell may be right, and such a one never is; so they are
looked for in the workbook's XML, and only there: no formula is ever calculated by us.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from zipfile import ZipFile

from config.text import Text
from documents.sheets import BadCell

Place = tuple[int, int]
"""Row and column, counted from 0."""

MOST_CELLS = 20_000_000
"""A million rows of twenty columns; a stray cell in the last corner of a sheet makes 17 billion."""

NOT_CALCULATED = Text(
    "公式还没有算出结果，在 Excel 或 WPS 里打开、保存一次，或直接填值",
    "the formula has no result yet: open and save the file once in Excel or WPS, or enter the value",
)
ERROR = Text("单元格是错误值，填上真正的值", "the cell holds an error: enter the real value")

_SHEET = re.compile(r"<(?:\w+:)?sheet\s[^>]*>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\s[^>]*>")
_CELL = re.compile(rb'<c\s[^>]*?r="([A-Z]{1,3})(\d{1,7})"([^>]*?)(?:/>|>(.*?)</c>)', re.DOTALL)
_FILLED = re.compile(rb'<c\s[^>]*?r="([A-Z]{1,3})(\d{1,7})"[^>/]*>')
_FORMULA = re.compile(rb"<f[ >/]")
_VALUE = re.compile(rb"<v[^>/]*>(?!</v>)|<is>")
_ERROR = re.compile(rb'\st="e"')
_ERROR_TEXT = re.compile(rb"<v>([^<]*)</v>")


@dataclass(frozen=True, slots=True)
class Stray(Exception):  # noqa: N818 -- named after what it says
    """A sheet reaches so far down and right that it is no table: something was typed far away."""

    sheet: str
    rows: int
    columns: int


def bad_cells(archive: ZipFile) -> dict[str, dict[Place, BadCell]]:
    """Return the cells without a value of each sheet of an .xlsx workbook that has any.

    Raises `Stray` for a sheet of more than `MOST_CELLS`, for which the reader would take memory at once.
    """
    found = {}
    for name, path in _sheet_paths(archive):
        xml = archive.read(path)
        rows, columns = farthest(xml)
        if rows * columns > MOST_CELLS:
            raise Stray(name, rows, columns)
        if b"<f" in xml or b't="e"' in xml:
            found[name] = dict(_bad_cells(xml))
    return {name: cells for name, cells in found.items() if cells}


def farthest(xml: bytes) -> tuple[int, int]:
    """Return the last row and the last column, counted from 1, in which anything stands."""
    last_row, columns = 0, set[bytes]()
    for letters, row in _FILLED.findall(xml):
        columns.add(letters)
        last_row = max(last_row, int(row))
    return last_row, max((_column(letters) + 1 for letters in columns), default=0)


def _bad_cells(xml: bytes) -> Iterator[tuple[Place, BadCell]]:
    for letters, row, attributes, body in _CELL.findall(xml):
        place = int(row) - 1, _column(letters)
        if _ERROR.search(attributes):
            text = _ERROR_TEXT.search(body)
            yield place, BadCell(text[1].decode("utf-8", "replace") if text else "#", ERROR)
        elif _FORMULA.search(body) and not _VALUE.search(body):
            yield place, BadCell("=", NOT_CALCULATED)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1


def _sheet_paths(archive: ZipFile) -> Iterator[tuple[str, str]]:
    names = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return
    relations = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    targets = {
        _attribute(tag, "Id"): posixpath.normpath(posixpath.join("/xl", _attribute(tag, "Target"))).lstrip(
            "/"
        )
        for tag in _RELATION.findall(relations)
    }
    for tag in _SHEET.findall(archive.read("xl/workbook.xml").decode("utf-8", "replace")):
        path = targets.get(_attribute(tag, "r:id"), "")
        if path in names:
            yield _attribute(tag, "name"), path


def _attribute(tag: str, name: str) -> str:
    match = re.search(rf'\s{name}\s*=\s*"([^"]*)"', tag)
    return unescape(match[1]) if match else ""
