"""The weights and limits of matching, and the network's own rules, as data with the days they count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

from pydantic import Field
from sqlmodel import Session, col, select

from config.text import Refusal, Text
from matching.inputs import MatchingPolicy
from matching.rules import ACTIVITY_NAMES, PERSON_NAMES, AttributeRule, Condition, read_conditions
from models import MatchRule
from services.matchmaking_people import MatchRules
from services.policies import Rules, book
from services.queries import named


class MatchingRules(Rules):
    """Hold what a network decides about matching: limits of its rules, and the points of its wishes."""

    kind: ClassVar[str] = "matching"
    title: ClassVar[Text] = Text("怎么配人", "How people are matched")
    labels: ClassVar[Mapping[str, Text]] = {
        "preference_points": Text("喜欢这类活动加分", "Points for liking the kind of activity"),
        "continuity_points": Text("帮过这个系列加分", "Points for having served in the series"),
        "nearness_points": Text("住得近最多加分", "Points for living near, at most"),
        "fairness_per_hour": Text("近来每服务一小时减分", "Points less for each recent hour served"),
        "fairness_limit": Text("因服务时长最多减分", "Points less for hours served, at most"),
        "fairness_days": Text("算最近多少天的服务", "Days of service that count for fairness"),
        "rest_hours": Text("前一天到后一天至少休息小时", "Hours of rest between services of two days"),
        "newcomers_need_company": Text("新手要有人带", "Newcomers need company"),
        "staff_are_company": Text("在场社工算带新手的人", "Staff who are there count as company"),
        "adults_with_minors": Text("有未成年人时至少几个成年人", "Adults where minors take part, at least"),
        "staff_adults": Text("每场在场的社工人数", "Staff who are at every activity"),
        "speed_kmh": Text("路上每小时公里", "Speed on the way, km/h"),
        "stay_asked": Text(
            "整周修补时，已问的人留在原处的分", "Points for leaving somebody who is asked where they are"
        ),
        "stay_proposed": Text(
            "整周修补时，拟邀请的人留在原处的分", "Points for leaving somebody proposed where they are"
        ),
        "pinned_hours": Text("开始前几小时内不再挪人", "Hours before the start in which nobody is moved"),
        "notice_hours": Text("开始前几小时内不再配人", "Hours before the start in which nobody is matched"),
    }

    preference_points: int = Field(default=40, ge=0, le=300)
    continuity_points: int = Field(default=25, ge=0, le=300)
    nearness_points: int = Field(default=35, ge=0, le=300)
    fairness_per_hour: float = Field(default=7.5, ge=0, le=100)
    fairness_limit: int = Field(default=200, ge=0, le=300)
    fairness_days: int = Field(default=90, ge=1, le=730)
    rest_hours: float = Field(default=10, ge=0, le=24)
    newcomers_need_company: bool = True
    staff_are_company: bool = True
    adults_with_minors: int = Field(default=2, ge=0, le=10)
    staff_adults: int = Field(default=1, ge=0, le=10)
    speed_kmh: float = Field(default=20, gt=0, le=200)
    stay_asked: int = Field(default=60, ge=0, le=5000)
    stay_proposed: int = Field(default=20, ge=0, le=5000)
    pinned_hours: int = Field(default=48, ge=0, le=336)
    notice_hours: int = Field(default=1, ge=0, le=168)

    @property
    def policy(self) -> MatchingPolicy:
        """Return the weights and limits that the matcher reads."""
        return replace(
            MatchingPolicy(),
            preference_points=self.preference_points,
            continuity_points=self.continuity_points,
            nearness_points=self.nearness_points,
            fairness_per_hour=self.fairness_per_hour,
            fairness_limit=self.fairness_limit,
            rest_hours=self.rest_hours,
            newcomers_need_company=self.newcomers_need_company,
            adults_with_minors=self.adults_with_minors,
            speed_kmh=self.speed_kmh,
        )

    @property
    def loading(self) -> MatchRules:
        """Return what decides which facts are read."""
        return MatchRules(
            notice=timedelta(hours=self.notice_hours),
            memory=timedelta(days=self.fairness_days),
            staff_adults=self.staff_adults,
            staff_are_company=self.staff_are_company,
        )


def matching_rules(session: Session, *, now: datetime) -> MatchingRules:
    """Return how the network matches today."""
    return book(session, MatchingRules, now=now).network


def own_rules(session: Session) -> tuple[AttributeRule, ...]:
    """Return the network's own rules, those of other days too: each counts by the day of the activity."""
    rows = session.exec(select(MatchRule).order_by(col(MatchRule.code)))
    return tuple(attribute_rule(row) for row in rows)


def attribute_rule(row: MatchRule) -> AttributeRule:
    """Return a kept rule as the matcher reads it."""
    return AttributeRule(
        code=row.code,
        name=named(row.name_zh, row.name_en),
        who=_kept(row.who, PERSON_NAMES),
        where=_kept(row.place, ACTIVITY_NAMES),
        points=row.points,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )


def _kept(text: str, names: Mapping[str, str]) -> tuple[Condition, ...]:
    found = read_conditions(text, names, closed=False)
    # The door that took it in has read it once; anything else is a fault of ours.
    assert not isinstance(found, Refusal), found
    return found
