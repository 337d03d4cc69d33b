"""Fifty people want the last place at the same moment: one gets it, on both kinds of server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest
from sqlmodel import Session, col, func, select

from models import Message, Need, Offer, Participation
from models.session import engine_for, open_session
from models.states import OfferState, ParticipationState
from services import offers, participation
from services.participation import SignUpForm
from tests.factories import NOW, make_activity, make_hub, make_need, make_offer, make_volunteer

CROWD = 50
LATER = NOW + timedelta(hours=1)
Open = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def opener(database: str) -> Iterator[Open]:
    yield partial(open_session, database)
    engine_for(database).dispose()


def all_at_once(deed: Callable[[int], str], things: list[int]) -> Counter[str]:
    """Let as many threads as there are things wait for each other, and then do the deed."""
    together = Barrier(len(things))

    def one(thing: int) -> str:
        together.wait()
        return deed(thing)

    with ThreadPoolExecutor(len(things)) as pool:
        return Counter(pool.map(one, things))


def offer_to_crowd(session: Session, *, places: int) -> list[int]:
    hub = make_hub(session)
    need = make_need(session, make_activity(session, hub), desired=places, maximum=places)
    values = {"state": OfferState.SENT, "sent_at": NOW, "expires_at": NOW + timedelta(hours=48)}
    return [make_offer(session, need, make_volunteer(session, hub), **values).id for _ in range(CROWD)]


@pytest.mark.parametrize("places", [1, 3])
def test_last_places_go_to_as_many_as_there_are(opener: Open, places: int) -> None:
    with opener() as session:
        ids = offer_to_crowd(session, places=places)

    def accept(offer_id: int) -> str:
        with opener() as session:
            return type(offers.accept(session, offer_id, now=LATER)).__name__

    assert all_at_once(accept, ids) == {"Accepted": places, "StandbyOffered": CROWD - places}
    with opener() as session:
        assert session.exec(select(Need)).one().taken == places
        accepted = session.exec(select(Offer).where(col(Offer.state) == OfferState.ACCEPTED)).all()
        confirmed = session.exec(select(Message).where(col(Message.kind) == "confirmation")).all()
        assert (len(accepted), len(confirmed)) == (places, places)


def test_one_person_clicking_yes_many_times_takes_one_place(opener: Open) -> None:
    with opener() as session:
        mine = offer_to_crowd(session, places=5)[0]

    def accept(_: int) -> str:
        with opener() as session:
            said = offers.accept(session, mine, now=LATER)
            assert isinstance(said, offers.Accepted)
            return "again" if said.again else "first"

    assert all_at_once(accept, list(range(10))) == {"first": 1, "again": 9}
    with opener() as session:
        assert session.exec(select(Need)).one().taken == 1


def test_everybody_giving_back_at_once_frees_every_place(opener: Open) -> None:
    with opener() as session:
        ids = offer_to_crowd(session, places=10)[:10]
        for offer_id in ids:
            offers.accept(session, offer_id, now=LATER)

    def give_back(offer_id: int) -> str:
        with opener() as session:
            return type(offers.withdraw_acceptance(session, offer_id, now=LATER)).__name__

    assert all_at_once(give_back, ids) == {"Declined": 10}
    with opener() as session:
        assert session.exec(select(Need)).one().taken == 0


def test_last_seats_go_to_as_many_as_there_are(opener: Open) -> None:
    with opener() as session:
        code = make_activity(session, make_hub(session), capacity=3).code

    def sign_up(n: int) -> str:
        form = SignUpForm(name=f"乔安禾{n}", email=f"y{n}@young.example", birth_date="2004-03-05")
        with opener() as session:
            said = participation.sign_up(session, code, form, now=NOW)
            return f"{said.state} {said.position}"

    waiting = {f"waiting {place}": 1 for place in range(1, CROWD - 2)}
    assert all_at_once(sign_up, list(range(CROWD))) == {"signed_up 0": 3, **waiting}
    with opener() as session:
        seated = select(func.count()).where(col(Participation.state) == ParticipationState.SIGNED_UP)
        assert session.exec(seated).one() == 3
