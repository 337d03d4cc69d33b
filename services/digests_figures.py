"""What hubs did in a stretch of time, in a handful of grouped questions for a whole network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlmodel import Session, col

from models import Activity, HoursEntry, Message, Need, Offer, Participation, Person, Volunteer
from models.states import ActivityState, MessageState, OfferState, Presence
from services.queries import batches

HELD = (ActivityState.PUBLISHED, ActivityState.DONE)
UNANSWERED = (OfferState.SENT, OfferState.EXPIRED)
UNDELIVERED = (MessageState.FAILED, MessageState.AMBIGUOUS)


@dataclass(frozen=True)
class Figures:
    """Hold a hub's figures, or those of many hubs together."""

    activities: int = 0
    desired: int = 0
    taken: int = 0
    came: int = 0
    minutes: int = 0
    offers: int = 0
    accepted: int = 0
    declined: int = 0
    unanswered: int = 0
    undelivered: int = 0

    @property
    def filled(self) -> float | None:
        """Return the share of places that were taken; None where no place was planned."""
        return self.taken / self.desired if self.desired else None


def figures(
    session: Session, hub_ids: Iterable[int], start: datetime, end: datetime, *, now: datetime
) -> dict[int, Figures]:
    """Return each hub's figures of the activities that began in [start, end) and are over by `now`."""
    counted: dict[int, Counter[str]] = {hub_id: Counter() for hub_id in hub_ids}
    for batch in batches(sorted(counted)):
        held = _held(batch, start, end, now)
        for question in (*_of_activities(held), *_of_offers(batch, start, end), _of_mail(batch, start, end)):
            _count(session, question, counted)
    return {hub_id: Figures(**counts) for hub_id, counts in counted.items()}


def total(parts: Iterable[Figures]) -> Figures:
    """Return the figures of several hubs together."""
    together: Counter[str] = Counter()
    for part in parts:
        together.update(vars(part))
    return Figures(**together)


def _count(session: Session, question: Select[Any], counted: dict[int, Counter[str]]) -> None:
    for hub_id, *values in session.execute(question):
        names = [column["name"] for column in question.column_descriptions[1:]]
        for name, value in zip(names, values, strict=True):
            counted[hub_id][name] += int(value or 0)


def _held(hub_ids: Sequence[int], start: datetime, end: datetime, now: datetime) -> ColumnElement[bool]:
    return and_(
        col(Activity.hub_id).in_(hub_ids),
        col(Activity.state).in_(HELD),
        col(Activity.starts_at) >= start,
        col(Activity.starts_at) < end,
        col(Activity.ends_at) <= now,
    )


def _of_activities(held: ColumnElement[bool]) -> Iterable[Select[Any]]:
    hub = col(Activity.hub_id)
    yield select(hub, func.count().label("activities")).where(held).group_by(hub)
    yield (
        select(hub, func.sum(Need.desired).label("desired"), func.sum(Need.taken).label("taken"))
        .join(Need, col(Need.activity_id) == Activity.id)
        .where(held)
        .group_by(hub)
    )
    yield (
        select(hub, func.count().label("came"))
        .join(Participation, col(Participation.activity_id) == Activity.id)
        .where(held, col(Participation.presence) == Presence.PRESENT)
        .group_by(hub)
    )
    yield (
        select(hub, func.sum(HoursEntry.minutes).label("minutes"))
        .join(HoursEntry, col(HoursEntry.activity_id) == Activity.id)
        .where(held)
        .group_by(hub)
    )


def _of_offers(hub_ids: Sequence[int], start: datetime, end: datetime) -> Iterable[Select[Any]]:
    hub = col(Activity.hub_id)
    asked = and_(hub.in_(hub_ids), col(Offer.sent_at) >= start, col(Offer.sent_at) < end)
    kinds: dict[str, tuple[OfferState, ...]] = {
        "offers": tuple(OfferState),
        "accepted": (OfferState.ACCEPTED,),
        "declined": (OfferState.DECLINED,),
        "unanswered": UNANSWERED,
    }
    for name, states in kinds.items():
        yield (
            select(hub, func.count().label(name))
            .join(Offer, col(Offer.activity_id) == Activity.id)
            .where(asked, col(Offer.state).in_(states))
            .group_by(hub)
        )


def _of_mail(hub_ids: Sequence[int], start: datetime, end: datetime) -> Select[Any]:
    hub = col(Volunteer.home_hub_id)
    return (
        select(hub, func.count().label("undelivered"))
        .join(Person, col(Person.id) == Volunteer.person_id)
        .join(Message, and_(col(Message.to_address) == Person.email, col(Message.to_address) != ""))
        .where(
            hub.in_(hub_ids),
            col(Message.state).in_(UNDELIVERED),
            col(Message.created_at) >= start,
            col(Message.created_at) < end,
        )
        .group_by(hub)
    )
