"""Ask reserves where experience says that not everybody will come, and tell them that they are reserves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from matching import show_up
from models import Activity, Attendance, Need, Offer
from models.states import ActivityState, OfferState, Presence
from services import matchmaking
from services.offer_rules import OfferRules, offer_rules
from services.policies import Book
from services.queries import batches, id_of, lock_needs

AHEAD = timedelta(days=7)
"""Before that, answers still come in and places still change hands."""
TELLING = (Presence.PRESENT, Presence.EXCUSED, Presence.NO_SHOW)


@dataclass(frozen=True)
class Chances:
    """Hold how often people have come when they had said yes, by person and by hub."""

    people: dict[int, tuple[int, int]]
    hubs: dict[int, tuple[int, int]]

    def of_hub(self, hub_id: int) -> float:
        """Return the chance of somebody at a hub of whom nothing else is known."""
        return show_up.hub_mean(*self.hubs.get(hub_id, (0, 0)))

    def of(self, person_id: int, hub_id: int) -> float:
        """Return a person's chance, drawn towards the hub's mean."""
        return show_up.shrunk(*self.people.get(person_id, (0, 0)), self.of_hub(hub_id))


def propose_reserves(session: Session, *, now: datetime) -> int:
    """Propose reserves for full teams of the coming week; return how many. They leave like other offers.

    Only where the hub's rules ask for a chance, and only as many as reach it.
    """
    rules = offer_rules(session, now=now)
    if not is_asked_for(rules):
        return 0
    coming = col(Activity.state) == ActivityState.PUBLISHED, col(Activity.starts_at).between(now, now + AHEAD)
    lock_needs(session, *coming)
    full = _full_needs(session, now=now)
    full = [(need, activity) for need, activity in full if rules.of(activity.hub_id).show_up_target > 0]
    places = _missing(session, full, rules)
    proposed = matchmaking.next_candidates(session, sorted(places), now=now, places=places)
    for batch in batches(proposed):
        mine = update(Offer).where(col(Offer.id).in_(batch)).values(is_reserve=True)
        session.exec(mine.execution_options(synchronize_session="fetch"))
    return len(proposed)


def is_asked_for(rules: Book[OfferRules]) -> bool:
    """Say whether any hub's rules ask for reserves."""
    return any(one.show_up_target > 0 for one in (rules.network, *rules.hubs.values()))


def chances(session: Session, person_ids: Iterable[int], hub_ids: Iterable[int]) -> Chances:
    """Return how often these people came to what they had agreed to, and how often people did at these hubs."""
    return Chances(
        people=_counts(session, Offer.person_id, sorted(set(person_ids))),
        hubs=_counts(session, Activity.hub_id, sorted(set(hub_ids))),
    )


def _full_needs(session: Session, *, now: datetime) -> list[tuple[Need, Activity]]:
    question = (
        select(Need, Activity)
        .join(Activity, col(Activity.id) == Need.activity_id)
        .where(
            col(Activity.state) == ActivityState.PUBLISHED,
            col(Activity.starts_at).between(now, now + AHEAD),
            col(Need.desired) > 0,
            col(Need.taken) >= Need.desired,
        )
        .order_by(col(Activity.starts_at), col(Need.id))
    )
    return list(session.execute(question).tuples())


def _missing(session: Session, full: list[tuple[Need, Activity]], rules: Book[OfferRules]) -> dict[int, int]:
    teams = _teams(session, [id_of(need) for need, _ in full])
    people = {person for team in teams.values() for person, _ in team}
    known = chances(session, people, {activity.hub_id for _, activity in full})
    missing = {}
    for need, activity in full:
        rule, team = rules.of(activity.hub_id), teams.get(id_of(need), [])
        coming = [known.of(person, activity.hub_id) for person, is_reserve in team if not is_reserve]
        wanted = show_up.reserves_needed(
            need.desired,
            coming,
            known.of_hub(activity.hub_id),
            target=rule.show_up_target,
            at_most=rule.reserves_at_most,
        )
        asked = sum(is_reserve for _, is_reserve in team)
        if wanted > asked:
            missing[id_of(need)] = wanted - asked
    return missing


def _teams(session: Session, need_ids: list[int]) -> dict[int, list[tuple[int, bool]]]:
    """Return who comes, and who was asked as a reserve, for each need."""
    teams: dict[int, list[tuple[int, bool]]] = {}
    holds = (OfferState.PROPOSED, OfferState.SENT, OfferState.ACCEPTED)
    for batch in batches(need_ids):
        question = select(col(Offer.need_id), col(Offer.person_id), col(Offer.is_reserve)).where(
            col(Offer.need_id).in_(batch),
            (col(Offer.state) == OfferState.ACCEPTED)
            | (col(Offer.is_reserve).is_(True) & col(Offer.state).in_(holds)),
        )
        for need_id, person_id, is_reserve in session.execute(question):
            teams.setdefault(need_id, []).append((person_id, is_reserve))
    return teams


def _counts(session: Session, owner: Any, keys: list[int]) -> dict[int, tuple[int, int]]:
    later = aliased(Attendance)
    newest = (
        select(func.max(later.id)).where(col(later.offer_id) == Offer.id).correlate(Offer).scalar_subquery()
    )
    came = func.sum(case((col(Attendance.presence) == Presence.PRESENT, 1), else_=0))
    found: dict[int, tuple[int, int]] = {}
    for batch in batches(keys):
        question = (
            select(owner, came, func.count())
            .select_from(Attendance)
            .join(Offer, col(Offer.id) == Attendance.offer_id)
            .join(Activity, col(Activity.id) == Offer.activity_id)
            .where(
                owner.in_(batch),
                col(Attendance.id) == newest,
                col(Attendance.presence).in_(TELLING),
            )
            .group_by(owner)
        )
        found |= {key: (int(shows), int(records)) for key, shows, records in session.execute(question)}
    return found
