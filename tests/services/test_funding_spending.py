"""Money is spent against the approved budget, each expense with its receipt, and what is left is stated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from config.settings import settings
from models import AuditEntry, FundingApplication, FundingExpense
from services import funding_base, funding_spending
from services.errors import HubError, NotFound, NotYours, TooLate
from services.evidence_store import Given as File
from services.evidence_store import path_of
from services.funding_spending import Spent, spent_by_line
from tests.documents.test_evidence_types import JPG, PDF
from tests.factories import NOW
from tests.services.funding_cast import Cast, answered, hand_in, make_cast

DAY = timedelta(days=1)
LATER = NOW + 20 * DAY
TODAY = date(2026, 12, 13)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("YOUTHHUB_HOME", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def begun(session: Session, cast: Cast) -> FundingApplication:
    found = answered(session, hand_in(session, cast), "approve", cast.street_manager)
    funding_spending.begin(session, found.id or 0, by=cast.asker.id or 0, now=NOW)
    return found


def line(session: Session, found: FundingApplication, place: int) -> int:
    return funding_base.lines_of(session, found.id or 0)[place].id or 0


def bill(session: Session, found: FundingApplication, place: int = 1, **over: object) -> Spent:
    about = {"yuan": "86.50", "spent_on": TODAY, "what": "布料", "receipt": File("C:\\票据.jpg", JPG)}
    return Spent(**{"line_id": line(session, found, place), **about, **over})  # type: ignore[arg-type]


def spend(session: Session, cast: Cast, found: FundingApplication, given: Spent) -> None:
    funding_spending.spend(session, found.id or 0, given, by=cast.asker.id or 0, now=LATER)


def test_expense_stands_on_its_line_with_its_receipt_and_twice_sent_is_one(
    session: Session, cast: Cast, begun: FundingApplication
) -> None:
    given = bill(session, begun, once="x")
    spend(session, cast, begun, given)
    spend(session, cast, begun, given)
    one = session.exec(select(FundingExpense)).one()
    assert (one.amount_fen, one.receipt_name, one.receipt_kind) == (8650, "票据.jpg", "jpg")
    assert funding_spending.receipt(session, begun.id or 0, one.id or 0)[1] == JPG
    assert spent_by_line(session, begun.id or 0) == {line(session, begun, 1): 8650}
    trail = select(AuditEntry).where(AuditEntry.verb == "spend")
    assert session.exec(trail).one().changes == {"spent_fen": [0, 8650]}


def test_receipt_that_was_altered_is_not_shown(
    session: Session, cast: Cast, begun: FundingApplication
) -> None:
    spend(session, cast, begun, bill(session, begun))
    one = session.exec(select(FundingExpense)).one()
    path_of(one.receipt_sha256, "jpg").write_bytes(b"forged")
    with pytest.raises(NotFound, match="evidence_altered"):
        funding_spending.receipt(session, begun.id or 0, one.id or 0)
    with pytest.raises(NotFound):
        funding_spending.receipt(session, (begun.id or 0) + 1, one.id or 0)


def test_expense_names_every_wrong_field(session: Session, cast: Cast, begun: FundingApplication) -> None:
    wrong = Spent(line_id=None, yuan="viel", spent_on=date(2027, 1, 1), what=" ")
    with pytest.raises(HubError) as refused:
        spend(session, cast, begun, wrong)
    assert [one.field for one in refused.value.refusals] == ["line", "amount", "spent_on", "what", "evidence"]
    with pytest.raises(HubError, match="wrong_type"):
        spend(session, cast, begun, bill(session, begun, receipt=File("a.exe", b"MZ")))


def test_beyond_a_line_needs_a_reason_and_beyond_everything_is_refused(
    session: Session, cast: Cast, begun: FundingApplication
) -> None:
    over = bill(session, begun, yuan="4000", receipt=File("a.pdf", PDF))
    with pytest.raises(HubError) as refused:
        spend(session, cast, begun, over)
    assert refused.value.sentence.en == "This line has ¥3,600.50 left; say why it takes more."
    spend(session, cast, begun, replace(over, reason="涨价了"))
    rest = bill(session, begun, 0, yuan="11600.51", reason="涨价了")
    with pytest.raises(HubError) as refused:
        spend(session, cast, begun, rest)
    assert [one.code for one in refused.value.refusals] == ["over_total"]
    assert refused.value.sentence.zh == "超过了批准的总额，只剩11,600.50元。"
    spend(session, cast, begun, replace(rest, yuan="11600.50"))
    assert funding_spending.spent_in_all(session, begun.id or 0) == begun.amount_fen


def test_mistake_is_taken_back_once_and_stays_beside(
    session: Session, cast: Cast, begun: FundingApplication
) -> None:
    spend(session, cast, begun, bill(session, begun))
    asker, number = cast.asker.id or 0, begun.id or 0
    one = session.exec(select(FundingExpense.id)).one() or 0
    with pytest.raises(HubError, match="reason_missing"):
        funding_spending.take_back(session, number, one, "", by=asker, now=LATER)
    funding_spending.take_back(session, number, one, "记重了", by=asker, now=LATER)
    with pytest.raises(TooLate, match="taken_back"):
        funding_spending.take_back(session, number, one, "再来", by=asker, now=LATER)
    amounts = session.exec(select(FundingExpense.amount_fen).order_by(col(FundingExpense.id))).all()
    assert (amounts, funding_spending.spent_in_all(session, number)) == ([8650, -8650], 0)


def test_closing_states_what_is_left_and_ends_spending(
    session: Session, cast: Cast, begun: FundingApplication
) -> None:
    spend(session, cast, begun, bill(session, begun))
    asker, number = cast.asker.id or 0, begun.id or 0
    with pytest.raises(HubError, match="closing_missing"):
        funding_spending.close(session, number, " ", by=asker, now=LATER)
    done = funding_spending.close(session, number, "办了6门课，余款退回", by=asker, now=LATER)
    assert (begun.state, done.sentence.en) == ("closed", "Closed; ¥15,514 is left.")
    with pytest.raises(TooLate):
        spend(session, cast, begun, bill(session, begun))


def test_only_the_hub_spends_and_only_what_was_approved_in_time(session: Session, cast: Cast) -> None:
    found = answered(session, hand_in(session, cast), "approve", cast.street_manager)
    asker = cast.asker.id or 0
    with pytest.raises(TooLate):
        spend(session, cast, found, bill(session, found))
    with pytest.raises(NotYours):
        funding_spending.begin(session, found.id or 0, by=cast.street_manager.id or 0, now=NOW)
    with pytest.raises(TooLate, match="approval_lapsed"):
        funding_spending.begin(session, found.id or 0, by=asker, now=NOW + 181 * DAY)
