"""What young people can sign up for: the hubs, and what each offers next, with the places left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import Session, col

from config.text import Refusal, Text
from models import Activity, Hub, Participation, Unit
from models.states import ActivityState, ParticipationState
from services.errors import NotFound, TooLate
from services.queries import Occasion, batches, id_of, named, occasions
from services.seating import HOLDS_A_PLACE

SHOWN_DAYS = 60

NO_SUCH_HUB = Refusal(
    "unknown_hub", Text(zh="没有这个青年汇，检查一下网址。", en="There is no such hub; check the address.")
)
NO_SUCH_ACTIVITY = Refusal(
    "unknown_activity",
    Text(zh="没有这场活动，检查一下网址。", en="There is no such activity; check the address."),
)
CLOSED = {
    ActivityState.PLANNED: Text(zh="这场活动还没开始报名。", en="Sign-up for this activity is not open yet."),
    ActivityState.PUBLISHED: Text(
        zh="这场活动已经开始了，不能再报名。", en="This activity has begun; it takes no more sign-ups."
    ),
    ActivityState.DONE: Text(zh="这场活动已经结束了。", en="This activity is over."),
    ActivityState.CANCELLED: Text(zh="这场活动取消了。", en="This activity is cancelled."),
}
"""Why nobody can sign up, by the state of the activity."""


@dataclass(frozen=True)
class ProgrammeEntry:
    """Hold an activity that one can sign up for; `waiting` people stand in line already."""

    activity_id: int
    code: str
    title: Text
    summary: Text
    place: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    capacity: int
    free: int
    waiting: int
    hub: Text
    hub_code: str


@dataclass(frozen=True)
class Programme:
    """Hold what a hub offers next."""

    hub_code: str
    hub: Text
    address: str
    time_zone: str
    entries: tuple[ProgrammeEntry, ...]


@dataclass(frozen=True)
class HubLine:
    """Hold a hub in the list of all."""

    code: str
    name: Text
    address: str


@dataclass(frozen=True)
class UnitHubs:
    """Hold the hubs of one unit, such as a sub-district."""

    unit_code: str
    unit: Text
    hubs: tuple[HubLine, ...]


def directory(session: Session) -> tuple[UnitHubs, ...]:
    """Return all open hubs by the unit that they belong to, both in the order of their codes."""
    question = (
        select(Unit, Hub)
        .join(Hub, col(Hub.unit_id) == Unit.id)
        .where(col(Hub.is_open))
        .order_by(col(Unit.code), col(Hub.code))
    )
    lines: dict[str, list[HubLine]] = {}
    names: dict[str, Text] = {}
    for unit, hub in session.execute(question):
        names[unit.code] = named(unit.name_zh, unit.name_en)
        line = HubLine(hub.code, named(hub.name_zh, hub.name_en), hub.address)
        lines.setdefault(unit.code, []).append(line)
    return tuple(UnitHubs(code, names[code], tuple(found)) for code, found in lines.items())


def programme(session: Session, hub_code: str, *, now: datetime) -> Programme:
    """Return what a hub offers in the coming weeks; raises `NotFound`."""
    hub = session.execute(select(Hub).where(col(Hub.code) == hub_code)).scalars().one_or_none()
    if hub is None:
        raise NotFound(NO_SUCH_HUB)
    coming = occasions(
        session,
        col(Activity.hub_id) == id_of(hub),
        col(Activity.state) == ActivityState.PUBLISHED,
        col(Activity.starts_at) > now,
        col(Activity.starts_at) <= now + timedelta(days=SHOWN_DAYS),
    )
    name = named(hub.name_zh, hub.name_en)
    return Programme(hub.code, name, hub.address, hub.time_zone, _entries(session, coming))


def entry(session: Session, activity_code: str, *, now: datetime) -> ProgrammeEntry:
    """Return the activity that somebody wants to sign up for; raises `NotFound` or `TooLate`."""
    return _entries(session, [open_occasion(session, activity_code, now=now)])[0]


def open_occasion(session: Session, activity_code: str, *, now: datetime, lock: bool = False) -> Occasion:
    """Return an activity that takes sign-ups now; raises `NotFound` or `TooLate`."""
    found = occasions(session, col(Activity.code) == activity_code, lock=lock)
    if not found:
        raise NotFound(NO_SUCH_ACTIVITY)
    activity = found[0].activity
    if activity.state != ActivityState.PUBLISHED or activity.starts_at <= now:
        raise TooLate(Refusal("sign_up_closed", CLOSED[ActivityState(activity.state)]))
    return found[0]


def _entries(session: Session, shown: Sequence[Occasion]) -> tuple[ProgrammeEntry, ...]:
    counts = _counts(session, [id_of(one.activity) for one in shown])
    return tuple(
        ProgrammeEntry(
            activity_id=id_of(one.activity),
            code=one.activity.code,
            title=one.title,
            summary=named(one.activity.summary_zh, one.activity.summary_en),
            place=one.place,
            starts_at=one.activity.starts_at,
            ends_at=one.activity.ends_at,
            time_zone=one.hub.time_zone,
            capacity=one.activity.capacity,
            free=max(0, one.activity.capacity - taken - waiting),
            waiting=waiting,
            hub=one.hub_name,
            hub_code=one.hub.code,
        )
        for one in shown
        for taken, waiting in [counts.get(id_of(one.activity), (0, 0))]
    )


def _counts(session: Session, activity_ids: list[int]) -> dict[int, tuple[int, int]]:
    """Return per activity how many have a place and how many wait."""
    found: dict[int, tuple[int, int]] = {}
    for batch in batches(activity_ids):
        question = (
            select(col(Participation.activity_id), col(Participation.state), func.count())
            .where(col(Participation.activity_id).in_(batch))
            .group_by(col(Participation.activity_id), col(Participation.state))
        )
        for activity_id, state, number in session.execute(question):
            taken, waiting = found.get(activity_id, (0, 0))
            taken += number * (state in HOLDS_A_PLACE)
            waiting += number * (state == ParticipationState.WAITING)
            found[activity_id] = taken, waiting
    return found
