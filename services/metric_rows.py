"""The rows behind each metric, for who asks where a number comes from: activities, needs, reports; never a name.

Each question gives (hub id, title in Chinese, title in English, moment or day, amount, of how many), a row each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, case, extract, func, literal, null, or_, select
from sqlmodel import col

from config.text import Text
from models import (
    Activity,
    BackgroundCheck,
    Commitment,
    FundingApplication,
    FundingExpense,
    HoursEntry,
    HubFact,
    Need,
    Offer,
    Participant,
    Participation,
    Person,
    Volunteer,
)
from models.states import ActivityState, CommitmentState, PersonState, Presence
from services.metric_period import Period

Rows = Callable[[Period], Select[Any]]
AN_ACTIVITY = Text("一场活动", "an activity")
A_PERSON = Text("一个到场的人，不写姓名", "somebody who came, without a name")
ROW_IS: Mapping[str, Text] = {
    "activities_held": AN_ACTIVITY,
    "activities_held_pct": Text("一场活动：办成1，取消0", "an activity: 1 held, 0 cancelled"),
    "participants_reached": Text(
        "一个到场的人来了几次，不写姓名", "somebody who came, how often, without a name"
    ),
    "attendances": Text("一场活动到了几人", "an activity, and how many came"),
    "volunteer_hours": Text("一场活动记了几小时", "an activity, and its hours in the ledger"),
    "places_filled_pct": Text("一个岗位配上几名，要几名", "a need: places taken of those desired"),
    "needs_short": Text("一个岗位到了几名，最少要几名", "a need: places taken, and the least it takes"),
    "share_under_18_pct": A_PERSON,
    "share_18_24_pct": A_PERSON,
    "share_25_35_pct": A_PERSON,
    "offer_answer_hours": Text(
        "一次邀请，几小时后回答，不写姓名", "an offer: hours until the answer, without a name"
    ),
    "checks_in_date_pct": Text(
        "一位志愿者：有效1，无效0，不写姓名", "a volunteer: 1 valid, 0 not, without a name"
    ),
    "applications_approved_pct": Text(
        "一份有结果的申请：批准1，未批准0", "a decided application: 1 approved, 0 rejected"
    ),
    "budget_executed_pct": Text(
        "一个结项的项目：花的元，批的元", "a closed project: yuan spent of yuan approved"
    ),
    "commitments_fulfilled_pct": Text("一项承诺：得到的分，满分", "a commitment: points kept of its points"),
}
"""What one row is, for metrics whose rows are not the reports of an office."""
A_REPORT = Text("一次上报，以最近的为准", "a report of an office, of which the newest counts")
NOTHING = literal("")
CHILDREN = ("under_14", "14_17")
YOUNG_ADULTS = ("18_24",)
ADULTS = ("25_35",)


def _row(hub: Any, title: tuple[Any, Any], moment: Any, amount: Any, of: Any = None) -> Select[Any]:
    return select(
        hub.label("hub_id"),
        title[0].label("zh"),
        title[1].label("en"),
        (null() if moment is None else moment).label("at"),
        amount.label("amount"),
        (null() if of is None else of).label("of"),
    )


TITLE = (col(Activity.title_zh), col(Activity.title_en))


def reported(name: str) -> Rows:
    """Return the reports of an office's figure, of which the newest counts."""

    def rows(period: Period) -> Select[Any]:
        about = _row(col(HubFact.hub_id), (NOTHING, NOTHING), col(HubFact.as_of), col(HubFact.value))
        return about.where(col(HubFact.fact) == name, col(HubFact.as_of) <= period.last)

    return rows


def activities(period: Period) -> Select[Any]:
    """Return the activities that took place."""
    return _row(col(Activity.hub_id), TITLE, col(Activity.starts_at), literal(1.0)).where(period.held)


def settled_activities(period: Period) -> Select[Any]:
    """Return the activities that took place (1) or were cancelled (0)."""
    held = case((col(Activity.state) == ActivityState.DONE, 1.0), else_=0.0)
    settled = (ActivityState.DONE, ActivityState.CANCELLED)
    about = _row(col(Activity.hub_id), TITLE, col(Activity.starts_at), held, literal(1.0))
    return about.where(period.over, col(Activity.state).in_(settled))


def attendances(period: Period) -> Select[Any]:
    """Return each activity with how many came."""
    came = func.sum(case((col(Participation.presence) == Presence.PRESENT, 1.0), else_=0.0))
    about = _row(col(Activity.hub_id), TITLE, col(Activity.starts_at), came)
    return (
        about.join(Participation, col(Participation.activity_id) == Activity.id)
        .where(period.held)
        .group_by(col(Activity.id))
    )


def reached(period: Period) -> Select[Any]:
    """Return each participant who came, as how often; who it was is left out."""
    about = _row(col(Activity.hub_id), (NOTHING, NOTHING), None, func.count() * 1.0)
    return (
        about.join(Participation, col(Participation.activity_id) == Activity.id)
        .where(period.held, col(Participation.presence) == Presence.PRESENT)
        .group_by(col(Activity.hub_id), col(Participation.participant_id))
    )


