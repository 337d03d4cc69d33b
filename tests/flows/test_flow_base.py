"""What every flow does around its one service: one transaction, words, and nothing personal."""

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, select

from config.settings import settings
from config.text import Refusal, Text
from flows import base
from flows.base import HELD, Told, WorkFailed, in_markdown, perform, perform_in_parts, tell
from models import AuditEntry, Dispatch
from models.session import open_session
from services import dispatch
from services.dispatch import LeaseLost
from services.errors import HubError, refuse
from tests.conftest import NOW


@dataclass(frozen=True)
class Closed:
    closed: int
    is_last: bool
    sentence: Text


@pytest.fixture
def network(sqlite_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process's settings point to an empty network."""
    monkeypatch.setenv("YOUTHHUB_DATABASE_URL", sqlite_database)
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def held(network: None) -> Iterator[dispatch.Claim]:
    """A dispatch row that this test works off."""
    with open_session() as session:
        row = dispatch.request(session, "send_offers", key="k", params={}, now=NOW)
    claim = dispatch.claim(open_session, row.id or 0, "here:1:a", now=NOW)
    assert claim is not None
    mark = HELD.set(claim)
    yield claim
    HELD.reset(mark)


def make_address() -> str:
    return "p1@people.example"


def leave_a_mark(session: Session, now: datetime) -> int:
    session.add(AuditEntry(at=now, verb="done", thing="test"))
    return 3


def marks() -> list[str]:
    with open_session() as session:
        return list(session.exec(select(AuditEntry.verb)))


def outcome() -> tuple[str, dict[str, object]]:
    with open_session() as session:
        row = session.exec(select(Dispatch)).one()
        return row.outcome, row.result


def test_perform_commits_the_service_and_returns_its_result(network: None) -> None:
    assert asyncio.run(perform(leave_a_mark)) == 3
    assert marks() == ["done"]


def test_perform_finishes_the_dispatch_row_with_the_work(held: dispatch.Claim) -> None:
    asyncio.run(perform(leave_a_mark))
    assert outcome() == (
        "done",
        {"sentences": [["做好了，数目见下表。", "Done; the numbers stand below."]], "counts": {"done": 3}},
    )


def test_perform_takes_the_work_back_when_the_row_was_lost(held: dispatch.Claim) -> None:
    assert dispatch.release(open_session, held, due_at=NOW)
    assert dispatch.claim(open_session, held.dispatch_id, "there:2:b", now=NOW) is not None
    with pytest.raises(LeaseLost):
        asyncio.run(perform(leave_a_mark))
    assert marks() == []


def test_perform_in_parts_finishes_the_row_after_the_last_part(held: dispatch.Claim) -> None:
    asyncio.run(perform_in_parts(lambda: Told((Text("送了。", "Sent."),), {"sent": 2})))
    assert outcome() == ("done", {"sentences": [["送了。", "Sent."]], "counts": {"sent": 2}})


def test_refusal_comes_through_as_it_is_and_writes_nothing(network: None) -> None:
    def refused(session: Session, now: datetime) -> None:
        leave_a_mark(session, now)
        raise refuse("unknown_hub", "没有这个青年汇。", "There is no such hub.")

    with pytest.raises(HubError, match=r"^unknown_hub$"):
        asyncio.run(perform(refused))
    assert marks() == []


def test_fault_never_quotes_the_row_it_choked_on(network: None, caplog: pytest.LogCaptureFixture) -> None:
    address = make_address()

    def broken(_session: Session, _now: datetime) -> None:
        int(address)

    with caplog.at_level(logging.DEBUG), pytest.raises(WorkFailed) as caught:
        asyncio.run(perform(broken))
    assert str(caught.value) == "ValueError"
    assert caught.value.__cause__ is None
    assert "people.example" not in caplog.text
    assert "in broken" in caplog.text


def test_transaction_is_tried_again_when_the_database_was_away(
    network: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base.time, "sleep", lambda _seconds: None)
    tries = []

    def flaky(session: Session, now: datetime) -> int:
        tries.append(now)
        leave_a_mark(session, now)
        if len(tries) < base.TRIES:
            raise OperationalError("", {}, Exception("database is locked"))
        return len(tries)

    assert asyncio.run(perform(flaky)) == base.TRIES
    assert marks() == ["done"]


def test_tell_reads_sentence_problems_and_whole_numbers() -> None:
    sentence = Text("关了2场。", "2 closed.")
    assert tell(Closed(2, is_last=True, sentence=sentence)) == Told((sentence,), {"closed": 2})

    @dataclass(frozen=True)
    class Planned:
        added: int
        problems: tuple[Refusal, ...]

    problem = Text("没有房间。", "There is no room.")
    assert tell(Planned(0, (Refusal("no_room", problem),))) == Told((problem,), {"added": 0})


def test_tell_of_nothing_done_says_so() -> None:
    @dataclass(frozen=True)
    class Sent:
        sent: int

    assert tell(Sent(0)).sentences == (Text("没有要做的。", "Nothing to do."),)


def test_in_markdown_holds_both_languages_and_the_numbers() -> None:
    told = Told((Text("关了2场。", "2 closed."),), {"closed": 2})
    assert in_markdown("活动收尾 · Close activities", told, 0.5).splitlines() == [
        "# 活动收尾 · Close activities",
        "",
        "- 关了2场。",
        "",
        "- 2 closed.",
        "",
        "| 数 count | |",
        "| --- | ---: |",
        "| closed | 2 |",
        "| 秒 seconds | 0.50 |",
    ]
