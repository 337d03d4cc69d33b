"""`youthhub`: one command for everything. Each subcommand says what it does, with an example.

Subcommands import their rooms when they run, so that `youthhub --help` answers at once and a
mail server does not load a solver.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.console import JsonOut, refusals_as_exit_codes

app = typer.Typer(
    name="youthhub",
    help="Run a network of community youth hubs: activities, volunteers, evaluation, digests. 社区青年汇网络。",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)
db = typer.Typer(help="The database. Example: youthhub db upgrade", no_args_is_help=True)
app.add_typer(db, name="db")

HubCode = Annotated[str | None, typer.Option("--hub", metavar="CODE", help="Only this hub.")]


@db.command("upgrade")
def db_upgrade() -> None:
    """Create the tables or bring them up to date. Example: youthhub db upgrade."""
    from cli import work

    work.upgrade_database()


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="An .xlsx workbook, or a folder of .csv files.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")
    ] = False,
    template: Annotated[bool, typer.Option("--template", help="Write the empty workbook to FILE.")] = False,
    json_out: JsonOut = None,
) -> None:
    """Take a network in from an office's own tables. Example: youthhub import network.xlsx --dry-run."""
    from cli.console import language
    from cli.import_file import run_import

    raise typer.Exit(
        run_import(file, dry_run=dry_run, template=template, language=language(), json_out=json_out)
    )


@app.command()
def plan(
    weeks: Annotated[int, typer.Option(min=1, max=26, help="How far ahead.")] = 2,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Through this day instead.")
    ] = None,
    hub: HubCode = None,
    json_out: JsonOut = None,
) -> None:
    """Plan dated activities from the series. Example: youthhub plan --weeks 4."""
    from cli import work

    work.plan(weeks=weeks, until=until, hub=hub, json_out=json_out)


@app.command()
def coverage(
    unit: Annotated[str | None, typer.Option(metavar="CODE", help="Only the branch below this unit.")] = None,
    weeks: Annotated[int, typer.Option(min=1, max=26, help="How far ahead.")] = 4,
    json_out: JsonOut = None,
) -> None:
    """Say which ages, kinds, times and interests get nothing. Example: youthhub coverage --unit XC."""
    from cli import work

    work.coverage(unit=unit, weeks=weeks, json_out=json_out)


@app.command()
def propose(
    series: Annotated[str, typer.Argument(metavar="SERIES", help="The code of the series to run once more.")],
    weeks: Annotated[int, typer.Option(min=1, max=8, help="How far ahead.")] = 3,
    count: Annotated[int, typer.Option(min=1, max=50, help="How many times to show.")] = 5,
    plan: Annotated[
        int | None, typer.Option("--plan", metavar="N", min=1, help="Plan the Nth of them.")
    ] = None,
    json_out: JsonOut = None,
) -> None:
    """Say when one more date of a series can be staffed. Example: youthhub propose XC-001-S1 --plan 1."""
    from cli.propose import run_propose

    run_propose(series, weeks=weeks, count=count, plan=plan, json_out=json_out)


@app.command()
def match(
    hub: HubCode = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Try it; store and send nothing.")] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="Also move who has not answered, where that fills more.")
    ] = False,
    weeks: Annotated[int, typer.Option(min=1, max=8, help="How far ahead.")] = 1,
    problem: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Solve a problem file, without a database.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where the answer to a problem file goes.")
    ] = None,
    time_limit: Annotated[float, typer.Option(min=0.1, help="Seconds that the solver may take.")] = 30.0,
    seed: Annotated[int, typer.Option(help="Seed of the solver.")] = 0,
    why: Annotated[
        str | None,
        typer.Option(
            metavar="PERSON", help="Why a volunteer is or is not asked, and what if; with --activity."
        ),
    ] = None,
    activity: Annotated[
        str | None, typer.Option(metavar="CODE", help="The activity that --why asks about.")
    ] = None,
    fairness: Annotated[
        bool, typer.Option("--fairness", help="Compare prices on hours given; keep nothing.")
    ] = False,
    json_out: JsonOut = None,
) -> None:
    """Fill open places with volunteers who fit. Example: youthhub match --hub XC-001 --dry-run."""
    if problem is not None:
        from cli.match_file import solve_problem_file

        raise typer.Exit(solve_problem_file(problem, out, time_limit, seed))
    from cli import work

    if why is not None or activity is not None:
        if why is None or activity is None:
            raise typer.BadParameter("--why PERSON and --activity CODE belong together")
        work.why(person=why, activity=activity, json_out=json_out)
        return
    if fairness:
        work.fairness(hub=hub, weeks=weeks, time_limit=time_limit, json_out=json_out)
        return
    work.match(hub=hub, weeks=weeks, dry_run=dry_run, repair=repair, time_limit=time_limit, json_out=json_out)


