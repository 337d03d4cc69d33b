"""Dispatch rows: asked for once, claimed by one, taken over when a lease ends, given up aloud."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy import insert
from sqlmodel import Session, select

from config.text import Text
from models import AuditEntry, Dispatch
from models.session import open_session
from services import dispatch
from services.errors import HubError, NotFound
from tests.conftest import NOW

OpenSession = Callable[[], AbstractContextManager[Session]]
MATCH = {"hub": "H1", "dry_run": True}


@pytest.fixture
def opener(database: str) -> OpenSession:
    return partial(open_session, database)


def ask(opener: OpenSession, key: str = "match:H1", kind: str = "match_volunteers") -> int:
    with opener() as session:
        row = dispatch.request(session, kind, key=key, params={}, now=NOW)
        assert row.id is not None
        return row.id


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def waiting(opener: OpenSession, now: datetime) -> list[dispatch.Waiting]:
    with opener() as session:
        return dispatch.due(session, now=now)


def work(opener: OpenSession, claim: dispatch.Claim, verb: str) -> None:
    with opener() as session:
        session.execute(insert(AuditEntry).values(at=NOW, verb=verb, thing="t", changes={}, reason=""))
        dispatch.finish(session, claim, now=after(62))


def test_request_second_click_returns_the_first_row(opener: OpenSession) -> None:
    with opener() as session:
        first = dispatch.request(session, "match_volunteers", key="k", params=MATCH, now=NOW)
    with opener() as session:
        second = dispatch.request(session, "match_volunteers", key="k", params={}, now=after(9))
    assert (second.id, second.requested_at, second.params) == (
        first.id,
        NOW,
        {**MATCH, "weeks": 2, "repair": False},
    )


def test_request_with_bad_parameters_is_refused_with_every_field(session: Session) -> None:
    with pytest.raises(HubError) as caught:
        dispatch.request(
            session, "match_volunteers", key="k", params={"weeks": 99, "name": "沈之槐"}, now=NOW
        )
    assert [refusal.field for refusal in caught.value.refusals] == ["weeks", "name"]
    assert session.exec(select(Dispatch)).all() == []


def test_claim_of_two_workers_only_one_wins(opener: OpenSession) -> None:
    ids = [ask(opener, f"k{n}") for n in range(20)]
    start = Barrier(2)

    def worker(name: str) -> list[int]:
        start.wait()
        claims = (dispatch.claim(opener, row, name, now=NOW) for row in ids)
        return [claim.dispatch_id for claim in claims if claim]

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(worker, ("a:1", "b:2"))
    assert sorted([*one, *two]) == ids


def test_claim_is_free_again_only_when_the_lease_has_ended(opener: OpenSession) -> None:
    row = ask(opener)
    assert dispatch.claim(opener, row, "a:1", now=NOW) is not None
    assert dispatch.claim(opener, row, "b:2", now=after(60)) is None
    taken_over = dispatch.claim(opener, row, "b:2", now=after(61))
    assert taken_over is not None
    assert taken_over.attempt == 2


def test_renew_keeps_the_row_and_fails_once_it_is_lost(opener: OpenSession) -> None:
    row = ask(opener)
    first = dispatch.claim(opener, row, "a:1", now=NOW)
    assert first is not None
    assert dispatch.renew(opener, first, now=after(50))
    assert dispatch.claim(opener, row, "b:2", now=after(100)) is None
    assert dispatch.claim(opener, row, "b:2", now=after(111)) is not None
    assert not dispatch.renew(opener, first, now=after(112))


def test_finish_after_the_lease_was_lost_takes_the_work_back(opener: OpenSession) -> None:
    row = ask(opener)
    slow = dispatch.claim(opener, row, "a:1", now=NOW)
    quick = dispatch.claim(opener, row, "b:2", now=after(61))
    assert slow is not None
    assert quick is not None
    with pytest.raises(dispatch.LeaseLost):
        work(opener, slow, "slow")
    work(opener, quick, "quick")
    with opener() as session:
        assert session.exec(select(AuditEntry.verb)).all() == ["quick"]


def test_finish_of_the_same_worker_counts_only_for_its_last_attempt(opener: OpenSession) -> None:
    row = ask(opener)
    first = dispatch.claim(opener, row, "a:1", now=NOW)
    assert first is not None
    assert dispatch.claim(opener, row, "a:1", now=after(61)) is not None
    with pytest.raises(dispatch.LeaseLost), opener() as session:
        dispatch.finish(session, first, now=after(62))


def test_done_work_is_never_claimed_again(opener: OpenSession) -> None:
    row = ask(opener)
    claim = dispatch.claim(opener, row, "a:1", now=NOW)
    assert claim is not None
    with opener() as session:
        dispatch.finish(session, claim, now=NOW)
    assert dispatch.claim(opener, row, "b:2", now=after(9999)) is None
    assert waiting(opener, after(9999)) == []


def test_due_rings_again_each_grace_and_then_goes_to_the_pool(opener: OpenSession) -> None:
    row = ask(opener)
    assert waiting(opener, after(4)) == []
    heard = []
    for second in (5, 10, 15, 20):
        rung = waiting(opener, after(second))
        heard += [(item.dispatch_id, item.bells, item.door) for item in rung]
        with opener() as session:
            dispatch.count_bells(session, rung)
    warm, bulk = dispatch.Door.WARM, dispatch.Door.BULK
    assert heard == [(row, 0, warm), (row, 1, warm), (row, 2, warm), (row, 3, bulk)]


def test_released_row_waits_until_it_is_due_again(opener: OpenSession) -> None:
    row = ask(opener)
    claim = dispatch.claim(opener, row, "a:1", now=NOW)
    assert claim is not None
    assert dispatch.release(opener, claim, due_at=after(30))
    assert dispatch.claim(opener, row, "a:1", now=after(29)) is None
    assert dispatch.claim(opener, row, "a:1", now=after(30)) is not None


def test_fifth_failure_gives_up_aloud(opener: OpenSession) -> None:
    row = ask(opener)
    for attempt in range(dispatch.ATTEMPTS):
        assert dispatch.claim(opener, row, "a:1", now=after(61 * attempt)) is not None
        with opener() as session:
            assert dispatch.give_up(session, now=after(61 * attempt + 1)) == 0
    assert dispatch.claim(opener, row, "a:1", now=after(999)) is None
    with opener() as session:
        assert dispatch.give_up(session, now=after(999)) == 1
        assert dispatch.result_view(session, row).state == "gave_up"


def test_release_dead_frees_only_the_dead_of_this_host(opener: OpenSession) -> None:
    rows = [ask(opener, key) for key in ("dead", "alive", "elsewhere")]
    workers = ("here:1:a", "here:2:b", "here_too:1:a")
    claims = [dispatch.claim(opener, row, name, now=NOW) for row, name in zip(rows, workers, strict=True)]
    assert claims[0] is not None
    dispatch.note_run(opener, claims[0], "run-1")
    runs = dispatch.release_dead(opener, "here", lambda worker: worker == "here:2:b", now=after(1))
    assert runs == ["run-1"]
    again = [dispatch.claim(opener, row, "here:3:c", now=after(2)) is not None for row in rows]
    assert again == [True, False, False]


def test_result_view_says_what_was_done_in_both_languages(opener: OpenSession) -> None:
    row = ask(opener)
    with opener() as session:
        assert dispatch.result_view(session, row).headline.zh == "“给空位配人”排上了，马上开始。"
    claim = dispatch.claim(opener, row, "a:1", now=NOW)
    assert claim is not None
    with opener() as session:
        assert dispatch.result_view(session, row).state == "running"
        words = Text("27个空位能配上24个。", "24 of 27 places can be filled.")
        dispatch.finish(session, claim, now=after(1), sentences=[words], counts={"filled": 24})
    with opener() as session:
        view = dispatch.result_view(session, row)
    assert (view.state, view.sentences, view.counts, view.is_over) == ("done", (words,), {"filled": 24}, True)


def test_result_view_of_unknown_number_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        dispatch.result_view(session, 404)
