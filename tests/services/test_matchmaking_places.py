"""Where people and activities are, and what is said of places that too few can fill."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from models import Hub, MatchingRun, Offer, PersonSkill, Venue
from models.states import OfferState
from services import matchmaking
from tests.factories import (
    NOW,
    make_activity,
    make_hub,
    make_need,
    make_offer,
    make_skill,
    make_volunteer,
    save,
)


def match(session, **over):
    return matchmaking.match(session, **({"now": NOW, "until": NOW + timedelta(weeks=2)} | over))


@pytest.fixture
def hub(session: Session) -> Hub:
    return make_hub(session)


def test_distance_counts_to_the_place_of_the_activity_not_to_its_hub(session, hub):
    """A park far from the hub is near to whoever lives beside it, and nobody else."""
    park = save(session, Venue(code="V1", hub_id=hub.id, name="河边公园", lon=116.60, lat=39.90))
    need = make_need(session, make_activity(session, hub, venue_id=park.id))
    make_volunteer(session, hub)
    beside = make_volunteer(session, make_hub(session, lon=116.60))
    match(session, scope=[hub.id])
    offers = session.exec(select(Offer).order_by(col(Offer.id)))
    assert [(offer.need_id, offer.person_id) for offer in offers] == [(need.id, beside.id)]


def test_way_from_another_place_starts_where_that_activity_is(session, hub):
    """Somebody who serves in a park 21 km off until two cannot be at the hub at a quarter past."""
    park = save(session, Venue(code="V1", hub_id=hub.id, name="河边公园", lon=116.60, lat=39.90))
    there = make_activity(session, hub, venue_id=park.id)
    person = make_volunteer(session, hub)
    make_offer(session, make_need(session, there, taken=1), person, state=OfferState.ACCEPTED)
    make_need(session, make_activity(session, hub, starts_at=there.ends_at + timedelta(minutes=15)))
    assert match(session).filled == 0


def test_unfilled_places_name_the_skill_that_too_few_have(session, hub):
    skill = make_skill(session, name_zh="藏语", name_en="Tibetan")
    person = make_volunteer(session, hub)
    save(session, PersonSkill(person_id=person.id, skill_id=skill.id))
    for _ in range(2):
        make_need(session, make_activity(session, hub), skill_id=skill.id)
    (empty,) = match(session).unfilled
    assert "同一时间有2个位置要会藏语，合适的一共1人" in empty.sentence.zh
    (kept,) = session.exec(select(MatchingRun)).one().unfilled
    assert kept["crowd"] == {"places": 2, "people": 1, "skill_id": skill.id}
