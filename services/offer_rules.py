"""How a hub asks: by itself or on a button, one by one or many at once, and how long an offer lives."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, ClassVar

from pydantic import Field, field_validator
from sqlalchemy import ColumnElement, and_, false, or_
from sqlmodel import Session, col

from config.text import Text
from models import Activity, Offer
from services.policies import Book, Rules, book

HOUR = timedelta(hours=1)
LONGEST_LIFE = 14 * 24
Step = Annotated[tuple[int, int], Field()]


class OfferRules(Rules):
    """Hold how a hub asks its volunteers.

    An offer that is sent at least so many days before the start lives so many hours (`life`), but no
    longer than until `closes_before_hours` the start. Where that leaves less, it lives
    `short_notice_hours`; within `last_call_hours` of the start nobody is asked.
    """

    kind: ClassVar[str] = "offers"
    title: ClassVar[Text] = Text("怎么问人", "How we ask")
    labels: ClassVar[Mapping[str, Text]] = {
        "sends_by_itself": Text(
            "配好的邀请自动发出（不选：由社工按下才发）",
            "Matched offers leave by themselves (else a coordinator sends)",
        ),
        "minutes_to_look": Text(
            "自动发出前留给社工看的分钟", "Minutes to look before they leave by themselves"
        ),
        "asks_per_place": Text(
            "一个空位同时问几个人（1是一个一个问）",
            "People asked at once for one place (1: one after the other)",
        ),
        "life": Text("提前天数:回答小时", "Days ahead:hours to answer"),
        "closes_before_hours": Text("开始前几小时停止回答", "Hours before the start at which answers close"),
        "short_notice_hours": Text("来得急时给几小时回答", "Hours to answer at short notice"),
        "last_call_hours": Text("开始前几小时内不再问人", "Hours before the start in which nobody is asked"),
        "show_up_target": Text(
            "到场把握（0是不多邀；0.9是九成把握人够）",
            "Chance that enough people come (0: ask no reserves; 0.9: nine in ten)",
        ),
        "reserves_at_most": Text("一个角色最多几位备份", "Reserves for one role at most"),
    }

    sends_by_itself: bool = True
    minutes_to_look: int = Field(default=60, ge=0, le=1440)
    asks_per_place: int = Field(default=1, ge=1, le=10)
    life: tuple[Step, ...] = ((14, 96), (0, 48))
    closes_before_hours: int = Field(default=12, ge=0, le=168)
    short_notice_hours: int = Field(default=4, ge=1, le=48)
    last_call_hours: int = Field(default=1, ge=1, le=48)
    show_up_target: float = Field(default=0.0, ge=0.0, le=0.99)
    reserves_at_most: int = Field(default=3, ge=0, le=10)

    @field_validator("life")
    @classmethod
    def _life_covers_every_day(cls, life: tuple[Step, ...]) -> tuple[Step, ...]:
        days = [step[0] for step in life]
        if (
            0 not in days
            or len(set(days)) < len(days)
            or any(d < 0 or not 1 <= h <= LONGEST_LIFE for d, h in life)
        ):
            raise ValueError("each step is days:hours, one of them for 0 days")
        return tuple(sorted(life, reverse=True))

    @property
    def last_call(self) -> timedelta:
        """Return how long before the start nobody is asked any more."""
        return self.last_call_hours * HOUR

    def expires_at(self, starts_at: datetime, now: datetime) -> datetime:
        """Return until when an offer that is sent now can be answered."""
        days_ahead = (starts_at - now) / timedelta(days=1)
        hours = next(hours for days, hours in self.life if days_ahead >= days or days == 0)
        usual = min(now + hours * HOUR, starts_at - self.closes_before_hours * HOUR)
        hurried = min(now + self.short_notice_hours * HOUR, starts_at - self.last_call)
        return max(usual, hurried)


def offer_rules(session: Session, *, now: datetime) -> Book[OfferRules]:
    """Return how every hub asks today."""
    return book(session, OfferRules, now=now)


def may_leave(rules: Book[OfferRules], *, now: datetime) -> ColumnElement[bool]:
    """Return the condition for proposals that leave by themselves now.

    Hubs that send by a button are left out; the others' people have had their time to look.
    """
    own = [_ripe(one, now, col(Activity.hub_id) == hub_id) for hub_id, one in sorted(rules.hubs.items())]
    others = _ripe(rules.network, now, col(Activity.hub_id).not_in(sorted(rules.hubs)))
    return or_(others, *own)


def sends_by_itself(rules: Book[OfferRules]) -> ColumnElement[bool]:
    """Return the condition for activities of hubs whose offers leave without a button."""
    silent = sorted(hub_id for hub_id, one in rules.hubs.items() if not one.sends_by_itself)
    if rules.network.sends_by_itself:
        return col(Activity.hub_id).not_in(silent)
    return col(Activity.hub_id).in_(hub_id for hub_id, one in rules.hubs.items() if one.sends_by_itself)


def _ripe(rules: OfferRules, now: datetime, hubs: ColumnElement[bool]) -> ColumnElement[bool]:
    if not rules.sends_by_itself:
        return false()
    return and_(hubs, col(Offer.proposed_at) <= now - timedelta(minutes=rules.minutes_to_look))
