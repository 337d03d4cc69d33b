"""`youthhub mail`: how the mail stands, send what is due, try again, look at every kind."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from cli.console import REFUSED, JsonOut, say, write_json
from config.text import Text, plural

mail_app = typer.Typer(help="The mail. Example: youthhub mail status", no_args_is_help=True)

STATE_WORDS = {
    "queued": Text("待发", "queued"),
    "leased": Text("发送中", "being sent"),
    "sent": Text("已发", "sent"),
    "deferred": Text("稍后再发", "to be tried again"),
    "failed": Text("没发成", "failed"),
    "suppressed": Text("不发（地址或本人意愿）", "suppressed (address or choice)"),
    "obsolete": Text("已不适用", "no longer true"),
    "expired": Text("过时未发", "too late"),
    "ambiguous": Text("不确定", "uncertain"),
    "held": Text("等放行", "held"),
    "gathered": Text("并进一封", "told in one mail with others"),
}


@mail_app.command()
def status(json_out: JsonOut = None) -> None:
    """Say how many mails are in which state, and why some did not go. Example: youthhub mail status."""
    from cli.work import require_database
    from models.session import read_session
    from notifications import outbox
    from services.breaker import relays
    from services.holding import holds

    require_database()
    with read_session() as session:
        counts, reasons, standing = outbox.counts(session), outbox.reasons(session), holds(session)
        gates = relays(session)
    write_json({"states": counts, "reasons": reasons, "holds": standing, "relays": gates}, json_out)
    if json_out == "-":
        return
    if not any(counts.values()):
        say(Text("还没有邮件。", "There is no mail yet."))
    for state, count in counts.items():
        if count:
            _say_state(state, count, reasons.get(state, {}))
    for line in standing:
        say(Text("停着：{what}。{why}", "On hold: {what}. {why}").format(what=line.sentence, why=line.reason))
    for gate in gates:
        if gate.is_open:
            say(gate.sentence)


def _say_state(state: str, count: int, reasons: Mapping[str, int]) -> None:
    from notifications.reason_words import words_of

    say(Text("{count:>7}  {state}", "{count:>7}  {state}").format(count=count, state=STATE_WORDS[state]))
    for reason, part in reasons.items():
        line = Text("{part:>11}  {words}（{reason}）", "{part:>11}  {words} ({reason})")
        say(line.format(part=part, words=words_of(reason), reason=reason))


@mail_app.command()
def deliver(
    limit: Annotated[int | None, typer.Option(min=1, help="Send at most so many.")] = None,
    json_out: JsonOut = None,
) -> None:
    """Send what is due. Example: youthhub mail deliver --limit 100."""
    from cli.work import require_database
    from config import clock
    from models.session import open_session
    from services.delivery import deliver_due

    require_database()
    # Who types this wants to know now: a relay that is left alone is tried at once.
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    result = deliver_due(
        partial(open_session, durable=True), now=clock.now, limit=limit, probe=True, must_stop=stop.is_set
    )
    write_json(result, json_out)
    if json_out != "-":
        say(result.sentence, error=result.problem is not None)
    if result.problem is not None:
        raise typer.Exit(REFUSED)


@mail_app.command()
def retry(
    ambiguous: Annotated[
        bool, typer.Option("--ambiguous", help="Also those that may have arrived: they may arrive twice.")
    ] = False,
    json_out: JsonOut = None,
) -> None:
    """Queue failed mails again, as they were. Example: youthhub mail retry."""
    from cli.work import require_database
    from config import clock
    from models.session import open_session
    from models.states import MessageState
    from notifications import outbox

    require_database()
    states = [MessageState.FAILED, *([MessageState.AMBIGUOUS] if ambiguous else [])]
    with open_session() as session:
        count = outbox.retry(session, states, now=clock.now())
    write_json({"queued": count}, json_out)
    if json_out != "-":
        say(Text(f"{count}封邮件重新排队。", f"{count} {plural(count, 'mail', 'mails')} queued again."))


@mail_app.command()
def preview(
    folder: Annotated[Path, typer.Option("--to", metavar="DIR", help="Where the files go.")] = Path(
        "var/mail-preview"
    ),
    pictures: Annotated[
        bool, typer.Option("--pictures", help="Also as a phone and a desktop show them (needs Chromium).")
    ] = False,
    json_out: JsonOut = None,
) -> None:
    """Write every kind of mail in both languages, with made-up values. Example: youthhub mail preview."""
    from notifications.preview import write_previews

    written = write_previews(folder)
    drawn = _draw(written) if pictures else []
    names = {"mails": [path.name for path in written], "pictures": [path.name for path in drawn]}
    write_json({"folder": str(folder), **names}, json_out)
    if json_out != "-":
        say(_written(folder, len(written), len(drawn)))


def _draw(mails: list[Path]) -> list[Path]:
    from cli.browser import find_browser
    from cli.letter_pictures import take_pictures

    program = find_browser()
    if program is None:
        say(
            Text(
                "这台机器上没有Chromium，所以没有截图。装上再来：apt install chromium。",
                "There is no Chromium on this machine, so there are no pictures. Get one: apt install chromium.",
            ),
            error=True,
        )
        return []
    with typer.progressbar(length=len(mails), file=sys.stderr) as bar:
        return take_pictures(program, mails, told=lambda: bar.update(1))


def _written(folder: Path, mails: int, pictures: int) -> Text:
    drawn = Text("", "")
    if pictures:
        drawn = Text(
            f"另有{pictures}张截图，打开{folder / 'index.html'}看。",
            f" {pictures} pictures too: open {folder / 'index.html'}.",
        )
    return Text(
        f"{mails}封样信写到了{folder}（.eml、.html、.txt）。{drawn.zh}",
        f"{mails} sample mails are in {folder} (.eml, .html, .txt).{drawn.en}",
    )
