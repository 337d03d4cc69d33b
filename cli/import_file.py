"""`youthhub import`: an office's workbook or folder of tables goes in, or comes back marked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from cli.console import REFUSED, plain, write_json, write_whole
from config import clock
from config.collector import collector_at_rest
from config.settings import settings
from config.text import Language, Refusal, Text
from documents.reading import read_csv_files, read_workbook
from documents.sheets import Sheet
from documents.workbooks import marked_copy
from documents.workbooks import template as template_workbook
from models import schema
from models.session import engine_for, open_session, read_session
from services.errors import HubError, refuse
from services.importing.forms import FORMS
from services.importing.network import import_tables
from services.importing.report import ImportReport

DONE = 0
SHOWN = 50
"""Problems that are printed; the marked copy has all of them."""
WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xls", ".ods", ".et"})


def run_import(path: Path, *, dry_run: bool, template: bool, language: Language, json_out: str | None) -> int:
    """Import a file, or write the template to it, say what was done, and return the exit code.

    A file that cannot be opened is raised as `HubError` or `OSError`; one with bad cells returns 1
    after a marked copy has been written beside it.
    """
    speaker = Speaker(language, to_stderr=json_out == "-")
    if template:
        return _write_template(path, speaker)
    with collector_at_rest():
        content, sheets = read_file(path)
        report = import_sheets(sheets, dry_run=dry_run)
    _tell(report, speaker)
    copy = _write_marked_copy(path, content, sheets, report, speaker) if report.problems else None
    write_json(_for_machines(report, copy), json_out)
    return REFUSED if report.problems else DONE


def read_file(path: Path) -> tuple[bytes | None, list[Sheet]]:
    """Return a file's bytes (None for a folder) and its sheets; raise `HubError` where there are none."""
    if path.is_dir():
        files = {
            file.stem: file.read_bytes() for file in sorted(path.iterdir()) if file.suffix.lower() == ".csv"
        }
        return None, _sheets(read_csv_files(files))
    suffix = path.suffix.lower()
    if suffix not in {*WORKBOOKS, ".csv"}:
        path.stat()  # a file that is not there is another matter
        raise refuse(
            "unknown_kind_of_file",
            f"“{path.name}”不是表格。请给一个 .xlsx 工作簿，或一个放 .csv 的文件夹。",
            f"“{path.name}” is no table. Give an .xlsx workbook, or a folder of .csv files.",
        )
    content = path.read_bytes()
    if suffix == ".csv":
        return None, _sheets(read_csv_files({path.stem: content}))
    return content, _sheets(read_workbook(content))


def import_sheets(sheets: list[Sheet], *, dry_run: bool = False) -> ImportReport:
    """Import sheets into this installation's database in one transaction."""
    schema.require_current(engine_for(settings().database))
    with read_session() if dry_run else open_session() as session:
        return import_tables(session, sheets, now=clock.now(), dry_run=dry_run)


class Speaker:
    """Print sentences in one language; beside JSON on standard output they go to standard error."""

    def __init__(self, language: Language, *, to_stderr: bool) -> None:
        self.language = language
        self.to_stderr = to_stderr

    def say(self, text: Text, *, error: bool = False) -> None:
        """Print a sentence."""
        typer.echo(text.in_(self.language), err=error or self.to_stderr)


def _sheets(read: list[Sheet] | Refusal) -> list[Sheet]:
    if isinstance(read, Refusal):
        raise HubError(read)
    return read


def _tell(report: ImportReport, speaker: Speaker) -> None:
    for note in report.notes:
        speaker.say(note, error=bool(report.problems))
    for problem in report.problems[:SHOWN]:
        speaker.say(problem.sentence, error=True)
    more = len(report.problems) - SHOWN
    if more > 0:
        speaker.say(Text(f"……还有{more}处。", f"… and {more} more."), error=True)
    for table in report.tables:
        speaker.say(table.sentence)
    speaker.say(report.sentence, error=bool(report.problems))


def _write_marked_copy(
    path: Path, content: bytes | None, sheets: list[Sheet], report: ImportReport, speaker: Speaker
) -> Path | None:
    """Write the marked copy beside the file; where that cannot be, say so and go on."""
    copy = path.resolve().with_name(f"{path.resolve().name if path.is_dir() else path.stem}-checked.xlsx")
    try:
        write_whole(copy, marked_copy(content, sheets, report.problems))
    except OSError:
        where = Text(
            f"标了错的那一份没能写到{copy.parent}：那里写不进去。把文件放到能写的文件夹再试。",
            f"The marked copy could not be written to {copy.parent}. Move the file to a folder that can be written.",
        )
        speaker.say(where, error=True)
        return None
    done = Text(f"错的格子都标在这一份里：{copy}", f"The bad cells are marked in this copy: {copy}")
    speaker.say(done, error=True)
    return copy


def _write_template(path: Path, speaker: Speaker) -> int:
    if path.suffix.lower() != ".xlsx":
        raise refuse("not_xlsx", "模板的文件名要以 .xlsx 结尾。", "The template's name must end in .xlsx.")
    if path.exists():
        raise refuse(
            "file_exists",
            f"{path} 已经有了，不会覆盖。换一个名字。",
            f"{path} exists and is not overwritten. Choose another name.",
        )
    write_whole(path, template_workbook(FORMS))
    speaker.say(
        Text(
            f"模板写好了：{path}。填好以后运行 youthhub import {path} --dry-run。",
            f"The template is written: {path}. Fill it in, then run youthhub import {path} --dry-run.",
        )
    )
    return DONE


def _for_machines(report: ImportReport, copy: Path | None) -> dict[str, Any]:
    counts = {"added": report.added, "changed": report.changed, "unchanged": report.unchanged}
    result: dict[str, Any] = plain(report)
    return {
        "sentence": plain(report.sentence),
        **counts,
        **result,
        "marked_copy": str(copy) if copy else None,
    }
