"""A network's tables are taken in: read, checked over file and database, compared, written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session

from config.text import Text
from documents.parsing import Tables, read_tables
from documents.sheets import CellProblem, Sheet
from models.session import wait_for_turn
from services.importing import references, rules
from services.importing.ask_guardians import ask_guardians
from services.importing.forms import FORMS
from services.importing.report import ImportReport, TableReport
from services.importing.sync import Work
from services.importing.write_network import write_network
from services.importing.write_people import write_people
from services.importing.write_rules import check_match_rules, write_match_rules
from services.importing.write_series import write_series
from services.importing.write_young import write_young_people

NOTHING = CellProblem(
    "*",
    0,
    "",
    "",
    Text(
        "文件里没有一张认得的表。用 youthhub import --template 生成模板，照它的表名和表头填",
        "no sheet of this file is known. youthhub import --template writes a workbook with the right names",
    ),
)


def import_tables(
    session: Session, sheets: Iterable[Sheet], *, now: datetime, by: int | None = None, dry_run: bool = False
) -> ImportReport:
    """Take a network in, all or nothing; with any problem, or as a dry run, nothing is written.

    1. Cells are read into values, and every bad one is kept.
    2. References are looked up among the file's codes and the database's, then rules between rows.
    3. What differs from the database is written in a few statements a table, with its audit trail.
    """
    tables = read_tables(sheets, FORMS)
    if not tables.records and not tables.problems:
        return ImportReport(problems=(NOTHING,), notes=tuple(tables.notes), dry_run=dry_run)
    if not dry_run:
        wait_for_turn(session, "import")  # two at once would both add what neither sees
    known = references.load(session, tables)
    problems = [*tables.problems, *references.resolve(tables, known)]
    problems += [*rules.check(session, tables, now=now), *check_match_rules(session, tables)]
    notes = (*tables.notes, *rules.remarks(tables, now=now))
    if problems:
        return ImportReport(problems=tuple(_in_order(problems)), notes=notes, dry_run=dry_run)
    work = Work(session, now, by, not dry_run, known)
    asked = _write(work, tables)
    return ImportReport(_counts(work, tables), notes=notes, dry_run=dry_run, asked=asked)


def _write(work: Work, tables: Tables) -> int:
    """Write everything and ask the guardians who have to answer; return how many were asked."""
    write_network(work, tables)
    write_people(work, tables)
    write_series(work, tables)
    write_young_people(work, tables)
    write_match_rules(work, tables)
    work.finish()
    return ask_guardians(work, tables)


def _counts(work: Work, tables: Tables) -> tuple[TableReport, ...]:
    return tuple(
        work.tallies[form.key].report(form.key, Text(form.zh, form.en), len(tables.of(form.key)))
        for form in FORMS
        if tables.of(form.key)
    )


def _in_order(problems: list[CellProblem]) -> list[CellProblem]:
    """Return the problems in the order of the file's rows, sheet by sheet as they came."""
    sheets = {problem.sheet: None for problem in problems}
    place = {sheet: number for number, sheet in enumerate(sheets)}
    return sorted(problems, key=lambda p: (place[p.sheet], p.row, -1 if p.position is None else p.position))
