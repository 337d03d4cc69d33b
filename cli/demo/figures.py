"""What happened, counted in the database itself, and whether it is what the demo promises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select
from sqlmodel import Session, col, func, select

from cli.demo.hours import FIRST_MONDAY, MORNING, moment
from config.text import Text
from models import (
    Activity,
    Assessment,
    Attendance,
    Consent,
    HoursEntry,
    Hub,
    HubScore,
    Invitation,
    MatchingRun,
    Message,
    Offer,
    Participation,
    Report,
    RiskCheck,
    Volunteer,
)
from models.states import (
    ActivityState,
    AssessmentState,
    InvitationState,
    MessageState,
    OfferState,
    ParticipationState,
    Presence,
    RiskCheckState,
)

DISTRICT_HUBS = 177
RESIDENTS, ASSESSORS = 12, 2
PROMISED = {"activities_done": 100, "offers_sent": 400, "participants_came": 2000}
"""For a week of the whole district; a part of it promises the like part, with room for chance."""
ROOM_FOR_CHANCE = 0.5
FIRST_MOMENT = moment(FIRST_MONDAY, MORNING)
LIVED = col(Activity.starts_at) >= FIRST_MOMENT
"""Activities that the demo lived through; earlier ones came with the import."""
UNDELIVERED = (
    MessageState.QUEUED,
    MessageState.DEFERRED,
    MessageState.LEASED,
    MessageState.FAILED,
    MessageState.AMBIGUOUS,
)


@dataclass(frozen=True)
class Check:
    """One promise of the demo: what was found, and what had to be."""

    what: Text
    found: int
    wanted: str
    holds: bool


def count_all(session: Session) -> dict[str, int]:
    """Count everything that the closing table and the checks speak of."""
    return {
        **_network(session),
        **_serving(session),
        **_taking_part(session),
        **_evaluation(session),
        **_mail(session),
    }


def checks(figures: Mapping[str, int], *, hubs: int) -> list[Check]:
    """Return every promise with whether it holds."""
    share = 1.0 if hubs >= DISTRICT_HUBS else ROOM_FOR_CHANCE * hubs / DISTRICT_HUBS
    least = {name: max(round(count * share), 1) for name, count in PROMISED.items()}
    exact = {
        "hubs": hubs,
        "residents_least": RESIDENTS,
        "residents_most": RESIDENTS,
        "assessors_least": ASSESSORS,
    }
    exact |= {"assessors_most": ASSESSORS, "hubs_assessed": hubs, "reports_released": 1, "undelivered": 0}
    some = {"coordinator_digests": 1, "volunteer_digests": 1, "manager_digests": 1}
    return [
        *(_at_least(name, figures[name], least) for name, least in {**least, **some}.items()),
        *(
            Check(WORDS[name], figures[name], f"= {wanted}", figures[name] == wanted)
            for name, wanted in exact.items()
        ),
    ]


def _at_least(name: str, found: int, least: int) -> Check:
    return Check(WORDS[name], found, f"≥ {least}", found >= least)


def _network(session: Session) -> dict[str, int]:
    return {"hubs": _count(session, col(Hub.id)), "volunteers": _count(session, col(Volunteer.person_id))}


def _serving(session: Session) -> dict[str, int]:
    came = select(func.count(func.distinct(Attendance.offer_id))).where(
        Attendance.presence == Presence.PRESENT
    )
    return {
        "activities": _count(session, col(Activity.id), LIVED),
        "activities_done": _count(
            session, col(Activity.id), LIVED, col(Activity.state) == ActivityState.DONE
        ),
        "risk_checks": _count(session, col(RiskCheck.id), col(RiskCheck.state) == RiskCheckState.CLEARED),
        "places_filled": _number(session, select(func.sum(MatchingRun.filled))),
        "offers_sent": _count(session, col(Offer.id), col(Offer.sent_at).is_not(None)),
        "offers_accepted": _count(session, col(Offer.id), col(Offer.state) == OfferState.ACCEPTED),
        "offers_declined": _count(session, col(Offer.id), col(Offer.state) == OfferState.DECLINED),
        "offers_expired": _count(session, col(Offer.id), col(Offer.state) == OfferState.EXPIRED),
        "volunteers_came": _number(session, came),
        "hours_served": round(_number(session, select(func.sum(HoursEntry.minutes))) / 60),
    }


def _taking_part(session: Session) -> dict[str, int]:
    lived = col(Participation.activity_id).in_(select(Activity.id).where(LIVED))
    waiting, present = ParticipationState.WAITING, Presence.PRESENT
    return {
        "sign_ups": _count(session, col(Participation.id), lived),
        "waiting": _count(session, col(Participation.id), lived, col(Participation.state) == waiting),
        "participants_came": _count(
            session, col(Participation.id), lived, col(Participation.presence) == present
        ),
        "consents_answered": _count(session, col(Consent.id), col(Consent.answered_at) >= FIRST_MOMENT),
    }


def _evaluation(session: Session) -> dict[str, int]:
    drawn = _per_hub(session, col(Invitation.hub_id))
    # Who steps aside for a conflict of interest is replaced, and counts no more.
    asked = _per_hub(session, col(Assessment.hub_id), col(Assessment.state) != AssessmentState.CONFLICT)
    answered = col(Invitation.state) == InvitationState.ANSWERED
    submitted = col(Assessment.state) == AssessmentState.SUBMITTED
    return {
        "hubs_assessed": len(asked),
        "residents_least": min(drawn.values(), default=0),
        "residents_most": max(drawn.values(), default=0),
        "residents_drawn": sum(drawn.values()),
        "residents_answered": _count(session, col(Invitation.id), answered),
        "assessors_asked": sum(asked.values()),
        "assessors_least": min(asked.values(), default=0),
        "assessors_most": max(asked.values(), default=0),
        "assessments_submitted": _count(session, col(Assessment.id), submitted),
        "hubs_scored": _count(session, func.distinct(HubScore.hub_id), col(HubScore.total).is_not(None)),
        "reports_released": _count(session, col(Report.id), col(Report.released_at).is_not(None)),
    }


def _mail(session: Session) -> dict[str, int]:
    sent = col(Message.state) == MessageState.SENT
    told = col(Message.state).in_((MessageState.SENT, MessageState.GATHERED))
    digests = {
        f"{who}_digests": _count(session, col(Message.id), told, col(Message.kind) == f"{who}_digest")
        for who in ("coordinator", "volunteer", "manager")
    }
    return {
        "mails_sent": _count(session, col(Message.id), sent),
        "undelivered": _count(session, col(Message.id), col(Message.state).in_(UNDELIVERED)),
        **digests,
    }


def _count(session: Session, what: Any, *conditions: ColumnElement[bool]) -> int:
    return _number(session, select(func.count(what)).where(*conditions))


def _number(session: Session, query: Select[Any]) -> int:
    return int(session.execute(query).scalar() or 0)


def _per_hub(session: Session, hub: Any, *conditions: ColumnElement[bool]) -> dict[int, int]:
    question = select(hub, func.count()).where(*conditions).group_by(hub)
    return {row[0]: row[1] for row in session.execute(question)}


WORDS: dict[str, Text] = {
    "hubs": Text("青年汇", "hubs"),
    "volunteers": Text("志愿者", "volunteers"),
    "activities": Text("排好的活动", "activities planned"),
    "activities_done": Text("办完的活动", "activities held"),
    "risk_checks": Text("通过的风险检查", "risk checks passed"),
    "places_filled": Text("配上的空位", "places filled"),
    "offers_sent": Text("发出的邀请", "offers sent"),
    "offers_accepted": Text("答应来的", "offers accepted"),
    "offers_declined": Text("来不了的", "offers declined"),
    "offers_expired": Text("过期的邀请", "offers expired"),
    "volunteers_came": Text("志愿者到场人次", "attendances of volunteers"),
    "hours_served": Text("志愿服务小时", "hours served"),
    "sign_ups": Text("参与者报名", "sign-ups of participants"),
    "waiting": Text("仍在候补", "still on waiting lists"),
    "participants_came": Text("参与者到场人次", "attendances of participants"),
    "consents_answered": Text("监护人的答复", "guardians' answers"),
    "hubs_assessed": Text("有评估人的青年汇", "hubs with assessors"),
    "residents_drawn": Text("抽中的居民", "residents drawn"),
    "residents_least": Text("每家抽到的居民，最少", "residents drawn for a hub, at least"),
    "residents_most": Text("每家抽到的居民，最多", "residents drawn for a hub, at most"),
    "residents_answered": Text("居民交回的问卷", "residents' answers"),
    "assessors_asked": Text("请到的评估人次", "assessments asked for"),
    "assessors_least": Text("每家的评估人，最少", "assessors of a hub, at least"),
    "assessors_most": Text("每家的评估人，最多", "assessors of a hub, at most"),
    "assessments_submitted": Text("评估人交回的评分", "assessors' scores"),
    "hubs_scored": Text("算出总分的青年汇", "hubs with a score"),
    "reports_released": Text("签发的报告", "reports released"),
    "coordinator_digests": Text("给社工的周报", "digests to coordinators"),
    "volunteer_digests": Text("给志愿者的周报", "digests to volunteers"),
    "manager_digests": Text("给管理者的月报", "digests to managers"),
    "mails_sent": Text("送到的邮件", "mails delivered"),
    "undelivered": Text("没有送到的邮件", "mails not delivered"),
}
"""How tables and checks name the figures."""
