"""`youthhub framework`: check a framework, compare two versions, edit one as a workbook, keep one for evaluations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.console import JsonOut, say, write_json
from config.text import Text, plural

if TYPE_CHECKING:
    from evaluation.framework import Framework
    from services.framework_files import Opened

framework_app = typer.Typer(
    help="Standards frameworks as files. Example: youthhub framework check F.yaml", no_args_is_help=True
)
File = Annotated[Path, typer.Argument(metavar="FILE", help="A framework, as YAML or .xlsx.")]
Out = Annotated[Path, typer.Argument(metavar="OUT", help="Where it is written.")]


@framework_app.command()
def check(file: File, json_out: JsonOut = None) -> None:
    """Say everything that is wrong with a framework. Example: youthhub framework check F.yaml."""
    opened = opened_at(file)
    found, loaded = opened.framework, opened.loaded
    write_json(
        {
            "id": found.id if found else None,
            "version": found.version if found else None,
            "problems": [one.document for one in loaded.problems],
        },
        json_out,
    )
    _write_checked(file, opened)
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
    from services.framework_files import bridge_sentence

    before, after = opened_at(old).framework, opened_at(new).framework
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
        say(bridge_sentence(before, after))
    for problem in wrong:
        say(problem.told, error=True)
    raise typer.Exit(1 if wrong else 0)


@framework_app.command()
def keep(file: File, json_out: JsonOut = None) -> None:
    """Keep a version for evaluations to come; it never changes. Example: youthhub framework keep F.yaml."""
    from config import clock
    from models.session import open_session
    from services.evaluations import register_framework

    opened = opened_at(file)
    if opened.framework is None:
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
    from services.framework_files import framework_workbook

    opened = opened_at(file)
    if opened.framework is None:
        raise typer.Exit(1)
    write_whole(out, framework_workbook(opened.text))
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

    opened = opened_at(file)
    if opened.framework is None:
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
    found = opened_at(file).framework
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


def opened_at(path: Path) -> Opened:
    """Return what a file or a workbook says, after telling everything that is wrong with it."""
    from services.framework_files import open_framework

    opened = open_framework(path.read_bytes(), path.name)
    for problem in opened.loaded.problems:
        say(Text(f"{path.name}：{problem.told.zh}", f"{path.name}: {problem.told.en}"), error=True)
    return opened


def _write_checked(path: Path, opened: Opened) -> None:
    """Write a copy of a bad workbook beside it, with every bad cell marked."""
    from cli.console import write_whole
    from services.framework_files import checked_copy

    if opened.framework is not None or not opened.sheets:
        return
    copy = path.with_name(f"{path.stem}-checked.xlsx")
    write_whole(copy, checked_copy(path.read_bytes(), opened))
    say(
        Text(f"错的格子都标在这一份里：{copy}", f"The bad cells are marked in this copy: {copy}"),
        error=True,
    )


def _summary(found: Framework) -> Text:
    indicators, parts = len(found.indicators), len(found.parts)
    return Text(
        f"{found.id}，{found.version}版，可以用：{indicators}个指标，{parts}个部分，{len(found.bands)}个等级。",
        f"{found.id}, version {found.version}, is sound: {indicators} {plural(indicators, 'indicator', 'indicators')}, "
        f"{parts} {plural(parts, 'part', 'parts')}, {len(found.bands)} bands.",
    )
