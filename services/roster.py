"""Who serves at an activity, role by role, as its social worker sees it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from config.text import Text
from matching.reasons import Why
from models import Activity, BackgroundCheck, Need, Offer
from models.states import ActivityState, OfferState
from services.access import require_coordinator
from services.check_in_rules import check_in_rules
from services.digests_rows import open_places
from services.errors import NotFound
from services.minors import is_minor
from services.preferences import addresses_that_fail
from services.programme import NO_SUCH_ACTIVITY
from services.queries import Placement, id_of, named, occasions, placements
from services.swap_views import in_a_swap
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
    mail_fails: Text | None
    """Why mail to this person does not arrive, if it does not."""
    is_reserve: bool
    looks_for_substitute: bool
    is_swapping: bool


@dataclass(frozen=True)
class RosterRole:
    """Hold one role of an activity with its people; `open` places have nobody."""

    role: Text
    taken: int
    asked: int
    wanted: int
    needs_check: bool
    people: tuple[RosterPerson, ...]
    why_open: Text | None
    """Why places are open, where some are."""

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
    has_sheet: bool
    """Whether there is attendance to record, or people can check in."""

    @property
    def missing(self) -> int:
        """Return how many places of all roles nobody has taken and nobody is being asked for."""
        return sum(role.open for role in self.roles)

    @property
    def asked(self) -> int:
        """Return how many people have not answered yet."""
        return sum(role.asked for role in self.roles)


def roster(session: Session, activity_code: str, *, hub_id: int, by: int, now: datetime) -> Roster:
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
        roles=tuple(_roles(session, id_of(activity), needs, _why_open(session, activity, now))),
        has_sheet=activity.state != ActivityState.CANCELLED
        and check_in_rules(session, now=now).of(hub_id).opens_at(activity) <= now,
    )


def _why_open(session: Session, activity: Activity, now: datetime) -> dict[int, Text]:
    ahead = activity.starts_at - now + timedelta(minutes=1)
    return {one.need_id: one.why for one in open_places(session, [activity.hub_id], now, ahead=ahead)}


def _roles(
    session: Session, activity_id: int, needs: Iterable[Need], why_open: Mapping[int, Text]
) -> list[RosterRole]:
    placed = placements(session, col(Offer.activity_id) == activity_id, col(Offer.state).in_(ON_THE_ROSTER))
    placed.sort(key=lambda one: (ON_THE_ROSTER.index(OfferState(one.offer.state)), one.person.name))
    checks = _checks(session, [id_of(one.person) for one in placed])
    dead = addresses_that_fail(session, [one.person.email for one in placed])
    swapping = in_a_swap(session, [id_of(one.offer) for one in placed])
    people = [(one, _person(one, checks, dead, is_swapping=id_of(one.offer) in swapping)) for one in placed]
    return [
        RosterRole(
            role=named(need.role_zh, need.role_en),
            taken=need.taken,
            asked=sum(one.offer.need_id == need.id and _is_asked(one) for one in placed),
            wanted=need.desired,
            needs_check=need.needs_check,
            people=tuple(person for one, person in people if one.offer.need_id == need.id),
            why_open=why_open.get(id_of(need)),
        )
        for need in needs
    ]


def _is_asked(one: Placement) -> bool:
    """Say whether somebody is being asked for an open place, not as a reserve or a substitute."""
    beside = one.offer.is_reserve or one.offer.replaces_id is not None
    return one.offer.state in ASKED and not beside


def _person(
    one: Placement, checks: dict[int, date], dead: Mapping[str, Text], *, is_swapping: bool
) -> RosterPerson:
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
        mail_fails=dead.get(one.person.email),
        is_reserve=one.offer.is_reserve,
        looks_for_substitute=one.offer.seeks_substitute_at is not None,
        is_swapping=is_swapping,
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
