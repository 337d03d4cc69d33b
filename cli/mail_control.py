"""`youthhub mail hold | release | reconcile | test-send`: what an operator does to the mail as a whole."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from cli.console import REFUSED, JsonOut, language, say, write_json
from cli.mail import mail_app

if TYPE_CHECKING:
    from models import HoldScope

__all__ = ["mail_app"]

Everything = Annotated[bool, typer.Option("--everything", help="All mail.")]
OfStream = Annotated[str | None, typer.Option("--stream", help="What one can unsubscribe from: digests.")]
OfKind = Annotated[str | None, typer.Option("--kind", help="One kind of mail: offer_reminder.")]
ToDomain = Annotated[str | None, typer.Option("--domain", help="Mail to one domain: example.org.")]


@mail_app.command()
def hold(
    everything: Everything = False,
    stream: OfStream = None,
    kind: OfKind = None,
    domain: ToDomain = None,
    reason: Annotated[str, typer.Option(help="Why, for who looks next.")] = "",
    json_out: JsonOut = None,
) -> None:
    """Stop mail until it is released. Example: youthhub mail hold --stream digests --reason "wrong figures"."""
    from cli.work import require_database
    from config import clock
    from models.session import open_session
    from services import holding

    require_database()
    scope, value = _part(everything, stream, kind, domain)
    with open_session() as session:
        result = holding.hold(session, scope, value, now=clock.now(), reason=reason)
    write_json(result, json_out)
    if json_out != "-":
        say(result.sentence)


@mail_app.command()
def release(
    everything: Everything = False,
    stream: OfStream = None,
    kind: OfKind = None,
    domain: ToDomain = None,
    json_out: JsonOut = None,
) -> None:
    """Let mail go that was on hold. Example: youthhub mail release --stream digests."""
    from cli.work import require_database
    from config import clock
    from models.session import open_session
    from services import holding

    require_database()
    scope, value = _part(everything, stream, kind, domain)
    with open_session() as session:
        result = holding.release(session, scope, value, now=clock.now())
    write_json(result, json_out)
    if json_out != "-":
        say(result.sentence)


@mail_app.command()
def reconcile(
    restored: Annotated[
        bool, typer.Option("--restored", help="After a backup: mark what waits but was sent since.")
    ] = False,
    json_out: JsonOut = None,
) -> None:
    """Look for doubtful mails in the relay's log. Example: youthhub mail reconcile."""
    from cli.work import require_database
    from config import clock
    from models.session import open_session
    from services import reconciling

    require_database()
    work = reconciling.reconcile_restored if restored else reconciling.reconcile
    result = work(partial(open_session, durable=True), now=clock.now())
    write_json(result, json_out)
    if json_out != "-":
        say(result.sentence)


@mail_app.command()
def inbound(
    box: Annotated[
        str | None, typer.Option("--from", metavar="BOX", help="A Maildir, or imaps://user@host/INBOX.")
    ] = None,
    json_out: JsonOut = None,
) -> None:
    """Read bounces and complaints from a mailbox. Example: youthhub mail inbound --from /var/mail/bounces."""
    from cli.work import require_database
    from config import clock
    from config.settings import settings
    from models.session import open_session
    from notifications.mailbox import MailboxAway, opened
    from services.errors import refuse
    from services.inbound import read_mailbox

    require_database()
    place = box or settings().inbox
    if not place:
        raise refuse(
            "no_inbox",
            "没说从哪个邮箱收：写--from，或设YOUTHHUB_INBOX。",
            "No mailbox is named: write --from, or set YOUTHHUB_INBOX.",
        )
    try:
        with opened(place) as mailbox:
            result = read_mailbox(open_session, mailbox, now=clock.now())
    except MailboxAway as away:
        raise refuse("mailbox_away", away.sentence.zh, away.sentence.en) from away
    write_json(result, json_out)
    if json_out != "-":
        say(result.sentence)


@mail_app.command("test-send")
def send_test(
    address: Annotated[str, typer.Argument(help="Where it goes: your own mailbox.")],
    kind: Annotated[str, typer.Option(help="Which kind of mail.")] = "offer",
    json_out: JsonOut = None,
) -> None:
    """Send one sample through the relay and show its answer. Example: youthhub mail test-send me@example.org."""
    from config import clock
    from services.mail_trial import send_sample

    result = send_sample(address, kind, language(), now=clock.now())
    write_json(result, json_out)
    if json_out != "-":
        say(result.sentence, error=not result.is_accepted)
    if not result.is_accepted:
        raise typer.Exit(REFUSED)


def _part(
    everything: bool, stream: str | None, kind: str | None, domain: str | None
) -> tuple[HoldScope, str]:
    from models import HoldScope

    named = [
        (scope, value)
        for scope, value in (
            (HoldScope.EVERYTHING, "" if everything else None),
            (HoldScope.STREAM, stream),
            (HoldScope.KIND, kind),
            (HoldScope.DOMAIN, domain),
        )
        if value is not None
    ]
    if len(named) != 1:
        raise typer.BadParameter("name one of --everything, --stream, --kind, --domain")
    return named[0]
