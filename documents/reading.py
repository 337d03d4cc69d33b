"""From the bytes of a workbook or of .csv files to sheets. Formulas, links and macros stay data."""

from __future__ import annotations

import csv
import io
import struct
import unicodedata
import zlib
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Mapping
from zipfile import BadZipFile, ZipFile

from python_calamine import CalamineError, CalamineWorkbook

from config.text import Refusal, Text
from documents.formulas import Stray, bad_cells
from documents.sheets import Cell, Sheet, column_letter

LARGEST_UNPACKED = 1024 * 1024 * 1024
"""Bytes; a workbook of 20,000 people unpacks to 30 MB, and a few kilobytes can unpack to terabytes."""
MOST_ROWS = 1_048_576
"""As many as the format has; a cell that claims to stand below them is no cell."""
ENCODINGS = ("utf-8-sig", "gb18030")
"""In this order: GB18030 reads nearly anything, so it comes after the strict one."""
DELIMITERS = (",", "\t", ";")

BROKEN = (
    CalamineError,
    BadZipFile,
    zlib.error,
    struct.error,
    OSError,
    ValueError,
    LookupError,
    EOFError,
    RuntimeError,
)
"""What the two libraries raise for bytes that are cut off, damaged or locked with a password."""

EMPTY = Refusal("empty_file", Text("文件是空的。", "The file is empty."))
NOT_A_WORKBOOK = Refusal(
    "not_a_workbook",
    Text(
        "这不是能打开的表格文件：可能没传完、加了密码，或者只改了扩展名。用 Excel 或 WPS 打开，另存为 .xlsx 再试。",
        "This is not a workbook that opens: it may be cut off or locked with a password, or only its name was "
        "changed. Open it in "
        "Excel or WPS, save it as .xlsx and try again.",
    ),
)
NO_CSV = Refusal(
    "no_csv",
    Text(
        "文件夹里没有 .csv 文件。每张表存成一个 .csv，再试一次。",
        "There is no .csv file in the folder. Save each sheet as a .csv file and try again.",
    ),
)


def read_workbook(content: bytes, *, largest: int = LARGEST_UNPACKED) -> list[Sheet] | Refusal:
    """Return the sheets of a workbook (.xlsx, .xlsm, .xls, .ods), or why it cannot be read.

    A formula is the value that it last had; one that was never calculated is a `BadCell`. `largest` is how many
    bytes it may unpack to.
    """
    if not content:
        return EMPTY
    try:
        bad = _look_inside(content, largest)
        if isinstance(bad, Refusal):
            return bad
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [_sheet(workbook, name) for name in workbook.sheet_names]
    except Stray as stray:
        return _stray(stray)
    except BROKEN:
        return NOT_A_WORKBOOK
    return [_with_bad_cells(sheet, bad.get(sheet.name, {})) for sheet in sheets]


def read_csv_files(files: Mapping[str, bytes]) -> list[Sheet] | Refusal:
    """Return a sheet for each .csv file, by its name without the ending, or why one cannot be read."""
    if not files:
        return NO_CSV
    sheets = []
    for name, content in sorted(files.items()):
        rows = _csv_rows(name, content)
        if isinstance(rows, Refusal):
            return rows
        sheets.append(Sheet(name, rows))
    return sheets


def decode(content: bytes) -> str | None:
    """Return the text of a file that an office saved, or None if its encoding is not known.

    GB18030 gives nearly every sequence of bytes a meaning; text with private or unassigned
    characters, or with control characters, was something else.
    """
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return _decode(content, "utf-16")
    for encoding in ENCODINGS:
        text = _decode(content, encoding)
        if text is not None:
            return text
    return None


def _decode(content: bytes, encoding: str) -> str | None:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return None
    return text if all(_is_writing(sign) for sign in set(text)) else None


def _is_writing(sign: str) -> bool:
    return sign in "\r\n\t" or unicodedata.category(sign) not in {"Cc", "Cn", "Co", "Cs"}


def _look_inside(content: bytes, largest: int) -> dict[str, dict[tuple[int, int], Cell]] | Refusal:
    if not content.startswith(b"PK"):
        return {}  # .xls, which is no archive; calamine says whether it is one
    with ZipFile(io.BytesIO(content)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > largest:
            return _too_large(largest)
        return {name: dict(cells) for name, cells in bad_cells(archive).items()}


def _too_large(largest: int) -> Refusal:
    most = largest // 1_000_000
    return Refusal(
        "too_large",
        Text(
            f"文件解开后超过{most} MB，不像是这里要的表。删掉多余的内容，或者分成几份再试。",
            f"The file unpacks to more than {most} MB, which no table for this place does. Delete what is not "
            "needed, or split it, and try again.",
        ),
    )


def _sheet(workbook: CalamineWorkbook, name: str) -> Sheet:
    page = workbook.get_sheet_by_name(name)
    rows = page.to_python(skip_empty_area=False)
    # One cell over several rows says the same of each: the street of ten hubs, a header above two.
    for (top, left), (bottom, _) in page.merged_cell_ranges or ():
        for row in rows[top + 1 : bottom + 1]:
            if left < len(row) and row[left] in ("", None):
                row[left] = rows[top][left]
    return Sheet(name, rows)


def _stray(stray: Stray) -> Refusal:
    corner = f"{column_letter(stray.columns - 1)}{stray.rows}"
    return Refusal(
        "stray_cell",
        Text(
            f"“{stray.sheet}”表的内容一直到{corner}，中间大多是空的：把离表格很远的那一格删掉，保存了再试。",
            f"The sheet “{stray.sheet}” reaches as far as {corner} and is mostly empty: delete the cell that "
            "stands far from the table, save the file and try again.",
        ),
        stray.sheet,
    )


def _with_bad_cells(sheet: Sheet, bad: Mapping[tuple[int, int], Cell]) -> Sheet:
    if not bad:
        return sheet
    rows: list[list[Cell]] = [list(row) for row in sheet.rows]
    for (row, column), cell in sorted(bad.items(), key=lambda item: item[0]):
        if row >= MOST_ROWS:
            continue
        rows.extend([] for _ in range(row + 1 - len(rows)))
        rows[row].extend(None for _ in range(column + 1 - len(rows[row])))
        rows[row][column] = cell
    return Sheet(sheet.name, rows)


def _csv_rows(name: str, content: bytes) -> list[list[Cell]] | Refusal:
    text = decode(content)
    if text is None:
        return _unknown_encoding(name)
    try:
        return [list(row) for row in csv.reader(io.StringIO(text), delimiter=_delimiter(text), strict=True)]
    except csv.Error:
        return Refusal(
            "broken_csv",
            Text(
                f"“{name}.csv”里有引号没有配对。用 Excel 或 WPS 重新另存为 CSV 再试。",
                f"“{name}.csv” has a quotation mark without its partner. Save it as CSV again and try once more.",
            ),
            name,
        )


def _delimiter(text: str) -> str:
    head = text[:2000]
    return max(DELIMITERS, key=head.count)


def _unknown_encoding(name: str) -> Refusal:
    return Refusal(
        "unknown_encoding",
        Text(
            f"“{name}.csv”的文字编码认不出来。另存为“CSV UTF-8”再试。",
            f"The encoding of “{name}.csv” is neither UTF-8 nor GB18030. Save it as “CSV UTF-8” and try again.",
        ),
        name,
    )
