"""`youthhub gate`: what waits for a risk check, and which questions it asks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.console import JsonOut, say, why, write_json
from config.text import Refusal, Text

gate_app = typer.Typer(
    help="The risk check before publishing. Example: youthhub gate list", no_args_is_help=True
)


@gate_app.command("list")
def list_(
    hub: Annotated[str | None, typer.Option("--hub", metavar="CODE", help="Only this hub.")] = None,
    json_out: JsonOut = None,
) -> None:
    """List what is not published for want of a risk check. Example: youthhub gate list --hub XC-001."""
    from cli import work
    from config import clock
    from models.session import read_session
    from services import gate_lines, scopes

    work.require_database()
    with read_session() as session:
        hubs = scopes.hubs_in_scope(session, hub=hub)
        found = gate_lines.held_lines(session, hubs, now=clock.now())
    write_json(found, json_out)
    if json_out == "-":
        return
    if not found:
        say(Text("没有活动在等风险检查。", "No activity waits for a risk check."))
    for line in found:
        say(line.sentence)


@gate_app.command()
def checklist(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A new version to keep; else show today's.")
    ] = None,
    json_out: JsonOut = None,
) -> None:
    """Show the questions, or keep a new version of them. Example: youthhub gate checklist questions.yaml."""
    from cli import work
    from config import clock
    from models.session import open_session
    from services import checklists

    work.require_database()
    with open_session() as session:
        if file is not None:
            checklists.register_checklist(session, _read(file), now=clock.now())
        found = checklists.current_checklist(session, now=clock.now())[1]
        shown = checklists.read_checklist(_read(file)) if file is not None else found
    write_json(shown.model_dump(mode="json"), json_out)
    if json_out == "-":
        return
    heading = Text("{title}，{version}版，{day}起算", "{title}, version {version}, counts from {day}")
    say(heading.format(title=shown.title.text, version=shown.version, day=shown.valid_from.isoformat()))
    for number, question in enumerate(shown.questions, 1):
        say(Text("{n}. {q}", "{n}. {q}").format(n=number, q=question.text.text))


def _read(file: Path) -> str:
    from services.errors import HubError

    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        sentence = Text(
            f"{file}不是UTF-8编码的文本。另存为UTF-8再试。",
            f"{file} is no text in UTF-8. Save it as UTF-8 and try again.",
        )
        raise HubError(Refusal("checklist_encoding", sentence)) from None
    except OSError as error:
        words = why(error)
        sentence = Text(f"读不了{file}：{words.zh}", f"{file} cannot be read: {words.en}")
        raise HubError(Refusal("checklist_unreadable", sentence)) from None