def of_age(low: int, high: int, bands: tuple[str, ...]) -> Rows:
    """Return each participant who came, as 1 where they are from `low` to below `high` years old, else 0.

    The age is that of the period's last day; who gave no birth date counts by the group that they named.
    """

    def rows(period: Period) -> Select[Any]:
        own = or_(
            and_(
                col(Participant.birth_date) > _years_before(period.last, high),
                col(Participant.birth_date) <= _years_before(period.last, low),
            ),
            and_(col(Participant.birth_date).is_(None), col(Participant.age_band).in_(bands)),
        )
        amount = func.max(case((own, 1.0), else_=0.0))
        about = _row(col(Activity.hub_id), (NOTHING, NOTHING), None, amount, literal(1.0))
        return (
            about.join(Participation, col(Participation.activity_id) == Activity.id)
            .join(Participant, col(Participant.id) == Participation.participant_id)
            .where(period.held, col(Participation.presence) == Presence.PRESENT)
            .group_by(col(Activity.hub_id), col(Participant.id))
        )

    return rows


def _years_before(day: date, years: int) -> date:
    """Return the day so many years earlier; the 29th of February becomes the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def hours(period: Period) -> Select[Any]:
    """Return each activity with the hours that the ledger has for it."""
    about = _row(col(Activity.hub_id), TITLE, col(Activity.starts_at), func.sum(HoursEntry.minutes) / 60.0)
    return (
        about.join(HoursEntry, col(HoursEntry.activity_id) == Activity.id)
        .where(period.held)
        .group_by(col(Activity.id))
    )


def places(period: Period) -> Select[Any]:
    """Return each need with the places taken, of those desired."""
    return _need(col(Need.desired)).where(period.held, col(Need.desired) > 0)


def short_needs(period: Period) -> Select[Any]:
    """Return each need for which fewer were found than it takes at least."""
    return _need(col(Need.minimum)).where(period.held, col(Need.taken) < col(Need.minimum))


def _need(of: Any) -> Select[Any]:
    title = (
        col(Activity.title_zh) + literal("：") + col(Need.role_zh),
        col(Activity.title_en) + literal(": ") + col(Need.role_en),
    )
    about = _row(col(Activity.hub_id), title, col(Activity.starts_at), col(Need.taken) * 1.0, of * 1.0)
    return about.join(Need, col(Need.activity_id) == Activity.id)


def answers(period: Period) -> Select[Any]:
    """Return each answered offer with the hours from its leaving to the answer; who answered is left out."""
    seconds = extract("epoch", col(Offer.answered_at)) - extract("epoch", col(Offer.sent_at))
    about = _row(col(Activity.hub_id), TITLE, col(Offer.sent_at), seconds / 3600.0)
    return about.join(Offer, col(Offer.activity_id) == Activity.id).where(
        col(Offer.sent_at) >= period.start,
        col(Offer.sent_at) < period.end,
        col(Offer.answered_at).is_not(None),
    )


def checks(period: Period) -> Select[Any]:
    """Return each active volunteer of the hub as 1 where a background check covers the period's last day, else 0."""
    newest = (
        select(col(BackgroundCheck.person_id), func.max(col(BackgroundCheck.expires_on)).label("until"))
        .where(col(BackgroundCheck.checked_on) <= period.last)
        .group_by(col(BackgroundCheck.person_id))
        .subquery()
    )
    valid = case((newest.c.until >= period.last, 1.0), else_=0.0)
    about = _row(col(Volunteer.home_hub_id), (NOTHING, NOTHING), newest.c.until, valid, literal(1.0))
    return (
        about.join(Person, col(Person.id) == Volunteer.person_id)
        .outerjoin(newest, newest.c.person_id == Volunteer.person_id)
        .where(col(Person.state) == PersonState.ACTIVE)
    )


def fulfilled(period: Period) -> Select[Any]:
    """Return each confirmed commitment that was due in the period with its fulfilment, weighed by its points."""
    about = _row(
        col(Commitment.hub_id),
        (col(Commitment.indicator), col(Commitment.indicator)),
        col(Commitment.due_on),
        col(Commitment.fulfilment) * col(Commitment.points),
        col(Commitment.points),
    )
    return about.where(
        col(Commitment.state) == CommitmentState.CONFIRMED,
        col(Commitment.fulfilment).is_not(None),
        col(Commitment.due_on).between(period.first, period.last),
    )


ASKED = (col(FundingApplication.title), col(FundingApplication.title))


def decided_applications(period: Period) -> Select[Any]:
    """Return each application that was approved (1) or rejected (0) in the period."""
    approved = case((col(FundingApplication.verdict) == "approved", 1.0), else_=0.0)
    decided_at = col(FundingApplication.decided_at)
    about = _row(col(FundingApplication.hub_id), ASKED, decided_at, approved, literal(1.0))
    return about.where(decided_at >= period.start, decided_at < period.end)


def closed_projects(period: Period) -> Select[Any]:
    """Return each project that was closed in the period with the yuan spent, of those approved."""
    closed_at, spent = col(FundingApplication.closed_at), func.sum(FundingExpense.amount_fen)
    of = col(FundingApplication.amount_fen) / 100.0
    about = _row(col(FundingApplication.hub_id), ASKED, closed_at, func.coalesce(spent, 0) / 100.0, of)
    return (
        about.outerjoin(FundingExpense, col(FundingExpense.application_id) == FundingApplication.id)
        .where(closed_at >= period.start, closed_at < period.end)
        .group_by(col(FundingApplication.id))
    )
