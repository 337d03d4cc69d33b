"""Offers that somebody may still be looking at wait; asked for by hand, all of them leave."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import select

from config import clock
from config.settings import settings
from flows.send_offers import send_offers
from models import Offer
from models.session import open_session, read_session
from tests.factories import make_activity, make_hub, make_need, make_offer, make_volunteer


@pytest.fixture
def proposals(sqlite_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A network in which one offer was proposed two hours ago and one just now."""
    monkeypatch.setenv("YOUTHHUB_DATABASE_URL", sqlite_database)
    settings.cache_clear()
    now = clock.now()
    with open_session() as session:
        hub = make_hub(session)
        for hours in (2, 0):
            need = make_need(session, make_activity(session, hub, starts_at=now + timedelta(days=3 + hours)))
            make_offer(session, need, make_volunteer(session, hub), proposed_at=now - timedelta(hours=hours))
    yield
    settings.cache_clear()


def states() -> list[str]:
    with read_session() as session:
        return list(session.exec(select(Offer.state).order_by(Offer.proposed_at)))


def test_only_what_has_waited_is_sent(proposals: None) -> None:
    assert asyncio.run(send_offers.fn(waited_minutes=60)).sent == 1
    assert states() == ["sent", "proposed"]


def test_by_hand_everything_is_sent(proposals: None) -> None:
    assert asyncio.run(send_offers.fn()).sent == 2
    assert asyncio.run(send_offers.fn()).sent == 0
    assert states() == ["sent", "sent"]
