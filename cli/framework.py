"""`youthhub framework`: check a framework, compare two versions, edit one as a workbook, keep one for evaluations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.console import JsonOut, say, write_json
from config.text import Refusal, Text, plural

if TYPE_CHECKING:
    from evaluation.framework import Framework
    from evaluation.tables import Table
    from evaluation.tables_reading import FromTables

WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xls", ".ods"})

framework_app = typer.Typer(
    help="Standards frameworks as files. Example: youthhub framework check F.yaml", no_args_is_help=True
)
File = Annotated[Path, typer.Argument(metavar="FILE", help="A framework, as YAML or .xlsx.")]
Out = Annotated[Path, typer.Argument(metavar="OUT", help="Where it is written.")]


@framework_app.command()
def check(file: File, json_out: JsonOut = None) -> None:
    """Say everything that is wrong with a framework. Example: youthhub framework check F.yaml."""
    loaded = _opened(file).loaded
    found = loaded.framework
    write_json(
        {
            "id": found.id if found else None,
            "version": found.version if found else None,
            "problems": [one.document for one in loaded.problems],
        },
        json_out,
    )
    if found is not None and json_out != "-":
        say(_summary(found))
    raise typer.Exit(0 if found is not None else 1)


@framework_app.command()
def compare(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The older version.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The newer version.")],
    json_out: JsonOut = None,
) -> None:
    """Say what changed between two versions. Example: youthhub framework compare 2026.yaml 2027.yaml."""
    from evaluation.bridging import bridge_problems, could_bridge
    from evaluation.versions import differences

    before, after = _opened(old).loaded.framework, _opened(new).loaded.framework
    if before is None or after is None:
        raise typer.Exit(1)
    found, common = differences(before, after), could_bridge(before, after)
    wrong = bridge_problems(before, after)
    write_json(
        {
            "differences": found,
            "could_bridge": common,
            "bridge": after.bridge,
            "problems": [one.document for one in wrong],
        },
        json_out,
    )
    if json_out != "-":
        for one in found:
            say(one.sentence)
        say(_bridge(before, after, common))
    for problem in wrong:
        say(problem.told, error=True)
    raise typer.Exit(1 if wrong else 0)


@framework_app.command()
def keep(file: File, json_out: JsonOut = None) -> None:
    """Keep a version for evaluations to come; it never changes. Example: youthhub framework keep F.yaml."""
    from config import clock
    from models.session import open_session
    from services.evaluations import register_framework

    opened = _opened(file)
    if opened.loaded.framework is None:
        raise typer.Exit(1)
    with open_session() as session:
        version = register_framework(session, opened.text, now=clock.now())
        result = {"code": version.code, "version": version.version, "sha256": version.sha256}
    write_json(result, json_out)
    if json_out != "-":
        say(
            Text("存好了：{code}，{version}版。", "Kept: {code}, version {version}.").format(
                code=result["code"], version=result["version"]
            )
        )


@framework_app.command()
def xlsx(file: File, out: Out) -> None:
    """Write a framework as a workbook to edit. Example: youthhub framework xlsx F.yaml F.xlsx."""
    from cli.console import write_whole
    from documents.editable import editable_workbook
    from documents.sheets import Sheet
    from evaluation.tables import CHOICES, tables_of

    opened = _opened(file)
    if opened.loaded.framework is None:
        raise typer.Exit(1)
    sheets = [Sheet(table.name, table.rows) for table in tables_of(opened.text)]
    write_whole(out, editable_workbook(sheets, CHOICES))
    say(
        Text(
            f"写好了：{out}。改完用 youthhub framework check {out} 看看，再用 keep 存下。",
            f"Written: {out}. When it is edited, `youthhub framework check {out}` looks it over and `keep` keeps it.",
        )
    )


@framework_app.command()
def yaml(file: File, out: Out) -> None:
    """Write a framework as YAML. Example: youthhub framework yaml F.xlsx F.yaml."""
    from cli.console import write_whole

    opened = _opened(file)
    if opened.loaded.framework is None:
        raise typer.Exit(1)
    write_whole(out, opened.text.encode())
    say(Text(f"写好了：{out}。", f"Written: {out}."))


@framework_app.command()
def xlsform(
    file: File,
    out: Out,
    form: Annotated[str, typer.Option(help="Who fills it in: assessor, resident or office.")] = "assessor",
) -> None:
    """Write a form for KoboToolbox or ODK. Example: youthhub framework xlsform F.yaml form.xlsx --form resident."""
    from cli.console import write_whole
    from documents.sheets import Sheet
    from documents.workbooks import workbook_of
    from evaluation.xlsform import Form
    from evaluation.xlsform import xlsform as form_of
    from services.errors import refuse

    if form not in set(Form):
        raise refuse(
            "form",
            f"没有表单“{form}”，可用的有：{'、'.join(Form)}。",
            f'There is no form "{form}"; it takes {", ".join(Form)}.',
        )
    found = _opened(file).loaded.framework
    if found is None:
        raise typer.Exit(1)
    sheets = [Sheet(table.name, table.rows) for table in form_of(found, Form(form))]
    write_whole(out, workbook_of(sheets))
    rows = len(sheets[0].rows) - 1
    say(
        Text(
            f"写好了：{out}，{rows}个问题，可以上传到KoboToolbox或ODK。",
            f"Written: {out}, {rows} questions, ready for KoboToolbox or ODK.",
        )
    )


def _opened(path: Path) -> FromTables:
    """Return what a file or a workbook says, after telling everything that is wrong with it."""
    from evaluation.loading import load
    from evaluation.tables_reading import FromTables, load_tables
    from services.metrics import METRICS

    if path.suffix.lower() in WORKBOOKS:
        opened = load_tables(tables_in(path), metrics=METRICS.keys())
    else:
        text = _text(path)
        opened = FromTables(text, load(text, metrics=METRICS.keys()))
    for problem in opened.loaded.problems:
        say(Text(f"{path.name}：{problem.told.zh}", f"{path.name}: {problem.told.en}"), error=True)
    return opened


def tables_in(path: Path) -> list[Table]:
    """Return the tables of a workbook; what is no workbook is refused."""
    from documents.reading import read_workbook
    from documents.sheets import BadCell
    from evaluation.tables import Table
    from services.errors import HubError

    sheets = read_workbook(path.read_bytes())
    if isinstance(sheets, Refusal):
        raise HubError(sheets)
    return [
        Table(
            sheet.name,
            tuple(
                tuple(cell.read if isinstance(cell, BadCell) else cell for cell in row) for row in sheet.rows
            ),
        )
        for sheet in sheets
    ]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_utf8(path) from error


def _not_utf8(path: Path) -> Exception:
    from services.errors import refuse

    return refuse("file", f"{path.name}不是UTF-8编码。", f"{path.name} is not encoded as UTF-8.")


def _summary(found: Framework) -> Text:
    indicators, parts = len(found.indicators), len(found.parts)
    return Text(
        f"{found.id}，{found.version}版，可以用：{indicators}个指标，{parts}个部分，{len(found.bands)}个等级。",
        f"{found.id}, version {found.version}, is sound: {indicators} {plural(indicators, 'indicator', 'indicators')}, "
        f"{parts} {plural(parts, 'part', 'parts')}, {len(found.bands)} bands.",
    )


def _bridge(old: Framework, new: Framework, common: tuple[str, ...]) -> Text:
    """Say over which indicators trends may lead, and over which they do."""
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
