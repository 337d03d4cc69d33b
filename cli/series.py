"""`youthhub series`: change, end or close with the effect shown first, and undo.

Without a seal nothing is done: the effect is shown with its seal. The same command with that seal does it,
if people and dates are still those that were shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any

import typer

from cli.console import JsonOut, say, write_json
from config.text import Text

series_app = typer.Typer(
    help="Series: see, change, end, close, undo. Example: youthhub series show --hub XC-001",
    no_args_is_help=True,
)
Code = Annotated[str, typer.Argument(metavar="SERIES", help="The code of the series.")]
Seal = Annotated[
    str | None, typer.Option(help="The seal of the effect that was shown: do it now.", metavar="SEAL")
]
Reason = Annotated[str, typer.Option(help="Why; people read it in the mail.")]
DAY = "%Y-%m-%d"


@series_app.command()
def show(
    hub: Annotated[str, typer.Option("--hub", metavar="CODE", help="Whose series.")],
    json_out: JsonOut = None,
) -> None:
    """List a hub's series, and its changes that can be undone. Example: youthhub series show --hub XC-001."""
    from cli.series_work import show_series

    found = show_series(hub)
    _tell(found, found["sentences"], json_out)


@series_app.command()
def change(
    series: Code,
    when: Annotated[str | None, typer.Option(help='Such as "每周日 14:00", or an RRULE.')] = None,
    minutes: Annotated[int | None, typer.Option(min=1, max=1440, help="How long it takes.")] = None,
    room: Annotated[str | None, typer.Option(metavar="CODE", help="The code of a room of the hub.")] = None,
    reason: Reason = "",
    seal: Seal = None,
    json_out: JsonOut = None,
) -> None:
    """Change a series and its coming dates. Example: youthhub series change XC-001-S1 --when "每周日 10:00"."""
    from cli.series_work import change_series

    _shown_or_done(change_series(series, _given(when, minutes, room), reason=reason, seal=seal), json_out)


@series_app.command()
def end(
    series: Code,
    on: Annotated[datetime, typer.Option(formats=[DAY], help="The last day on which it happens.")],
    reason: Reason = "",
    seal: Seal = None,
    json_out: JsonOut = None,
) -> None:
    """End a series; later dates fall out. Example: youthhub series end XC-001-S1 --on 2027-01-31."""
    from cli.series_work import change_series

    _shown_or_done(change_series(series, {"ends_on": on.date()}, reason=reason, seal=seal), json_out)


@series_app.command()
def close(
    hub: Annotated[str, typer.Argument(metavar="HUB", help="The code of the hub.")],
    first: Annotated[datetime, typer.Argument(formats=[DAY], help="The first day.")],
    last: Annotated[datetime, typer.Argument(formats=[DAY], help="The last day.")],
    reason: Reason = "",
    seal: Seal = None,
    json_out: JsonOut = None,
) -> None:
    """Close a hub for some days. Example: youthhub series close XC-001 2027-02-01 2027-02-05."""
    from cli.series_work import close_days

    _shown_or_done(close_days(hub, _day(first), _day(last), reason=reason, seal=seal), json_out)


@series_app.command()
def undo(
    change_id: Annotated[
        int, typer.Argument(metavar="NUMBER", min=1, max=2**31 - 1, help="As `series show` names it.")
    ],
    seal: Seal = None,
    json_out: JsonOut = None,
) -> None:
    """Undo a change of many in one step. Example: youthhub series undo 12."""
    from cli.series_work import undo_change

    _shown_or_done(undo_change(change_id, seal=seal), json_out)


def _given(when: str | None, minutes: int | None, room: str | None) -> dict[str, Any]:
    given = {"when": when, "duration_minutes": minutes, "room": room}
    found = {name: value for name, value in given.items() if value is not None}
    if not found:
        raise typer.BadParameter("give at least one of --when, --minutes and --room")
    return found


def _day(moment: datetime) -> date:
    return moment.date()


def _shown_or_done(found: dict[str, Any], json_out: str | None) -> None:
    if json_out != "-":
        for sentence in found["sentences"]:
            say(sentence)
        if "seal" in found:
            words = Text(
                "还没有改。要这样做，加上：--seal {seal}",
                "Nothing is changed yet. To do it, add: --seal {seal}",
            )
            say(words.format(seal=found["seal"]))
    write_json(found, json_out)


def _tell(found: Any, sentences: Iterable[Text], json_out: str | None) -> None:
    write_json(found, json_out)
    if json_out != "-":
        for sentence in sentences:
            say(sentence)
