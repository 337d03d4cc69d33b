"""What a manager is told about prices on hours already given."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session, select

from models import MatchingRun, Offer
from services import matchmaking
from services.fairness import compare_fairness
from tests.factories import NOW, make_activity, make_hub, make_need, make_volunteer

UNTIL = NOW + timedelta(weeks=2)


def test_each_price_says_who_would_be_asked_and_nothing_is_kept(session: Session) -> None:
    hub = make_hub(session)
    make_need(session, make_activity(session, hub))
    make_volunteer(session, hub)
    make_volunteer(session, hub)
    found = compare_fairness(session, now=NOW, until=UNTIL, prices=(0.0, 20.0))
    assert [outcome.price for outcome in found.outcomes] == [0.0, 7.5, 20.0]
    assert [outcome.filled for outcome in found.outcomes] == [1, 1, 1]
    assert found.sentences[2].zh == (
        "每小时扣7.5分（现在用的）：配上1个；愿意来的2人里有50%排上，基尼系数0.50，最多的2.5小时；合适度平均每个名额少0.0分。"
    )
    assert session.exec(select(Offer)).all() == []
    assert session.exec(select(MatchingRun)).all() == []


def test_run_reports_how_evenly_it_asks(session: Session) -> None:
    hub = make_hub(session)
    make_need(session, make_activity(session, hub))
    make_volunteer(session, hub)
    make_volunteer(session, hub)
    fair = matchmaking.match(session, now=NOW, until=UNTIL).fairness
    assert (fair.willing, fair.share_used, fair.gini) == (2, 0.5, 0.5)
