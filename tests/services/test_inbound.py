"""What comes back changes what is sent: once, in any order, and only where a signature proves it."""

from __future__ import annotations

import contextlib
import random
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import Session, select

from config.settings import settings
from models import InboundMail, Message, Suppression
from models.session import open_session
from models.states import OfferState
from notifications import mailbox, outbox
from notifications.kinds import Mail, Recipient, RegistrationReceivedMail
from notifications.mime import number_of
from notifications.return_path import address_for
from notifications.samples import HUB, samples
from services import inbound, preferences
from services.delivery import deliver_due
from services.inbound import Inbound, read_mailbox, take
from services.roster import roster
from tests import returns
from tests.certificates import self_signed
from tests.factories import make_activity, make_coordinator, make_hub, make_need, make_offer, make_volunteer
from tests.relay import running_relay

Opener = Callable[[], AbstractContextManager[Session]]
DAY = timedelta(days=1)
GONE, FULL = "550 5.1.1 User unknown", "552 5.2.2 mailbox full"


@pytest.fixture(autouse=True)
def _signed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("YOUTHHUB_RETURN_PATH", "bounces@hubs.example")
    monkeypatch.setenv("YOUTHHUB_SECRET", "a key for tests only")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


def queue(session: Session, now: datetime, key: str = "one", address: str = "v@people.example") -> str:
    """Queue a mail and return where its bounces go."""
    mail: Mail = RegistrationReceivedMail(to=Recipient("林小满", address), person_id=1, hub=HUB)
    outbox.queue(session, mail, key=key, now=now)
    return address_for(number_of(key))


def suppressed(session: Session) -> list[tuple[str, str]]:
    session.expire_all()
    return sorted((row.stream, row.reason) for row in session.exec(select(Suppression)))


