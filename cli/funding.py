"""`youthhub funding`: what hubs asked money for, where it stands, and what became of it."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.console import JsonOut, say, write_json
from config.text import Refusal, Text

funding_app = typer.Typer(
    help="Project applications and money. Example: youthhub funding list", no_args_is_help=True
)


@funding_app.command("list")
def list_(
    hub: Annotated[str | None, typer.Option("--hub", metavar="CODE", help="Only this hub.")] = None,
    state: Annotated[
        str | None, typer.Option("--state", metavar="STATE", help="Only in this state, as under_review.")
    ] = None,
    json_out: JsonOut = None,
) -> None:
    """List applications, the newest first. Example: youthhub funding list --state under_review."""
    from cli import work
    from models.session import read_session
    from services import funding_lines, scopes

    work.require_database()
    with read_session() as session:
        found = funding_lines.lines(session, scopes.hubs_in_scope(session, hub=hub), state)
    write_json(found, json_out)
    if json_out == "-":
        return
    if not found:
        say(Text("没有项目申请。", "There are no project applications."))
    for line in found:
        say(line.sentence)


@funding_app.command()
def show(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="As the list gives it.", min=1)],
    json_out: JsonOut = None,
) -> None:
    """Show an application with budget, expenses and history. Example: youthhub funding show 12."""
    from cli import work
    from config import clock
    from models.session import read_session
    from services import funding_lines
    from services.errors import NotFound

    work.require_database()
    with read_session() as session:
        found = funding_lines.one(session, number, now=clock.now())
    if found is None:
        sentence = Text(f"没有{number}号申请。", f"There is no application {number}.")
        raise NotFound(Refusal("unknown_application", sentence))
    write_json(found, json_out)
    if json_out != "-":
        for sentence in funding_lines.sentences(found):
            say(sentence)
