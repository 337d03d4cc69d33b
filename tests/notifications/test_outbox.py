"""The outbox: one row a key, claimed once, settled only under its own lease."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event
from sqlmodel import Session, select

from models import Message
from models.session import make_engine
from models.states import MessageState
from notifications import outbox
from notifications.kinds import Lane, OfferMail, Recipient
from notifications.samples import samples

OFFER = next(mail for mail in samples("zh-Hans") if isinstance(mail, OfferMail))


def with_address(address: str) -> OfferMail:
    return replace(OFFER, to=Recipient("林小满", address))


def only(session: Session) -> Message:
    session.expire_all()
    return session.exec(select(Message)).one()


def test_queue_with_the_same_key_twice_keeps_the_first(session: Session, now: datetime) -> None:
    assert outbox.queue(session, OFFER, key="offer:41:1", now=now)
    first = only(session).content
    assert not outbox.queue(session, OFFER, key="offer:41:1", now=now + timedelta(hours=1))
    assert only(session).content == first


def test_queue_keeps_ids_of_what_it_is_about_and_no_names(session: Session, now: datetime) -> None:
    outbox.queue(session, OFFER, key="offer:41:1", now=now)
    row = only(session)
    assert row.subject == {"offer": 41, "activity": 7, "revision": 1}
    assert (row.kind, row.stream, row.lane, row.state) == ("offer", "offers", Lane.NORMAL, "queued")


def test_queue_many_counts_only_new_keys(session: Session, now: datetime) -> None:
    outbox.queue(session, OFFER, key="offer:1:1", now=now)
    mails = [(f"offer:{number}:1", OFFER) for number in range(1, 601)]
    assert outbox.queue_many(session, mails, now=now) == 599
    assert outbox.queue_many(session, mails, now=now) == 0


@pytest.mark.parametrize(
    ("address", "reason"),
    [("", "no_address"), ("小满@people.example", "address_not_ascii"), ("a b@people.example", "bad_address")],
)
def test_queue_to_an_unusable_address_is_a_failed_row_with_its_reason(
    session: Session, now: datetime, address: str, reason: str
) -> None:
    outbox.queue(session, with_address(address), key="offer:41:1", now=now)
    row = only(session)
    assert (row.state, row.reason, row.to_address) == (MessageState.FAILED, reason, "")


def test_queue_writes_a_chinese_domain_in_its_ascii_form(session: Session, now: datetime) -> None:
    outbox.queue(session, with_address("Xiaoman@青年.example"), key="offer:41:1", now=now)
    assert only(session).to_address == "Xiaoman@xn--hwtu97j.example"


def test_claim_takes_urgent_mail_first_and_nothing_early(session: Session, now: datetime) -> None:
    for number, mail in enumerate(samples("zh-Hans")):
        outbox.queue(session, mail, key=f"sample:{number}", now=now, not_before=now)
    outbox.queue(session, OFFER, key="later", now=now, not_before=now + timedelta(minutes=1))
    claimed = outbox.claim(session, "lease", now=now, limit=100)
    assert [row.lane for row in claimed] == sorted(row.lane for row in claimed)
    assert len(claimed) == len(samples("zh-Hans"))
    assert claimed[0].lane == Lane.URGENT


def test_claim_gives_a_row_to_one_worker_only(session: Session, now: datetime) -> None:
    outbox.queue_many(session, [(f"offer:{n}:1", OFFER) for n in range(5)], now=now)
    first = outbox.claim(session, "one", now=now, limit=3)
    second = outbox.claim(session, "two", now=now, limit=3)
    assert len(first) == 3
    assert len(second) == 2
    assert not {row.id for row in first} & {row.id for row in second}


def test_settle_after_the_lease_was_taken_over_changes_nothing(session: Session, now: datetime) -> None:
    outbox.queue(session, OFFER, key="offer:41:1", now=now)
    (row,) = outbox.claim(session, "slow", now=now, limit=1)
    later = now + outbox.LEASE + timedelta(seconds=1)
    outbox.recover(session, now=later)
    outbox.claim(session, "fresh", now=later, limit=1)
    late = outbox.Result(MessageState.FAILED, attempts=1, next_at=now)
    sent = outbox.Result(MessageState.SENT, attempts=1, next_at=now, sent_at=later)
    assert not outbox.settle(session, row.id, "slow", late)
    assert outbox.settle(session, row.id, "fresh", sent)
    assert only(session).state == MessageState.SENT


def test_recover_after_a_crash_holds_only_the_row_whose_dialogue_had_begun(
    session: Session, now: datetime
) -> None:
    outbox.queue_many(session, [(f"offer:{n}:1", OFFER) for n in range(3)], now=now)
    rows = outbox.claim(session, "dead", now=now, limit=3)
    outbox.announce(session, rows[0].id, "dead", now=now)
    assert outbox.recover(session, now=now + timedelta(minutes=1)) == 0
    assert outbox.recover(session, now=now + outbox.LEASE + timedelta(seconds=1)) == 1
    assert outbox.counts(session)["ambiguous"] == 1
    assert outbox.counts(session)["queued"] == 2


def test_claim_on_sqlite_reads_the_index_of_due_mail(sqlite_database: str, now: datetime) -> None:
    """Without it each batch would read and sort the whole queue."""
    asked: list[tuple[str, tuple[object, ...]]] = []
    engine = make_engine(sqlite_database)
    event.listen(engine, "before_cursor_execute", lambda *call: asked.append((call[2], call[3])))
    with Session(engine) as session:
        outbox.claim(session, "lease", now=now, limit=5)
        statement, values = asked[-1]
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    engine.dispose()
    assert any("ix_message_due" in row[3] for row in plan)
    assert not any("TEMP B-TREE FOR ORDER BY" in row[3] for row in plan)
