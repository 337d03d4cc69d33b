"""The metric catalogue: numbers about a hub that evaluation counts from the network's own rows.

Each has one exact definition in both languages, one set-based question over all hubs, and the rows behind it
(docs/metrics.md is made of it). A hub that the question does not answer has no value; that is not zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy import distinct, func, select
from sqlmodel import Session, col

from config.text import Text
from models import HubFact
from services import metric_questions, metric_rows
from services.metric_kinds import Metric, RowBehind, count, middle, newest, share, total
from services.metric_period import Period

__all__ = ["METRICS", "Metric", "Period", "RowBehind", "facts", "rows_behind", "values"]


def values(session: Session, metric: str, period: Period) -> dict[int, float]:
    """Return the metric's value of every hub that has one."""
    own = METRICS[metric]
    if own.question is not None:
        rows = session.execute(own.question(period))
        return {hub_id: float(value) for hub_id, value in rows if value is not None}
    found: dict[int, list[RowBehind]] = {}
    for hub_id, *row in session.execute(own.rows(period)):
        found.setdefault(hub_id, []).append(_behind(*row))
    return {hub_id: own.reduce(rows) for hub_id, rows in sorted(found.items())}


def rows_behind(session: Session, metric: str, period: Period, hub_id: int) -> list[RowBehind]:
    """Return the rows behind one hub's number, the earliest first."""
    rows = METRICS[metric].rows(period).subquery()
    question = select(rows).where(rows.c.hub_id == hub_id)
    found = [_behind(*row) for _, *row in session.execute(question)]
    return sorted(found, key=lambda row: (str(row.at), row.title.zh, -row.amount))


def _behind(zh: str, en: str, at: Any, amount: Any, of: Any) -> RowBehind:
    return RowBehind(Text(zh, en or zh), at, float(amount or 0), None if of is None else float(of))


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


