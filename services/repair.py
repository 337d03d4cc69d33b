"""Weekly repair: what is asked for already may be asked of others where that fills more, and hardly ever is.

Who has said yes stays, and so does everybody within two days of the start. Whoever is asked and has not
answered is worth a bonus where they are, so that they are moved only where it fills a place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, false, func, not_, select
from sqlmodel import Session, col

from matching.inputs import Pairing, Staffing
from matching.inputs import Volunteer as PlainVolunteer
from matching.staffing import StaffingPlan
from models import Activity, Need, Offer, Volunteer
from models.states import OfferState
from services import audit, mails
from services.matching_rules import MatchingRules
from services.matchmaking_inputs import FOR_A_PLACE
from services.queries import batches, placements

MOVABLE = (OfferState.PROPOSED, OfferState.SENT)


@dataclass(frozen=True)
class Movable:
    """Hold which offers a repair may take back."""

    condition: ColumnElement[bool]
    stay: tuple[tuple[int, int, int], ...] = ()

    @property
    def kept(self) -> ColumnElement[bool]:
        """Return the condition for the offers that stand whatever the repair finds."""
        return not_(self.condition)

    @property
    def people(self) -> ColumnElement[bool]:
        """Return the condition for the people who are asked, however far away they live."""
        return col(Volunteer.person_id).in_(select(col(Offer.person_id)).where(self.condition))

    @property
    def pairings(self) -> frozenset[Pairing]:
        """Return who is asked for what."""
        return frozenset(Pairing(person_id, need_id) for person_id, need_id, _ in self.stay)

    def applied_to(self, staffing: Staffing) -> Staffing:
        """Return the question with the bonus; who has been asked often enough stays, or goes nowhere."""
        held = {need_id for _, need_id, _ in self.stay}
        own: dict[int, set[int]] = {}
        needs = {need.id: need.activity_id for need in staffing.needs if need.id in held}
        for person_id, need_id, _ in self.stay:
            own.setdefault(person_id, set()).add(needs.get(need_id, 0))
        everything = frozenset(activity.id for activity in staffing.activities)
        people = tuple(_bound(one, own.get(one.id), everything) for one in staffing.volunteers)
        return replace(staffing, volunteers=people, stay=self.stay)


NOTHING = Movable(false())
"""Every offer stands."""


def movable(session: Session, mine: ColumnElement[bool], rules: MatchingRules, *, now: datetime) -> Movable:
    """Return the offers of some activities that nobody has answered and that are not near enough to be pinned."""
    late = now + timedelta(hours=rules.pinned_hours)
    activities = select(col(Activity.id)).where(mine, col(Activity.starts_at) > late)
    condition = and_(col(Offer.state).in_(MOVABLE), *FOR_A_PLACE, col(Offer.activity_id).in_(activities))
    # Where several are asked for one place at once, only their answers can tell who has it.
    crowded = (
        select(col(Offer.need_id))
        .join(Need, col(Need.id) == Offer.need_id)
        .where(condition)
        .group_by(col(Offer.need_id), col(Need.desired), col(Need.minimum), col(Need.taken))
        .having(
            func.count()
            > case((col(Need.minimum) > Need.desired, Need.minimum), else_=Need.desired) - Need.taken
        )
    )
    condition = and_(condition, col(Offer.need_id).not_in(crowded))
    question = select(col(Offer.person_id), col(Offer.need_id), col(Offer.state)).where(condition)
    points = {OfferState.PROPOSED: rules.stay_proposed, OfferState.SENT: rules.stay_asked}
    rows = session.execute(question.order_by(col(Offer.id))).tuples()
    return Movable(
        condition, tuple((person, need, points[OfferState(state)]) for person, need, state in rows)
    )


def take_back(session: Session, plan: StaffingPlan, found: Movable, *, now: datetime, by: int | None) -> int:
    """Withdraw the offers that the plan gives to others, tell those who were asked, and return how many."""
    lost = sorted(found.pairings.difference(plan.pairings), key=lambda one: (one.need_id, one.volunteer_id))
    people: dict[int, set[int]] = {}
    for pairing in lost:
        people.setdefault(pairing.need_id, set()).add(pairing.volunteer_id)
    asked = []
    for batch in batches(sorted(people)):
        for one in placements(session, col(Offer.need_id).in_(batch), col(Offer.state).in_(MOVABLE)):
            if one.offer.person_id in people[one.offer.need_id]:
                if one.offer.state == OfferState.SENT:
                    asked.append(one)
                audit.change(
                    session, one.offer, "offer.withdrawn", now=now, by=by, state=OfferState.WITHDRAWN
                )
    session.flush()
    mails.queue_place_taken(session, asked, now=now)
    return len(lost)


def new_pairings(plan: StaffingPlan, found: Movable) -> Sequence[Pairing]:
    """Return whom the plan asks for something that they are not asked for already."""
    return [pairing for pairing in plan.pairings if pairing not in found.pairings]


def _bound(who: PlainVolunteer, own: set[int] | None, everything: frozenset[int]) -> PlainVolunteer:
    """Count what somebody is asked for now, which is open in the question, as asked all the same."""
    if own is None or who.asks_left is None:
        return who
    left = who.asks_left - len(own)
    elsewhere = frozenset() if left > 0 else everything - own
    return replace(who, declined_activity_ids=who.declined_activity_ids | elsewhere)
