"""What pages show and no verb returns: who reads, the network in two figures, places, a roster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from config.text import Text
from matching.scoring import Why
from models import Activity, BackgroundCheck, Hub, Need, Offer, Person, Unit, Volunteer
from models.states import ActivityState, OfferState, PersonState
from notifications.calendar import entry_bytes
from notifications.kinds import OfferConfirmedMail
from services.access import require_coordinator
from services.consents_view import expiring
from services.describing import Describer
from services.digests_rows import LAPSES_WITHIN
from services.errors import NotFound
from services.minors import is_minor
from services.programme import NO_SUCH_ACTIVITY
from services.queries import Placement, id_of, named, occasions, only, placements, required
from services.wording import local_day

ASKED = (OfferState.SENT, OfferState.PROPOSED)
ON_THE_ROSTER = (OfferState.ACCEPTED, OfferState.SENT, OfferState.PROPOSED, OfferState.STANDBY)


WHY_THEM: Mapping[str, Text] = {
    Why.SERIES: Text("帮过这个系列", "has helped at this series"),
    Why.SKILL: Text("会这个角色要用的技能", "has the skill it needs"),
    Why.LIKED: Text("喜欢这类活动", "likes activities of this kind"),
    Why.NEAR: Text("离{value}公里", "{value} km away"),
    Why.HUB: Text("自己青年汇的人", "of this hub"),
    Why.FREE: Text("那时有空", "free at that time"),
    Why.EXPERIENCED: Text("有经验", "experienced"),
}
"""Why somebody was asked, said to their social worker; the person reads it in the second person."""


@dataclass(frozen=True)
class Reader:
    """Hold for whom a page of staff is written."""

    person_id: int
    name: str
    language: str


@dataclass(frozen=True)
class NetworkNow:
    """Hold how many hubs are open, and how many activities take sign-ups in the next two weeks."""

    hubs: int
    activities: int


@dataclass(frozen=True)
class HubHead:
    """Hold what stands above every page of a hub."""

    hub_id: int
    code: str
    name: Text
    unit: Text
    time_zone: str


@dataclass(frozen=True)
class Lapsing:
    """Hold whose background check ("check") or guardian's consent ("consent") lapses soon."""

    what: str
    name: str
    until: date


@dataclass(frozen=True)
class RosterPerson:
    """Hold somebody who serves or was asked to; contact data is for the hub's own social workers."""

    name: str
    state: OfferState
    why: tuple[Text, ...]
    expires_at: datetime | None
    is_minor: bool
    check_until: date | None
    phone: str
    email: str


@dataclass(frozen=True)
class RosterRole:
    """Hold one role of an activity with its people; `open` places have nobody."""

    role: Text
    taken: int
    asked: int
    wanted: int
    needs_check: bool
    people: tuple[RosterPerson, ...]

    @property
    def open(self) -> int:
        """Return how many places nobody has taken or was asked for."""
        return max(0, self.wanted - self.taken - self.asked)


@dataclass(frozen=True)
class Roster:
    """Hold who serves at an activity, role by role."""

    activity_id: int
    activity_code: str
    title: Text
    place: str
    starts_at: datetime
    ends_at: datetime
    state: ActivityState
    reason: str
    roles: tuple[RosterRole, ...]

    @property
    def missing(self) -> int:
        """Return how many places of all roles nobody has taken yet."""
        return sum(max(0, role.wanted - role.taken) for role in self.roles)

    @property
    def asked(self) -> int:
        """Return how many people have not answered yet."""
        return sum(role.asked for role in self.roles)


def reader(session: Session, person_id: int) -> Reader:
    """Return who reads a page; raises `NotFound`."""
    person = required(session, Person, person_id)
    return Reader(person_id, person.name, person.language)


def network_now(session: Session, *, now: datetime) -> NetworkNow:
    """Return the network in two figures, for the first page."""
    coming = (
        select(func.count())
        .select_from(Activity)
        .where(
            col(Activity.state) == ActivityState.PUBLISHED,
            col(Activity.starts_at).between(now, now + timedelta(days=14)),
        )
    )
    return NetworkNow(count_hubs(session), session.execute(coming).scalar_one())


def count_hubs(session: Session) -> int:
    """Return how many hubs are open."""
    found: int = session.execute(select(func.count()).select_from(Hub).where(col(Hub.is_open))).scalar_one()
    return found


def hub_head(session: Session, hub_id: int, *, by: int) -> HubHead:
    """Return a hub's head line for one of its coordinators; raises `NotFound` or `NotYours`."""
    hub = required(session, Hub, hub_id)
    require_coordinator(session, by, hub_id)
    unit = required(session, Unit, hub.unit_id)
    return HubHead(
        hub_id, hub.code, named(hub.name_zh, hub.name_en), named(unit.name_zh, unit.name_en), hub.time_zone
    )


