"""`youthhub hours`: see a volunteer's hours, confirm claims, set lines right."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.console import JsonOut, say, write_json
from config.text import Text

hours_app = typer.Typer(help="Volunteer hours. Example: youthhub hours show V00012", no_args_is_help=True)

# What an id column of any database holds; a longer number is a slip of the hand.
LARGEST = 2**31 - 1
ClaimNumber = Annotated[int, typer.Argument(min=1, max=LARGEST, help="Number of the claim.")]
LineNumber = Annotated[int, typer.Argument(min=1, max=LARGEST, help="Number of the line.")]
PersonCode = Annotated[str, typer.Argument(metavar="CODE", help="The volunteer's code.")]
By = Annotated[
    str, typer.Option("--by", metavar="CODE", help="Who does it: a coordinator's or manager's code.")
]
Reason = Annotated[str, typer.Option(help="Why; the volunteer will read it.")]


@hours_app.command()
def show(person: PersonCode, json_out: JsonOut = None) -> None:
    """Show somebody's hours, stars and lines. Example: youthhub hours show V00012."""
    from config import clock
    from models.session import read_session
    from services import hours_view, scopes

    with read_session() as session:
        page = hours_view.hours_page(session, scopes.person_id(session, person), now=clock.now())
    write_json(page, json_out)
    if json_out == "-":
        return
    b = page.balance
    say(
        Text(
            f"{page.name}：一共{_h(b.total)}小时（签到{_h(b.timed)}，社工记{_h(b.staff)}，申报{_h(b.claimed)}），"
            f"今年{_h(b.this_year)}；计入星级{_h(b.counted)}小时，{b.stars}星。",
            f"{page.name}: {_h(b.total)} h in all ({_h(b.timed)} timed, {_h(b.staff)} by staff, "
            f"{_h(b.claimed)} claimed), {_h(b.this_year)} this year; {_h(b.counted)} h for stars: {b.stars}.",
        )
    )
    for line in page.lines:
        typer.echo(
            f"{line.entry_id:>8}  {line.served_on}  {line.minutes:>5} min  {line.source:<8}  "
            f"{'' if line.counts else '(-) '}{line.what.zh}{f'  [{line.reason}]' if line.reason else ''}"
        )


@hours_app.command()
def claims(
    hub: Annotated[str, typer.Option("--hub", metavar="CODE", help="The hub.")], json_out: JsonOut = None
) -> None:
    """List the claims that wait at a hub. Example: youthhub hours claims --hub XC-001."""
    from models.session import read_session
    from services import hours_desk, scopes

    with read_session() as session:
        found = hours_desk.waiting_at(session, scopes.hub_id(session, hub))
    write_json(found, json_out)
    if json_out == "-":
        return
    for one in found:
        typer.echo(f"{one.claim_id:>8}  {one.served_on}  {one.minutes:>5} min  {one.person_code}  {one.what}")
    say(Text(f"{len(found)}条等确认。", f"{len(found)} waiting."))


@hours_app.command()
def add(
    person: PersonCode,
    by: By,
    day: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="The day.")],
    hours: Annotated[str, typer.Option(help="Hours, such as 1.5.")],
    what: Annotated[str, typer.Option(help="What was done.")],
    category: Annotated[str, typer.Option(help="activity, preparation, training or other.")] = "other",
    json_out: JsonOut = None,
) -> None:
    """Claim hours in a volunteer's name; somebody else confirms them.

    Example: youthhub hours add V00012 --by C001 --day 2026-11-21 --hours 1.5 --what "made cards".
    """
    from config import clock
    from models.session import open_session
    from services import hours_claims, scopes

    with open_session() as session:
        form = hours_claims.ClaimForm(day, hours, what, category)
        result = hours_claims.claim_hours(
            session,
            scopes.person_id(session, person),
            form,
            now=clock.now(),
            by=scopes.person_id(session, by),
        )
    _tell(result, json_out)


@hours_app.command()
def confirm(claim: ClaimNumber, by: By, json_out: JsonOut = None) -> None:
    """Confirm a claim and enter its hours. Example: youthhub hours confirm 17 --by C001."""
    _decide(claim, by, is_right=True, reason="", json_out=json_out)


@hours_app.command()
def refuse(
    claim: ClaimNumber,
    by: By,
    reason: Reason,
    json_out: JsonOut = None,
) -> None:
    """Refuse a claim with a reason. Example: youthhub hours refuse 17 --by C001 --reason "counted already"."""
    _decide(claim, by, is_right=False, reason=reason, json_out=json_out)


@hours_app.command()
def correct(
    line: LineNumber,
    by: By,
    minutes: Annotated[int, typer.Option(help="What it should have been.")],
    reason: Reason,
    json_out: JsonOut = None,
) -> None:
    """Set a line right beside the old one.

    Example: youthhub hours correct 42 --by C001 --minutes 120 --reason "left early".
    """
    from config import clock
    from models.session import open_session
    from services import hours_corrections, scopes

    with open_session() as session:
        who = scopes.person_id(session, by)
        result = hours_corrections.correct(session, line, minutes, reason=reason, by=who, now=clock.now())
    _tell(result, json_out)


@hours_app.command()
def certificate(
    person: PersonCode,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the PDF goes.")],
    by: By,
    first: Annotated[
        str, typer.Option("--from", metavar="YYYY-MM-DD", help="First day; else 1 January.")
    ] = "",
    last: Annotated[str, typer.Option("--to", metavar="YYYY-MM-DD", help="Last day; else today.")] = "",
) -> None:
    """Issue a certificate as a PDF, the identity document left blank.

    Example: youthhub hours certificate V00012 --by C001 --out certificate.pdf.
    """
    from cli.console import language, write_whole
    from config import clock
    from models.session import open_session
    from services import certificates, scopes

    with open_session() as session:
        who = scopes.person_id(session, by)
        result = certificates.issue(
            session,
            scopes.person_id(session, person),
            certificates.CertificateForm(first, last),
            language=language(),
            now=clock.now(),
            by=who,
        )
    write_whole(out, result.pdf)
    say(result.sentence)


@hours_app.command()
def revoke(
    number: Annotated[str, typer.Argument(help="The certificate's number.")],
    by: By,
    reason: Reason,
    json_out: JsonOut = None,
) -> None:
    """Let a certificate hold no more. Example: youthhub hours revoke 2026-000123-K7QFM --by C001 --reason "..."."""
    from config import clock
    from models.session import open_session
    from services import certificates, scopes

    with open_session() as session:
        who = scopes.person_id(session, by)
        result = certificates.revoke(session, number, by=who, reason=reason, now=clock.now())
    _tell(result, json_out)


def _decide(claim: int, by: str, *, is_right: bool, reason: str, json_out: str | None) -> None:
    from config import clock
    from models.session import open_session
    from services import hours_claims, scopes

    with open_session() as session:
        who = scopes.person_id(session, by)
        result = hours_claims.decide(
            session, claim, is_right=is_right, by=who, reason=reason, now=clock.now()
        )
    _tell(result, json_out)


def _tell(result: object, json_out: str | None) -> None:
    if json_out != "-":
        say(getattr(result, "sentence"))  # noqa: B009 -- every result of this file has one
    write_json(result, json_out)


def _h(minutes: int) -> str:
    return f"{minutes / 60:g}"
