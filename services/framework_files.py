"""A framework as a file of an office, YAML or workbook: read with everything that is wrong, written, and marked.

The page and the command line read, compare and write frameworks through this file, so both say the same.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from config.text import Refusal, Text
from documents.editable import editable_workbook
from documents.reading import decode, read_workbook
from documents.sheets import BadCell, CellProblem, Sheet
from documents.workbooks import marked_copy
from evaluation.bridging import could_bridge
from evaluation.framework import Framework
from evaluation.loading import FACTS, Loaded, load
from evaluation.problems import Problem
from evaluation.tables import CHOICES, SINGLE, Table, tables_of
from evaluation.tables_reading import load_tables
from services.errors import HubError, refuse
from services.metrics import METRICS

LARGEST_UNPACKED = 60_000_000
"""Bytes; a framework of 600 indicators unpacks to two million."""
WORKBOOK_SIGNS = (b"PK", b"\xd0\xcf\x11\xe0")
"""How a workbook begins, new (.xlsx, .ods) or old (.xls); anything else is text."""
WORKBOOK_NAMES = (".xlsx", ".xlsm", ".xls", ".ods", ".et")


@dataclass(frozen=True)
class Opened:
    """Hold what a file says: the YAML that is kept, the framework if it is sound, and every fault and warning."""

    text: str
    loaded: Loaded
    sheets: tuple[Sheet, ...] = ()
    """The sheets of a workbook, as its office program counts; none for YAML."""

    @property
    def framework(self) -> Framework | None:
        """Return the framework, or None while something is wrong."""
        return self.loaded.framework

    @property
    def faults(self) -> tuple[Problem, ...]:
        """Return what must be mended."""
        return tuple(one for one in self.loaded.problems if not one.is_warning)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Return what may stay as it is."""
        return tuple(one for one in self.loaded.problems if one.is_warning)


def open_framework(
    content: bytes,
    name: str = "",
    *,
    metrics: Collection[str] | None = METRICS.keys(),
    facts: Collection[str] = FACTS,
) -> Opened:
    """Return what a file says; raises `HubError` for bytes that are neither a workbook nor text.

    A file whose `name` says workbook is read as one. `metrics` are those that auto indicators may name, None for any.
    """
    if content.startswith(WORKBOOK_SIGNS) or name.lower().endswith(WORKBOOK_NAMES):
        sheets = read_workbook(content, largest=LARGEST_UNPACKED)
        if isinstance(sheets, Refusal):
            raise HubError(sheets)
        found = load_tables(map(_table, sheets), metrics=metrics, facts=facts)
        return Opened(found.text, found.loaded, tuple(sheets))
    text = decode(content)
    if text is None or not text.strip():
        raise refuse(
            "file",
            "这不是标准体系的文件：请给一个 .xlsx 工作簿，或者 UTF-8 编码的 YAML。",
            "This is no framework: give an .xlsx workbook, or YAML that is encoded as UTF-8.",
            "file",
        )
    return Opened(text, load(text, metrics=metrics, facts=facts))


def framework_workbook(text: str) -> bytes:
    """Return a sound framework as a workbook to edit and to send back."""
    sheets = [Sheet(table.name, table.rows) for table in tables_of(text)]
    return editable_workbook(sheets, CHOICES)


def checked_copy(content: bytes, opened: Opened) -> bytes:
    """Return the workbook with every fault marked where it stands, and a list of all in front."""
    headers = {sheet.name.strip().lower(): sheet for sheet in opened.sheets}
    problems = [_at_cell(one, headers) for one in opened.loaded.problems]
    return marked_copy(content, opened.sheets, problems)


def bridge_sentence(old: Framework, new: Framework) -> Text:
    """Say over which indicators trends may lead from one version to the next, and over which they do."""
    common = could_bridge(old, new)
    changed = [one.id for one in new.indicators if one.id in old.indicator and one.id not in common]
    whole = Text(
        f"{len(common)}个指标在两版里量的是一回事，可以比前后。",
        f"{len(common)} indicators measure the same in both versions and can carry a trend.",
    )
    otherwise = (
        Text(f"不能比的：{'、'.join(changed)}。", f" Those that cannot: {', '.join(changed)}.")
        if changed
        else Text("", "")
    )
    named = (
        Text("新版没有写bridge，所以不画趋势。", " The newer version names no bridge, so no trend is drawn.")
        if new.bridge is None
        else Text(
            f"“{new.bridge.text.zh}”桥接了{len(new.bridge.indicators)}个。",
            f' "{new.bridge.text.en}" bridges {len(new.bridge.indicators)} of them.',
        )
    )
    return Text(whole.zh + otherwise.zh + named.zh, whole.en + otherwise.en + named.en)


def _table(sheet: Sheet) -> Table:
    return Table(
        sheet.name,
        tuple(tuple(cell.read if isinstance(cell, BadCell) else cell for cell in row) for row in sheet.rows),
    )


def _at_cell(problem: Problem, sheets: dict[str, Sheet]) -> CellProblem:
    sheet = sheets.get(problem.sheet.strip().lower())
    heads = [str(head or "") for head in sheet.rows[0]] if sheet and sheet.rows else []
    position = _column(problem, heads)
    return CellProblem(
        sheet=sheet.name if sheet else "",
        row=problem.row or 0,
        column="" if position is None else heads[position],
        read=problem.read,
        wrong=Text(f"{problem.code} {problem.sentence.zh}", f"{problem.code} {problem.sentence.en}"),
        nearest=problem.nearest,
        position=position,
    )


def _column(problem: Problem, heads: Sequence[str]) -> int | None:
    """Return the column whose key ends the path of a fault, the longest first; None where a whole row is meant."""
    if problem.sheet == SINGLE:
        return 1 if len(heads) > 1 else None
    keys = [(head.split(maxsplit=1) or [""])[0] for head in heads]
    path = f".{problem.path}"
    fitting = [key for key in keys if key and path.endswith((f".{key}", f".{key.removesuffix('.1')}"))]
    return keys.index(max(fitting, key=len)) if fitting else None