def proposed_offers(session: Session, hub_id: int) -> int:
    """Return how many offers of a hub are proposed and not yet sent."""
    found: int = session.execute(
        select(func.count())
        .select_from(Offer)
        .join(Activity, col(Activity.id) == Offer.activity_id)
        .where(col(Activity.hub_id) == hub_id, col(Offer.state) == OfferState.PROPOSED)
    ).scalar_one()
    return found


def lapsing(session: Session, hub_id: int, *, now: datetime) -> tuple[Lapsing, ...]:
    """Return the hub's volunteers whose check or guardian's consent lapses soon, the soonest first."""
    today = now.date()
    newest = func.max(BackgroundCheck.expires_on)
    checks = (
        select(col(Person.name), newest)
        .join(BackgroundCheck, col(BackgroundCheck.person_id) == Person.id)
        .join(Volunteer, col(Volunteer.person_id) == Person.id)
        .where(col(Volunteer.home_hub_id) == hub_id, col(Person.state) == PersonState.ACTIVE)
        .group_by(col(Person.id), col(Person.name))
        .having(newest.between(today, today + LAPSES_WITHIN))
    )
    found = [Lapsing("check", name, until) for name, until in session.execute(checks)]
    consents = expiring(session, [hub_id], now=now, within=LAPSES_WITHIN)
    found += [Lapsing("consent", one.minor_name, one.expires_on) for one in consents]
    return tuple(sorted(found, key=lambda one: (one.until, one.name)))


def offer_calendar(session: Session, offer_id: int, *, now: datetime) -> bytes:
    """Return the calendar entry of an accepted offer, the same as its mail's; raises `NotFound`."""
    mine = col(Offer.id) == offer_id, col(Offer.state) == OfferState.ACCEPTED
    placed = only(placements(session, *mine))
    mail = OfferConfirmedMail(**Describer(session, [placed]).about_offer(placed))
    return entry_bytes(mail.calendar, mail.to, mail.to.address, now=now)


def roster(session: Session, activity_code: str, *, hub_id: int, by: int) -> Roster:
    """Return who serves at an activity of the hub; raises `NotFound` or `NotYours`."""
    require_coordinator(session, by, hub_id)
    found = occasions(session, col(Activity.code) == activity_code, col(Activity.hub_id) == hub_id)
    if not found:
        raise NotFound(NO_SUCH_ACTIVITY)
    activity = found[0].activity
    needs = session.execute(
        select(Need).where(col(Need.activity_id) == id_of(activity)).order_by(col(Need.id))
    ).scalars()
    return Roster(
        activity_id=id_of(activity),
        activity_code=activity.code,
        title=found[0].title,
        place=found[0].place,
        starts_at=activity.starts_at,
        ends_at=activity.ends_at,
        state=ActivityState(activity.state),
        reason=activity.reason,
        roles=tuple(_roles(session, id_of(activity), needs)),
    )


def _roles(session: Session, activity_id: int, needs: Iterable[Need]) -> list[RosterRole]:
    placed = placements(session, col(Offer.activity_id) == activity_id, col(Offer.state).in_(ON_THE_ROSTER))
    placed.sort(key=lambda one: (ON_THE_ROSTER.index(OfferState(one.offer.state)), one.person.name))
    checks = _checks(session, [id_of(one.person) for one in placed])
    return [
        RosterRole(
            role=named(need.role_zh, need.role_en),
            taken=need.taken,
            asked=sum(one.offer.need_id == need.id and one.offer.state in ASKED for one in placed),
            wanted=need.desired,
            needs_check=need.needs_check,
            people=tuple(_person(one, checks) for one in placed if one.offer.need_id == need.id),
        )
        for need in needs
    ]


def _person(one: Placement, checks: dict[int, date]) -> RosterPerson:
    day = local_day(one.occasion.activity.starts_at, one.occasion.hub.time_zone)
    return RosterPerson(
        name=one.person.name,
        state=OfferState(one.offer.state),
        why=_why_them(one.offer.reasons),
        expires_at=one.offer.expires_at,
        is_minor=is_minor(one.person.birth_date, "", day),
        check_until=checks.get(id_of(one.person)),
        phone=one.person.phone,
        email=one.person.email,
    )


def _why_them(reasons: Sequence[dict[str, Any]]) -> tuple[Text, ...]:
    known = [one for one in reasons if one.get("code") in WHY_THEM]
    return tuple(WHY_THEM[one["code"]].format(value=f"{one.get('value', 0):g}") for one in known[:3])


def _checks(session: Session, person_ids: list[int]) -> dict[int, date]:
    newest = func.max(BackgroundCheck.expires_on)
    question = (
        select(col(BackgroundCheck.person_id), newest)
        .where(col(BackgroundCheck.person_id).in_(person_ids))
        .group_by(col(BackgroundCheck.person_id))
    )
    return dict(session.execute(question).tuples().all())
