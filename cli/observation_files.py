"""Observations as a file of an office: .json with everything, or the rows alone as .csv or a workbook."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from config.text import Refusal, Text
from documents.reading import decode, read_workbook
from documents.sheets import BadCell
from services.framework_files import WORKBOOK_SIGNS

NEEDED = ("hub", "indicator", "value")
HOW_TO = Text(
    "观测数据收三种文件：.json，第一行是表头hub、indicator、value的.csv，或者这样一张表的.xlsx。"
    "在Excel或WPS里：文件，另存为，选“CSV UTF-8”。",
    "Observations come as .json, as .csv whose first row reads hub, indicator, value, or as .xlsx with such a "
    "table in its first sheet. In Excel or WPS: File, Save As, “CSV UTF-8”.",
)


@dataclass(frozen=True)
class Content:
    """Hold what a file of observations says, and the line of each of its rows where it is a table."""

    content: Any
    lines: tuple[int, ...] = ()


def read_observations(path: Path) -> Content | Refusal:
    """Return what a file says, or why it cannot be read and which kinds can."""
    try:
        content = path.read_bytes()
    except OSError as error:
        return _refusal(
            f"读不了文件{path.name}：{error.strerror}", f"Cannot read {path.name}: {error.strerror}"
        )
    if content.startswith(WORKBOOK_SIGNS):
        return _from_workbook(path, content)
    text = decode(content)
    if text is None or not text.strip():
        return _refusal(
            f"{path.name}里没有能读的文字。{HOW_TO.zh}",
            f"There is no text to read in {path.name}. {HOW_TO.en}",
        )
    if path.suffix.lower() != ".json" and not text.lstrip().startswith(("{", "[")):
        return _from_csv(path, text)
    return _from_json(path, text)


def _from_json(path: Path, text: str) -> Content | Refusal:
    try:
        return Content(json.loads(text))
    except json.JSONDecodeError as error:
        at = Text(f"第{error.lineno}行第{error.colno}个字", f"line {error.lineno}, column {error.colno}")
        return _refusal(
            f"{path.name}{at.zh}处不合JSON的写法。{HOW_TO.zh}",
            f"{path.name} is not JSON at {at.en} ({error.msg}). {HOW_TO.en}",
        )
    except RecursionError:
        return _refusal(f"{path.name}嵌套太深", f"{path.name} is nested too deeply")


def _from_csv(path: Path, text: str) -> Content | Refusal:
    reader = csv.reader(io.StringIO(text))
    try:
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        return _refusal(
            f"{path.name}第{reader.line_num}行读不下去。{HOW_TO.zh}",
            f"{path.name} cannot be read at line {reader.line_num} ({error}). {HOW_TO.en}",
        )
    return _from_rows(path, rows)


def _from_workbook(path: Path, content: bytes) -> Content | Refusal:
    sheets = read_workbook(content)
    if isinstance(sheets, Refusal):
        return _refusal(f"{path.name}：{sheets.sentence.zh}", f"{path.name}: {sheets.sentence.en}")
    filled = [sheet for sheet in sheets if any(any(map(_is_filled, row)) for row in sheet.rows)]
    rows = filled[0].rows if filled else ()
    return _from_rows(path, list(enumerate(([_plain(cell) for cell in row] for row in rows), 1)))


def _from_rows(path: Path, rows: Sequence[tuple[int, Sequence[Any]]]) -> Content | Refusal:
    """Return a document of observations alone; its hubs are those that the rows name."""
    filled = [(line, row) for line, row in rows if any(map(_is_filled, row))]
    heads = [str(cell or "").strip().lower() for cell in filled[0][1]] if filled else []
    lacking = [name for name in NEEDED if name not in heads]
    if lacking:
        return _refusal(
            f"{path.name}的表头里缺{'、'.join(lacking)}。{HOW_TO.zh}",
            f"The header of {path.name} lacks {', '.join(lacking)}. {HOW_TO.en}",
        )
    found = [_row(heads, row) for _, row in filled[1:]]
    codes = sorted({str(row.get("hub") or "") for row in found} - {""})
    lines = tuple(line for line, _ in filled[1:])
    return Content({"hubs": [{"code": code} for code in codes], "observations": found}, lines)


def _row(heads: Iterable[str], cells: Sequence[Any]) -> Mapping[str, Any]:
    row = {head: cell for head, cell in zip(heads, cells, strict=False) if head or _is_filled(cell)}
    return {**row, "value": _number(row.get("value"))}


def _plain(cell: Any) -> Any:
    """Return a cell of a workbook as a file of text would have it: codes stay text."""
    if isinstance(cell, BadCell):
        return cell.read
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, date) else "" if cell is None else str(cell).strip()


def _number(cell: Any) -> Any:
    """Return a cell as a number; "inf" and "nan" stay text, and are refused as such."""
    try:
        return float(cell or "")
    except ValueError:
        return cell


def _is_filled(cell: Any) -> bool:
    return str("" if cell is None else cell).strip() != ""


def _refusal(zh: str, en: str) -> Refusal:
    return Refusal(
        "file", Text(zh if zh.endswith("。") else f"{zh}。", en if en.endswith((".", "”.")) else f"{en}.")
    )
