"""The questions of metrics that the database answers for all hubs at once, telling "nothing" from "unknown"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Select, and_, case, func, select
from sqlmodel import col

from models import Activity, HoursEntry, Hub, HubFact, Need, Participation
from models.states import ActivityState, Presence
from services.metric_period import Period


def reported(name: str) -> Callable[[Period], Select[Any]]:
    """Return the newest report of an office's figure."""

    def question(period: Period) -> Select[Any]:
        newest = (
            select(col(HubFact.hub_id), func.max(col(HubFact.as_of)).label("as_of"))
            .where(col(HubFact.fact) == name, col(HubFact.as_of) <= period.last)
            .group_by(col(HubFact.hub_id))
            .subquery()
        )
        is_newest = and_(newest.c.hub_id == HubFact.hub_id, newest.c.as_of == HubFact.as_of)
        return (
            select(col(HubFact.hub_id), col(HubFact.value))
            .join(newest, is_newest)
            .where(col(HubFact.fact) == name)
        )

    return question


def held_share(period: Period) -> Select[Any]:
    """Return the share of settled activities that were held, in per cent."""
    settled = (ActivityState.DONE, ActivityState.CANCELLED)
    held = func.sum(case((col(Activity.state) == ActivityState.DONE, 100.0), else_=0.0))
    return (
        select(col(Activity.hub_id), held / func.count())
        .where(period.over, col(Activity.state).in_(settled))
        .group_by(col(Activity.hub_id))
    )


def of_participants(value: Any) -> Callable[[Period], Select[Any]]:
    """Count over recorded presences; activities that were held and nowhere recorded leave a gap, not a zero."""

    def question(period: Period) -> Select[Any]:
        recorded = func.sum(case((col(Participation.presence) != Presence.UNKNOWN, 1), else_=0))
        return (
            select(
                col(Hub.id), case((and_(func.count(col(Activity.id)) > 0, recorded == 0), None), else_=value)
            )
            .outerjoin(Activity, and_(col(Activity.hub_id) == Hub.id, period.held))
            .outerjoin(Participation, col(Participation.activity_id) == Activity.id)
            .group_by(col(Hub.id))
        )

    return question


PRESENT = case((col(Participation.presence) == Presence.PRESENT, col(Participation.participant_id)))


def volunteer_hours(period: Period) -> Select[Any]:
    """Return the hours in the ledger; nought where activities were held without any."""
    return (
        select(col(Hub.id), func.coalesce(func.sum(HoursEntry.minutes), 0) / 60.0)
        .outerjoin(Activity, and_(col(Activity.hub_id) == Hub.id, period.held))
        .outerjoin(HoursEntry, col(HoursEntry.activity_id) == Activity.id)
        .group_by(col(Hub.id))
    )


def places_filled(period: Period) -> Select[Any]:
    """Return the share of desired places that were taken, in per cent."""
    return (
        select(col(Activity.hub_id), 100.0 * func.sum(Need.taken) / func.sum(Need.desired))
        .join(Need, col(Need.activity_id) == Activity.id)
        .where(period.held)
        .group_by(col(Activity.hub_id))
        .having(func.sum(Need.desired) > 0)
    )


def activities(period: Period) -> Select[Any]:
    """Return how many activities took place."""
    return (
        select(col(Hub.id), func.count(col(Activity.id)))
        .outerjoin(Activity, and_(col(Activity.hub_id) == Hub.id, period.held))
        .group_by(col(Hub.id))
    )


def needs_short(period: Period) -> Select[Any]:
    """Return how many needs stayed below the least."""
    short = case((and_(col(Need.id).is_not(None), col(Need.taken) < col(Need.minimum)), 1), else_=0)
    return (
        select(col(Activity.hub_id), func.sum(short))
        .outerjoin(Need, col(Need.activity_id) == Activity.id)
        .where(period.held)
        .group_by(col(Activity.hub_id))
    )
