"""What each price on hours already given would change, so that a manager can choose one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_
from sqlmodel import Session, col

from config.text import Text
from matching.fairness import PRICES, Fairness, PriceOutcome, compare_prices
from models import Activity
from services.matching_rules import matching_rules
from services.matchmaking_inputs import everybody, load_staffing, near

KINDS = {"gender": Text("性别", "genders"), "age": Text("年龄段", "ages"), "hub": Text("青年汇", "hubs")}


@dataclass(frozen=True)
class FairnessResult:
    """Say what each price would lead to; nothing is kept or sent. `price_now` is the one that counts."""

    price_now: float
    outcomes: tuple[PriceOutcome, ...]
    sentences: tuple[Text, ...]


def compare_fairness(
    session: Session,
    *,
    now: datetime,
    until: datetime,
    scope: Sequence[int] | None = None,
    prices: Sequence[float] = PRICES,
    time_limit: float = 20.0,
) -> FairnessResult:
    """Plan the open places before `until` at several prices an hour, and compare who would be asked."""
    decided = matching_rules(session, now=now)
    mine = col(Activity.starts_at) < until
    if scope is not None:
        mine = and_(mine, col(Activity.hub_id).in_(scope))
    people = everybody() if scope is None else near(session, scope)
    staffing = load_staffing(session, mine, people, now=now, rules=decided.loading)
    asked = sorted({*prices, decided.fairness_per_hour})
    outcomes = compare_prices(
        staffing, decided.policy, prices=asked, time_limit=max(0.1, time_limit / len(asked))
    )
    head = Text(
        "下面是按不同的扣分试排的结果（近来每服务一小时扣几分），什么都没有保存，也没有发邮件。",
        "Tried with different prices (points less for each recent hour served); nothing is kept or sent.",
    )
    lines = [_line(outcome, decided.fairness_per_hour) for outcome in outcomes]
    return FairnessResult(decided.fairness_per_hour, outcomes, (head, *lines))


def _line(outcome: PriceOutcome, price_now: float) -> Text:
    now = Text("（现在用的）", " (in force)") if outcome.price == price_now else Text("", "")
    fair, between = outcome.fairness, _between(outcome.fairness)
    return Text(
        f"每小时扣{outcome.price:g}分{now.zh}：配上{outcome.filled}个；愿意来的{fair.willing}人里有{fair.share_used:.0%}"
        f"排上，基尼系数{fair.gini:.2f}，最多的{fair.most_hours:g}小时{between.zh}；"
        f"合适度平均每个名额少{outcome.points_lost:.1f}分。",
        f"{outcome.price:g} an hour{now.en}: {outcome.filled} filled; {fair.share_used:.0%} of {fair.willing} willing "
        f"people used, Gini {fair.gini:.2f}, at most {fair.most_hours:g} hours{between.en}; "
        f"{outcome.points_lost:.1f} points of fit lost a place.",
    )


def _between(fair: Fairness) -> Text:
    if fair.between is None:
        return Text("", "")
    kind = KINDS[fair.between]
    if fair.largest_ratio is None:
        return Text(f"，有的{kind.zh}一个也没排上", f", none at all for one of the {kind.en}")
    return Text(
        f"，{kind.zh}之间最多差{fair.largest_ratio:.1f}倍",
        f", up to {fair.largest_ratio:.1f} times between {kind.en}",
    )
