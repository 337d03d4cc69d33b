"""How a series could be staffed at some times, as the rules of matching see the people near its hub."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import Session, col

from matching.supply import Supply, SupplyEstimate
from models import Activity
from scheduling.conflicts import Booking
from services.matching_rules import matching_rules
from services.matchmaking_inputs import activity_of, load_staffing, near, need_of
from services.matchmaking_people import load_volunteers
from services.proposal_times import Wish
from services.queries import Occasion, id_of

AROUND = timedelta(days=7)
"""Open places of the same week want the same people."""


def estimate_near(session: Session, hub_id: int, *, now: datetime, until: datetime) -> SupplyEstimate:
    """Read the people near a hub and every open place that wants them through `until`."""
    decided = matching_rules(session, now=now)
    people, rules = near(session, [hub_id]), decided.loading
    staffing = load_staffing(session, col(Activity.starts_at) < until + AROUND, people, now=now, rules=rules)
    if not staffing.volunteers:  # nothing is open that would have brought them along
        everybody = load_volunteers(session, people, now=now, rules=rules)
        staffing = replace(staffing, volunteers=everybody)
    return SupplyEstimate(staffing, decided.policy)


def supplies_of(
    session: Session, estimate: SupplyEstimate, wish: Wish, times: Sequence[Booking], *, now: datetime
) -> list[Supply]:
    """Return how a series could be staffed at each of some times; their codes are numbers."""
    rules = matching_rules(session, now=now).loading
    rooms = {one.id: one for one in wish.venues if one is not None}
    activities, needs = [], []
    for one in times:
        key, venue = -int(one.code), rooms.get(one.venue_id)  # numbers below nought are those of no row
        row = wish.activity_at(one.starts_at, venue, code=one.code, key=key)
        occasion = Occasion(row, wish.hub, venue)
        activities.append(activity_of(occasion, (), rules, {id_of(wish.series): wish.series.code}))
        for number, need in enumerate(wish.needs_of(key)):
            need.id = key * len(wish.needs) - number
            needs.append(need_of(need))
    return estimate.of(activities, needs)
