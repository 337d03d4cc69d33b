"""`youthhub`: one command for everything. Each subcommand says what it does with an example.

Subcommands import their rooms when they run, so that `youthhub --help` answers at once and a
mail server does not load a solver.
"""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(
    name="youthhub",
    help="Schedule, staff, evaluate and report on a network of community youth hubs. 社区青年汇网络：排活动、配志愿者、评估、发周报。",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
db = typer.Typer(help="The database: youthhub db upgrade", no_args_is_help=True)
app.add_typer(db, name="db")

JsonOut = Annotated[
    str | None,
    typer.Option("--json", metavar="FILE", help="Write the result as JSON (- for standard output)."),
]


@db.command("upgrade")
def db_upgrade() -> None:
    """Create the tables or bring them up to date. Example: youthhub db upgrade."""
    from config.settings import settings
    from models import schema
    from models.session import engine_for

    schema.upgrade(engine_for(settings().database))
    typer.echo("数据库已是最新。The database is up to date.")
