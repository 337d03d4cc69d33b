"""From rows to the plain values that matching reads, by a few set-based questions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, func, or_, select, true, union_all
from sqlmodel import Session, col

from config.settings import settings
from matching import inputs
from matching.rules import plain
from models import (
    Activity,
    BlockedPair,
    HoursEntry,
    Hub,
    Need,
    Offer,
    Person,
    Series,
    Venue,
    Volunteer,
)
from models.states import ActivityState, OfferState
from services.bookings import place_of
from services.matching_rules import own_rules
from services.matchmaking_people import HOLDS, RULES, Condition, MatchRules, load_volunteers
from services.queries import Occasion, age_on, id_of, occasions
from services.wording import local_day

ASKED = (OfferState.PROPOSED, OfferState.SENT)
FOR_A_PLACE = (col(Offer.is_reserve).is_(False), col(Offer.replaces_id).is_(None))
"""Reserves and substitutes are asked for beside the places that are open."""
KM_PER_DEGREE = 111.0
# At the latitudes of China a degree of longitude is nowhere shorter than this.
KM_PER_DEGREE_EAST = 65.0


def load_staffing(
    session: Session,
    activities: Condition,
    people: Condition,
    *,
    now: datetime,
    rules: MatchRules = RULES,
    places: Mapping[int, int] | None = None,
    kept: Condition | None = None,
) -> inputs.Staffing:
    """Return the open needs of some activities, and some people as candidates for them.

    `places` replaces what is open of a need by a number of its own. Of all offers only those that fulfil
    `kept` hold a place; what the others hold counts as open.
    """
    dated = and_(
        col(Activity.state).in_((ActivityState.PLANNED, ActivityState.PUBLISHED)),
        col(Activity.starts_at) > now + rules.notice,
        activities,
    )
    standing = true() if kept is None else kept
    needs = _needs(session, dated, places or {}, standing)
    own = own_rules(session)
    open_ids = {need.activity_id for need in needs}
    return inputs.Staffing(
        volunteers=load_volunteers(session, people, now=now, rules=rules, own_rules=own, kept=kept)
        if needs
        else (),
        activities=tuple(a for a in _activities(session, dated, rules, standing) if a.id in open_ids),
        needs=needs,
        blocked=frozenset(_pairs(session)),
        zone=settings().time_zone,
        rules=own,
    )


def near(session: Session, hub_ids: Sequence[int]) -> Condition:
    """Return the condition for people who belong to one of the hubs or may live within reach of one.

    The box is generous: matching measures each distance itself.
    """
    points = union_all(
        select(col(Hub.lon), col(Hub.lat)).where(col(Hub.id).in_(hub_ids)),
        select(col(Venue.lon), col(Venue.lat)).where(col(Venue.hub_id).in_(hub_ids)),
    ).subquery()
    lon, lat = points.c.lon, points.c.lat
    question = select(func.min(lon), func.max(lon), func.min(lat), func.max(lat))
    west, east, south, north = session.execute(question).one()
    member = col(Volunteer.home_hub_id).in_(hub_ids)
    if west is None:
        return member
    reach_east, reach_north = Volunteer.radius_km / KM_PER_DEGREE_EAST, Volunteer.radius_km / KM_PER_DEGREE
    in_box = and_(
        col(Volunteer.lon) >= west - reach_east,
        col(Volunteer.lon) <= east + reach_east,
        col(Volunteer.lat) >= south - reach_north,
        col(Volunteer.lat) <= north + reach_north,
    )
    return or_(member, in_box)


def everybody() -> Condition:
    """Return the condition that leaves nobody out."""
    return true()


def _needs(
    session: Session, dated: Condition, places: Mapping[int, int], kept: Condition
) -> tuple[inputs.Need, ...]:
    count = select(col(Offer.need_id), func.count()).join(Activity, col(Activity.id) == Offer.activity_id)
    count = count.where(dated, *FOR_A_PLACE).group_by(col(Offer.need_id))
    asked = _by_key(session, count.where(col(Offer.state).in_(ASKED), kept))
    freed = _by_key(session, count.where(col(Offer.state) == OfferState.ACCEPTED, ~kept))
    rows = session.execute(
        select(Need).join(Activity, col(Activity.id) == Need.activity_id).where(dated).order_by(col(Need.id))
    ).scalars()
    needs = (
        need_of(row, asked.get(row.id, 0) - freed.get(row.id, 0), places.get(row.id or 0)) for row in rows
    )
    return tuple(need for need in needs if need.open_places)


def need_of(row: Need, asked: int = 0, places: int | None = None) -> inputs.Need:
    """Return a need as matching reads it; `asked` people have been asked for it and not answered."""
    assert row.id is not None
    taken = row.taken + asked if places is None else max(row.minimum, row.desired) - places
    return inputs.Need(
        id=row.id,
        activity_id=row.activity_id,
        role=row.role_zh,
        minimum=row.minimum,
        desired=row.desired,
        maximum=row.maximum,
        taken=taken,
        skill_id=row.skill_id,
        min_age=row.min_age,
        needs_check=row.needs_check,
        needs_experience=row.needs_experience,
        gender=row.gender or None,
        language=plain(row.language) or None,
    )


def _activities(
    session: Session, dated: Condition, rules: MatchRules, kept: Condition
) -> list[inputs.Activity]:
    teams = _teams(session, and_(dated, kept))
    found = sorted(occasions(session, dated), key=lambda one: id_of(one.activity))
    series = _by_key(session, select(col(Series.id), col(Series.code)))
    return [activity_of(one, teams.get(id_of(one.activity), []), rules, series) for one in found]


def _company(team: Sequence[Any], rules: MatchRules) -> int:
    known = sum(bool(member.is_experienced or (member.minutes or 0) > 0) for member in team)
    return known + rules.staff_adults * rules.staff_are_company


def _facts(one: Occasion, series: Mapping[int, str]) -> Iterator[tuple[str, str]]:
    local = one.activity.starts_at.astimezone(ZoneInfo(one.hub.time_zone))
    yield from (("topic", one.activity.topic), ("hub", one.hub.code))
    yield from (("weekday", str(local.isoweekday())), ("hour", f"{local.hour + local.minute / 60:g}"))
    if one.activity.series_id is not None:
        yield "series", series[one.activity.series_id]


def activity_of(
    one: Occasion, team: Sequence[Any], rules: MatchRules, series: Mapping[int, str]
) -> inputs.Activity:
    """Return an activity with its team as matching reads it; `series` are the codes by id."""
    row, hub, place = one.activity, one.hub, place_of(one.hub, one.venue)
    day = local_day(row.starts_at, hub.time_zone)
    adults = sum(
        member.birth_date is not None and age_on(member.birth_date, day) >= inputs.ADULT_AGE
        for member in team
    )
    return inputs.Activity(
        id=id_of(row),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        hub_id=row.hub_id,
        lon=place.lon if place else None,
        lat=place.lat if place else None,
        zone=hub.time_zone,
        has_minors=row.has_minors,
        adults_present=rules.staff_adults + adults,
        experienced_present=sum(bool(member.is_experienced) for member in team),
        company_present=_company(team, rules),
        members_only=row.members_only,
        attributes=frozenset(_facts(one, series)),
        kinds=frozenset({row.topic} - {""}),
        series_id=row.series_id,
        team=tuple(member.person_id for member in team),
    )


def _teams(session: Session, dated: Condition) -> dict[int, list[Any]]:
    """Return who holds or is asked for a place of each activity."""
    served = (
        select(func.sum(HoursEntry.minutes))
        .where(col(HoursEntry.person_id) == Offer.person_id)
        .scalar_subquery()
    )
    question = (
        select(
            col(Offer.activity_id),
            col(Offer.person_id),
            col(Person.birth_date),
            col(Volunteer.is_experienced),
            served.label("minutes"),
        )
        .join(Activity, col(Activity.id) == Offer.activity_id)
        .join(Person, col(Person.id) == Offer.person_id)
        .outerjoin(Volunteer, col(Volunteer.person_id) == Offer.person_id)
        # Who looks for a substitute is judged as if already gone.
        .where(dated, col(Offer.state).in_(HOLDS), col(Offer.seeks_substitute_at).is_(None))
        .order_by(col(Offer.id))
    )
    teams: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(question):
        teams[row.activity_id].append(row)
    return teams


def _pairs(session: Session) -> Iterable[tuple[int, int]]:
    return (
        (one, other)
        for one, other in session.execute(select(col(BlockedPair.first_id), col(BlockedPair.second_id)))
    )


def _by_key(session: Session, question: Select[Any]) -> dict[int, Any]:
    return dict(session.execute(question).tuples().all())