@app.command()
def offers(hub: HubCode = None, json_out: JsonOut = None) -> None:
    """Send proposed offers, expire old ones and ask the next. Example: youthhub offers."""
    from cli import work

    work.offers(hub=hub, json_out=json_out)


@app.command()
def attendance(json_out: JsonOut = None) -> None:
    """Close activities that are over and ask for unrecorded attendance. Example: youthhub attendance."""
    from cli import work

    work.attendance(json_out=json_out)


@app.command()
def evaluate(
    framework: Annotated[Path, typer.Option(metavar="FILE", help="The framework, as YAML or .xlsx.")],
    observations: Annotated[Path, typer.Option(metavar="FILE", help="Observations, as JSON or CSV.")],
    json_out: JsonOut = None,
) -> None:
    """Score files without a database. Example: youthhub evaluate --framework F.yaml --observations O.json."""
    from cli.evaluate_file import evaluate_files

    raise typer.Exit(evaluate_files(framework, observations, json_out))


@app.command()
def digest(json_out: JsonOut = None) -> None:
    """Queue this week's digests to everybody who has news. Example: youthhub digest."""
    from cli import work

    work.digest(json_out=json_out)


@app.command()
def portal(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Serve the pages. Example: youthhub portal --port 8000."""
    from cli.portal import run_portal
    from config.settings import settings

    run_portal(host or settings().portal_host, port or settings().portal_port)


@app.command()
def clock() -> None:
    """Watch what is due and start it. Example: youthhub clock."""
    from cli.clock import run_clock

    run_clock()


@app.command()
def up() -> None:
    """Run everything on this machine until Ctrl-C. Example: youthhub up."""
    from cli.up import run_up

    raise typer.Exit(run_up())


@app.command()
def doctor(json_out: JsonOut = None) -> None:
    """Check database, mail and engine, and say what to mend. Example: youthhub doctor."""
    from cli.doctor import run_doctor

    raise typer.Exit(run_doctor(json_out=json_out))


@app.command()
def demo(
    hubs: Annotated[int, typer.Option(min=1, max=177, help="How many hubs.")] = 177,
    volunteers: Annotated[int, typer.Option(min=20, max=50_000, help="How many volunteers.")] = 20_000,
    weeks: Annotated[int, typer.Option(min=1, max=8, help="How many weeks.")] = 1,
    seed: Annotated[int, typer.Option(help="The same seed gives the same week.")] = 2026,
    database: Annotated[
        str | None, typer.Option(metavar="URL", help="An empty database; default SQLite.")
    ] = None,
    keep: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where everything stays afterwards.")
    ] = None,
    json_out: JsonOut = None,
) -> None:
    """Watch a week of a whole district happen, through real parts. Example: youthhub demo --hubs 20."""
    from cli.demo.launch import run_demo

    code = run_demo(
        hubs=hubs,
        volunteers=volunteers,
        weeks=weeks,
        seed=seed,
        database=database,
        keep=keep,
        json_file=json_out,
    )
    raise typer.Exit(code)


def _add_groups() -> None:
    from cli.framework import framework_app
    from cli.funding import funding_app
    from cli.gate import gate_app
    from cli.hours import hours_app
    from cli.mail_control import mail_app
    from cli.policy import policy_app
    from cli.series import series_app

    app.add_typer(mail_app, name="mail")
    app.add_typer(gate_app, name="gate")
    app.add_typer(funding_app, name="funding")
    app.add_typer(series_app, name="series")
    app.add_typer(framework_app, name="framework")
    app.add_typer(policy_app, name="policy")
    app.add_typer(hours_app, name="hours")


def run() -> None:
    """Run the command line; what is refused ends in a sentence and exit code 1."""
    _add_groups()
    with refusals_as_exit_codes():
        app()
