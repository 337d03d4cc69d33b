"""`youthhub policy`: see the rules that count, and decide new ones from a day on."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from cli.console import say, write_json
from config.text import Text

policy_app = typer.Typer(help="The rules. Example: youthhub policy show offers", no_args_is_help=True)

Kind = Annotated[str, typer.Argument(help="Which rules: see `youthhub policy show`.")]
HubCode = Annotated[
    str | None, typer.Option("--hub", metavar="CODE", help="A hub's own; else the network's.")
]
JsonOut = Annotated[
    str | None,
    typer.Option("--json", metavar="FILE", help="Write the result as JSON (- for standard output)."),
]


@policy_app.command()
def show(
    kind: Annotated[str | None, typer.Argument(help="Which rules; else all.")] = None,
    hub: HubCode = None,
    json_out: JsonOut = None,
) -> None:
    """Show the rules that count today. Example: youthhub policy show offers --hub XC-001."""
    from config import clock
    from models.session import read_session
    from services import rulebook, scopes
    from services.matching_rules import MatchingRules

    kinds = tuple(rulebook.KINDS) if kind is None else (rulebook.kind_of(kind).kind,)
    with read_session() as session:
        hub_id = None if hub is None else scopes.hub_id(session, hub)
        pages = rulebook.pages(session, hub_id, now=clock.now(), kinds=kinds)
        own = rulebook.own_rule_lines(session) if MatchingRules.kind in kinds else []
    write_json(pages, json_out)
    if json_out == "-":
        return
    for page in pages:
        say(Text("{title}（{kind}）", "{title} ({kind})").format(title=page.title, kind=page.kind))
        for line in page.lines:
            mark = "*" if line.is_own else " "
            say(
                Text(
                    f" {mark} {line.name} = {line.value}  {line.label.zh}",
                    f" {mark} {line.name} = {line.value}  {line.label.en}",
                )
            )
    for sentence in own:
        say(sentence)


@policy_app.command("set")
def set_(
    kind: Kind,
    values: Annotated[
        list[str], typer.Argument(metavar="NAME=VALUE...", help="NAME= takes a decision back.")
    ],
    hub: HubCode = None,
    from_: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="From this day on; else today.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why, for the record.")] = "",
    json_out: JsonOut = None,
) -> None:
    """Decide rules. Example: youthhub policy set offers sends_by_itself=0 --hub XC-001 --from 2027-01-01."""
    from config import clock
    from models.session import open_session
    from services import rulebook, scopes

    typed = dict(_pair(value) for value in values)
    with open_session() as session:
        result = rulebook.decide(
            session,
            kind,
            typed,
            hub_id=None if hub is None else scopes.hub_id(session, hub),
            now=clock.now(),
            valid_from=from_.date() if from_ else None,
            reason=reason,
        )
    if json_out != "-":
        say(result.sentence)
    write_json(result, json_out)


def _pair(typed: str) -> tuple[str, str]:
    name, is_pair, value = typed.partition("=")
    if not is_pair:
        raise typer.BadParameter(f"{typed}: write NAME=VALUE")
    return name, value
