"""Which activities need a risk check, how long a check holds, and the condition that a check covers one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from pydantic import Field
from sqlalchemy import ColumnElement, ColumnExpressionArgument, and_, exists, false, or_
from sqlmodel import Session, col

from config.text import Text
from models import Activity, RiskCheck, Series
from models.states import RiskCheckState
from scheduling.risks import RISK_WORDS, Risk, Traits, risks_of
from services.policies import Rules, book


class GateRules(Rules):
    """Hold which risks need a check before an activity is published; a crowd begins at `crowd_from` people."""

    kind: ClassVar[str] = "gate"
    title: ClassVar[Text] = Text("风险检查", "Risk check")
    labels: ClassVar[Mapping[str, Text]] = {
        "minors": Text("有未成年人的要检查", "Activities with minors need it"),
        "outdoors": Text("户外的要检查", "Activities outdoors need it"),
        "money": Text("收钱的要检查", "Activities with money need it"),
        "crowd_from": Text(
            "名额从多少人起要检查（0是不看人数）", "Places from which it is a crowd (0: no number is)"
        ),
        "valid_days": Text("通过以后多少天有效", "Days for which a check holds"),
    }

    minors: bool = True
    outdoors: bool = True
    money: bool = True
    crowd_from: int = Field(default=100, ge=0, le=100_000)
    valid_days: int = Field(default=180, ge=1, le=730)

    @property
    def checked(self) -> tuple[Risk, ...]:
        """Return the risks that need a check."""
        switches = {Risk.MINORS: self.minors, Risk.OUTDOORS: self.outdoors, Risk.MONEY: self.money}
        return (*(risk for risk, is_on in switches.items() if is_on), Risk.CROWD)

    def risks(self, thing: Series | Activity | RiskCheck) -> tuple[Risk, ...]:
        """Return why something needs a check; nothing where it needs none."""
        traits = Traits(thing.has_minors, thing.is_outdoors, thing.takes_money, thing.capacity)
        return risks_of(traits, checked=self.checked, crowd_from=self.crowd_from)


def gate_rules(session: Session, *, now: datetime) -> GateRules:
    """Return the network's rules of today."""
    return book(session, GateRules, now=now).network


def may_go(rules: GateRules) -> ColumnElement[bool]:
    """Return the condition for activities that need no check or are covered by one."""
    return or_(
        ~_needs_check(rules), exists().where(col(RiskCheck.state) == RiskCheckState.CLEARED, _covers())
    )


def _needs_check(rules: GateRules) -> ColumnElement[bool]:
    found: list[ColumnExpressionArgument[bool]] = [false()]
    found += [col(Activity.has_minors)] if rules.minors else []
    found += [col(Activity.is_outdoors)] if rules.outdoors else []
    found += [col(Activity.takes_money)] if rules.money else []
    found += [col(Activity.capacity) >= rules.crowd_from] if rules.crowd_from else []
    return or_(*found)


def _covers() -> ColumnElement[bool]:
    """Return the condition that a check was answered for this activity or its series as it stands today."""
    return and_(
        or_(
            col(RiskCheck.activity_id) == col(Activity.id),
            col(RiskCheck.series_id) == col(Activity.series_id),
        ),
        col(RiskCheck.valid_until) > col(Activity.starts_at),
        col(RiskCheck.venue_id).is_not_distinct_from(col(Activity.venue_id)),
        or_(~col(Activity.has_minors), col(RiskCheck.has_minors)),
        or_(~col(Activity.is_outdoors), col(RiskCheck.is_outdoors)),
        or_(~col(Activity.takes_money), col(RiskCheck.takes_money)),
        col(Activity.capacity) <= col(RiskCheck.capacity),
    )


def waiting_words(risks: Sequence[Risk]) -> Text:
    """Return why a check is asked for, as its second person reads it."""
    sentence = Text("风险检查（{risks}），你点头才发布。", "risk check ({risks}); published once you agree.")
    return sentence.format(risks=risk_words(risks))


def risk_words(risks: Sequence[Risk]) -> Text:
    """Return the risks in words."""
    words = [RISK_WORDS[risk] for risk in risks]
    return Text("、".join(one.zh for one in words), ", ".join(one.en for one in words))
