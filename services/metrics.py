"""The metric catalogue: numbers about a hub that evaluation counts from the network's own rows.

Each has one exact definition in both languages and one set-based question over all hubs. A hub that the
question does not answer has no value; that is not zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, distinct, func, select
from sqlmodel import Session, col

from config.text import Text
from models import Activity, HoursEntry, Hub, HubFact, Need, Participation
from models.states import ActivityState, Presence


@dataclass(frozen=True)
class Period:
    """Hold over what is counted: activities that began in [start, end) and were over by `now`."""

    first: date
    last: date
    start: datetime
    end: datetime
    now: datetime

    @property
    def over(self) -> ColumnElement[bool]:
        """Return the condition on activities."""
        return and_(
            col(Activity.starts_at) >= self.start,
            col(Activity.starts_at) < self.end,
            col(Activity.ends_at) <= self.now,
        )

    @property
    def held(self) -> ColumnElement[bool]:
        """Return the condition on activities that took place."""
        return and_(self.over, col(Activity.state) == ActivityState.DONE)


@dataclass(frozen=True)
class Metric:
    """Hold a metric: its exact definition, and the question that gives (hub id, value) for every hub."""

    id: str
    definition: Text
    question: Callable[[Period], Select[Any]]


def values(session: Session, metric: str, period: Period) -> dict[int, float]:
    """Return the metric's value of every hub that has one."""
    rows = session.execute(METRICS[metric].question(period))
    return {hub_id: float(value) for hub_id, value in rows if value is not None}


def facts(session: Session, period: Period, hub_ids: Sequence[int]) -> dict[int, dict[str, float]]:
    """Return every number that offices keep about the hubs, each as last reported in or before the period."""
    found: dict[int, dict[str, float]] = {hub_id: {} for hub_id in hub_ids}
    question = (
        select(col(HubFact.hub_id), col(HubFact.fact), col(HubFact.value))
        .where(col(HubFact.as_of) <= period.last)
        .order_by(col(HubFact.as_of), col(HubFact.id))
    )
    for hub_id, fact, value in session.execute(question):
        if hub_id in found:
            found[hub_id][fact] = float(value)
    return found


def _fact(name: str) -> Callable[[Period], Select[Any]]:
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


def _held_share(period: Period) -> Select[Any]:
    settled = (ActivityState.DONE, ActivityState.CANCELLED)
    held = func.sum(case((col(Activity.state) == ActivityState.DONE, 100.0), else_=0.0))
    return (
        select(col(Activity.hub_id), held / func.count())
        .where(period.over, col(Activity.state).in_(settled))
        .group_by(col(Activity.hub_id))
    )


def _of_participants(value: Any) -> Callable[[Period], Select[Any]]:
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


_PRESENT = case((col(Participation.presence) == Presence.PRESENT, col(Participation.participant_id)))


def _volunteer_hours(period: Period) -> Select[Any]:
    return (
        select(col(Hub.id), func.coalesce(func.sum(HoursEntry.minutes), 0) / 60.0)
        .outerjoin(Activity, and_(col(Activity.hub_id) == Hub.id, period.held))
        .outerjoin(HoursEntry, col(HoursEntry.activity_id) == Activity.id)
        .group_by(col(Hub.id))
    )


def _places_filled(period: Period) -> Select[Any]:
    return (
        select(col(Activity.hub_id), 100.0 * func.sum(Need.taken) / func.sum(Need.desired))
        .join(Need, col(Need.activity_id) == Activity.id)
        .where(period.held)
        .group_by(col(Activity.hub_id))
        .having(func.sum(Need.desired) > 0)
    )


def _activities(period: Period) -> Select[Any]:
    return (
        select(col(Hub.id), func.count(col(Activity.id)))
        .outerjoin(Activity, and_(col(Activity.hub_id) == Hub.id, period.held))
        .group_by(col(Hub.id))
    )


_ALL = (
    Metric(
        "venue_area_m2",
        Text("最近一次上报的室内面积，平方米。", "Floor area as last reported, in square metres."),
        _fact("venue_area_m2"),
    ),
    Metric(
        "open_hours_week",
        Text("最近一次上报的每周开放小时数。", "Weekly opening hours as last reported."),
        _fact("open_hours_week"),
    ),
    Metric(
        "funds_used_on_time_pct",
        Text("最近一次上报的经费按期执行率。", "Share of funds used on time as last reported, in per cent."),
        _fact("funds_used_on_time_pct"),
    ),
    Metric(
        "certified_share_pct",
        Text(
            "最近一次上报的持证社工占专职社工的比例。",
            "Share of full-time social workers with a certificate as last reported, in per cent.",
        ),
        _fact("certified_share_pct"),
    ),
    Metric(
        "activities_held",
        Text("评估期内办成的活动场次。", "Activities of the period that took place."),
        _activities,
    ),
    Metric(
        "activities_held_pct",
        Text(
            "评估期内已结束的活动里，没有取消的占多少。未收尾的活动不算。",
            "Share of the period's activities that were held and not cancelled; those not yet closed do not count.",
        ),
        _held_share,
    ),
    Metric(
        "participants_reached",
        Text(
            "评估期内到场的青年人数，同一人只算一次；办了活动却全无签到的，没有数值。",
            "Distinct participants who came in the period; no value where activities were held and nobody recorded.",
        ),
        _of_participants(func.count(distinct(_PRESENT))),
    ),
    Metric(
        "attendances",
        Text(
            "评估期内到场的人次；办了活动却全无签到的，没有数值。",
            "Attendances in the period; no value where activities were held and nobody recorded.",
        ),
        _of_participants(func.count(_PRESENT)),
    ),
    Metric(
        "volunteer_hours",
        Text(
            "评估期内活动记入台账的志愿服务小时数。",
            "Hours in the ledger for volunteers at the period's activities.",
        ),
        _volunteer_hours,
    ),
    Metric(
        "places_filled_pct",
        Text(
            "评估期内办成的活动，志愿者名额配上了多少。",
            "Share of desired volunteer places that were filled at the period's activities.",
        ),
        _places_filled,
    ),
)

METRICS: Mapping[str, Metric] = MappingProxyType({metric.id: metric for metric in _ALL})