def test_mail_leaves_with_a_return_path_of_its_own(
    sqlite_database: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, seen = partial(open_session, sqlite_database), []
    with running_relay() as relay:
        handle = relay.handle_MAIL

        async def note(server, session, envelope, address, options):  # type: ignore[no-untyped-def] -- aiosmtpd's
            seen.append(address)
            return await handle(server, session, envelope, address, options)

        vars(relay)["handle_MAIL"] = note
        monkeypatch.setenv("YOUTHHUB_SMTP_PORT", str(relay.port))
        settings.cache_clear()
        with opened() as session:
            addresses = [queue(session, now, key) for key in ("one", "two")]
        assert deliver_due(opened, now=lambda: now).sent == 2
    assert seen == addresses
    assert len(set(addresses)) == 2


def test_mailbox_that_is_gone_gets_no_mail_any_more(session: Session, now: datetime) -> None:
    address = queue(session, now)
    assert take(session, returns.dsn(address, GONE), now=now) == "bounces"
    assert suppressed(session) == [("*", "unknown_mailbox")]


@pytest.mark.parametrize(
    "content",
    [
        returns.dsn("bounces@hubs.example", GONE),
        returns.dsn("bounces+aaaaaaaaaaaaaaaaaaaaaaaaaaaaa@hubs.example", GONE),
        returns.complaint(
            "bounces@hubs.example", "List-Unsubscribe: <http://h.example/u/forged.token/offers>"
        ),
    ],
)
def test_forged_bounce_or_complaint_changes_nothing(session: Session, now: datetime, content: bytes) -> None:
    queue(session, now)
    assert take(session, content, now=now) == "strangers"
    assert suppressed(session) == []


def test_bounce_of_a_mail_of_long_ago_changes_nothing(session: Session, now: datetime) -> None:
    address = queue(session, now)
    assert take(session, returns.dsn(address, GONE), now=now + 61 * DAY) == "strangers"
    assert suppressed(session) == []


def test_same_bounce_twice_is_taken_once(session: Session, now: datetime) -> None:
    address = queue(session, now)
    content = returns.dsn(address, FULL)
    assert [take(session, content, now=now) for _ in range(3)] == ["bounces", "again", "again"]
    assert len(session.exec(select(InboundMail)).all()) == 1


def test_full_mailbox_counts_a_point_a_day_and_five_points_are_enough(
    session: Session, now: datetime
) -> None:
    address = queue(session, now)
    for day in range(4):
        for hour in range(2):
            said = f"{FULL} {day} {hour}"
            take(
                session,
                returns.dsn(address, said, status="5.2.2"),
                now=now + day * DAY + timedelta(hours=hour),
            )
    assert suppressed(session) == []
    take(session, returns.dsn(address, f"{FULL} last", status="5.2.2"), now=now + 4 * DAY)
    assert suppressed(session) == [("*", "keeps_bouncing")]


def test_points_expire(session: Session, now: datetime) -> None:
    address = queue(session, now)
    for place in range(8):
        take(session, returns.dsn(address, f"{FULL} {place}", status="5.2.2"), now=now + place * 8 * DAY)
    assert suppressed(session) == []


def test_another_address_of_the_same_person_begins_anew(session: Session, now: datetime) -> None:
    take(session, returns.dsn(queue(session, now), GONE), now=now)
    assert set(preferences.addresses_that_fail(session, ["v@people.example", "new@people.example"])) == {
        "v@people.example"
    }


@pytest.mark.parametrize(
    "said", ["550 5.7.1 refused as spam", "550 Domain frequency limited", "552 too large"]
)
def test_refusal_that_says_nothing_of_the_mailbox_changes_nothing(
    session: Session, now: datetime, said: str
) -> None:
    address = queue(session, now)
    for day in range(9):
        take(session, returns.dsn(address, f"{said} {day}", status="5.7.1"), now=now + day * DAY)
    assert suppressed(session) == []


@pytest.mark.parametrize("seed", range(12))
def test_any_order_and_any_copies_of_bounces_end_the_same(session: Session, now: datetime, seed: int) -> None:
    addresses = [queue(session, now, f"m{n}", f"v{n % 4}@people.example") for n in range(8)]
    events = [
        returns.dsn(address, f"{said} {place}", status=status)
        for place, address in enumerate(addresses)
        for said, status in ((FULL, "5.2.2"), ("550 5.7.1 spam", "5.7.1"))
    ]
    events += [returns.dsn(addresses[0], GONE), returns.dsn(addresses[5], "mailbox moved", status="5.1.6")]
    events *= 2
    random.Random(seed).shuffle(events)
    for event in events:
        take(session, event, now=now)
    session.expire_all()
    found = {(row.address, row.stream, row.reason) for row in session.exec(select(Suppression))}
    assert found == {
        ("v0@people.example", "*", "unknown_mailbox"),
        ("v1@people.example", "*", "mailbox_moved"),
    }


def test_complaint_stops_all_that_one_can_leave_and_a_resubscription_does_not_lift_it(
    session: Session, now: datetime
) -> None:
    offer = next(mail for mail in samples("zh-Hans") if mail.kind == "offer")
    outbox.queue(session, offer, key="offer", now=now)
    row = session.exec(select(Message)).one()
    (header,) = re.findall(rb"List-Unsubscribe: <[^>]*>", row.content.replace(b"\r\n ", b" "))
    content = returns.complaint("abuse@hubs.example", header.decode())
    assert take(session, content, now=now) == "complaints"
    preferences.resubscribe(session, row.to_address, "offers")
    streams = ["digests", "offers", "reminders", "reports", "surveys"]
    assert suppressed(session) == [(stream, "complained") for stream in streams]


def test_complaint_of_a_mail_that_told_several_things_counts_too(session: Session, now: datetime) -> None:
    news = next(mail for mail in samples("zh-Hans") if mail.kind == "news")
    outbox.queue(session, news, key="news", now=now)
    content = session.exec(select(Message.content)).one().replace(b"\r\n ", b" ")
    (header,) = re.findall(rb"List-Unsubscribe: <[^>]*>", content)
    assert b"+" in header.rpartition(b"/")[2]
    assert take(session, returns.complaint("abuse@hubs.example", header.decode()), now=now) == "complaints"


def test_roster_says_to_whom_mail_does_not_arrive(session: Session, now: datetime) -> None:
    hub = make_hub(session)
    activity = make_activity(session, hub)
    volunteer = make_volunteer(session, hub, email="v@people.example")
    make_offer(session, make_need(session, activity), volunteer, state=OfferState.SENT)
    worker = make_coordinator(session, hub)

    def told() -> list[str | None]:
        found = roster(session, activity.code, hub_id=hub.id or 0, by=worker.id or 0, now=now)
        return [person.mail_fails and person.mail_fails.zh for role in found.roles for person in role.people]

    assert told() == [None]
    take(session, returns.dsn(queue(session, now), GONE), now=now)
    assert told() == ["没有这个邮箱"]


def test_maildir_is_read_once_and_kept_for_people(
    sqlite_database: str, tmp_path: Path, now: datetime
) -> None:
    opened = partial(open_session, sqlite_database)
    with opened() as session:
        address = queue(session, now)
    for part in ("new", "tmp"):
        (tmp_path / "box" / part).mkdir(parents=True)
    (tmp_path / "box/new/1").write_bytes(returns.dsn(address, GONE))
    (tmp_path / "box/new/2").write_bytes(returns.letter(address, "请问在哪里集合？"))
    (tmp_path / "box/new/3").write_bytes(b"\xff\x00")
    results = []
    for _ in range(2):
        with mailbox.opened(str(tmp_path / "box")) as box:
            results.append(read_mailbox(opened, box, now=now))
    assert results == [Inbound(bounces=1, letters=2), Inbound()]
    assert sorted(path.name for path in (tmp_path / "box/cur").iterdir()) == ["1:2,S", "2:2,S", "3:2,S"]


def test_reading_that_was_killed_begins_again_where_it_was(
    sqlite_database: str, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = partial(open_session, sqlite_database)
    with opened() as session:
        address = queue(session, now)
    (tmp_path / "new").mkdir()
    for number in range(3):
        (tmp_path / f"new/{number}").write_bytes(returns.dsn(address, f"{FULL} {number}"))
    box = mailbox.MaildirBox(tmp_path)

    def killed(_: bytes) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(inbound.incoming, "read", killed)
        with contextlib.suppress(KeyboardInterrupt):
            read_mailbox(opened, box, now=now)
    assert read_mailbox(opened, box, now=now) == Inbound(bounces=3)


@pytest.mark.parametrize("address", ["/nowhere/at/all", "pop3://a@b/c", "imaps://"])
def test_mailbox_that_there_is_not_is_refused_with_a_sentence(address: str) -> None:
    with pytest.raises(mailbox.MailboxAway) as away, mailbox.opened(address):
        pass
    assert away.value.sentence.zh
    assert away.value.sentence.en


def test_mailbox_over_imap_is_read_and_marked(
    sqlite_database: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = partial(open_session, sqlite_database)
    with opened() as session:
        address = queue(session, now)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server = ImapServer([returns.dsn(address, GONE), returns.letter(address, "x")])
    with self_signed("localhost") as (certificate, key):
        context.load_cert_chain(certificate, key)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            threading.Thread(target=server.serve, args=(listener, context, 2), daemon=True).start()
            url = f"imaps://hub%40h.example@localhost:{listener.getsockname()[1]}/INBOX"
            with pytest.raises(mailbox.MailboxAway, match="SSLCertVerificationError"), mailbox.opened(url):
                pass
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
            monkeypatch.setenv("YOUTHHUB_INBOX_PASSWORD", "secret word")
            settings.cache_clear()
            with mailbox.opened(url) as box:
                assert read_mailbox(opened, box, now=now) == Inbound(bounces=1, letters=1)
    assert server.seen == {"1", "2"}
    assert server.login == 'hub@h.example "secret word"'


class ImapServer:
    """As much of an IMAP server as reading a mailbox needs."""

    def __init__(self, mails: list[bytes]) -> None:
        self.mails = mails
        self.seen: set[str] = set()
        self.login = ""

    def serve(self, listener: socket.socket, context: ssl.SSLContext, times: int) -> None:
        for _ in range(times):
            with contextlib.suppress(OSError):
                line, _ = listener.accept()
                with context.wrap_socket(line, server_side=True) as secure, secure.makefile("rwb", 0) as file:
                    file.write(b"* OK ready\r\n")
                    for command in iter(file.readline, b""):
                        tag, _, words = command.decode().strip().partition(" ")
                        file.write(self.answer(words) + f"{tag} OK done\r\n".encode())

    def answer(self, words: str) -> bytes:
        if words.startswith("CAPABILITY"):
            return b"* CAPABILITY IMAP4rev1\r\n"
        if words.startswith("LOGIN"):
            self.login = words.removeprefix("LOGIN ")
        if words.startswith("SELECT"):
            return b"* 2 EXISTS\r\n"
        if words.startswith("UID SEARCH"):
            return b"* SEARCH " + " ".join(str(n + 1) for n in range(len(self.mails))).encode() + b"\r\n"
        if found := re.match(r"UID FETCH (\d+)", words):
            content = self.mails[int(found.group(1)) - 1]
            return b"* %b FETCH (UID %b BODY[] {%d}\r\n%b)\r\n" % (
                found.group(1).encode(), found.group(1).encode(), len(content), content,
            )  # fmt: skip
        if found := re.match(r"UID STORE (\d+) \+FLAGS.SILENT \(\\Seen\)", words):
            self.seen.add(found.group(1))
        return b"* BYE\r\n" if words.startswith("LOGOUT") else b""