_ALL = (
    Metric(
        "venue_area_m2",
        Text("最近一次上报的室内面积，平方米。", "Floor area as last reported, in square metres."),
        Text("平方米", "m²"),
        metric_rows.reported("venue_area_m2"),
        newest,
        metric_questions.reported("venue_area_m2"),
    ),
    Metric(
        "open_hours_week",
        Text("最近一次上报的每周开放小时数。", "Weekly opening hours as last reported."),
        Text("小时", "h"),
        metric_rows.reported("open_hours_week"),
        newest,
        metric_questions.reported("open_hours_week"),
    ),
    Metric(
        "funds_used_on_time_pct",
        Text("最近一次上报的经费按期执行率。", "Share of funds used on time as last reported, in per cent."),
        Text("%", "%"),
        metric_rows.reported("funds_used_on_time_pct"),
        newest,
        metric_questions.reported("funds_used_on_time_pct"),
    ),
    Metric(
        "certified_share_pct",
        Text(
            "最近一次上报的持证社工占专职社工的比例。",
            "Share of full-time social workers with a certificate as last reported, in per cent.",
        ),
        Text("%", "%"),
        metric_rows.reported("certified_share_pct"),
        newest,
        metric_questions.reported("certified_share_pct"),
    ),
    Metric(
        "activities_held",
        Text("评估期内办成的活动场次。", "Activities of the period that took place."),
        Text("场", "activities"),
        metric_rows.activities,
        count,
        metric_questions.activities,
    ),
    Metric(
        "activities_held_pct",
        Text(
            "评估期内已结束的活动里，没有取消的占多少。未收尾的活动不算。",
            "Share of the period's activities that were held and not cancelled; those not yet closed do not count.",
        ),
        Text("%", "%"),
        metric_rows.settled_activities,
        share,
        metric_questions.held_share,
    ),
    Metric(
        "participants_reached",
        Text(
            "评估期内到场的青年人数，同一人只算一次；办了活动却全无签到的，没有数值。",
            "Distinct participants who came in the period; no value where activities were held and nobody recorded.",
        ),
        Text("人", "people"),
        metric_rows.reached,
        count,
        metric_questions.of_participants(func.count(distinct(metric_questions.PRESENT))),
    ),
    Metric(
        "attendances",
        Text(
            "评估期内到场的人次；办了活动却全无签到的，没有数值。",
            "Attendances in the period; no value where activities were held and nobody recorded.",
        ),
        Text("人次", "attendances"),
        metric_rows.attendances,
        total,
        metric_questions.of_participants(func.count(metric_questions.PRESENT)),
    ),
    Metric(
        "volunteer_hours",
        Text(
            "评估期内活动记入台账的志愿服务小时数。",
            "Hours in the ledger for volunteers at the period's activities.",
        ),
        Text("小时", "h"),
        metric_rows.hours,
        total,
        metric_questions.volunteer_hours,
    ),
    Metric(
        "places_filled_pct",
        Text(
            "评估期内办成的活动，志愿者名额配上了多少。",
            "Share of desired volunteer places that were filled at the period's activities.",
        ),
        Text("%", "%"),
        metric_rows.places,
        share,
        metric_questions.places_filled,
    ),
    Metric(
        "share_under_18_pct",
        Text(
            "评估期内到场的青年里，期末不满18岁的占多少。没有出生日期的，按本人选的年龄段算。",
            "Share of the participants who came that are under 18 on the period's last day; without a birth date the age "
            "group that they chose counts.",
        ),
        Text("%", "%"),
        metric_rows.of_age(0, 18, metric_rows.CHILDREN),
        share,
    ),
    Metric(
        "share_18_24_pct",
        Text(
            "评估期内到场的青年里，期末18到24岁的占多少，算法同上。",
            "Share of the participants who came that are 18 to 24 on the period's last day, counted in the same way.",
        ),
        Text("%", "%"),
        metric_rows.of_age(18, 25, metric_rows.YOUNG_ADULTS),
        share,
    ),
    Metric(
        "share_25_35_pct",
        Text(
            "评估期内到场的青年里，期末25到35岁的占多少，算法同上。",
            "Share of the participants who came that are 25 to 35 on the period's last day, counted in the same way.",
        ),
        Text("%", "%"),
        metric_rows.of_age(25, 36, metric_rows.ADULTS),
        share,
    ),
    Metric(
        "needs_short",
        Text(
            "评估期内办成的活动，志愿者没到最少人数的岗位有几个；没有活动的没有数值。",
            "Needs of the period's activities for which fewer volunteers were found than they take at least; no value "
            "without activities.",
        ),
        Text("个", "needs"),
        metric_rows.short_needs,
        count,
        metric_questions.needs_short,
    ),
    Metric(
        "offer_answer_hours",
        Text(
            "评估期内发出的邀请，从发出到回答用了几小时，取中位数；没人回答的邀请不算。",
            "Median hours from an offer's leaving to its answer, over the offers that left in the period and were answered.",
        ),
        Text("小时", "h"),
        metric_rows.answers,
        middle,
    ),
    Metric(
        "staff_vacancy_days",
        Text(
            "最近一次上报的没有专职社工的天数。",
            "Days without a full-time social worker as last reported.",
        ),
        Text("天", "days"),
        metric_rows.reported("days_without_social_worker"),
        newest,
        metric_questions.reported("days_without_social_worker"),
    ),
    Metric(
        "checks_in_date_pct",
        Text(
            "以这家为主的在册志愿者里，背景核查在期末仍然有效的占多少。",
            "Share of the hub's active volunteers whose background check is valid on the period's last day.",
        ),
        Text("%", "%"),
        metric_rows.checks,
        share,
    ),
    Metric(
        "commitments_fulfilled_pct",
        Text(
            "评估期内到期并已确认的承诺完成了多少，按分值加权。",
            "How far the commitments that were due in the period and are confirmed were fulfilled, weighed by points.",
        ),
        Text("%", "%"),
        metric_rows.fulfilled,
        share,
    ),
    Metric(
        "applications_approved_pct",
        Text(
            "评估期内有了结果的项目申请，批准的占多少；退回修改、撤回的不算。",
            "Share of the project applications decided in the period that were approved; returned and withdrawn ones do not "
            "count.",
        ),
        Text("%", "%"),
        metric_rows.decided_applications,
        share,
    ),
    Metric(
        "budget_executed_pct",
        Text(
            "评估期内结项的项目，批准的钱花了多少，按票据记的支出算；冲销的已减去。",
            "Share of the approved money that was spent, by recorded receipts less what was taken back, over the projects "
            "closed in the period.",
        ),
        Text("%", "%"),
        metric_rows.closed_projects,
        share,
    ),
)

METRICS: Mapping[str, Metric] = MappingProxyType({metric.id: metric for metric in _ALL})
